"""The findings and constraints of a third-party problem as claims with margins, for what asks about claims.

Terms are margins: of parts of findings in log2; of constraints what their term is above the one at which they
just hold, in the units of the search. Measured points are no claims, and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from calibration.external.constraint import Constraint
from calibration.external.problem import ExternalProblem, make
from calibration.findings.claims.finding import Finding, Source
from calibration.objective.problem import Mask, Outcome, Scope, Task, Vector
from calibration.objective.workers.pool import Recipe


@dataclass(frozen=True, slots=True)
class ConstraintClaim:
    """A constraint as tables show it beside findings (see `calibration.findings.claims.finding.Finding`)."""

    id: str
    row: str
    description: str
    wanted: str
    use: str = "fit"
    kind: str = "constraint"
    trust: str = "fair"
    informative: bool = True
    conflict: str = ""
    n_parts: int = 1
    source: Source = field(default_factory=lambda: Source(""))

    @classmethod
    def of(cls, constraint: Constraint) -> ConstraintClaim:
        """From a line of a .prop file."""
        when = " ".join((constraint.text.split(" weight ")[0]).split())
        return cls(constraint.id, constraint.id, constraint.text, when, source=Source(constraint.file))


Claim = Finding | ConstraintClaim


class ClaimProblem:
    """Claims of a problem, as `calibration.objective.problem.Problem`.

    Attributes
    ----------
    findings : tuple of Finding or ConstraintClaim
        Fitted findings, then constraints.
    rows : list of slice
        Terms of each.
    """

    def __init__(self, whole: ExternalProblem) -> None:
        self.whole, self.space = whole, whole.space
        self.findings: tuple[Claim, ...] = (*whole.fit, *map(ConstraintClaim.of, whole.constraints))
        first, self.n_terms = whole.judged_rows.start, whole.judged_rows.stop
        self.rows = [*whole.rows, *(slice(i, i + 1) for i in range(first, self.n_terms))]
        self.n, self.n_findings = whole.n, len(self.findings)
        self.scopes: Sequence[Scope] = whole.scopes
        self.weights = whole.weights[: self.n_terms]
        self._zero = np.concatenate([np.zeros(first), whole.holds_from])

    @property
    def has_derivatives(self) -> bool:
        """Whether tasks may ask for derivatives."""
        return self.whole.has_derivatives

    @property
    def needs(self) -> Mask:
        """The terms (n_findings, n_terms) on which each claim depends."""
        own = np.zeros((self.n_findings, self.n_terms), dtype=bool)
        for i, rows in enumerate(self.rows):
            own[i, rows] = True
        return own

    def evaluate_task(self, task: Task) -> Outcome:
        """Margins (n_terms,) at `task.z`."""
        only = None
        if task.only is not None:
            only = np.zeros(self.whole.n_terms, dtype=bool)
            only[: self.n_terms] = task.only
        outcome = self.whole.evaluate_task(replace(task, only=only))
        own = outcome.derivatives[: self.n_terms] if outcome.derivatives is not None else None
        return replace(outcome, terms=self.margins(outcome.terms), derivatives=own)

    def margins(self, terms: Vector) -> Vector:
        """Margins from the terms of the whole problem."""
        return np.asarray(terms[: self.n_terms] - self._zero)

    def holds(self, terms: Vector) -> Mask:
        """Which claims hold."""
        return np.array([bool(np.all(terms[rows] >= -1e-12)) for rows in self.rows])


def make_claims(options: Mapping[str, Any]) -> ClaimProblem:
    """From plain values, see `calibration.external.problem.make`."""
    return ClaimProblem(make(**options))


def recipe(options: Mapping[str, Any]) -> Recipe:
    """How a worker makes the problem."""
    return Recipe("calibration.external.claim_problem", "make_claims", {"options": dict(options)})
