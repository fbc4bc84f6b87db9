"""Where a calibration stands, what it was told, and what it says on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from calibration.objective.problem import Loss, Vector


@dataclass(frozen=True, slots=True)
class Settings:
    """How the optimiser goes about it.

    Attributes
    ----------
    loss : Loss
    enough : float [log2]
        Margin of every term with which a start is done; below the target, which the prior resists.
    draws : int
        Prior draws looked at for each start; the best is gone on from.
    stride : float [prior standard deviations]
        Of the forward differences.
    watch : float [log2]
        Terms further than this above the target are left out of a new Jacobian.
    share, every : float, int
        Fraction of the columns that a new Jacobian renews, the steepest; one in `every` is whole.
    dampings : tuple of float
        Factors on the damping, tried side by side.
    slow : float
        Rounds that take off less than this fraction of the loss are poor, and so is a Jacobian.
    lessons : int
        Poor rounds in a row before a new Jacobian.
    kicks : int
        Times that a stalled start is kicked (what fails weighed anew, or a shake) before it is given up.
    most : float
        Evaluations after which a start is put aside whatever it still gains.
    content : float
        Share of the findings that is enough: a start that holds it is put aside at once.
    shake : float [prior standard deviations]
        Size of a shake, in every parameter.
    trial, promise : float
        Evaluations after which a start that holds less than this share is put aside: some draws lie where no
        slope leads out, and the next draw is cheaper than finding the way. A promise of 0: none is put aside.
    near : float
        Share of the findings from which a start is polished before it is put aside.
    press : float
        How much more what fails weighs while a start is polished; 1 or less: none is.
    polish : float
        Evaluations that polishing may take.
    """

    loss: Loss = field(default_factory=Loss)
    enough: float = 0.1
    draws: int = 8
    stride: float = 0.1
    watch: float = 0.4
    share: float = 0.5
    every: int = 3
    dampings: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    slow: float = 0.02
    lessons: int = 4
    kicks: int = 8
    most: float = 1400.0
    content: float = 1.0
    shake: float = 0.2
    trial: float = 450.0
    promise: float = 0.75
    near: float = 0.94
    press: float = 4.0
    polish: float = 400.0

    def with_derivatives(self) -> Settings:
        """The same where every step brings its own slopes: a third of the evaluations goes as far."""
        return replace(
            self,
            dampings=(0.1, 0.5, 2.0, 10.0),
            lessons=2,
            most=self.most / 3.0,
            trial=120.0,
            promise=max(self.promise, 0.88) if self.promise else 0.0,
            polish=self.polish / 3.0,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Where one start ended: the best point of it."""

    start: int
    z: Vector
    hold: int
    of: int
    evaluations: float
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """All that is needed to go on; replaced, never changed, so that an interrupted round leaves no trace.

    Attributes
    ----------
    origin : array (n,)
        The prior draw of this start.
    exact : bool
        Whether `jac` was computed at `z`.
    stale : bool
        Whether `jac` has to be computed anew.
    jacobians : int
        How many were computed in this start.
    poor : int
        Rounds in a row that gained little.
    paid : float
        The loss at which the last Jacobian was computed.
    history : tuple of tuple of float
        The losses of each generation (CMA-ES only).
    pressed : float or None
        Evaluations at which this start began to be polished.
    began : (float, float)
        Evaluations and seconds at which this start began.
    lanes : tuple of State
        Starts that go side by side (`calibration.optimize.parallel_starts`); without lanes of their own, and
        without members.
    """

    seed: int
    start: int = 0
    z: Vector | None = None
    terms: Vector | None = None
    jac: Vector | None = None
    exact: bool = False
    stale: bool = False
    jacobians: int = 0
    poor: int = 0
    paid: float = np.inf
    damping: float = 1.0
    weights: Vector | None = None
    kicks: int = 0
    origin: Vector | None = None
    history: tuple[tuple[float, ...], ...] = ()
    best: Vector | None = None
    best_hold: int = -1
    best_loss: float = np.inf
    evaluations: float = 0.0
    seconds: float = 0.0
    pressed: float | None = None
    began: tuple[float, float] = (0.0, 0.0)
    members: tuple[Member, ...] = ()
    lanes: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """What a display shows after each round."""

    start: int
    hold: int
    best_hold: int
    of: int
    evaluations: float
    loss: float
    seconds: float
    members: int
    phase: str


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop: whichever comes first. `members` counts starts that ended by themselves."""

    minutes: float | None = None
    evaluations: float | None = None
    members: int | None = None

    def spent(self, state: State) -> bool:
        """Whether nothing is left."""
        return (
            (self.minutes is not None and state.seconds >= 60.0 * self.minutes)
            or (self.evaluations is not None and state.evaluations >= self.evaluations)
            or (self.members is not None and len(state.members) >= self.members)
        )


class StateKeeper(Protocol):
    """Keeps the state of a run (a run folder, or nothing)."""

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Keep it; may skip where the last time is short ago, unless forced."""
        ...
