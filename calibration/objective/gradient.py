"""Slopes of all terms, or of their log likelihood, by every free parameter: one run forward, one back.

The way back costs half as much as the way forward for the log likelihood, and one and a half times as much
for all terms, where differences take a run for each parameter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from calibration.findings.claims.observation import ABSENT, Observation
from calibration.objective.likelihood import Likelihood
from calibration.objective.margin_derivatives import LN2, MarginDerivative, elementary, pulls
from calibration.objective.problem import WORST, Mask, Vector
from models.simulation.engine import Failure
from models.simulation.simulator import SCORE
from models.simulation.traced import NoSlope, Traced
from models.treatments.arm import Arm

if TYPE_CHECKING:
    from calibration.objective.evaluator import Courses, Evaluator

LOG_COST, TERMS_COST = 0.5, 1.5
"""What slopes of the log likelihood and of all terms cost beside the run forward, in units of it."""

Rows = NDArray[np.intp]

SLIGHT = 1e-6
"""Slopes of the log likelihood by a term [1 / log2] that are left out."""


class Gradient:
    """Slopes for one problem; has a bench of its own, whose networks are those of the problem's.

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        Where a formula of the model cannot be read, or there is no C compiler.
    """

    def __init__(self, problem: Evaluator) -> None:
        self.problem, self.likelihood = problem, Likelihood(problem)
        self.bench = Traced.like(problem.bench)
        self._parts = [
            part for finding in problem.findings if finding.claim for part in elementary(finding.claim)
        ]

    def log_likelihood(self, z: Vector) -> tuple[Vector, float, Vector]:
        """Terms (n_terms,) [log2], the cost [evaluations], and the slope (n,) of their log likelihood.

        Slopes are by prior standard deviations. Where something could not be run its terms are the worst,
        and flat.
        """
        courses, terms, cost = self._forward(z)
        by_term = self.likelihood.slopes(terms)
        wanted = np.flatnonzero(np.abs(by_term) > SLIGHT)
        column = np.zeros(len(terms), dtype=np.intp)
        slope = np.zeros((1, len(z)))
        self._back(z, courses, terms, wanted, lambda rows: (column[rows], by_term[rows]), slope)
        return terms, cost * (1.0 + LOG_COST), slope[0]

    def jacobian(self, z: Vector, only: Mask | None = None) -> tuple[Vector, float, Vector]:
        """Terms (n_terms,) [log2], the cost, and their slopes (n_terms, n); of all or `only` some terms."""
        courses, terms, cost = self._forward(z, only)
        jac = np.zeros((len(terms), len(z)))
        wanted = np.arange(len(terms)) if only is None else np.flatnonzero(only)
        self._back(z, courses, terms, wanted, lambda rows: (rows, np.ones(len(rows))), jac)
        return terms, cost * (1.0 + TERMS_COST), jac

    def _forward(self, z: Vector, only: Mask | None = None) -> tuple[Courses, Vector, float]:
        """Courses, terms, and the cost in evaluations."""
        problem = self.problem
        values = {**problem.space.values(z), **problem.fixed}
        arms = problem.wanted(only)
        times = {arm: t for arm, t in problem.plan.times.items() if arm in arms}
        courses: Courses = self.bench.run(times, values, SCORE)
        return courses, problem.terms_of(courses, only), len(times) / len(problem.plan.times)

    def _back(
        self,
        z: Vector,
        courses: Courses,
        terms: Vector,
        wanted: Rows,
        columns: Callable[[Rows], tuple[Rows, Vector]],
        out: Vector,
    ) -> None:
        """Add up slopes in `out`; `columns` says in which of its rows a term counts, and how much."""
        by_arm: dict[Arm, list[tuple[int, MarginDerivative]]] = defaultdict(list)
        seen = Observation(courses)
        for row in wanted:
            if abs(terms[row]) < -WORST:
                for pull in self._pulls(int(row), seen):
                    by_arm[pull.arm].append((int(row), pull))
        space = self.problem.space
        values = {**space.values(z), **self.problem.fixed}
        for arm, found in by_arm.items():
            course = courses[arm]
            assert not isinstance(course, Failure)
            rows, weights = columns(np.array([row for row, _ in found]))
            own, column = np.unique(rows, return_inverse=True)
            worths: dict[tuple[float, str], Vector] = {}
            for (_, pull), at, weight in zip(found, column, weights, strict=True):
                sample = min(int(np.searchsorted(course.times, pull.time)), len(course.times) - 1)
                value = course.of(pull.observable)[sample]
                if value > ABSENT:
                    key = (float(course.times[sample]), pull.observable)
                    worths.setdefault(key, np.zeros(len(own)))[at] += weight * pull.slope / value
            try:
                slopes = self.bench.slopes({arm: worths}, values, space.names, len(own))[arm]
            except NoSlope:
                continue
            out[own] += slopes * space.sd

    def _pulls(self, row: int, seen: Observation) -> Iterator[MarginDerivative]:
        """What a term hangs on."""
        if row < len(self._parts):
            yield from pulls(*self._parts[row], seen)
            return
        context, band, sign = self.problem.range_of(row)
        rest = self.problem.plan.rests[context]
        yield MarginDerivative(rest, 0.0, band.observable, sign / LN2)
        yield MarginDerivative(rest, 0.0, band.per, -sign / LN2)
