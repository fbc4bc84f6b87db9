"""A third-party problem as chains see it: claims with margins, and the likelihood of all of it.

The log likelihood is minus the objective: minus PyBNF's penalties, which of a probit or logit constraint are
minus the logarithm of its probability (Mitra & Hlavacek 2020, Bioinformatics 36:3558); minus the squared
residuals of measured points, (s - e)^2 / (2 SD^2) or (s - e)^2; and for findings in TOML the probability of
the report as in `calibration.objective.likelihood`. It is read from the terms of the search, whose roots r
are bent beyond `STRAIGHT`: term = TARGET - bent(r), penalty = unit r^2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from calibration.external.claim_problem import Claim, ClaimProblem, ConstraintClaim
from calibration.external.exp_tables import ExpPoint
from calibration.external.problem import ExternalProblem, make
from calibration.external.shortfall import floor
from calibration.findings.claims.finding import Finding
from calibration.objective.likelihood import Likelihood
from calibration.objective.measured.residual_terms import STRAIGHT, TARGET, bent
from calibration.objective.problem import WORST, Outcome, Task, Vector
from calibration.objective.workers.pool import Recipe

WITHIN = math.sqrt(2.0)
"""Root of the squared residual of a point that is two standard deviations off."""

UNKNOWN = -1e6
"""Log likelihood of a constraint or point that could not be evaluated."""


@dataclass(frozen=True)
class ReportLayout:
    """The terms of findings in TOML alone (see `calibration.objective.likelihood.TermLayout`)."""

    n_terms: int
    findings: Sequence[Finding]
    rows: Sequence[slice]
    range_rows: Mapping[str, slice] = field(default_factory=dict)


def point_claim(point: ExpPoint) -> ConstraintClaim:
    """A measured point as a claim: the model is within two standard deviations of it."""
    return ConstraintClaim(point.id, point.file, point.id, "within 2 SD", kind="measured point")


class PosteriorProblem:
    """Claims of a problem, measured points among them, and their likelihood.

    Terms are those of the whole problem, moved so that a claim just holds at 0.

    Attributes
    ----------
    findings : tuple
        Fitted findings, constraints, measured points: what is reported.
    rows : list of slice
        Terms of each.
    """

    def __init__(self, whole: ExternalProblem) -> None:
        claims = ClaimProblem(whole)
        self.whole, self.space, self.n = whole, whole.space, whole.n
        self.findings: tuple[Claim, ...] = (*claims.findings, *map(point_claim, whole.points))
        first = whole.point_rows.start
        points = [slice(first + 2 * i, first + 2 * i + 2) for i in range(len(whole.points))]
        self.rows = [*claims.rows, *points]
        self.n_findings, self.n_terms = len(self.findings), whole.n_terms
        self.scopes, self.weights = whole.scopes, whole.weights
        at = TARGET - bent(WITHIN / math.sqrt(whole.unit))
        own = np.zeros(whole.judged_rows.start)
        self._zero = np.concatenate([own, whole.holds_from, np.full(2 * len(points), at)])
        self._reports = Likelihood(ReportLayout(len(own), whole.fit, whole.rows))
        self._floors = np.array([floor(c) for c in whole.constraints])

    @property
    def has_derivatives(self) -> bool:
        """Whether there are derivatives, which chains need."""
        return self.whole.has_derivatives

    def holds(self, terms: Vector) -> np.ndarray:
        """Which claims hold."""
        return np.array([bool(np.all(terms[rows] >= -1e-12)) for rows in self.rows])

    def evaluate_task(self, task: Task) -> Outcome:
        """Terms, with derivatives of all of them or of the log likelihood where they are asked for."""
        outcome = self.whole.evaluate_task(replace(task, derivatives="terms") if task.derivatives else task)
        slopes, terms = outcome.derivatives, outcome.terms - self._zero
        if task.derivatives == "log" and slopes is not None:
            slopes = self.gradient(terms) @ slopes
        return replace(outcome, terms=terms, derivatives=slopes)

    # --- the likelihood -------------------------------------------------------------------------------------
    def __call__(self, terms: Vector) -> float:
        """Log likelihood of everything, up to a constant."""
        return float(self.reports(terms).sum())

    def reports(self, terms: Vector) -> Vector:
        """Log likelihood (n_findings,) of each claim, up to a constant."""
        own, roots, lost = self._parts(terms)
        floors = np.concatenate([self._floors, np.zeros(len(self.whole.points))])
        costs = np.where(lost, UNKNOWN, -self.whole.unit * roots**2 - floors)
        return np.concatenate([self._reports.reports(own), costs])

    def gradient(self, terms: Vector) -> Vector:
        """By each term (n_terms,): of -unit r^2 it is 2 unit r dr/db, with b = TARGET - term = bent(r)."""
        own, roots, lost = self._parts(terms)
        found = np.zeros(self.n_terms)
        found[: len(own)] = self._reports.gradient(own)
        steep = np.where(lost, 0.0, 2.0 * self.whole.unit * roots * self._unbent_by(terms))
        found[self._deciding(terms)] = steep
        return found

    def information(self, terms: Vector, jac: Vector) -> Vector:
        """A square root (n_findings, n) of the Fisher information: of squares r^2, sqrt(2 unit) dr/dz."""
        own, roots, lost = self._parts(terms)
        rows = math.sqrt(2.0 * self.whole.unit) * self._unbent_by(terms)[:, None] * jac[self._deciding(terms)]
        rows[lost | (roots <= 0.0)] = 0.0
        return np.concatenate([self._reports.information(own, jac[: len(own)]), rows])

    def _deciding(self, terms: Vector) -> np.ndarray:
        """The row of each constraint, and of each point the one on whose side the model is off."""
        judged, points = self.whole.judged_rows, self.whole.point_rows
        below = terms[points].reshape(-1, 2).argmin(axis=1)
        pairs = points.start + 2 * np.arange(len(below)) + below
        return np.concatenate([np.arange(judged.start, judged.stop), pairs]).astype(int)

    def _bent(self, terms: Vector) -> Vector:
        rows = self._deciding(terms)
        return np.asarray(np.maximum(0.0, TARGET - terms[rows] - self._zero[rows]))

    def _unbent_by(self, terms: Vector) -> Vector:
        """dr/db: 1 up to `STRAIGHT`, then that of r = STRAIGHT / (2 - b / STRAIGHT)."""
        b = self._bent(terms)
        return np.asarray(np.where(b > STRAIGHT, 1.0 / (2.0 - np.minimum(b, 5.9) / STRAIGHT) ** 2, 1.0))

    def _parts(self, terms: Vector) -> tuple[Vector, Vector, np.ndarray]:
        """Terms of findings; roots of constraints and points; which of these could not be evaluated."""
        b, rows = self._bent(terms), self._deciding(terms)
        roots = np.where(b > STRAIGHT, STRAIGHT / (2.0 - np.minimum(b, 5.9) / STRAIGHT), b)
        lost = terms[rows] + self._zero[rows] <= WORST
        return terms[: self.whole.judged_rows.start], roots, lost


def make_posterior(options: Mapping[str, Any]) -> PosteriorProblem:
    """From plain values, see `calibration.external.problem.make`."""
    return PosteriorProblem(make(**options))


def recipe(options: Mapping[str, Any]) -> Recipe:
    """How a worker makes the problem."""
    return Recipe("calibration.external.posterior_problem", "make_posterior", {"options": dict(options)})
