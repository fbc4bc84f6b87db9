"""What comes earlier: half-times of two changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calibration.findings.claims.fields import NOBODY, Fields
from calibration.findings.claims.observation import Array, ClaimMargins, Observation, Unevaluable
from calibration.findings.claims.points import Course, SampleRequest, course_requests
from models.core.units import format_time

Way = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class CourseChange:
    """A course that changes from time 0 on, by `until`; `goes` is which way, None where either counts."""

    course: Course
    until: float
    goes: Way | None

    @classmethod
    def read(cls, fields: Fields) -> CourseChange:
        """From `arm`, `observable`, `per`, `against`, `until`, `goes`."""
        fields.keys(("arm", "context", "observable", "per", "against", "until", "goes"))
        goes: Way | None = None
        match fields.table.get("goes"):
            case None:
                pass
            case "up" | "down" as goes:
                pass
            case other:
                fields.wrong("goes", repr(other), ("up", "down"))
        until = fields.time("until")
        if until <= 0:
            fields.wrong("until", "0 leaves no time to change")
        return cls(fields.course(), until, goes)

    def half(self, seen: Observation) -> tuple[float, float]:
        """How many-fold it changes at most, and when it is halfway there [s].

        Halfway is the mean of the value at 0 and the furthest value; the first crossing counts.
        """
        times, values, furthest, i = self.samples(seen)
        logs = np.log2(values / values[0])
        fold = float(2.0 ** {None: np.abs(logs), "up": logs, "down": -logs}[self.goes][furthest])
        if i is None:
            return fold, math.nan
        level = (values[0] + values[furthest]) / 2.0
        share = (level - values[i - 1]) / (values[i] - values[i - 1])
        return fold, float(times[i - 1] + share * (times[i] - times[i - 1]))

    def samples(self, seen: Observation) -> tuple[Array, Array, int, int | None]:
        """Times (n,) [s] and values (n,), and which is the furthest and the first past halfway, if one is."""
        times, values = seen.course(self.course, 0.0, self.until)
        logs = np.log2(values / values[0])
        furthest = int(np.argmax({None: np.abs(logs), "up": logs, "down": -logs}[self.goes]))
        side = np.sign(values - (values[0] + values[furthest]) / 2.0)
        hits = np.flatnonzero(side != side[0])
        return times, values, furthest, int(hits[0]) if len(hits) and hits[0] else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The second change is half done at least so many times later than the first; both must happen at all."""

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
    def about(self) -> str:
        """Nothing: `wanted` names both courses."""
        return ""

    @property
    def wanted(self) -> str:
        """In words."""
        first, second = self.first.course.label, self.second.course.label
        return f"half-time of {second} >= {self.at_least:g} x that of {first}"

    @property
    def terms(self) -> tuple[str, ...]:
        """The order, and that either changes."""
        sides = (self.first, self.second)
        return (self.wanted, *(f"{side.course.label} changes >= {self.changes_by:g}-fold" for side in sides))

    def requests(self) -> list[SampleRequest]:
        """Both courses."""
        sides = (self.first, self.second)
        return [request for side in sides for request in course_requests(side.course, 0.0, side.until)]

    def score(self, seen: Observation) -> ClaimMargins:
        """Got is the ratio of the half-times. How far each changes is a part, but not the claim's margin."""
        changes, times, reasons = [], [], []
        for side in (self.first, self.second):
            try:
                fold, time = side.half(seen)
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


_NO_CHANGE = CourseChange(Course(NOBODY, "?"), 1.0, None)  # where one could not be read
