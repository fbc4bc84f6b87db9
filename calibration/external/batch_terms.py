"""Terms of a third-party problem with their derivatives, from a batch of its arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Protocol

import numpy as np

from calibration.external.batch import ExternalBatch, ReadingDerivative
from calibration.external.constraint import Constraint
from calibration.external.exp_tables import ExpPoint
from calibration.external.free_parameters import FreeParameters
from calibration.external.penalty import PenaltyResult
from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from calibration.external.term_derivatives import of_constraints, of_finding, of_points, of_roots
from calibration.findings.claims.finding import Finding
from calibration.objective.measured.residual_terms import TARGET
from calibration.objective.problem import Outcome, Task, Vector
from models.simulation.engine import Failure

COST = 1.5
"""Of all terms with their derivatives, in evaluations."""

Tables = Mapping[str, ArmTable | Failure]


class Terms(Protocol):
    """What is needed of a problem, see `calibration.external.problem.ExternalProblem`."""

    n_terms: int
    arms: dict[str, Setup]
    free: FreeParameters
    fit: tuple[Finding, ...]
    constraints: list[Constraint]
    points: list[ExpPoint]
    unit: float
    weights: Vector
    rows: list[slice]
    judged_rows: slice
    point_rows: slice

    def tables(self, z: Vector) -> dict[str, ArmTable | Failure]: ...
    def judged(self, tables: Tables) -> list[PenaltyResult]: ...
    def terms(self, tables: Tables, judged: Sequence[PenaltyResult] | None = None) -> Vector: ...
    def roots_of(self, tables: Tables, judged: Sequence[PenaltyResult] | None = None) -> Vector: ...


class BatchTerms:
    """For one problem. One per process.

    Attributes
    ----------
    again : int
        Points so far at which the batch could not run an arm, so that the simulator ran all.
    """

    def __init__(self, batch: ExternalBatch, problem: Terms) -> None:
        self.batch, self.problem, self.again = batch, problem, 0

    def evaluate_task(self, task: Task) -> Outcome:
        """Terms (n_terms,) and their derivatives (n_terms, n); 0 of what reads an arm that is not run."""
        problem, tables = self.problem, self.batch.tables(task.z)
        judged = problem.judged(tables)
        terms = problem.terms(tables, judged)
        wanted = np.ones(problem.n_terms, dtype=bool) if task.only is None else task.only
        roots = problem.roots_of(tables, judged) / np.sqrt(problem.unit)
        parts = [self._findings(tables)]
        where = problem.judged_rows.start, tables, problem.arms
        parts.append(of_constraints(problem.constraints, roots, judged, problem.unit, *where))
        points = roots[len(problem.constraints) :]
        first, score = problem.point_rows.start, problem.free.score
        parts.append(of_points(problem.points, points, problem.unit, first, tables, score))
        readings = (one for one in chain(*parts) if wanted[one.term])
        found = self.batch.derivatives(readings, task.z, problem.n_terms)
        if any(isinstance(table, Failure) for table in tables.values()):
            self.again += 1
            terms = problem.terms(problem.tables(task.z))
        return Outcome(np.where(wanted, terms, np.nan), COST, found)

    def roots_jacobian(self, z: Vector) -> Vector:
        """Derivatives (n_roots, n) of `ExternalProblem.roots`; 0 of what reads an arm that is not run."""
        problem, tables = self.problem, self.batch.tables(z)
        judged, at = problem.judged(tables), problem.judged_rows.start
        where = at, tables, problem.arms, problem.free.score
        roots = problem.roots_of(tables, judged)
        parts = of_roots(problem.constraints, problem.points, judged, roots, *where)
        jac = self.batch.derivatives(chain(self._findings(tables), parts), z, at + len(roots))
        short = problem.terms(tables, judged)[:at] < TARGET
        jac[:at] *= np.where(short, -np.sqrt(problem.weights[:at]), 0.0)[:, None]
        return jac

    def _findings(self, tables: Tables) -> Iterator[ReadingDerivative]:
        free = self.problem.free
        if free.second is not None:
            for finding, rows in zip(self.problem.fit, self.problem.rows, strict=True):
                yield from of_finding(finding, rows.start, tables, free.second, free.atol)
