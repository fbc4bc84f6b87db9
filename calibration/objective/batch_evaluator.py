"""Terms, their derivatives and the gradient of the log likelihood, from all arms in a batch.

Terms are those of `calibration.objective.evaluator.Evaluator` to a few thousandths in log2, nearer to the
truth than its own are at the tolerance of a fit. Nearly all margins are sums of logarithms of readings, and
are found as one product of matrices; those that follow a course are asked one by one. What the batch cannot
run is run again by the simulator, counted, and said once.
"""

from __future__ import annotations

import gc
import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration.findings.claims.finding import Claim
from calibration.findings.claims.kinds import Order, Ratio, Unchanged
from calibration.findings.claims.observation import ABSENT, Observation
from calibration.findings.claims.points import Course
from calibration.objective.layout import Layout
from calibration.objective.likelihood import Likelihood
from calibration.objective.margin_derivatives import LN2, derivatives, elementary
from calibration.objective.problem import WORST, Mask, Vector
from calibration.objective.switch_boundary import SwitchBoundary
from models.simulation.arm_batch import ArmBatch
from models.simulation.batch import OutputWeights
from models.simulation.engine import Failure
from models.simulation.simulator import Simulator
from models.simulation.trajectory import Trajectory
from models.treatments.arm import Arm

log = logging.getLogger(__name__)

COST, TERMS_COST, ALL_COST = 0.2, 0.14, 0.7
"""Of the log likelihood with its gradient, of terms alone and with their derivatives, in evaluations
(`make bench`)."""

SLIGHT = 1e-6
"""Derivatives of the log likelihood by a term [1 / log2] that are left out."""

AGAIN = 1e-6
"""Relative tolerance at which the simulator runs what the batch cannot."""

_FIRST = np.zeros(1, np.intp)


@dataclass(frozen=True, slots=True)
class _Claim:
    """An elementary claim, the rows of its terms, and the arms it reads."""

    claim: Claim
    rows: slice
    arms: tuple[Arm, ...]


class BatchEvaluator:
    """For the terms of one layout; one per process.

    Attributes
    ----------
    batch : ArmBatch
    again, failed : int
        Arms that the batch could not run so far, and those of them that the simulator could not run either.

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        As `models.simulation.batch.BatchSimulator`.
    """

    def __init__(self, layout: Layout, simulator: Simulator) -> None:
        self.layout, self.likelihood = layout, Likelihood(layout)
        self.boundary, self._simulator = SwitchBoundary(layout), simulator
        self.again = self.failed = 0
        claims, names = _listed(layout)
        strange = layout.space.values(np.random.default_rng(0).standard_normal(layout.n))
        overrides = {k: v for k, v in {**strange, **layout.fixed}.items() if "." in k}
        asked = Counter(arm for item in claims for arm in item.arms for _ in item.claim.terms)
        self.batch = ArmBatch(simulator, layout.plan.times, overrides, names, asked)
        self._number = {arm: i for i, arm in enumerate(self.batch.arms)}
        self._column = {name: i for i, name in enumerate(names)}
        sizes = [len(times) * len(names) for times in self.batch.times]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._courses = [c for c in claims if not isinstance(c.claim, Ratio | Order | Unchanged)]
        self._lay([c for c in claims if isinstance(c.claim, Ratio | Order | Unchanged)])
        self._reads = self._read_by(claims)
        gc.collect()
        gc.freeze()  # what stays is not looked through again and again

    def _read_by(self, claims: Sequence[_Claim]) -> Mask:
        """Which terms read which arms (n_terms, n_arms)."""
        reads = np.zeros((self.layout.n_terms, len(self.batch.arms)), dtype=bool)
        for item in claims:
            reads[item.rows, [self._number[arm] for arm in item.arms]] = True
        for context, rows in self.layout.range_rows.items():
            reads[rows, self._number[self.layout.plan.rests[context]]] = True
        return reads

    def _lay(self, claims: Sequence[_Claim]) -> None:
        """Constants and a matrix, from logarithms of some readings to terms."""
        layout = self.layout
        n = layout.n_terms
        self._constant, self._bent = np.zeros(n), np.zeros(n, bool)
        entries: list[tuple[int, int, float]] = []
        must: list[tuple[int, int]] = []  # term, reading without which it cannot be evaluated
        ones = {arm: _Ones(times) for arm, times in zip(self.batch.arms, self.batch.times, strict=True)}
        for item in claims:
            claim, first = item.claim, item.rows.start
            self._constant[item.rows] = claim.score(Observation(ones)).parts
            self._bent[item.rows] = isinstance(claim, Unchanged)
            ratio = (
                Ratio(claim.numerator, claim.denominator, 1.0, None)
                if isinstance(claim, Unchanged)
                else claim
            )
            own = [
                (first + part, self._reading(p.arm, p.time, p.observable), p.by)
                for part in range(len(claim.terms))
                for p in derivatives(ratio, part, Observation(ones))
            ]
            entries += own
            weak = -1
            if isinstance(claim, Ratio | Unchanged):
                weak = self._reading(claim.numerator.arm, claim.numerator.time, claim.numerator.observable)
            needed = {at for _, at, _ in own} - {weak}
            must += [(row, at) for row in range(item.rows.start, item.rows.stop) for at in needed]
        wholes: list[tuple[int, int]] = []
        for row in _rows(layout.range_rows.values()):
            context, band, sign = layout.range_of(row)
            rest = layout.plan.rests[context]
            self._constant[row] = -sign * np.log2(band.lo if sign > 0 else band.hi)
            part, whole = (self._reading(rest, 0.0, name) for name in (band.observable, band.per))
            entries += [(row, part, sign / LN2), (row, whole, -sign / LN2)]
            wholes.append((row, whole))
        self._used = np.unique([at for _, at, _ in entries])
        place = {int(at): i for i, at in enumerate(self._used)}
        self._matrix = np.zeros((n, len(self._used)))
        for row, at, by in entries:
            self._matrix[row, place[at]] += by
        self._must = tuple(np.array([(row, place[at]) for row, at in must], np.intp).reshape(-1, 2).T)
        self._wholes = tuple(np.array([(row, place[at]) for row, at in wholes], np.intp).reshape(-1, 2).T)

    def _reading(self, arm: Any, time: float, name: str) -> int:
        """Number of a reading among all that are made."""
        number = self._number[arm]
        times = self.batch.times[number]
        sample = min(int(np.searchsorted(times, time)), len(times) - 1)
        return int(self._starts[number]) + sample * len(self._column) + self._column[name]

    def terms(self, z: Vector) -> tuple[Vector, float]:
        """Terms (n_terms,) [log2], and the cost [evaluations]; the worst where something could not be run."""
        return self._look(z).terms, TERMS_COST

    def log_likelihood(self, z: Vector) -> tuple[Vector, float, Vector, Vector | None]:
        """Terms (n_terms,) [log2], the cost [evaluations], and the gradient (n,) of their log likelihood.

        The gradient is by prior standard deviations. Terms that read what the batch could not run have no
        part in it. Beyond a switch boundary (see `calibration.objective.switch_boundary`) it is that of what
        is not void there, and the normal of the boundary (n,) comes last; elsewhere None.
        """
        look = self._look(z)
        across, void = self.boundary.at(self.batch, look.terms, look.values)
        by_term = self.likelihood.gradient(look.terms)
        by_term[look.flat | void | (np.abs(by_term) < SLIGHT)] = 0.0
        return look.terms, COST, self._gradient(look, by_term), across

    def jacobian(self, z: Vector, only: Mask | None = None) -> tuple[Vector, float, Vector]:
        """Terms (n_terms,) [log2], the cost, and their derivatives (n_terms, n), of all or `only` some."""
        look = self._look(z)
        wanted = ~look.flat if only is None else only & ~look.flat
        return look.terms, ALL_COST, self._derivatives(look, wanted)

    def _look(self, z: Vector) -> _Look:
        values = self.layout.values(z)
        tables = self.batch.run(values)
        lost = [i for i, table in enumerate(tables) if table is None]
        full = self._run_again(tables, lost, values) if lost else tables
        readings = np.full(int(self._starts[-1]), np.nan)
        for i, table in enumerate(full):
            if table is not None:
                readings[self._starts[i] : self._starts[i + 1]] = table.ravel()
        raw = readings[self._used]
        with np.errstate(invalid="ignore"):
            there = raw > ABSENT
        sums = self._matrix @ np.log(np.where(there, raw, ABSENT))
        terms = self._constant + np.where(self._bent, -np.abs(sums), sums)
        for (rows, at), worst in ((self._wholes, -WORST), (self._must, WORST)):
            terms[rows[~there[at]]] = worst
        terms[(self._matrix[:, np.isnan(raw)] != 0.0).any(1)] = WORST
        seen = _Once(self._followed(full), {})
        for item in self._courses:
            parts = np.array(item.claim.score(seen).parts)
            terms[item.rows] = np.where(np.isnan(parts), WORST, parts)
        flat = (np.abs(terms) >= -WORST) | self._reads[:, lost].any(1)
        return _Look(values, tables, readings, sums, np.clip(terms, WORST, -WORST), flat, seen)

    def _run_again(
        self, tables: Sequence[Vector | None], lost: Sequence[int], values: Mapping[str, float]
    ) -> list[Vector | None]:
        """The tables, with those of `lost` arms from the simulator; None where it cannot run them either."""
        full = list(tables)
        arms = {self.batch.arms[i]: self.batch.times[i] for i in lost}
        courses = self._simulator.run(arms, values, AGAIN) if _finite(values) else {}
        for i in lost:
            course = courses.get(self.batch.arms[i], Failure("a value is no number"))
            if not isinstance(course, Failure):
                full[i] = np.stack([_column(course, name) for name in self.batch.names], axis=1)
        failed = sum(full[i] is None for i in lost)
        if not self.again:
            log.warning(
                "The batch could not run %d of %d arms, and the simulator ran them again%s. "
                "Where this happens once more it is counted, and not said.",
                len(lost),
                len(tables),
                f"; {failed} of them failed" if failed else "",
            )
        self.again, self.failed = self.again + len(lost), self.failed + failed
        return full

    def _followed(self, tables: Sequence[Vector | None]) -> dict[Arm, Trajectory | Failure]:
        """Courses of the arms that are followed."""
        courses: dict[Arm, Trajectory | Failure] = {}
        for arm in {arm for item in self._courses for arm in item.arms}:
            table = tables[self._number[arm]]
            times = self.batch.times[self._number[arm]]
            courses[arm] = Failure("not run") if table is None else Trajectory(times, self.batch.names, table)
        return courses

    def _gradient(self, look: _Look, by_term: Vector) -> Vector:
        """From derivatives by terms (n_terms,) to those by parameters (n,)."""
        by_log = np.zeros(len(look.readings))
        by_log[self._used] = self._matrix.T @ (look.signs(self._bent) * by_term)
        for row, reading, by in self._followed_derivatives(look, by_term):
            by_log[reading] += by_term[row] * by
        worth = _over(by_log, look.readings)
        worths: list[OutputWeights | None] = []
        for i, (table, times) in enumerate(zip(look.tables, self.batch.times, strict=True)):
            own = worth[self._starts[i] : self._starts[i + 1]]
            some = table is not None and own.any()
            worths.append(OutputWeights(_FIRST, own.reshape(1, len(times), -1)) if some else None)
        space = self.layout.space
        gradient: Vector = self.batch.derivatives(worths, look.values, space.names)[0] * space.sd
        return gradient

    def _derivatives(self, look: _Look, wanted: Mask) -> Vector:
        """Of wanted terms, by parameters (n_terms, n)."""
        rows, columns = np.nonzero(self._matrix * wanted[:, None])
        by = self._matrix[rows, columns] * look.signs(self._bent)[rows]
        more = list(self._followed_derivatives(look, wanted))
        rows = np.concatenate([rows, [row for row, _, _ in more]]).astype(np.intp)
        readings = np.concatenate([self._used[columns], [at for _, at, _ in more]]).astype(np.intp)
        by = _over(np.concatenate([by, [own for _, _, own in more]]), look.readings[readings])
        arms = np.searchsorted(self._starts, readings, side="right") - 1
        order = np.argsort(arms, kind="stable")
        bounds = np.searchsorted(arms[order], np.arange(len(look.tables) + 1))
        worths: list[OutputWeights | None] = []
        for i, (table, times) in enumerate(zip(look.tables, self.batch.times, strict=True)):
            some = order[bounds[i] : bounds[i + 1]]
            if table is None or not len(some):
                worths.append(None)
                continue
            own, at = np.unique(rows[some], return_inverse=True)
            worth = np.zeros((len(own), len(times) * len(self._column)))
            np.add.at(worth, (at, readings[some] - self._starts[i]), by[some])
            worths.append(OutputWeights(own, worth.reshape(len(own), len(times), -1)))
        space = self.layout.space
        found: Vector = self.batch.derivatives(worths, look.values, space.names, len(wanted)) * space.sd
        return found

    def _followed_derivatives(self, look: _Look, wanted: Vector | Mask) -> Iterator[tuple[int, int, float]]:
        """Of wanted terms that follow a course: row, reading, and derivative by its logarithm."""
        for item in self._courses:
            for row in range(item.rows.start, item.rows.stop):
                if wanted[row]:
                    for one in derivatives(item.claim, row - item.rows.start, look.seen):
                        yield row, self._reading(one.arm, one.time, one.observable), one.by


def _finite(values: Mapping[str, float]) -> bool:
    return all(math.isfinite(value) for value in values.values())


def _column(course: Trajectory, name: str) -> Vector:
    """One read-out (n_times,); nan where this network has none of that name."""
    return course.of(name) if name in course.names else np.full(len(course.times), np.nan)


def _over(by_log: Vector, readings: Vector) -> Vector:
    """Derivatives by readings, from those by their logarithms; 0 where a reading is lost in the noise."""
    there = readings > ABSENT
    return np.where(there, by_log, 0.0) / np.where(there, readings, 1.0)


@dataclass(frozen=True, slots=True)
class _Look:
    """One point looked at.

    Attributes
    ----------
    values : dict of str to float
    tables : list of array (n_times, n_names), or None
        Of each arm.
    readings : array (n_readings,)
        All of them one after the other; nan where an arm could not be run.
    sums : array (n_terms,)
    terms : array (n_terms,) [log2]
    flat : array (n_terms,) of bool
        Terms that have no derivative: clipped, or of an arm that the batch could not run.
    seen : _Once
        The courses that are followed.
    """

    values: dict[str, float]
    tables: Sequence[Vector | None]
    readings: Vector
    sums: Vector
    terms: Vector
    flat: Mask
    seen: _Once

    def signs(self, bent: Mask) -> Vector:
        """How terms (n_terms,) go with their sums."""
        return np.where(bent, -np.sign(self.sums), 1.0)


@dataclass(frozen=True, slots=True)
class _Once(Observation):
    """Looks each course up once."""

    kept: dict[Any, tuple[Vector, Vector]]

    def course(self, course: Course, start: float, end: float) -> tuple[Vector, Vector]:
        key = (id(course), start, end)
        if key not in self.kept:
            self.kept[key] = Observation.course(self, course, start, end)
        return self.kept[key]


class _Ones:
    """A course at which every reading is one; notes what is read."""

    def __init__(self, times: Vector) -> None:
        self.times, self.read = times, set[str]()

    @property
    def names(self) -> _Ones:
        return self

    def __contains__(self, name: str) -> bool:
        return True

    def of(self, name: str) -> Vector:
        self.read.add(name)
        return np.ones(len(self.times))


def _listed(layout: Layout) -> tuple[list[_Claim], list[str]]:
    """The elementary claims of all findings, and all that is read."""
    names = set()
    for row in _rows(layout.range_rows.values()):
        band = layout.range_of(row)[1]
        names |= {band.observable, band.per}
    claims = []
    for finding, rows in zip(layout.findings, layout.rows, strict=True):
        parts = list(elementary(finding.claim)) if finding.claim else []
        for i, (claim, part) in enumerate(parts):
            if part == 0:
                arms = tuple(dict.fromkeys(request.arm for request in claim.requests()))
                ones = {arm: _Ones(np.array(layout.plan.times[arm])) for arm in arms}
                claim.score(Observation(ones))
                names |= {name for course in ones.values() for name in course.read}
                start = rows.start + i
                claims.append(_Claim(claim, slice(start, start + len(claim.terms)), arms))
    return claims, sorted(names)


def _rows(slices: Any) -> Iterator[int]:
    for rows in slices:
        yield from range(rows.start, rows.stop)
