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
from calibration.objective.baseline import Baseline, baseline, ends_of, range_terms
from calibration.objective.batch_evaluator import BatchEvaluator
from calibration.objective.gradient import Gradient
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
RANGE_WEIGHT = 2.0  # of a baseline range in the loss: on it hang all findings of the context


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
    rows : list of slice
        The terms of each fit finding.
    range_rows : dict of str to slice
        The terms of the untreated cells of each context.
    point_rows : slice
        The terms of measured points.
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
        self.plan: SimulationPlan = plan(self.findings, contexts, beside=[measured] if measured else ())
        self._whole: SimulationPlan | None = None
        self._contexts = contexts
        self._bands = {name: contexts[name].bands(told.bands) for name in contexts}
        self._lay_out()
        self.n, self.n_findings = len(space), len(self.findings)
        self.scopes: Sequence[Scope] = space.scope
        self._touched = {scope: self.plan.touched(scope) for scope in set(space.scope)}
        self._near = _Near()
        self._gradient: Gradient | None = None
        self._sloped: BatchEvaluator | Gradient | None = None
        self._flat = False

    def _lay_out(self) -> None:
        """Which terms belong to which finding, and which to the untreated cells of which context."""
        self.rows: list[slice] = []
        at = 0
        for finding in self.findings:
            self.rows.append(slice(at, at + finding.n_parts))
            at += finding.n_parts
        self.range_rows: dict[str, slice] = {}
        self._ends: list[tuple[str, PlausibleRange, float]] = []
        for name in self.plan.rests:
            ends = [(name, band, sign) for band, _, sign in ends_of(self._bands[name])]
            self.range_rows[name] = slice(at, at + len(ends))
            self._ends += ends
            at += len(ends)
        self.point_rows = slice(at, at + (len(self.measured.weights) if self.measured else 0))
        at = self.n_terms = self.point_rows.stop
        self.weights = np.ones(at)
        for rows in self.rows:
            self.weights[rows] = 1.0 / np.sqrt(max(1, rows.stop - rows.start))
        for rows in self.range_rows.values():
            self.weights[rows] = RANGE_WEIGHT
        if self.measured:
            self.weights[self.point_rows] = self.measured.weights
        self._needs = np.zeros((len(self.findings), len(self.plan.rests)), dtype=bool)
        names = list(self.plan.rests)
        for i, arms in enumerate(self.plan.arms):
            self._needs[i, [names.index(arm.context) for arm in arms]] = True

    # --- the problem that optimisers see --------------------------------------------------------------------
    def evaluate_task(self, task: Task) -> Outcome:
        """Terms (n_terms,) [log2] at `task.z`, at the tolerance of fitting."""
        if task.slopes == "log":
            return Outcome(*self.sloped.log_likelihood(task.z))
        if task.slopes == "terms":
            return Outcome(*self.sloped.jacobian(task.z, task.only))
        if task.abreast and self.has_slopes and isinstance(self.sloped, BatchEvaluator):
            return Outcome(*self.sloped.terms(task.z))
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
        """Which findings hold, in cells that are plausible at rest."""
        own = np.array(
            [len(terms[rows]) > 0 and bool(np.all(terms[rows] >= 0.0)) for rows in self.rows], dtype=bool
        )
        odd = np.array([bool(np.any(terms[rows] < 0.0)) for rows in self.range_rows.values()], dtype=bool)
        return np.asarray(own & ~(self._needs & odd).any(axis=1))

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
        """The arms on which these terms hang; None: on which any does."""
        if only is None:
            return frozenset(self.plan.times)
        arms: set[Arm] = set()
        for rows, own in zip(self.rows, self.plan.arms, strict=True):
            if only[rows].any():
                arms |= own
        arms |= {self.plan.rests[name] for name, rows in self.range_rows.items() if only[rows].any()}
        if self.measured and only[self.point_rows].any():
            arms |= self.measured.times.keys()
        return frozenset(arms)

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
                terms[rows] = range_terms(courses[self.plan.rests[name]], self._bands[name])
        if self.measured and (only is None or only[self.point_rows].any()):
            still = base is not None and moved is not None and not (self.measured.times.keys() & moved)
            terms[self.point_rows] = (
                base[self.point_rows] if base is not None and still else self.measured.terms(courses)
            )
        return terms

    def range_of(self, row: int) -> tuple[str, PlausibleRange, float]:
        """Context, range and sign (1 of its lower end, -1 of its upper) of a term of untreated cells."""
        first: int = next(iter(self.range_rows.values())).start
        return self._ends[row - first]

    def _run(self, arms: Iterable[Arm], z: Vector, rtol: float = SCORE, whole: bool = False) -> Courses:
        times = (self.whole if whole else self.plan).times
        chosen = set(arms)
        values = {**self.space.values(z), **self.fixed}
        courses: Courses = self.bench.run({arm: t for arm, t in times.items() if arm in chosen}, values, rtol)
        return courses

    @property
    def has_slopes(self) -> bool:
        """Whether tasks may ask for slopes: measured points have none, and they take a compiler."""
        if self._flat or self.measured is not None or not isinstance(self.bench, Simulator):
            return False
        try:
            return self.sloped is not None
        except NoDerivatives as why:
            log.warning("Slopes are taken by differences, which takes longer: %s", why)
            self._flat = True
            return False

    @property
    def gradient(self) -> Gradient:
        """Slopes, made ready on first use; raises `models.simulation.codegen.compile.NoDerivatives` where
        there can be none.
        """
        if self._gradient is None:
            self._gradient = Gradient(self)
        return self._gradient

    @property
    def sloped(self) -> BatchEvaluator | Gradient:
        """Slopes of terms and of their log likelihood: of all arms abreast, or one by one if they must."""
        if self._sloped is None:
            try:
                self._sloped = BatchEvaluator(self)
            except NoDerivatives as why:
                self._sloped = self.gradient
                log.warning("Arms are not run abreast, which takes longer: %s", why)
        return self._sloped

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
            name: baseline(name, courses[arm], self._bands[name], self.told)
            for name, arm in self.whole.rests.items()
        }
        odd = {name: found.reasons[0] for name, found in baselines.items() if not found.plausible}
        return Evaluation({f.id: score(f, courses, odd) for f in self.all}, baselines, self.fitted(z, rtol))

    def fitted(self, z: Vector, rtol: float = VERDICT) -> Fitted | None:
        """Measured points by runs of their own, so that no finding sees them; None where there are none."""
        if not self.measured:
            return None
        values = {**self.space.values(z), **self.fixed}
        return self.measured.fit(self.bench.run(self.measured.times, values, rtol))


def _parts(found: Score, count: int) -> Vector:
    """The margins of a score's parts, finite and clipped; the worst where it could not be evaluated."""
    if len(found.parts) != count:
        return np.full(count, WORST)
    parts = np.asarray(found.parts, dtype=float)
    return np.clip(np.where(np.isnan(parts), WORST, parts), WORST, -WORST)
