"""Which findings leave a fit together, and whether what they say is said again by one that stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from calibration.findings.claims.finding import Claim, Finding
from calibration.findings.claims.kinds import AllOf, Order, Ratio, Unchanged
from calibration.findings.claims.points import Course, Point
from models.core.errors import Mistake, UserError
from models.treatments.arm import Arm

By = Literal["finding", "paper", "context", "folds"]
BY: tuple[By, ...] = ("finding", "paper", "context", "folds")
FOLDS = 5
"""Groups of papers of `folds`."""

Reading = tuple[str, str | None, Arm, Arm | None]
Comparison = tuple[str, tuple[Reading, ...]]
"""A sign, and what is compared: the later or upper reading first."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Findings that leave together.

    Attributes
    ----------
    name : str
        The finding, paper or context that is left out.
    leave : tuple of str
        Ids of the findings.
    """

    name: str
    leave: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kin:
    """What other findings claim, too.

    Attributes
    ----------
    information : float
        Share of its comparisons that others make: same cells, treatments, readings and sign, whatever the
        time and the threshold.
    twin : str
        Where all of them are made: one that makes the first. Empty where not.
    sibling : str
        The same with the cells left out of account: the claim stays for another kind of cells.
    """

    information: float
    twin: str = ""
    sibling: str = ""


def paper(finding: Finding) -> str:
    """The name of its file: one paper a file."""
    return Path(finding.file).stem


def folds(findings: Sequence[Finding], by: By) -> dict[str, Fold]:
    """Folds by name, in the order of the findings.

    A finding that looks at several contexts leaves with each of them, or a fit without a context would
    have seen it. `folds` leaves out a fifth of the papers at a time: which ones the hash of a paper's name
    decides, so that no choice and no result enters, and the groups have about as many findings each.

    Raises
    ------
    UserError
        Where there are fewer papers than groups.
    """
    if by == "folds":
        return _groups_of_papers(findings)
    leave: dict[str, list[str]] = {}
    for finding in findings:
        names = {"finding": (finding.id,), "paper": (paper(finding),), "context": finding.contexts}[by]
        for name in names:
            leave.setdefault(name, []).append(finding.id)
    return {name: Fold(name, tuple(ids)) for name, ids in leave.items()}


def _groups_of_papers(findings: Sequence[Finding]) -> dict[str, Fold]:
    papers: dict[str, list[str]] = {}
    for finding in findings:
        papers.setdefault(paper(finding), []).append(finding.id)
    if len(papers) < FOLDS:
        what = f"{len(papers)} papers for {FOLDS} folds"
        raise UserError([Mistake("", "--by folds", what, advice="Use --by paper, or more findings.")])
    groups: list[list[str]] = [[] for _ in range(FOLDS)]
    for name in sorted(papers, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
        min(groups, key=len).extend(papers[name])
    return {f"fold {i}": Fold(f"fold {i}", tuple(ids)) for i, ids in enumerate(groups, 1)}


def kin(asked: Iterable[Finding], staying: Iterable[Finding]) -> dict[str, Kin]:
    """For each finding asked about, by id: what of it those that stay say, too."""
    here: dict[Comparison, str] = {}
    anywhere: dict[Comparison, str] = {}
    for finding in staying:
        for comparison in comparisons(finding.claim):
            here.setdefault(comparison, finding.id)
            anywhere.setdefault(_without_cells(comparison), finding.id)
    found = {}
    for finding in asked:
        own = comparisons(finding.claim)
        same = [here[c] for c in own if c in here]
        like = [anywhere[c] for c in map(_without_cells, own) if c in anywhere]
        whole = bool(own) and len(same) == len(own)
        found[finding.id] = Kin(
            len(same) / len(own) if own else 0.0,
            same[0] if whole else "",
            like[0] if own and not whole and len(like) == len(own) else "",
        )
    return found


def comparisons(claim: Claim | None) -> tuple[Comparison, ...]:
    """The elementary comparisons of a claim, each once; times and thresholds are no part of them."""
    return tuple(dict.fromkeys(_comparisons(claim)))


def _comparisons(claim: Claim | None) -> Iterator[Comparison]:
    match claim:
        case None:
            return
        case AllOf(claims):
            for part in claims:
                yield from _comparisons(part)
        case Ratio(of, to, at_least, at_most):
            yield direction(at_least, at_most), (*_readings(of), *_readings(to))
        case Unchanged(of, to):
            yield "same", (*_readings(of), *_readings(to))
        case Order(points):
            for before, after in pairwise(points):
                yield "up", (*_readings(after), *_readings(before))
        case _:
            yield type(claim).__name__, tuple(_readings(claim))


def direction(at_least: float | None, at_most: float | None) -> str:
    """Which way a bound points: up, down, or the sides on which it bounds without saying so."""
    if at_least is not None and at_least >= 1.0:
        return "up"
    if at_most is not None and at_most <= 1.0:
        return "down"
    return " and ".join(
        said for said, end in (("not down", at_least), ("not up", at_most)) if end is not None
    )


def _readings(value: Any) -> Iterator[Reading]:
    """All points and courses inside `value`."""
    if isinstance(value, Point | Course):
        yield value.observable, value.per, value.arm, value.against
    elif isinstance(value, tuple):
        for item in value:
            yield from _readings(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _readings(getattr(value, field.name))


def _without_cells(comparison: Comparison) -> Comparison:
    sign, readings = comparison
    return sign, tuple(
        (name, per, _bare(arm), against and _bare(against)) for name, per, arm, against in readings
    )


def _bare(arm: Arm) -> Arm:
    return replace(arm, context="", grown_in="")
