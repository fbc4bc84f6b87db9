"""Values that claims read from simulated time courses, and the margins of a claim.

What cannot be read makes a claim unevaluable, with the reason; nothing is skipped in silence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from calibration.findings.claims.points import Course, Point
from models.core.units import format_time
from models.treatments.arm import Arm

Array = NDArray[np.float64]

ABSENT = 1e-6
"""Values [copies/cell] at or below this are solver noise: the observable is absent."""

FINISHED = 1e-9
"""Relative slack at the horizon, so that 24 h written in two units is one time."""


class Unevaluable(Exception):
    """Raised inside a score, with the reason; becomes a verdict, never an error."""


class Readable(Protocol):
    """What a trajectory must offer: times (n,) [s] from 0, names, and a time course (n,) by name."""

    @property
    def times(self) -> Array: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    def of(self, name: str) -> Array: ...


Lookup = Callable[[Arm], Any] | Mapping[Arm, Any]
"""Arm -> trajectory, or a failure with `.reason`, or None (or nothing) where it was not simulated."""


@dataclass(frozen=True, slots=True)
class ClaimMargins:
    """The margins of one claim.

    Attributes
    ----------
    parts : tuple of float [log2]
        One margin per elementary inequality; nan where that one cannot be evaluated.
    got : float
        The number that the claim is about; nan where there is none.
    reason : str
        Why the claim cannot be evaluated; empty where it can.
    margin : float [log2]
        Positive or 0 where the claim holds; nan where it cannot be evaluated.
    """

    parts: tuple[float, ...]
    got: float
    reason: str
    margin: float

    @classmethod
    def from_parts(cls, parts: Iterable[float], got: float) -> ClaimMargins:
        """The margin of the claim is the smallest of `parts`."""
        parts = tuple(parts)
        return cls(parts, got, "", min(parts))

    @classmethod
    def not_evaluable(cls, count: int, reason: str, got: float = math.nan) -> ClaimMargins:
        """A claim with `count` parts that cannot be evaluated."""
        return cls((math.nan,) * count, got, reason, math.nan)


@dataclass(frozen=True, slots=True)
class Observation:
    """Values of observables in simulated arms."""

    lookup: Lookup

    def value(self, point: Point, or_absent: bool = False) -> float:
        """The positive value at a point, or `Unevaluable`. With `or_absent`, an absent one is `ABSENT`."""
        trajectory = self.trajectory(point.arm)
        _within(trajectory, point.arm, point.time)
        value = float(np.interp(point.time, trajectory.times, _read(trajectory, point.observable, point.arm)))
        value = ABSENT if or_absent and value <= ABSENT else _positive(value, point)
        if point.per:
            value /= self.value(Point(point.arm, point.time, point.per))
        if point.against is not None:
            value /= self.value(Point(point.against, point.time, point.observable, point.per))
        return value

    def ratio(self, numerator: Point, denominator: Point) -> float:
        """One value over another; the numerator may be absent, the denominator may not."""
        return self.value(numerator, or_absent=True) / self.value(denominator)

    def value_at(self, course: Course, time: float) -> float:
        """The value of a time course at one time [s]."""
        return self.value(course.at(time))

    def course(self, course: Course, start: float, end: float) -> tuple[Array, Array]:
        """Times (n,) [s] and positive values (n,) of a time course from `start` to `end`, both included."""
        trajectory = self.trajectory(course.arm)
        _within(trajectory, course.arm, end)
        inside = trajectory.times[(trajectory.times > start) & (trajectory.times < end)]
        times = np.concatenate([[start], inside, [end]])
        values = self._values(course.arm, course, times)
        if course.against is not None:
            values = values / self._values(course.against, course, times)
        return times, values

    def _values(self, arm: Arm, course: Course, times: Array) -> Array:
        trajectory = self.trajectory(arm)
        _within(trajectory, arm, times[-1])
        values = np.interp(times, trajectory.times, _read(trajectory, course.observable, arm))
        if course.per:
            per = np.interp(times, trajectory.times, _read(trajectory, course.per, arm))
            bad = ~(per > ABSENT)
            if bad.any():
                _positive(float(per[bad][0]), Point(arm, float(times[bad][0]), course.per))
            values = values / per
        bad = ~((values > ABSENT) & np.isfinite(values))
        if bad.any():
            _positive(float(values[bad][0]), Point(arm, float(times[bad][0]), course.observable))
        return values

    def trajectory(self, arm: Arm) -> Readable:
        """The simulated time courses of an arm; raises `Unevaluable`."""
        trajectory = self.lookup.get(arm) if isinstance(self.lookup, Mapping) else self.lookup(arm)
        if trajectory is None:
            raise Unevaluable(f"arm {arm.name} was not simulated")
        if (reason := getattr(trajectory, "reason", None)) is not None:
            raise Unevaluable(f"the simulation of arm {arm.name} failed: {reason}")
        known: Readable = trajectory
        return known


def _read(trajectory: Readable, name: str, arm: Arm) -> Array:
    if name not in trajectory.names:
        raise Unevaluable(f"{name} is no observable of the model that was simulated (arm {arm.name})")
    return trajectory.of(name)


def _within(trajectory: Readable, arm: Arm, time: float) -> None:
    if time < 0:
        raise Unevaluable(f"{format_time(time)} is before time 0")
    last = float(trajectory.times[-1]) if len(trajectory.times) else -math.inf
    if time > last * (1 + FINISHED):
        end = format_time(last) if last > -math.inf else "nowhere"
        raise Unevaluable(f"{format_time(time)} is beyond the horizon: arm {arm.name} ends at {end}")


def _positive(value: float, point: Point) -> float:
    if value > ABSENT and math.isfinite(value):
        return value
    what = "is absent" if math.isfinite(value) else "is not defined"
    amount = f" ({value:.2g})" if math.isfinite(value) else ""
    context, time = point.arm.context, format_time(point.time)
    raise Unevaluable(f"{point.observable} {what}{amount} in {context}, arm {point.arm.name}, at {time}")
