"""Parameters in, margins of all findings out: the real problem behind
`calibration.objective.problem.Problem`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.score import Score, score
from calibration.objective.baseline import Baseline, baseline, range_terms
from calibration.objective.batch_evaluator import BatchEvaluator
from calibration.objective.layout import lay_out
from calibration.objective.measured.measurements import Fitted, Measurements
from calibration.objective.problem import SHARED, WORST, Mask, Outcome, Scope, Task, Vector
from calibration.objective.simulation_plan import SimulationPlan, plan
from models.cells.context import Context
from models.cells.plausible_ranges import PlausibleRange, PlausibleRanges
from models.parameters import Space
from models.simulation.codegen.compile import NoDerivatives
from models.simulation.engine import Failure
from models.simulation.simulator import SCORE, VERDICT, Simulator, Trajectory
from models.treatments.arm import Arm

log = logging.getLogger(__name__)

Courses = dict[Arm, Trajectory | Failure]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One parameter set looked at closely.

    Attributes
    ----------
    scores : dict of str to Score
        By finding id; where the untreated cells are not plausible the finding is not either.
    baselines : dict of str to Baseline
        By context.
    measured : Fitted or None
        Measured points, where there are any; they change neither of the two.
    """

    scores: Mapping[str, Score]
    baselines: Mapping[str, Baseline]
    measured: Fitted | None = None

    @property
    def hold(self) -> int:
        """How many findings hold."""
        return sum(score.verdict == "holds" for score in self.scores.values())


@dataclass
class _Near:
    """Courses and terms of the point that tasks lie near to."""

    key: bytes = b""
    only: Mask | None = None
    courses: Courses = field(default_factory=dict)
    terms: Vector | None = None


class Evaluator:
    """All findings, at any point of the parameter space. One per process.

    Parameters
    ----------
    bench : Simulator
    contexts : mapping of str to Context
    space : Space
        What is free.
    findings : sequence of Finding
        Those with use "fit" (cohorts left out) are terms; `evaluate` scores all but populations.
    told : PlausibleRanges
        Ranges that untreated cells must keep to.
    fixed : mapping of str to float, optional
        Values that are set whatever the point says (a mechanism taken out).
    measured : Measurements, optional
        Measured points, which are terms of the fit after all others.

    Attributes
    ----------
    layout : Layout
        Which terms there are; `rows`, `range_rows`, `point_rows`, `weights` and `plan` are those of it.
    """

    def __init__(
        self,
        bench: Simulator,
        contexts: Mapping[str, Context],
        space: Space,
        findings: Sequence[Finding],
        told: PlausibleRanges,
        fixed: Mapping[str, float] | None = None,
        measured: Measurements | None = None,
    ) -> None:
        self.bench, self.space, self.told = bench, space, told
        self.fixed, self.measured = dict(fixed or {}), measured
        self.all = tuple(f for f in findings if not (isinstance(f.claim, Cohort) and f.claim.is_population))
        self.findings = tuple(f for f in self.all if f.use == "fit" and not f.is_cohort)
        self.layout = layout = lay_out(self.findings, contexts, space, told, self.fixed, measured)
        self.plan, self.rows, self.range_rows = layout.plan, layout.rows, layout.range_rows
        self.point_rows, self.weights, self.n_terms = layout.point_rows, layout.weights, layout.n_terms
        self.n, self.n_findings = len(space), len(self.findings)
        self.scopes: Sequence[Scope] = space.scope
        self._contexts, self._ranges = contexts, layout.ranges
        self._touched = {scope: self.plan.touched(scope) for scope in set(space.scope)}
        self._whole: SimulationPlan | None = None
        self._near = _Near()
        self._batch: BatchEvaluator | None = None
        self._without_batch = False

    # --- the problem that optimisers see --------------------------------------------------------------------
    def evaluate_task(self, task: Task) -> Outcome:
        """Terms (n_terms,) [log2] at `task.z`, at the tolerance of fitting."""
        if task.derivatives == "log":
            return Outcome(*self.batch.log_likelihood(task.z))
        if task.derivatives == "terms":
            return Outcome(*self.batch.jacobian(task.z, task.only))
        if task.batch and self.has_derivatives:
            return Outcome(*self.batch.terms(task.z))
        if task.base is None or task.scope == SHARED:
            arms = self.wanted(task.only)
            courses = self._run(arms, task.z)
            return Outcome(self.terms_of(courses, task.only), len(arms) / len(self.plan.times))
        near = self._near_to(task.base, task.only)
        moved = self.wanted(task.only) & self._touched[task.scope]
        courses = near.courses | self._run(moved, task.z)
        assert near.terms is not None
        terms = self.terms_of(courses, task.only, near.terms, moved)
        return Outcome(terms, len(moved) / len(self.plan.times))

    def holds(self, terms: Vector) -> Mask:
        """Which findings hold, in untreated cells that are plausible."""
        return self.layout.holds(terms)

    def _near_to(self, base: Vector, only: Mask | None) -> _Near:
        key = base.tobytes()
        same = key == self._near.key and (
            np.array_equal(only, self._near.only)
            if only is not None and self._near.only is not None
            else only is self._near.only
        )
        if not same:
            courses = self._run(self.wanted(only), base)
            self._near = _Near(key, only, courses, self.terms_of(courses, only))
        return self._near

    def wanted(self, only: Mask | None) -> frozenset[Arm]:
        """The arms on which these terms depend; None: on which any does."""
        return self.layout.wanted(only)

    def terms_of(
        self,
        courses: Courses,
        only: Mask | None = None,
        base: Vector | None = None,
        moved: frozenset[Arm] | None = None,
    ) -> Vector:
        """Terms (n_terms,) [log2] from courses; of `base` where nothing `moved`, nan where not wanted."""
        terms = np.full(self.n_terms, np.nan)
        for finding, rows, arms in zip(self.findings, self.rows, self.plan.arms, strict=True):
            if only is not None and not only[rows].any():
                continue
            if base is not None and moved is not None and not (arms & moved):
                terms[rows] = base[rows]
            else:
                terms[rows] = _parts(score(finding, courses), rows.stop - rows.start)
        for name, rows in self.range_rows.items():
            if only is None or only[rows].any():
                terms[rows] = range_terms(courses[self.plan.rests[name]], self._ranges[name])
        if self.measured and (only is None or only[self.point_rows].any()):
            still = base is not None and moved is not None and not (self.measured.times.keys() & moved)
            terms[self.point_rows] = (
                base[self.point_rows] if base is not None and still else self.measured.terms(courses)
            )
        return terms

    def range_of(self, row: int) -> tuple[str, PlausibleRange, float]:
        """Context, range and sign (1 of its lower end, -1 of its upper) of a term of untreated cells."""
        return self.layout.range_of(row)

    def _run(self, arms: Iterable[Arm], z: Vector, rtol: float = SCORE, whole: bool = False) -> Courses:
        times = (self.whole if whole else self.plan).times
        chosen = set(arms)
        wanted = {arm: t for arm, t in times.items() if arm in chosen}
        courses: Courses = self.bench.run(wanted, self.layout.values(z), rtol)
        return courses

    @property
    def has_derivatives(self) -> bool:
        """Whether tasks may ask for derivatives: not of measured points, and not without a compiler."""
        if self._without_batch or self.measured is not None or not isinstance(self.bench, Simulator):
            return False
        try:
            return self.batch is not None
        except NoDerivatives as why:
            log.warning("Derivatives are taken by differences, which takes longer: %s", why)
            self._without_batch = True
            return False

    @property
    def batch(self) -> BatchEvaluator:
        """Terms and their derivatives from all arms at once, made ready on first use.

        Raises
        ------
        models.simulation.codegen.compile.NoDerivatives
            Where there can be none.
        """
        if self._batch is None:
            self._batch = BatchEvaluator(self.layout, self.bench)
        return self._batch

    # --- verdicts -------------------------------------------------------------------------------------------
    @property
    def whole(self) -> SimulationPlan:
        """The plan of all findings, with untreated cells followed for as long as they must not drift."""
        if self._whole is None:
            self._whole = plan(self.all, self._contexts, self.told.until_s)
        return self._whole

    def courses(self, z: Vector, rtol: float = VERDICT) -> Courses:
        """Every arm of every finding."""
        return self._run(self.whole.times, z, rtol, whole=True)

    def evaluate(self, z: Vector, rtol: float = VERDICT) -> Evaluation:
        """Scores and verdicts of all findings but populations, fit and validation alike."""
        courses = self.courses(z, rtol)
        baselines = {
            name: baseline(name, courses[arm], self._ranges[name], self.told)
            for name, arm in self.whole.rests.items()
        }
        odd = {name: found.reasons[0] for name, found in baselines.items() if not found.plausible}
        return Evaluation({f.id: score(f, courses, odd) for f in self.all}, baselines, self.fitted(z, rtol))

    def fitted(self, z: Vector, rtol: float = VERDICT) -> Fitted | None:
        """Measured points by runs of their own, so that no finding sees them; None where there are none."""
        if not self.measured:
            return None
        return self.measured.fit(self.bench.run(self.measured.times, self.layout.values(z), rtol))


def _parts(found: Score, count: int) -> Vector:
    """The margins of a score's parts, finite and clipped; the worst where it could not be evaluated."""
    if len(found.parts) != count:
        return np.full(count, WORST)
    parts = np.asarray(found.parts, dtype=float)
    return np.clip(np.where(np.isnan(parts), WORST, parts), WORST, -WORST)
