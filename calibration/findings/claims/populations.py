"""Claims about a population: a share of virtual cells (or of cells and drugs), or a rank correlation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibration.findings.claims.bounds import range_text
from calibration.findings.claims.fields import Fields
from calibration.findings.claims.observation import Array, ClaimMargins, Observation, Unevaluable
from calibration.findings.claims.points import Point, SampleRequest, point_requests

DEFAULT_CELLS = 300
"""Virtual cells of a population where a finding gives no number."""

MAX_UNEVALUABLE = 0.1
"""Largest share of cells that may be unevaluable; each of them counts against the claim."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The share of cells in which numerator over denominator rises, or what that ratio correlates with.

    Attributes
    ----------
    pairs : tuple of (numerator, denominator)
        One for a population of virtual cells; several for a claim over contexts and arms.
    rises_by : float
    fraction : (lo, hi) or None
        Range in which the share that rises must lie.
    correlates : tuple of Point
        Read with each pair's numerator, for the rank correlation with the ratio; empty without one.
    at_least : float
        Lower bound of the correlation.
    report : tuple of str
        Further observables whose share is reported and not scored.
    cells : int
        Virtual cells of a population; 1 for a claim over contexts and arms.
    """

    pairs: tuple[tuple[Point, Point], ...]
    rises_by: float
    fraction: tuple[float, float] | None
    correlates: tuple[Point, ...]
    at_least: float
    report: tuple[str, ...]
    cells: int

    @classmethod
    def read(cls, fields: Fields) -> Cohort:
        """From `of`, `to`, `observable`, `over`, `rises_by`, `fraction`, `correlation_with`, `at_least`, …"""
        own = ("rises_by", "fraction", "correlation_with", "at_least", "report", "n", "over", "why")
        fields.keys(("of", "to", "observable", *own))
        pairs = tuple(_over(fields)) if fields.has("over") else ((fields.point("of"), fields.point("to")),)
        fraction = None
        correlates: tuple[Point, ...] = ()
        if fields.has("fraction"):
            fraction = _share(fields)
        if fields.has("correlation_with"):
            name = fields.observable("correlation_with")
            correlates = tuple(
                replace(numerator, observable=name, per=None, against=None) for numerator, _ in pairs
            )
        if (fraction is None) == (not correlates):
            fields.wrong("", "one of fraction and correlation_with is needed", advice="Give exactly one.")
        rises_by = fields.number("rises_by", 1.0, default=1.25)
        at_least = fields.number("at_least", -0.999, 0.999, default=0.0)
        count = 1 if fields.has("over") else int(fields.number("n", 2, 100_000, default=DEFAULT_CELLS))
        if fields.has("over") and fields.has("n"):
            fields.wrong("n", "`over` lists its pairs, n has no meaning")
        report = fields.table.get("report", [])
        names: list[str] = []
        for i, name in enumerate(report if isinstance(report, list) else [report]):
            names.append(fields.with_table({"report": name}).observable("report") if i < 100 else "?")
        return cls(pairs, rises_by, fraction, correlates, at_least, tuple(names), count)

    @property
    def is_population(self) -> bool:
        """Whether it needs many virtual cells; otherwise one parameter set can be scored."""
        return self.cells > 1

    @property
    def _what(self) -> str:
        numerator, denominator = self.pairs[0]
        if not self.is_population:
            return f"of {len(self.pairs)} pairs of cell and drug"
        return f"of {self.cells} cells, {numerator.label()} over {denominator.label(numerator)}"

    @property
    def subject(self) -> str:
        """Empty: `wanted` names it."""
        return ""

    @property
    def wanted(self) -> str:
        """As text."""
        numerator, denominator = self.pairs[0]
        if self.fraction is None:
            name = self.correlates[0].observable
            change = f"{numerator.quantity} over {denominator.label(numerator)}"
            return f"rank correlation of {change} with {name} >= {self.at_least:g}"
        share = range_text(*self.fraction)
        return f"{share} {self._what}, rise >= {self.rises_by:g}-fold"

    @property
    def terms(self) -> tuple[str, ...]:
        """Both ends of the share, or the correlation."""
        if self.fraction is None:
            return (self.wanted,)
        lo, hi = self.fraction
        return (f">= {lo:g} {self._what} rise", f"<= {hi:g} {self._what} rise")

    def requests(self) -> list[SampleRequest]:
        """All points, also those that are only reported."""
        points = [p for pair in self.pairs for p in pair] + list(self.correlates)
        reported = [p for name in self.report for pair in self.pairs for p in _renamed(pair, name)]
        return point_requests(points + reported)

    def score(self, observation: Observation) -> ClaimMargins:
        """Of one parameter set, for a claim over contexts and arms."""
        if self.is_population:
            reason = f"speaks of a population: scored over {self.cells} virtual cells, not on one"
            return ClaimMargins.not_evaluable(len(self.terms), reason)
        return self.score_cells([observation])

    def score_cells(self, cells: Sequence[Observation]) -> ClaimMargins:
        """Of many cells. Those that cannot be evaluated count against the claim; with too many, it is
        unevaluable.
        """
        changes, others, reasons = [], [], []
        for i, observation in enumerate(cells):
            for k, (numerator, denominator) in enumerate(self.pairs):
                try:
                    other = observation.value(self.correlates[k]) if self.correlates else 0.0
                    changes.append(observation.ratio(numerator, denominator))
                    others.append(other)
                except Unevaluable as why:
                    reasons.append(f"cell {i + 1}: {why}" if len(cells) > 1 else str(why))
        total = len(changes) + len(reasons)
        if not changes or len(reasons) > MAX_UNEVALUABLE * total:
            first = reasons[0] if reasons else "no cells"
            return ClaimMargins.not_evaluable(
                len(self.terms), f"{len(reasons)} of {total} cannot be evaluated; {first}"
            )
        if self.fraction is None:
            return self._correlation(np.array(changes), np.array(others))
        rise = int(np.sum(np.array(changes) >= self.rises_by))
        lo, hi = self.fraction
        half = 0.5 / total  # so that a share of none has a logarithm, and differs from a share of few
        parts = (
            math.log2(max(rise / total, half) / lo) if lo > 0 else math.inf,
            math.log2(hi / max((rise + len(reasons)) / total, half)),
        )
        return ClaimMargins.from_parts(parts, rise / len(changes))

    def _correlation(self, changes: Array, others: Array) -> ClaimMargins:
        got = rank_correlation(changes, others)
        if math.isnan(got):
            return ClaimMargins.not_evaluable(
                1, "no rank correlation: one of the two is the same in all cells"
            )
        floor = 0.5 / len(changes)
        return ClaimMargins.from_parts([math.log2(max(1.0 + got, floor) / (1.0 + self.at_least))], got)

    def reported(self, cells: Sequence[Observation]) -> dict[str, float]:
        """The share that rises of each observable that is only reported; nan where it cannot be read."""
        shares = {}
        for name in self.report:
            pairs = tuple(_renamed(pair, name) for pair in self.pairs)
            shares[name] = (
                replace(self, pairs=pairs, fraction=(0.0, 1.0), correlates=()).score_cells(cells).got
            )
        return shares


def _renamed(pair: tuple[Point, Point], name: str) -> tuple[Point, Point]:
    numerator, denominator = (replace(point, observable=name, per=None) for point in pair)
    return numerator, denominator


def _share(fields: Fields) -> tuple[float, float]:
    """The range of a share: within 0 to 1, rising."""
    match fields.table.get("fraction"):
        case [int() | float() as lo, int() | float() as hi] if 0 <= lo < hi <= 1:
            return float(lo), float(hi)
        case other:
            fields.wrong("fraction", repr(other), "[lo, hi] with 0 <= lo < hi <= 1")
            return 0.0, 1.0


def _over(fields: Fields) -> Iterator[tuple[Point, Point]]:
    """Every context with every arm: `of` takes both, `to` keeps its own arm."""
    inner = fields.inside("over")
    lists: list[list[str]] = []
    if inner is not None:
        inner.keys(("contexts", "arms", "observable"))
        for key in ("contexts", "arms"):
            value = inner.table.get(key)
            if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
                lists.append(list(dict.fromkeys(value)))
            else:
                inner.wrong(key, "missing" if value is None else repr(value), "a list of names")
    of, to = fields.inside("of"), fields.inside("to")
    if len(lists) < 2 or of is None or to is None:
        return
    if of.has("arm") or of.has("context") or to.has("context"):
        fields.wrong("of", "`over` gives its arm and context", advice='Write of = { at = "24 h" }.')
    for context in lists[0]:
        for arm in lists[1]:
            first = fields.point("of", {**of.table, "arm": arm, "context": context})
            yield first, fields.point("to", {**to.table, "context": context})


def ranks(values: Array) -> Array:
    """Ranks (n,) from 0; equal values share the mean of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    mean: Array = (ends - (counts + 1) / 2.0)[where]
    return mean


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's coefficient; nan where one of the two is constant."""
    x, y = ranks(a) - (len(a) - 1) / 2.0, ranks(b) - (len(b) - 1) / 2.0
    size = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / size if size > 0 else math.nan
