"""What the search for conflicts found, for people: never more than was looked for and not found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calibration.findings.claims.score import BORDERLINE
from rewire.report.findings_table import short
from rewire.report.tables import Column, Record, Table, number

NO_PROOF = (
    "A conflict is what no point was found for, each finding left out in turn being enough to find one. "
    "That is a search, within 3 prior standard deviations and with plausible untreated cells, and no proof."
)


def verdict(record: Record) -> str:
    """What became of the question."""
    if record["verdict"] == "conflict":
        near = all(part["margin"] > -BORDERLINE for part in record["core"])
        return (
            f"could not satisfy together within {record['evaluations']:,.0f} evaluations "
            f"from {record['starts']} starts{' (borderline)' if near else ''}"
        )
    if record["verdict"] == "open":
        return (
            f"open: neither a point nor a conflict within {record['spent']:,.0f} evaluations of everything; "
            f"the last was a set of {len(record['last'])}"
        )
    if record["members"]:
        return f"holds with all the fit, at {record['members']} known points"
    return "holds with all the fit, at a point that was looked for"


def against(record: Record) -> str:
    """The rest of the conflict."""
    if record["verdict"] != "conflict":
        return ""
    ids = [part["id"] for part in record["core"]]
    if record["finding"] not in ids:
        return f"in its way, without it: {', '.join(ids)}"
    return ", ".join(id for id in ids if id != record["finding"]) or "on its own"


def miss(record: Record) -> str:
    """By how much the set is short where it is least short."""
    parts = [part for part in record["core"] if part["margin"] is not None and part["margin"] < 0.0]
    return ", ".join(f"{part['id'].partition('_')[0]} {number(part['margin'], 2)}" for part in parts)


def way_out(record: Record) -> str:
    """The hypotheses under which the set holds."""
    if record["verdict"] != "conflict":
        return ""
    tried = record["variants"]
    holds = [
        t["variant"] + (" (borderline)" if min(t["margins"].values()) < BORDERLINE else "")
        for t in tried
        if t["verdict"] == "holds"
    ]
    not_built = [t["variant"] for t in tried if t["verdict"] == "not built"]
    about = [t for t in tried if t["verdict"] == "not found"]
    if not tried:
        return "not asked"
    text = "; ".join(holds)
    if not holds:
        text = f"none of {len(about)} that touch it" if about else "none touches it"
    return text + (f" ({len(not_built)} not built: Perl is missing)" if not_built else "")


def spelled(records: Sequence[Record]) -> list[str]:
    """Each finding of a conflict once, with what it says and who says so."""
    parts: dict[str, Mapping[str, Any]] = {
        part["id"]: part for record in records for part in record["core"] if record["verdict"] == "conflict"
    }
    return [
        f"{id}: {part['says']} ({short(part['wanted'])}) {part['source']}"
        + (f" [known conflict {part['known_conflict']}]" if part["known_conflict"] else "")
        for id, part in parts.items()
    ]


def conflict_table(
    records: Sequence[Record],
    extra: Mapping[str, Any],
    footer: Sequence[str] = (),
) -> Table:
    """One row a question, and under it what the findings of the conflicts say."""
    columns = [
        Column("finding", "finding"),
        Column("use", "use", style=lambda r: "" if r["use"] == "fit" else "dim"),
        Column("verdict", verdict, style=lambda r: "bold red" if r["verdict"] == "conflict" else ""),
        Column("not together with", against),
        Column("nearest miss [log2]", miss),
        Column("would hold with", way_out),
    ]
    count = {name: sum(r["verdict"] == name for r in records) for name in ("together", "conflict", "open")}
    tally = (
        f"{len(records)} asked: {count['together']} hold together with all that is fitted, "
        f"{count['conflict']} conflicts, {count['open']} left open."
    )
    lines = ["", *spelled(records), "", tally]
    if count["conflict"]:
        lines.append(NO_PROOF)
    return Table("conflicts", records, columns, extra=extra, footer=[*lines, *footer])
