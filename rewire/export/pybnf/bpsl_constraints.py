"""Findings in BPSL, PyBNF's constraint language: what it can express, and why not the rest.

A line of BPSL compares two outputs, or an output and a number, without factors or ratios of outputs. So every
reading becomes a function of the model in log2, and a factor is added there: "at least 1.5 times" is a
comparison with another function that is log2(1.5) higher. PyBNF's penalty for a failing line is then our
margin, in our unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.kinds import AllOf, Order, Ratio, Unchanged
from calibration.findings.claims.observation import ABSENT
from calibration.findings.claims.points import Point
from models.cells.plausible_ranges import PlausibleRange
from models.export.pybnf.pybnf_layout import SOON
from models.treatments.arm import Arm

Place = Callable[[Arm, float], tuple[str, float]]
"""(arm, time [s]) -> output and its own time [s]."""

CANNOT: Mapping[str, str] = {
    "Peak": "the highest value inside a window against those outside it: BPSL has no extremes",
    "Dip": "a trough and a return to a fraction of another time: BPSL has no extremes",
    "OfMaximum": "a fraction of the highest value of a time course: BPSL has no extremes",
    "Earlier": "a comparison of half-times: BPSL compares amounts, not times",
    "Cohort": "a share of a population: BPSL has one set of parameters",
}
OTHER = "also about cells of other contexts: see an export of all contexts"
AGAINST = "ratios in four simulations (each reading against another arm): BPSL compares two outputs"
EMPTY = "the model cannot express it"


@dataclass(frozen=True, slots=True)
class Line:
    """One elementary inequality: a line of BPSL, or why there is none.

    Attributes
    ----------
    finding : str
        Id; for an untreated range, the context and the ratio.
    part : int
        Index of the finding's term.
    says : str
        The inequality in words.
    text : str
        The line; empty if BPSL cannot express it.
    base : str
        The output whose file it belongs to.
    weight : float
    why : str
        Why BPSL cannot express it.
    untreated : bool
        Whether it is a range of untreated cells.
    reads : tuple of (output, function)
    """

    finding: str
    part: int
    says: str
    text: str = ""
    base: str = ""
    weight: float = 1.0
    why: str = ""
    untreated: bool = False
    reads: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class BpslFunctions:
    """Functions of the model that the lines need, by name."""

    functions: dict[str, str] = field(default_factory=dict)

    def reading(self, observable: str, per: str | None, factor: float = 1.0) -> str:
        """The function for log2 of `factor` times a reading; absent proteins count as `ABSENT`."""
        name = f"log2_{observable}" + (f"_per_{per}" if per else "")
        what = f"{observable}/{per}" if per else observable
        there = f"if({observable}>{ABSENT:g},ln({what}),{math.log(ABSENT):.17g})/{math.log(2.0):.17g}"
        self.functions.setdefault(name, there)
        if factor == 1.0:
            return name
        times = f"{name}_times_{_number(factor)}"
        self.functions.setdefault(times, f"{name} + {math.log2(factor):.17g}")
        return times


def _number(value: float) -> str:
    """A number as part of a name."""
    return f"{value:.12g}".replace(".", "p").replace("-", "m").replace("+", "")


def points(finding: Finding) -> list[Point]:
    """The points that the lines of a finding read."""
    terms = _terms(finding.claim) if finding.claim is not None else ()
    return [p for sides in terms if not isinstance(sides, str) for high, low, _ in sides for p in (high, low)]


def lost(finding: Finding) -> list[Line]:
    """The terms of a finding that BPSL cannot express."""
    if finding.claim is None:
        return [Line(finding.id, 0, finding.stated or finding.description, why=finding.cannot or EMPTY)]
    terms = enumerate(zip(finding.terms, _terms(finding.claim), strict=True))
    return [Line(finding.id, part, term, why=why) for part, (term, why) in terms if isinstance(why, str)]


def expressible(finding: Finding) -> bool:
    """Whether BPSL can express all of a finding."""
    return finding.claim is not None and not any(isinstance(sides, str) for sides in _terms(finding.claim))


def lines(finding: Finding, place: Place, base: Callable[[Arm], str], words: BpslFunctions) -> list[Line]:
    """The lines of all terms of a finding that BPSL can express.

    Parameters
    ----------
    place : callable
        Output in which an arm is read.
    base : callable
        Arm to the output of its steady state.
    words : BpslFunctions
        Collects the functions that the lines need.
    """
    terms = list(_terms(finding.claim)) if finding.claim is not None else []
    weight = 1.0 / math.sqrt(max(1, len(terms)))
    made = []
    for part, (term, sides) in enumerate(zip(finding.terms, terms, strict=True)):
        for high, low, factor in sides if not isinstance(sides, str) else ():
            above, first = _at(high, words.reading(high.observable, high.per), place)
            below, second = _at(low, words.reading(low.observable, low.per, factor), place)
            text = f"{above} >= {below}"
            made.append(Line(finding.id, part, term, text, base(high.arm), weight, reads=(first, second)))
    return made


def range_lines(
    context: str, bands: Iterable[PlausibleRange], output: str, words: BpslFunctions, weight: float
) -> list[Line]:
    """Lines for the ranges of the untreated cells of a context, read from `output`."""
    made = []
    for band in bands:
        name = words.reading(band.observable, band.per)
        what = f"{context}: {band.observable}/{band.per}"
        for end, sign in ((band.lo, ">="), (band.hi, "<=")):
            if 0.0 < end < 1.0:
                text = f"{output}.{name} {sign} {math.log2(end):.12g} at {SOON:g}"
                part, term = int(sign == "<="), f"{sign} {end:g} at steady state"
                read = ((output, name),)
                made.append(Line(what, part, term, text, output, weight, untreated=True, reads=read))
    return made


def _at(point: Point, function: str, place: Place) -> tuple[str, tuple[str, str]]:
    output, time = place(point.arm, point.time)
    return f"{output}.{function} at {output}.time={time:.12g}", (output, function)


Side = tuple[Point, Point, float]
"""(high, low, factor): high >= factor x low."""


def _terms(claim: object) -> Iterable[tuple[Side, ...] | str]:
    """The comparisons of each term of a claim, or why BPSL cannot express it."""
    match claim:
        case AllOf():
            for part in claim.claims:
                yield from _terms(part)
        case Ratio():
            if claim.at_least is not None:
                yield _compared((claim.numerator, claim.denominator, claim.at_least))
            if claim.at_most is not None:
                yield _compared((claim.denominator, claim.numerator, 1.0 / claim.at_most))
        case Unchanged():
            down = 1.0 / claim.within
            yield _compared(
                (claim.numerator, claim.denominator, down), (claim.denominator, claim.numerator, down)
            )
        case Order():
            for before, after in pairwise(claim.points):
                yield _compared((after, before, claim.by))
        case _:
            why = CANNOT.get(type(claim).__name__, "BPSL has nothing for it")
            yield from (why for _ in claim.terms)  # type: ignore[attr-defined]


def _compared(*sides: Side) -> tuple[Side, ...] | str:
    if any(point.against is not None for high, low, _ in sides for point in (high, low)):
        return AGAINST
    return sides
