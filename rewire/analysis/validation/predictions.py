"""Predictions of findings that were not fitted, beside those of the prior: one table, and how good they are.

The prior's claims are looked at whatever its untreated cells look like, those of fitted points only in
plausible cells, so the comparison favours the prior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calibration.findings.claims.finding import Finding
from rewire.analysis.validation.forecast import (
    Bin,
    MemberView,
    Scores,
    directions,
    probability,
    reliability,
    smoothed,
)
from rewire.analysis.validation.holdout import Kin, paper
from rewire.report.finding_summary import INFORMATIVE
from rewire.report.findings_table import percent
from rewire.report.tables import Column, Record, Table


@dataclass(frozen=True, slots=True)
class Prediction:
    """What points that have not seen a finding say of it.

    Attributes
    ----------
    fold : str
        With what it was left out; empty for a validation row.
    looks : list of MemberView
        One a member or refit.
    prior : (float, float)
        Before any fit: probability of the report, and share of draws in which the claim holds.
    draws : int
        Behind that share.
    kin : Kin
        What of it the findings say that were fitted.
    """

    finding: Finding
    fold: str
    looks: list[MemberView]
    prior: tuple[float, float]
    draws: int
    kin: Kin

    @property
    def held(self) -> int:
        """In how many points it holds."""
        return sum(look.holds for look in self.looks)

    @property
    def hit(self) -> bool:
        """Whether it holds in most of them."""
        return 2 * self.held > len(self.looks)

    @property
    def p(self) -> float:
        """Probability of its report."""
        return probability(self.finding, self.looks)

    @property
    def informative(self) -> bool:
        """Whether it holds in so few prior draws that a prediction says something."""
        return self.finding.informative and self.prior[1] < INFORMATIVE

    @property
    def inferred(self) -> bool:
        """Whether no paper says it: it was inferred from several."""
        return self.finding.source.citation.startswith("inference")

    def record(self) -> dict[str, Any]:
        """One record of `rewire validate --json`."""
        finding = self.finding
        return {
            "id": finding.id,
            "row": finding.row,
            "left_out_with": self.fold,
            "paper": paper(finding),
            "contexts": finding.contexts,
            "says": finding.description,
            "wanted": finding.wanted,
            "trust": finding.trust,
            "points": len(self.looks),
            "held": self.held,
            "implausible": sum(look.verdict == "implausible" for look in self.looks),
            "unevaluable": sum(look.verdict == "unevaluable" for look in self.looks),
            "hit": self.hit,
            "p": self.p,
            "prior_p": self.prior[0],
            "prior_held": self.prior[1],
            "informative": self.informative,
            "told_by_others": self.kin.information,
            "twin": self.kin.twin,
            "sibling": self.kin.sibling,
        }


GROUPS: dict[str, Callable[[Prediction], bool]] = {
    "all": lambda p: True,
    "informative": lambda p: p.informative,
    "without a twin": lambda p: not p.kin.twin,
    "informative, without a twin": lambda p: p.informative and not p.kin.twin,
    "informative, neither contested nor inferred": lambda p: (
        p.informative and not p.finding.conflict and not p.inferred
    ),
    "fate not known when they were chosen": lambda p: not p.finding.fate_known,
    "contested": lambda p: bool(p.finding.conflict),
    "own inferences": lambda p: p.inferred,
    "told by nobody else": lambda p: p.kin.information == 0.0 and not p.kin.sibling,
}
"""The predictions whose scores are shown separately."""


def scores(predictions: Sequence[Prediction]) -> list[dict[str, Any]]:
    """Of each group: hits, Brier and log score of both ways to put a probability, each beside the prior's."""
    return [{"group": name, **_score([p for p in predictions if of(p)])} for name, of in GROUPS.items()]


def _score(group: Sequence[Prediction]) -> dict[str, Any]:
    said = Scores.of([p.p for p in group])
    before = Scores.of([p.prior[0] for p in group])
    share = Scores.of([smoothed(p.held, len(p.looks)) for p in group])
    share_before = Scores.of([smoothed(p.prior[1] * p.draws, p.draws) for p in group])
    return {
        "n": len(group),
        "hits": sum(p.hit for p in group),
        "prior_hits": sum(p.prior[1] > 0.5 for p in group),
        "brier": said.brier,
        "prior_brier": before.brier,
        "log_bits": said.log,
        "prior_log_bits": before.log,
        "held_brier": share.brier,
        "prior_held_brier": share_before.brier,
        "held_log_bits": share.log,
        "prior_held_log_bits": share_before.log,
    }


def bins(predictions: Sequence[Prediction]) -> list[Bin]:
    """Rises and falls that were reported, and their reverses: what was said, and what came true."""
    events = [event for p in predictions for event in directions(p.finding, p.looks)]
    return reliability([said for said, _ in events], [came for _, came in events])


def table(predictions: Sequence[Prediction], head: Sequence[str], extra: Mapping[str, Any]) -> Table:
    """The answer of `rewire validate`."""
    scored, calibrated = scores(predictions), bins(predictions)
    points = "members" if extra.get("by") == "none" else "refits"
    columns = [
        Column("finding", "id"),
        *([Column("left out with", "left_out_with")] if points == "refits" else []),
        Column("holds in", lambda r: f"{r['held']} of {r['points']}", "right", _style, whole=True),
        Column("probability", lambda r: f"{r['p']:.2f}", "right", whole=True),
        Column("prior", lambda r: f"{r['prior_p']:.2f}", "right", whole=True),
        Column("held in prior", lambda r: percent(r["prior_held"]), "right", whole=True),
        Column("said, too, by", _said_by),
    ]
    footer = ["", *head, *_score_lines(scored), "", *_bin_lines(calibrated)]
    content = {**extra, "scores": scored, "reliability": [asdict(one) for one in calibrated]}
    return Table("validate", [p.record() for p in predictions], columns, extra=content, footer=footer)


def _style(record: Record) -> str:
    return "green" if record["hit"] else "bold red"


def _said_by(record: Record) -> str:
    """The twin, or the sibling, which is for other cells."""
    return str(record["twin"] or (f"{record['sibling']} (other cells)" if record["sibling"] else ""))


def _score_lines(scored: Sequence[Mapping[str, Any]]) -> list[str]:
    """The scores under each other; the prior's in brackets."""

    def pair(score: Mapping[str, Any], name: str) -> str:
        return f"{score[name]:.3f} ({score['prior_' + name]:.3f})"

    heads = ("", "n", "hits", "Brier", "log, bits", "Brier of share", "log of share")
    rows = [heads]
    for i, score in enumerate(scored):
        if not score["n"] or any(_same(score, other) for other in scored[:i]):
            continue
        hits = f"{score['hits']} ({score['prior_hits']})"
        names = ("brier", "log_bits", "held_brier", "held_log_bits")
        rows.append((score["group"], str(score["n"]), hits, *(pair(score, name) for name in names)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return ["Scores, and in brackets the prior's; Brier and log score: less is better.", *lines]


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return {**a, "group": ""} == {**b, "group": ""}


def _bin_lines(calibrated: Sequence[Bin]) -> list[str]:
    """What was said of rises and falls and of their reverses, and what came true."""
    lines = [
        f"  said {one.low:.0%} to {one.high:.0%}: {one.n}, mean {one.said:.0%}, came true {one.came:.0%}"
        for one in calibrated
        if one.n
    ]
    return ["Reported rises and falls, and their reverses, which did not come true:", *lines] if lines else []
