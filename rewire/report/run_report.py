"""`report.html`: a self-contained page on a run or an ensemble."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.core.files import write
from rewire.report import plots
from rewire.report.finding_summary import FindingSummary, tallies
from rewire.report.findings_table import percent
from rewire.report.html import render
from rewire.report.tables import number

REACH = 3.0  # [log2]: where the margin bars end


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot on the page."""

    title: str
    says: str
    svg: str


@dataclass(frozen=True, slots=True)
class Report:
    """The content of the page.

    Attributes
    ----------
    facts : mapping of str to str
        Options, versions, hashes.
    after : sequence of FindingSummary
        The findings in the members.
    before : mapping of str to float
        Median margin [log2] over prior draws, by finding id; empty if it was not computed.
    trace : sequence of mapping
        Rounds of the calibration: `seconds`, `hold`, `best_hold`, `of`.
    """

    title: str
    facts: Mapping[str, str]
    after: Sequence[FindingSummary]
    before: Mapping[str, float] = field(default_factory=dict)
    courses: Sequence[Drawn] = ()
    trace: Sequence[Mapping[str, float]] = ()

    def html(self) -> str:
        """The page as text."""
        return render(
            "report.html.j2",
            title=self.title,
            facts=self.facts,
            sums=tallies(self.after),
            members=max((s.members for s in self.after), default=0),
            fit=[self._row(s) for s in self.after if s.use == "fit"],
            validation=[self._row(s) for s in self.after if s.use != "fit"],
            courses=self.courses,
            trace=plots.svg(plots.trace(self.trace), "trace") if self.trace else "",
        )

    def write(self, path: Path) -> Path:
        """Write the page completely or not at all."""
        write(path, self.html())
        return path

    def _row(self, s: FindingSummary) -> dict[str, Any]:
        before = self.before.get(s.id, math.nan)
        return {
            "id": s.id, "says": s.says, "scored": s.scored, "wanted": s.wanted, "got": str(s.got),
            "before": number(before), "after": str(s.margin), "bar": margin_bar(before, s),
            "verdict": s.verdict, "borderline": s.borderline,
            "reason": s.reason if s.verdict != "holds" else "",
            "held": percent(s.held), "prior_held": percent(s.prior_held),
        }  # fmt: skip


def margin_bar(before: float, after: FindingSummary, width: int = 110) -> str:
    """A small drawing: 0 in the middle, a ring for the margin before, a dot with its range after."""

    def x(margin: float) -> float:
        return width / 2 * (1 + max(-1.0, min(1.0, margin / REACH)))

    parts = [f'<line x1="{width / 2:g}" x2="{width / 2:g}" y1="0" y2="14" stroke="#99a4b0"/>']
    m = after.margin
    if math.isfinite(m.median):
        colour = "#1a7f4b" if m.median >= 0 else "#b3261e"
        parts.append(
            f'<line x1="{x(m.p05):.1f}" x2="{x(m.p95):.1f}" y1="7" y2="7" stroke="{colour}"/>'
            f'<circle cx="{x(m.median):.1f}" cy="7" r="3.5" fill="{colour}"/>'
        )
    if math.isfinite(before):
        parts.append(f'<circle cx="{x(before):.1f}" cy="7" r="3" fill="none" stroke="#667483"/>')
    label = f"margin {number(m.median)} log2"
    return f'<svg width="{width}" height="14" role="img" aria-label="{label}">{"".join(parts)}</svg>'
