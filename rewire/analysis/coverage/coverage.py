"""Every statement of the seed papers with its findings and their verdicts, populations included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from calibration.findings.claims.statements import coverage, load_statements, missing
from rewire.analysis.check.check import check
from rewire.analysis.populations.cohort import shares
from rewire.project.members import load_members
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.findings_table import STYLES
from rewire.report.tables import Column, Record, Table


def coverage_table(
    ensemble: Path | None = None, members: int = 20, say: Callable[[str], None] | None = None
) -> tuple[Table, list[str]]:
    """The table, and the rows that have neither a finding nor a decision."""
    world = load_project()
    done = check(ensemble=ensemble, members=members, say=say)
    verdicts = {s.id: s.verdict for s in done.summaries}
    loaded = load_members(world, ensemble, members)
    verdicts |= {s.finding.id: s.score.verdict for s in shares(world, loaded, split=False, say=say)}
    covered = coverage(load_statements(), all_findings(world), verdicts)
    records: list[Record] = [
        {
            "row": c.statement.row,
            "seed": c.statement.seed,
            "says": c.statement.description,
            "findings": list(c.verdicts),
            "verdicts": dict(c.verdicts),
            "verdict": c.verdict,
            "reason": c.statement.reason,
        }
        for c in covered
    ]
    columns = [
        Column("row", "row", whole=True),
        Column("statement", "says"),
        Column("findings", lambda r: ", ".join(r["findings"]) or r["reason"]),
        Column("verdict", "verdict", style=lambda r: STYLES.get(r["verdict"], "")),
    ]
    without = missing(covered)
    footer = ["", f"{len(records)} statements, {len(without)} without a finding or a decision"]
    return Table("coverage", records, columns, extra={"missing": without}, footer=footer), without
