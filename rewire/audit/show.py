"""An audit as text, as a table of several files, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rewire.audit.issue import SEVERITIES, Issue
from rewire.audit.score import Audit
from rewire.report.tables import Column, Table, plain

SCHEMA = "rewire.audit/1"

SHORT = {
    "validity": "valid",
    "units": "units",
    "balance": "balance",
    "reactions": "react.",
    "species": "species",
    "parameters": "param.",
    "initial values": "initial",
    "annotation": "annot.",
    "stiffness": "stiff",
    "steady state": "steady",
    "negative amounts": "neg.",
    "agreement": "agree",
    "tolerance": "toler.",
}
"""Sections in order, with their short names in the table."""

EACH = 3
"""Number of findings of one kind in the text."""


def points(score: float | None) -> str:
    """A score as printed: rounded down, so that 100 means all; a dash if there is none."""
    return "–" if score is None else str(int(score + 1e-9))


def to_json(audits: Sequence[Audit]) -> str:
    """The complete audits, one record per file."""
    from rewire import __version__

    answer = {"schema": SCHEMA, "rewire": __version__, "records": [plain(one.record()) for one in audits]}
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def one(audit: Audit) -> Table:
    """The sections of one file."""
    records = [
        {
            "section": s.name,
            "score": points(s.score),
            "errors": sum(f.severity == "error" for f in s.findings),
            "warnings": sum(f.severity == "warning" for f in s.findings),
            "notes": sum(f.severity == "note" for f in s.findings),
            "says": s.reason if s.score is None else _facts(s.facts),
        }
        for s in audit.sections
    ]
    columns = [
        Column("section", "section", whole=True),
        Column("score", "score", "right"),
        *(Column(f"{severity}s", f"{severity}s", "right") for severity in SEVERITIES),
        Column("", "says"),
    ]
    title = f"{audit.file}: {audit.origin}, {audit.counts[0]} species, {audit.counts[1]} reactions"
    return Table("audit", records, columns, title, footer=tuple(_listed(audit)))


def _facts(facts: Any) -> str:
    shown = {name: value for name, value in facts.items() if not isinstance(value, list | tuple)}
    return "; ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in shown.items()
    )


def _listed(audit: Audit) -> list[str]:
    """Notes on the file, and the findings: a few of each kind."""
    lines = ["", f"mean of the sections that have a score: {points(audit.score)}", *audit.notes]
    kinds = Counter((section, f.severity, f.kind) for section, f in audit.findings)
    shown: Counter[tuple[str, str, str]] = Counter()
    for section, finding in audit.findings:
        key = (section, finding.severity, finding.kind)
        shown[key] += 1
        if shown[key] == 1:
            fix = f" {finding.fix}" if finding.fix else ""
            lines += ["", f"{finding.severity}, {section}: {finding.kind} ({kinds[key]}).{fix}"]
        if shown[key] <= EACH:
            lines.append(f"  {place(finding)}{finding.says}")
        elif shown[key] == EACH + 1:
            lines.append(f"  … and {kinds[key] - EACH} more: --json, --html")
    return lines


def place(finding: Issue) -> str:
    """Place of a finding, followed by ": "."""
    where = " ".join(part for part in (finding.element, finding.id) if part)
    line = f" (line {finding.line})" if finding.line else ""
    return f"{where}{line}: " if where else ""


def many(audits: Sequence[Audit]) -> Table:
    """One line per file."""
    records = []
    for audit in audits:
        record: dict[str, Any] = {"file": audit.file, "mean": points(audit.score)}
        record |= {s.name: points(s.score) for s in audit.sections}
        record |= {"species": audit.counts[0], "species score": record.get("species")}
        record |= {"errors": audit.count("error"), "warnings": audit.count("warning")}
        if audit.refused:
            record |= {"errors": None, "warnings": None}
            record["file"] += f": refused ({audit.refused[0].given}, {audit.refused[0].place})"
        records.append(record)
    columns = [Column("file", "file"), Column("mean", "mean", "right", whole=True)]
    for name, short in SHORT.items():
        columns.append(Column(short, "species score" if name == "species" else name, "right", whole=True))
    columns += [Column("errors", "errors", "right"), Column("warnings", "warnings", "right")]
    return Table("audit", records, columns)


def markdown(table: Table) -> str:
    """A table as Markdown."""
    head = [column.title for column in table.columns]
    line = ["---:" if column.align == "right" else "---" for column in table.columns]
    rows = [[column.cell(record).plain for column in table.columns] for record in table.records]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, line, *rows)) + "\n"
