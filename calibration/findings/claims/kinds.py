"""The kinds of claims: the keys of each, what must be simulated for it, and its margins.

Margins are in log2, 0 or more where the claim holds, and are not clipped. Kinds that follow a time course
are in `calibration/findings/claims/time_courses.py` and `calibration/findings/claims/half_times.py`,
populations in `calibration/findings/claims/populations.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from calibration.findings.claims.bounds import bound_margins, bound_terms, range_text
from calibration.findings.claims.fields import LEAST, Fields
from calibration.findings.claims.finding import Claim
from calibration.findings.claims.half_times import Earlier
from calibration.findings.claims.observation import ClaimMargins, Observation, Unevaluable
from calibration.findings.claims.points import Point, SampleRequest, point_requests
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.time_courses import Dip, OfMaximum, Peak

WIDEST = 1.25
"""Widest band of "unchanged"."""

LOWEST = 0.8
"""Lowest "not below" that may be fitted, unless the finding says why."""


class Kind(Protocol):
    """How a kind is read from its table."""

    def read(self, fields: Fields) -> Claim: ...


class Comparison:
    """One point compared with another."""

    __slots__ = ()
    numerator: Point
    denominator: Point

    @property
    def subject(self) -> str:
        """What the claim is about."""
        return self.numerator.label()

    def requests(self) -> list[SampleRequest]:
        """Both points."""
        return point_requests((self.numerator, self.denominator))


@dataclass(frozen=True, slots=True)
class Ratio(Comparison):
    """`numerator` over `denominator` is at least and/or at most so much."""

    numerator: Point
    denominator: Point
    at_least: float | None
    at_most: float | None

    @classmethod
    def read(cls, fields: Fields) -> Ratio:
        """From `of`, `to`, `observable`, `at_least`, `at_most`."""
        fields.keys(("of", "to", "observable", "at_least", "at_most", "why"))
        lo, hi = fields.bounds()
        easy = hi is None and lo is not None and LEAST < lo < LOWEST and not fields.has("why")
        if fields.strict and easy:
            advice = 'Where the paper gives it, say so: why = "…".'
            fields.wrong("at_least", f"{lo:g} is easier than may be fitted", f"{LOWEST:g} or more", advice)
        return cls(fields.point("of"), fields.point("to"), lo, hi)

    @property
    def wanted(self) -> str:
        """E.g. ">= 1.5 x vehicle at 24 h"."""
        return f"{range_text(self.at_least, self.at_most)} x {self.denominator.label(self.numerator)}"

    @property
    def terms(self) -> tuple[str, ...]:
        """One for each bound."""
        return bound_terms(self.at_least, self.at_most, f" x {self.denominator.label(self.numerator)}")

    def score(self, observation: Observation) -> ClaimMargins:
        """Log2 distance to each bound."""
        try:
            ratio = observation.ratio(self.numerator, self.denominator)
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(len(self.terms), str(why))
        return ClaimMargins.from_parts(bound_margins(ratio, self.at_least, self.at_most), ratio)


@dataclass(frozen=True, slots=True)
class Unchanged(Comparison):
    """The two differ by at most a factor `within`, either way."""

    numerator: Point
    denominator: Point
    within: float

    @classmethod
    def read(cls, fields: Fields) -> Unchanged:
        """From `of`, `to`, `observable`, `within`."""
        fields.keys(("of", "to", "observable", "within", "why"))
        within = fields.number("within", 1.0 + 1e-6, WIDEST)
        return cls(fields.point("of"), fields.point("to"), within)

    @property
    def wanted(self) -> str:
        """E.g. "within 1.25-fold of vehicle at 24 h"."""
        return f"within {self.within:g}-fold of {self.denominator.label(self.numerator)}"

    @property
    def terms(self) -> tuple[str, ...]:
        """One."""
        return (self.wanted,)

    def score(self, observation: Observation) -> ClaimMargins:
        """log2(within) - |log2 ratio|."""
        try:
            ratio = observation.ratio(self.numerator, self.denominator)
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(1, str(why))
        return ClaimMargins.from_parts([math.log2(self.within) - abs(math.log2(ratio))], ratio)


@dataclass(frozen=True, slots=True)
class Order:
    """Each point is at least `by` times the one before it."""

    points: tuple[Point, ...]
    by: float

    @classmethod
    def read(cls, fields: Fields) -> Order:
        """From `points`, `observable`, `by` (1 where it is not given)."""
        fields.keys(("points", "observable", "by", "why"))
        value = fields.table.get("points")
        points: tuple[Point, ...] = ()
        if isinstance(value, list) and len(value) >= 2:
            points = tuple(fields.point(f"points[{i + 1}]", item) for i, item in enumerate(value))
        else:
            given = "missing" if value is None else repr(value)
            fields.wrong("points", given, "a list of at least two points")
        return cls(points, fields.number("by", 1.0, default=1.0))

    @property
    def subject(self) -> str:
        """Empty: `wanted` names it."""
        return ""

    @property
    def wanted(self) -> str:
        """E.g. "vehicle at 6 h < rapamycin at 6 h < rapamycin at 24 h, each step >= 1.1 x"."""
        chain = " < ".join(p.label(self.points[0] if i else None) for i, p in enumerate(self.points))
        return f"{chain}, each step >= {self.by:g} x"

    @property
    def terms(self) -> tuple[str, ...]:
        """One for each step."""
        return tuple(f"{b.label()} >= {self.by:g} x {a.label(b)}" for a, b in pairwise(self.points))

    def requests(self) -> list[SampleRequest]:
        """All points."""
        return point_requests(self.points)

    def score(self, observation: Observation) -> ClaimMargins:
        """Log2 of each step over `by`; got is the smallest step."""
        try:
            values = [observation.value(p) for p in self.points]
        except Unevaluable as why:
            return ClaimMargins.not_evaluable(len(self.points) - 1, str(why))
        steps = [after / before for before, after in pairwise(values)]
        return ClaimMargins.from_parts([math.log2(step / self.by) for step in steps], min(steps))


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several claims together, such as an effect and its cause: it fails if any of them fails."""

    claims: tuple[Claim, ...]

    @classmethod
    def read(cls, fields: Fields) -> AllOf:
        """From `parts`, each a table with its own `kind`."""
        fields.keys(("parts", "observable", "why"))
        claims = [read_claim(part, PARTS) for part in fields.tables("parts", 2)]
        return cls(tuple(claim for claim in claims if claim is not None))

    @property
    def subject(self) -> str:
        """Empty: `wanted` names it."""
        return ""

    @property
    def wanted(self) -> str:
        """Those of its parts."""
        return "; ".join(_with_subject(claim, claim.wanted) for claim in self.claims)

    @property
    def terms(self) -> tuple[str, ...]:
        """Those of its parts, in order."""
        return tuple(_with_subject(claim, term) for claim in self.claims for term in claim.terms)

    def requests(self) -> list[SampleRequest]:
        """Those of its parts."""
        return [request for claim in self.claims for request in claim.requests()]

    def score(self, observation: Observation) -> ClaimMargins:
        """The margin and value of the worst claim; the parts of all."""
        margins = [claim.score(observation) for claim in self.claims]
        parts = tuple(part for each in margins for part in each.parts)
        reasons = [f"part {i}: {each.reason}" for i, each in enumerate(margins, 1) if each.reason]
        if reasons:
            return ClaimMargins(parts, math.nan, "; ".join(reasons), math.nan)
        worst = min(margins, key=lambda each: each.margin)
        return ClaimMargins(parts, worst.got, "", worst.margin)


def _with_subject(claim: Claim, words: str) -> str:
    """A text with the subject of its claim."""
    return f"{claim.subject} {words}" if claim.subject else words


PARTS: dict[str, Kind] = {
    "ratio": Ratio,
    "unchanged": Unchanged,
    "order": Order,
    "peak": Peak,
    "dip": Dip,
    "earlier": Earlier,
    "of_maximum": OfMaximum,
}
"""Kinds that may be part of an `all_of`."""

KINDS: dict[str, Kind] = {**PARTS, "cohort": Cohort, "all_of": AllOf}
"""All kinds."""


def read_claim(fields: Fields, kinds: dict[str, Kind] = KINDS) -> Claim | None:
    """The claim of a table with a `kind`; None where the kind is unknown, anything else is noted."""
    kind = fields.table.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        given = "missing" if kind is None else repr(kind)
        fields.problems.add(f"{fields.place}.kind", given, allowed=kinds, name=str(kind))
        return None
    rest = {key: value for key, value in fields.table.items() if key != "kind"}
    return kinds[kind].read(fields.with_table(rest))
