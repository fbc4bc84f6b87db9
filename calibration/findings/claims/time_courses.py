"""Kinds that follow a time course: a peak, a dip with its rebound, a fraction of a maximum."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calibration.findings.claims.bounds import bound_margins, bound_terms, range_text
from calibration.findings.claims.fields import Fields
from calibration.findings.claims.observation import ClaimMargins, Observation, Unevaluable
from calibration.findings.claims.points import Course, Point, SampleRequest, course_requests, point_requests
from models.core.units import format_time


@dataclass(frozen=True, slots=True)
class Peak:
    """Highest inside a window, `by` above everything outside it, and fallen again at `until`."""

    course: Course
    between: tuple[float, float]
    until: float
    falls_to: float
    by: float

    @classmethod
    def read(cls, fields: Fields) -> Peak:
        """From `arm`, `observable`, `per`, `against`, `between`, `until`, `falls_to`, `by`."""
        own = ("between", "until", "falls_to", "by", "why")
        fields.keys(("arm", "context", "observable", "per", "against", *own))
        between, until = fields.window("between"), fields.time("until")
        if until <= between[1]:
            fields.wrong("until", f"{format_time(until)} is not after `between` ends")
        falls_to, by = fields.number("falls_to", 1e-3, 1.0), fields.number("by", 1.0, default=1.05)
        return cls(fields.course(), between, until, falls_to, by)

    @property
    def subject(self) -> str:
        """What the claim is about."""
        return self.course.label

    @property
    def wanted(self) -> str:
        """As text."""
        start, end = map(format_time, self.between)
        return f"peak from {start} to {end}, <= {self.falls_to:g} of it at {format_time(self.until)}"

    @property
    def terms(self) -> tuple[str, ...]:
        """Rise, later values, fall."""
        start, end = map(format_time, self.between)
        return (
            f"peak >= {self.by:g} x everything up to {start}",
            f"peak >= {self.by:g} x everything from {end}",
            f"<= {self.falls_to:g} of the peak at {format_time(self.until)}",
        )

    def requests(self) -> list[SampleRequest]:
        """The whole time course, densest inside the window."""
        outer = course_requests(self.course, 0.0, self.until, self.between)
        return outer + course_requests(self.course, *self.between)

    def score(self, observation: Observation) -> ClaimMargins:
        """Got is the fraction of the peak at `until`."""
        start, end = self.between
        try:
            before = (
                observation.course(self.course, 0.0, start)[1].max()
                if start > 0
                else observation.value_at(self.course, 0.0)
            )
            peak = observation.course(self.course, start, end)[1].max()
            after = observation.course(self.course, end, self.until)[1]
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(3, str(why))
        left = float(after[-1] / peak)
        rises = [math.log2(peak / outside / self.by) for outside in (before, after.max())]
        return ClaimMargins.from_parts([*rises, math.log2(self.falls_to / left)], left)


@dataclass(frozen=True, slots=True)
class Dip:
    """Falls below a reference within a window and recovers, to near the reference or far above the trough.

    `reference` is a point; where it is None, the time course is relative to an arm at the same time.
    """

    course: Course
    reference: Point | None
    between: tuple[float, float]
    trough_at_most: float
    back_at: float
    back_to: float | None
    above_trough: float | None

    @classmethod
    def read(cls, fields: Fields) -> Dip:
        """From `arm`, `against` (an arm, or a point), `trough_between`, `trough_at_most`, `back_at`, …"""
        own = ("trough_between", "trough_at_most", "back_at", "back_to", "above_trough")
        fields.keys(("arm", "context", "observable", "per", "against", *own, "why"))
        reference = None
        if not fields.has("against"):
            fields.wrong("against", "missing", "an arm (same time), or a point")
        if not isinstance(fields.table.get("against"), str) and fields.has("against"):
            reference = fields.point("against")
            rest = {key: value for key, value in fields.table.items() if key != "against"}
            course = fields.with_table(rest).course()
        else:
            course = fields.course()
        between, back_at = fields.window("trough_between"), fields.time("back_at")
        if back_at <= between[0]:
            fields.wrong("back_at", f"{format_time(back_at)} is before the trough may begin")
        back_to, above = fields.optional("back_to", 1e-3), fields.optional("above_trough", 1.0)
        if back_to is None and above is None:
            fields.wrong("", "neither back_to nor above_trough is given", advice="Give one or both.")
        deep = fields.number("trough_at_most", 1e-6, 1.0)
        return cls(course, reference, between, deep, back_at, back_to, above)

    @property
    def subject(self) -> str:
        """What the claim is about."""
        return self.course.label

    @property
    def wanted(self) -> str:
        """As text."""
        return ", ".join(self.terms)

    @property
    def terms(self) -> tuple[str, ...]:
        """The trough, then one or two measures of recovery."""
        start, end = map(format_time, self.between)
        reference = self.reference.label(self.course.at(0.0)) if self.reference else self._against
        terms = [f"trough <= {self.trough_at_most:g} x {reference} from {start} to {end}"]
        if self.back_to is not None:
            terms.append(f">= {self.back_to:g} of it at {format_time(self.back_at)}")
        if self.above_trough is not None:
            terms.append(f">= {self.above_trough:g} x the trough at {format_time(self.back_at)}")
        return tuple(terms)

    @property
    def _against(self) -> str:
        return self.course.against.name if self.course.against else "?"

    def requests(self) -> list[SampleRequest]:
        """The window, the time of recovery and the reference."""
        reads = course_requests(self.course, *self.between) + point_requests([self.course.at(self.back_at)])
        return reads + (point_requests([self.reference]) if self.reference else [])

    def score(self, observation: Observation) -> ClaimMargins:
        """Got is the trough, in units of the reference."""
        try:
            scale = observation.value(self.reference) if self.reference else 1.0
            trough = float(observation.course(self.course, *self.between)[1].min()) / scale
            back = observation.value_at(self.course, self.back_at) / scale
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(len(self.terms), str(why))
        parts = [math.log2(self.trough_at_most / trough)]
        if self.back_to is not None:
            parts.append(math.log2(back / self.back_to))
        if self.above_trough is not None:
            parts.append(math.log2(back / trough / self.above_trough))
        return ClaimMargins.from_parts(parts, trough)


@dataclass(frozen=True, slots=True)
class OfMaximum:
    """A point as a fraction of the largest value from 0 to `until`, in its own arm or in the arm `arm`."""

    point: Point
    course: Course
    until: float
    at_least: float | None
    at_most: float | None

    @classmethod
    def read(cls, fields: Fields) -> OfMaximum:
        """From `point`, `observable`, `arm`, `until`, `at_least`, `at_most`."""
        fields.keys(("point", "observable", "arm", "context", "until", "at_least", "at_most", "why"))
        point, until = fields.point("point"), fields.time("until")
        if until <= 0:
            fields.wrong("until", "0 leaves no window")
        arm = fields.arm() if fields.has("arm") else point.arm
        course = Course(arm, point.observable, point.per, point.against)
        return cls(point, course, until, *fields.bounds())

    @property
    def _what(self) -> str:
        within = f"from 0 to {format_time(self.until)}"
        return f" of the maximum of {self.course.label} {within}"

    @property
    def subject(self) -> str:
        """What the claim is about."""
        return self.point.label()

    @property
    def wanted(self) -> str:
        """As text."""
        return range_text(self.at_least, self.at_most) + self._what

    @property
    def terms(self) -> tuple[str, ...]:
        """One for each bound."""
        return bound_terms(self.at_least, self.at_most, self._what)

    def requests(self) -> list[SampleRequest]:
        """The point and the window."""
        return point_requests([self.point]) + course_requests(self.course, 0.0, self.until)

    def score(self, observation: Observation) -> ClaimMargins:
        """Got is the fraction."""
        try:
            share = observation.value(self.point) / float(
                observation.course(self.course, 0.0, self.until)[1].max()
            )
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(len(self.terms), str(why))
        return ClaimMargins.from_parts(bound_margins(share, self.at_least, self.at_most), share)
