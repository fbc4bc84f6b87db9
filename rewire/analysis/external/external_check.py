"""Do the findings and constraints of a third-party model hold in its members?"""

from __future__ import annotations

from collections.abc import Sequence

from models.core.errors import Mistakes
from rewire.analysis.external.external_members import ExternalMembers
from rewire.analysis.external.external_report import summaries
from rewire.report.finding_summary import tallies
from rewire.report.findings_table import STYLES, percent, short
from rewire.report.tables import Column, Table, number


def check_external(members: ExternalMembers, ids: Sequence[str] = ()) -> tuple[Table, bool]:
    """The findings table, and whether every fitted finding and constraint holds in most members.

    Parameters
    ----------
    ids : sequence of str
        Only these findings or constraints (FILE:LINE).
    """
    looked = [members.problem.evaluate(z) for z in members.z]
    found = summaries(members.problem, looked)
    known, problems = [s.id for s in found], Mistakes("--finding")
    for name in ids:
        if name not in known:
            problems.add("", f"no finding or constraint {name!r}", allowed=known, name=name)
    problems.raise_if_any()
    found = [s for s in found if not ids or s.id in ids]
    best = looked[0]
    extra = {
        "members": len(members),
        "model": members.problem.model.name,
        "objective": best.objective,
        "objective_as_pybnf_counts": best.pybnf,
        "overlooked_by_pybnf": members.problem.overlooked,
        "left_out": list(members.problem.model.notes),
    }
    footer = ["", *map(str, tallies(found)), f"in {members.label}"]
    footer.append(f"objective of the best: {best.objective:.6g}; as PyBNF counts: {best.pybnf:.6g}")
    ok = all(s.verdict == "holds" for s in found if s.use == "fit")
    return Table("check", [s.record() for s in found], _COLUMNS, extra=extra, footer=footer), ok


_COLUMNS = [
    Column("finding", "id", whole=True),
    Column("wanted", lambda r: short(r["wanted"])),
    Column("got", lambda r: str(r["got"]), "right"),
    Column("margin", lambda r: number(r["margin"].median), "right"),
    Column("verdict", "verdict", style=lambda r: STYLES.get(r["verdict"], "")),
    Column("held", lambda r: percent(r["held"]), "right"),
    Column("why", lambda r: r["reason"] if r["verdict"] != "holds" else ""),
]
