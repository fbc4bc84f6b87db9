"""Derivatives of margins by the logarithms of the readings that they depend on.

Most margins are sums of logarithms of readings, and so are dips and half-times, of some of their samples.
What is left (a maximum) is found out by moving samples a little.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from calibration.findings.claims.finding import Claim
from calibration.findings.claims.half_times import CourseChange, Earlier
from calibration.findings.claims.kinds import AllOf, Order, Ratio
from calibration.findings.claims.observation import Observation, Unevaluable
from calibration.findings.claims.points import Point
from calibration.findings.claims.time_courses import Dip
from calibration.objective.problem import Vector
from models.treatments.arm import Arm

LN2 = math.log(2.0)

FINE = 1e-6
"""By which logarithms are moved."""


class MarginDerivative(NamedTuple):
    """d margin / d ln(reading) [log2]."""

    arm: Arm
    time: float
    observable: str
    by: float


def elementary(claim: Claim) -> Iterator[tuple[Claim, int]]:
    """For each part of a claim, the elementary claim it is of, and which part of that."""
    if isinstance(claim, AllOf):
        for inner in claim.claims:
            yield from elementary(inner)
    else:
        yield from ((claim, part) for part in range(len(claim.terms)))


def derivatives(claim: Claim, part: int, seen: Observation) -> list[MarginDerivative]:
    """Of one part of an elementary claim; nothing where it cannot be evaluated."""
    try:
        match claim:
            case Ratio():
                sign = 1.0 if part == 0 and claim.at_least is not None else -1.0
                return _of_points(((claim.numerator, sign / LN2), (claim.denominator, -sign / LN2)))
            case Order():
                return _of_points(((claim.points[part + 1], 1.0 / LN2), (claim.points[part], -1.0 / LN2)))
            case Earlier():
                return _of_points(_of_halves(claim, part, seen))
            case Dip():
                return _of_points(_of_dip(claim, part, seen))
            case _:
                return list(_moved(claim, part, seen))
    except Unevaluable:
        return []


def _of_points(points: Sequence[tuple[Point, float]]) -> list[MarginDerivative]:
    return [one for point, by in points for one in _readings(point, by)]


def _readings(point: Point, by: float) -> Iterator[MarginDerivative]:
    """A point is a reading over another, and may be held against the same of another arm."""
    yield MarginDerivative(point.arm, point.time, point.observable, by)
    if point.per:
        yield MarginDerivative(point.arm, point.time, point.per, -by)
    if point.against is not None:
        yield from _readings(Point(point.against, point.time, point.observable, point.per), -by)


def _of_halves(claim: Earlier, part: int, seen: Observation) -> list[tuple[Point, float]]:
    if part:
        change = (claim.first, claim.second)[part - 1]
        return [(change.course.at(t), s) for t, s in half_time_derivatives(change, seen)[0]]
    found = []
    for change, sign in ((claim.first, -1.0), (claim.second, 1.0)):
        found += [(change.course.at(t), sign * s) for t, s in half_time_derivatives(change, seen)[1]]
    return found


def _of_dip(claim: Dip, part: int, seen: Observation) -> list[tuple[Point, float]]:
    times, values = seen.course(claim.course, *claim.between)
    trough, back = claim.course.at(float(times[np.argmin(values)])), claim.course.at(claim.back_at)
    over = [(claim.reference, -1.0)] if claim.reference is not None else []
    parts = [[(trough, 1.0), *over]]
    parts += [[(back, 1.0), *over]] if claim.back_to is not None else []
    parts += [[(back, 1.0), (trough, -1.0)]] if claim.above_trough is not None else []
    sign = 1.0 if part else -1.0  # a trough is deep, a return high
    return [(point, sign * by / LN2) for point, by in parts[part]]


_Samples = list[tuple[float, float]]  # time [s], derivative by the logarithm of the course there


def half_time_derivatives(change: CourseChange, seen: Observation) -> tuple[_Samples, _Samples]:
    """Of log2 of the fold change and of the half-time (see `CourseChange.fold_and_half_time`)."""
    times, values, furthest, i = change.samples(seen)
    way = math.copysign(1.0, values[furthest] - values[0])
    fold = [(float(times[furthest]), way / LN2), (0.0, -way / LN2)]
    if i is None:
        return fold, []
    level = (values[0] + values[furthest]) / 2.0
    a, b, span = values[i - 1], values[i], times[i] - times[i - 1]
    half = times[i - 1] + (level - a) / (b - a) * span
    by_level = span / (b - a) / (half * LN2)
    share = (level - a) / (b - a)
    found = (
        (0, 0.5 * by_level * values[0]),
        (furthest, 0.5 * by_level * values[furthest]),
        (i - 1, -by_level * (1.0 - share) * a),
        (i, -by_level * share * b),
    )
    return fold, [(float(times[at]), float(by)) for at, by in found]


@dataclass
class _Moving:
    """A course whose reads are noted, and that can be moved."""

    course: Any
    read: set[str]
    moved: dict[str, Vector]

    @property
    def times(self) -> Vector:
        times: Vector = self.course.times
        return times

    @property
    def names(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.course.names
        return names

    def of(self, name: str) -> Vector:
        self.read.add(name)
        values: Vector = self.course.of(name)
        return values * np.exp(self.moved[name]) if name in self.moved else values


def _moved(claim: Claim, part: int, given: Observation) -> Iterator[MarginDerivative]:
    """By differences. Which samples matter is found by halving: all of a half move, none alike."""
    arms = {request.arm for request in claim.requests()}
    moving = {arm: _Moving(given.trajectory(arm), set(), {}) for arm in arms}
    seen = Observation(moving)
    at = claim.score(seen).parts[part]
    if math.isnan(at):
        return
    for arm, course in moving.items():
        for name in sorted(course.read):
            moves = FINE * np.random.default_rng(0).uniform(0.5, 1.5, len(course.times))
            change = partial(_change, claim, part, seen, at, course, name, moves)
            for sample, by in _those(change, 0, len(moves)):
                yield MarginDerivative(arm, float(course.times[sample]), name, by / moves[sample])


def _change(
    claim: Claim,
    part: int,
    seen: Observation,
    at: float,
    course: _Moving,
    name: str,
    moves: Vector,
    which: slice,
) -> float:
    """How a margin changes when some samples move."""
    shift = np.zeros(len(moves))
    shift[which] = moves[which]
    course.moved[name] = shift
    after = claim.score(seen).parts[part]
    del course.moved[name]
    return after - at


def _those(change: Callable[[slice], float], start: int, stop: int) -> Iterator[tuple[int, float]]:
    """The samples from `start` to `stop` that change something, and by how much."""
    by = change(slice(start, stop))
    if not by:
        return
    if stop - start == 1:
        yield start, by
    else:
        half = (start + stop) // 2
        yield from _those(change, start, half)
        yield from _those(change, half, stop)
