"""State, settings, budget and progress of a calibration.

Fields of `State` are keys of checkpoints, and `Settings` as text is part of the key of refits: they keep
their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from calibration.objective.problem import Loss, Vector


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the optimiser.

    Attributes
    ----------
    loss : Loss
    enough : float [log2]
        A start is done once every term has this margin; below the target, against which the prior
        pulls.
    draws : int
        Prior draws for each start; it begins at the best.
    stride : float [prior standard deviations]
        Of the forward differences.
    watch : float [log2]
        Terms by more than this above the target are not part of a new Jacobian.
    share, every : float, int
        Fraction of the columns, those of largest norm, that a new Jacobian renews; one in `every` is full.
    dampings : tuple of float
        Factors on the damping, evaluated in one batch.
    slow : float
        Rounds (and Jacobians) that lower the loss by less than this fraction are poor.
    lessons : int
        Poor rounds in a row before a new Jacobian.
    kicks : int
        Times that a stalled start is reweighted or perturbed before it ends.
    most : float
        Evaluations after which a start ends.
    content : float
        Share of the findings that is enough: a start at which it holds ends at once.
    shake : float [prior standard deviations]
        Standard deviation of a random perturbation of every parameter.
    trial, promise : float
        Evaluations after which a start ends at which less than this share holds: some draws lie where the
        derivatives lead nowhere, and the next draw is cheaper. With 0, no start ends for this.
    near : float
        Share of the findings from which a start is polished before it ends (`start.end`).
    press : float
        Factor on the weight of what fails while a start is polished; with 1 or less, none is.
    polish : float
        Evaluations for polishing.
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
        """The same where every step brings its own Jacobian: a third of the evaluations suffices."""
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
    """The best point of one start, with the number of findings that hold there."""

    start: int
    z: Vector
    hold: int
    of: int
    evaluations: float
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """All that is needed to resume; replaced, never changed, so that an interrupted round leaves no trace.

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
        Consecutive rounds with little gain.
    paid : float
        The loss at which the last Jacobian was computed.
    history : tuple of tuple of float
        The losses of each generation (CMA-ES only).
    pressed : float or None
        Evaluations at which this start began to be polished.
    began : (float, float)
        Evaluations and seconds at which this start began.
    lanes : tuple of State
        Parallel starts (`calibration.optimize.parallel_starts`), which have no members or lanes of their own.
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


NEW_SEARCH: Mapping[str, Any] = {
    **{"jac": None, "exact": False, "stale": False, "jacobians": 0},
    **{"poor": 0, "paid": np.inf, "damping": 1.0, "kicks": 0},
}
"""Fields of `State` that are reset where a search begins at another point."""


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
        """Keep it; may skip shortly after the last time, unless forced."""
        ...
