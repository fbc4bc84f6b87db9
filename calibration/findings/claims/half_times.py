"""Which of two changes comes earlier, by their half-times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calibration.findings.claims.fields import NO_ARM, Fields
from calibration.findings.claims.observation import Array, ClaimMargins, Observation, Unevaluable
from calibration.findings.claims.points import Course, SampleRequest, course_requests
from models.core.units import format_time

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class CourseChange:
    """A time course that changes between time 0 and `until`, in a direction; None where either counts."""

    course: Course
    until: float
    direction: Direction | None

    @classmethod
    def read(cls, fields: Fields) -> CourseChange:
        """From `arm`, `observable`, `per`, `against`, `until`, `goes`."""
        fields.keys(("arm", "context", "observable", "per", "against", "until", "goes"))
        direction: Direction | None = None
        match fields.table.get("goes"):
            case None:
                pass
            case "up" | "down" as direction:
                pass
            case other:
                fields.wrong("goes", repr(other), ("up", "down"))
        until = fields.time("until")
        if until <= 0:
            fields.wrong("until", "0 leaves no time to change")
        return cls(fields.course(), until, direction)

    def fold_and_half_time(self, observation: Observation) -> tuple[float, float]:
        """The largest fold change, and the time at which half of it is reached [s].

        Half is the mean of the value at 0 and the most distant value; the first crossing counts.
        """
        times, values, furthest, i = self.samples(observation)
        logs = np.log2(values / values[0])
        fold = float(2.0 ** {None: np.abs(logs), "up": logs, "down": -logs}[self.direction][furthest])
        if i is None:
            return fold, math.nan
        level = (values[0] + values[furthest]) / 2.0
        share = (level - values[i - 1]) / (values[i] - values[i - 1])
        return fold, float(times[i - 1] + share * (times[i] - times[i - 1]))

    def samples(self, observation: Observation) -> tuple[Array, Array, int, int | None]:
        """Times (n,) [s], values (n,), the index of the most distant one and of the first past half."""
        times, values = observation.course(self.course, 0.0, self.until)
        logs = np.log2(values / values[0])
        furthest = int(np.argmax({None: np.abs(logs), "up": logs, "down": -logs}[self.direction]))
        side = np.sign(values - (values[0] + values[furthest]) / 2.0)
        hits = np.flatnonzero(side != side[0])
        return times, values, furthest, int(hits[0]) if len(hits) and hits[0] else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The half-time of the second change is at least so many times that of the first; both must change."""

    first: CourseChange
    second: CourseChange
    at_least: float
    changes_by: float

    @classmethod
    def read(cls, fields: Fields) -> Earlier:
        """From `first`, `second`, `at_least`, `changes_by`."""
        fields.keys(("first", "second", "observable", "at_least", "changes_by", "why"))
        inner = [fields.inside(key) for key in ("first", "second")]
        first, second = (_NO_CHANGE if side is None else CourseChange.read(side) for side in inner)
        at_least, by = fields.number("at_least", 1.0), fields.number("changes_by", 1.0 + 1e-6, default=1.25)
        return cls(first, second, at_least, by)

    @property
    def subject(self) -> str:
        """Empty: `wanted` names both time courses."""
        return ""

    @property
    def wanted(self) -> str:
        """As text."""
        first, second = self.first.course.label, self.second.course.label
        return f"half-time of {second} >= {self.at_least:g} x that of {first}"

    @property
    def terms(self) -> tuple[str, ...]:
        """The order, and that each changes."""
        sides = (self.first, self.second)
        return (self.wanted, *(f"{side.course.label} changes >= {self.changes_by:g}-fold" for side in sides))

    def requests(self) -> list[SampleRequest]:
        """Both time courses."""
        sides = (self.first, self.second)
        return [request for side in sides for request in course_requests(side.course, 0.0, side.until)]

    def score(self, observation: Observation) -> ClaimMargins:
        """Got is the ratio of the half-times. The fold changes are parts, but do not enter the claim's
        margin.
        """
        changes, times, reasons = [], [], []
        for side in (self.first, self.second):
            try:
                fold, time = side.fold_and_half_time(observation)
            except Unevaluable as why:
                fold, time = math.nan, math.nan
                reasons.append(str(why))
            else:
                if fold < self.changes_by or not time > 0:
                    when = format_time(side.until)
                    what = f"{side.course.label} changes {fold:.3g}-fold by {when}"
                    reasons.append(f"trigger never reached: {what}, {self.changes_by:g} needed")
            changes.append(math.log2(fold / self.changes_by))
            times.append(time)
        if reasons:
            return ClaimMargins((math.nan, *changes), math.nan, "; ".join(reasons), math.nan)
        got = times[1] / times[0]
        margin = math.log2(got / self.at_least)
        return ClaimMargins((margin, *changes), got, "", margin)


_NO_CHANGE = CourseChange(Course(NO_ARM, "?"), 1.0, None)  # where one could not be read
