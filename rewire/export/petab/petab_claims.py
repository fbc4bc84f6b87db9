"""The findings that PEtab can express, as inequalities between a cell and a reference cell.

A PEtab measurement reads one simulation, so both cells are simulated together
(`models.export.sbml.cell_pair`) and are read at one time; the reference cell may have been stopped before.
Findings that need more than that are reported as not mapped, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from calibration.findings.claims.finding import Claim, Finding
from calibration.findings.claims.half_times import Earlier
from calibration.findings.claims.kinds import AllOf, Order, Ratio, Unchanged
from calibration.findings.claims.points import Point
from calibration.findings.claims.time_courses import Dip, OfMaximum, Peak
from calibration.objective.likelihood import NOISE, RANGE_NOISE
from calibration.objective.simulation_plan import untreated
from models.cells.context import Context
from models.cells.plausible_ranges import PlausibleRange
from models.treatments.arm import Arm

Sense = Literal["at_least", "at_most", "within"]


@dataclass(frozen=True, slots=True)
class Inequality:
    """One elementary inequality in PEtab.

    Attributes
    ----------
    owner : str
        Id of the finding; the context for a range of untreated cells.
    part : int
        Index among the terms of its owner.
    words : str
    cell, reference : Arm
    time_s : float
        Time of reading.
    stop_s : float or None
        When the reference cell is stopped, if it is read earlier than the other.
    observable : str
    per : str
        For a range, the denominator of the ratio; else "", and the reading is compared with the reference
        cell.
    sense : str
        Whether log2 of the ratio must be at least, at most, or within (in both directions) `log2`.
    log2 : float
    noise : float [log2]
    """

    owner: str
    part: int
    words: str
    cell: Arm
    reference: Arm
    time_s: float
    stop_s: float | None
    observable: str
    per: str
    sense: Sense
    log2: float
    noise: float


@dataclass(frozen=True, slots=True)
class Unsaid:
    """An inequality that PEtab cannot express, in both versions or in the first only."""

    owner: str
    part: int
    words: str
    why: str
    versions: str = "1, 2"


_WINDOWS: Mapping[type, str] = {
    Peak: "the highest value over a period is not a reading at one time",
    Dip: "the lowest value over a period is not a reading at one time",
    OfMaximum: "the highest value over a period is not a reading at one time",
    Earlier: "the half-time of a time course is not a reading at one time",
}
SCHEDULE = "a treatment that changes over time: version 1 has one condition after pre-equilibration"


def said(finding: Finding) -> list[Inequality | Unsaid]:
    """Each elementary inequality of a finding, in the order of `Finding.terms`."""
    if finding.is_cohort:
        return [Unsaid(finding.id, 0, finding.wanted, "a share of a population of cells")]
    if finding.claim is None:
        return [Unsaid(finding.id, 0, finding.wanted, f"the model cannot express it: {finding.cannot}")]
    found: list[Inequality | Unsaid] = []
    for claim in _elementary(finding.claim):
        found += _said(finding, claim, len(found))
    return found


def _elementary(claim: Claim) -> Iterator[Claim]:
    for part in claim.claims if isinstance(claim, AllOf) else (claim,):
        if isinstance(part, AllOf):
            yield from _elementary(part)
        else:
            yield part


def _said(finding: Finding, claim: Claim, first: int) -> list[Inequality | Unsaid]:
    rows: list[tuple[Point, Point, Sense, float]] = []
    if isinstance(claim, Ratio):
        bounds: list[tuple[Sense, float | None]] = [("at_least", claim.at_least), ("at_most", claim.at_most)]
        rows = [(claim.numerator, claim.denominator, s, math.log2(b)) for s, b in bounds if b is not None]
    elif isinstance(claim, Unchanged):
        rows = [(claim.numerator, claim.denominator, "within", math.log2(claim.within))]
    elif isinstance(claim, Order):
        rows = [(b, a, "at_least", math.log2(claim.by)) for a, b in pairwise(claim.points)]
    else:
        why = _WINDOWS.get(type(claim), "no inequality between two readings")
        words = [f"{claim.subject} {term}".strip() for term in claim.terms]
        return [Unsaid(finding.id, first + i, term, why) for i, term in enumerate(words)]
    about = f"{claim.subject} " if claim.subject else ""
    return [
        _row(finding, first + i, about + term, *row)
        for i, (term, row) in enumerate(zip(claim.terms, rows, strict=True))
    ]


def _row(
    finding: Finding, part: int, words: str, of: Point, to: Point, sense: Sense, log2: float
) -> Inequality | Unsaid:
    why = ""
    if of.against is not None or to.against is not None:
        why = "a ratio of two ratios: four readings"
    elif of.per or to.per:
        why = "a share in one treatment over a share in another: four readings"
    elif of.observable != to.observable:
        why = "two different observables are compared"
    if why:
        return Unsaid(finding.id, part, words, why)
    if of.time < to.time:  # only the cell that is read first can be stopped
        of, to, log2 = to, of, -log2 if sense != "within" else log2
        sense = {"at_least": "at_most", "at_most": "at_least", "within": "within"}[sense]  # type: ignore[assignment]
    stop = to.time if to.time < of.time else None
    return Inequality(
        finding.id, part, words, of.arm, to.arm, of.time, stop, of.observable, "", sense, log2, NOISE
    )


def ranges(context: Context, bands: Mapping[str, PlausibleRange]) -> list[Inequality]:
    """The ranges of untreated cells, in the order of `calibration.objective.baseline.range_terms`."""
    arm = untreated(context)
    rows: list[Inequality] = []
    for key, band in bands.items():
        ends: list[tuple[Sense, float]] = [("at_least", band.lo), ("at_most", band.hi)]
        for sense, end in ends:
            if 0.0 < end < 1.0:
                words = f"{key} {'>=' if sense == 'at_least' else '<='} {end:g} in untreated cells"
                read = (arm, arm, 0.0, None, band.observable, band.per)
                one = (sense, math.log2(end), RANGE_NOISE)
                rows.append(Inequality(context.name, len(rows), words, *read, *one))
    return rows


def in_context(rows: Iterable[Inequality], contexts: Iterable[str]) -> list[Inequality]:
    """The inequalities whose cells are all of these contexts."""
    wanted = set(contexts)
    return [r for r in rows if {r.cell.context, r.reference.context} <= wanted]


def has_schedule(row: Inequality) -> bool:
    """Whether a treatment changes over time, also by starvation or pre-treatment before time 0."""
    return any(len(arm.segments) > 1 for arm in (row.cell, row.reference))
