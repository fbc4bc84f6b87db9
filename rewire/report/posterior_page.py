"""The posterior as a self-contained page: probabilities of findings, and the rates that they narrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from models.core.files import write
from rewire.report.html import render
from rewire.report.tables import Column, Record, Table, readable

WIDTH = 120  # [px] of the small drawings
REACH = 3.0  # [prior standard deviations]: where the drawing of a rate ends


def write_page(path: Path, findings: Table, rates: Table) -> Path:
    """Write the page completely or not at all."""
    write(path, html(findings, rates))
    return path


def html(findings: Table, rates: Table) -> str:
    """The page as text."""
    extra = dict(findings.extra)
    return render(
        "posterior.html.j2",
        title="Posterior of findings and rates",
        reached=extra["reached"],
        facts={name: readable(value) for name, value in extra.items() if not isinstance(value, bool)},
        tables=[_shown(findings, _chance), _shown(rates, _spread)],
    )


def _shown(table: Table, drawing: Callable[[Record], str]) -> dict[str, object]:
    return {
        "title": table.title,
        "head": [column.title for column in table.columns],
        "right": [column.align == "right" for column in table.columns],
        "rows": [
            ([_cell(column, record) for column in table.columns], drawing(record)) for record in table.records
        ],
        "footer": table.footer,
    }


def _cell(column: Column, record: Record) -> str:
    return column.cell(record).plain


def _chance(record: Record) -> str:
    """A ring at the prior probability, a dot at the posterior probability."""
    at = 6 + (WIDTH - 12) * record["posterior"]
    before = 6 + (WIDTH - 12) * record["prior"]
    colour = "#1a7f4b" if record["posterior"] >= 0.5 else "#b3261e"
    return _svg(
        f'<line x1="6" x2="{WIDTH - 6}" y1="7" y2="7" stroke="#dde3e9"/>'
        f'<circle cx="{before:.1f}" cy="7" r="3" fill="none" stroke="#667483"/>'
        f'<circle cx="{at:.1f}" cy="7" r="3.5" fill="{colour}"/>',
        f"{record['prior']:.0%} before, {record['posterior']:.0%} after",
    )


def _spread(record: Record) -> str:
    """The prior as a pale bar two standard deviations long, the posterior as a dark bar on it."""
    sd = 1.0 - record["narrowed"]
    return _svg(
        _bar(0.0, 1.0, "#dde3e9", 9) + _bar(record["shift"], sd, "#1c5d99", 5),
        f"shift {record['shift']:+.1f}, {sd:.2f} of the prior's width",
    )


def _bar(middle: float, sd: float, colour: str, high: int) -> str:
    left, right = (WIDTH / 2 * (1 + max(-1.0, min(1.0, x / REACH))) for x in (middle - sd, middle + sd))
    return (
        f'<rect x="{left:.1f}" width="{max(1.0, right - left):.1f}" y="{7 - high / 2:g}" height="{high}" '
        f'fill="{colour}"/>'
    )


def _svg(inside: str, label: str) -> str:
    return f'<svg width="{WIDTH}" height="14" role="img" aria-label="{label}">{inside}</svg>'
