"""What an optimiser sees of a calibration: parameters in, margins out, and nothing of the biology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]
Scope = tuple[str, ...]  # ("shared",), ("context", name) or ("drug", name)

SHARED: Scope = ("shared",)
WORST = -6.0  # margin [log2] of what could not be computed; margins are clipped to [WORST, -WORST]


@dataclass(frozen=True, slots=True)
class Task:
    """One evaluation to be done.

    Attributes
    ----------
    z : array (n,) [prior standard deviations]
    base : array (n,) or None
        A point that differs from `z` only in parameters of `scope`; untouched terms are those of it.
    scope : Scope
    only : array (n_terms,) of bool, or None
        The terms that are wanted; the others may come back as nan.
    derivatives : "log", "terms" or None
        What is wanted too: the gradient of the log likelihood, or the derivatives of all terms.
    batch : bool
        Whether terms are wanted as they come with that gradient (see
        `calibration.objective.batch_evaluator`).
    """

    z: Vector
    base: Vector | None = None
    scope: Scope = SHARED
    only: Mask | None = None
    derivatives: Literal["log", "terms"] | None = None
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation gives.

    Attributes
    ----------
    terms : array (n_terms,) [log2]
    cost : float
        In units of one full evaluation.
    derivatives : array (n,) or (n_terms, n), or None
        By prior standard deviations, where they were asked for.
    across : array (n,) or None
        Beyond a switch boundary, where the gradient of the log likelihood was asked for: the normal of it.
    """

    terms: Vector
    cost: float = 1.0
    derivatives: Vector | None = None
    across: Vector | None = None


class Problem(Protocol):
    """Parameters in prior standard deviations in, margins in log2 out (positive: the claim holds).

    Attributes
    ----------
    n, n_terms, n_findings : int
    scopes : sequence (n,) of Scope
        What a change of each parameter touches.
    weights : array (n_terms,)
        How much each term counts in the loss.
    """

    n: int
    n_terms: int
    n_findings: int
    scopes: Sequence[Scope]
    weights: Vector

    @property
    def has_derivatives(self) -> bool:
        """Whether tasks may ask for derivatives."""
        ...

    def evaluate_task(self, task: Task) -> Outcome:
        """The terms at `task.z`. Never raises on numerical failure."""
        ...

    def holds(self, terms: Vector) -> Mask:
        """Which findings (n_findings,) hold, given all terms."""
        ...


def huber(gap: Vector, corner: float) -> Vector:
    """`gap**2` up to `corner`, a straight line from there: one lost finding must not outweigh the rest."""
    return np.where(gap <= corner, gap**2, corner * (2.0 * gap - corner))


@dataclass(frozen=True, slots=True)
class Loss:
    """Shortfalls below a target margin, and the distance from where a start began.

    Each start is pulled back to its own draw of the prior, not to the centre: what the findings leave
    open stays as wide as the prior (randomised maximum likelihood).

    Attributes
    ----------
    target : float [log2]
        A finding that just holds is not robust; margins are pushed to this.
    corner : float [log2]
        Where the square of a shortfall becomes a straight line.
    prior : float
        Weight of `sum(away**2)`.
    """

    target: float = 0.2
    corner: float = 0.15
    prior: float = 0.003

    def __call__(self, terms: Vector, away: Vector, weights: Vector) -> float:
        """The loss of `terms` (n_terms,) [log2], `away` (n,) [prior standard deviations] from the draw."""
        gap = np.maximum(0.0, self.target - terms)
        return float(weights @ huber(gap, self.corner) + self.prior * (away @ away))

    def lost(self, terms: Vector, weights: Vector) -> float:
        """The part that comes from terms which could not be evaluated, where no slope leads out."""
        gap = np.where(terms <= WORST, self.target - WORST, 0.0)
        return float(weights @ huber(gap, self.corner))
