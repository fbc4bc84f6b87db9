"""What moved between two runs, ensembles or versions of the model."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.storage.ensemble import Ensemble
from models.core.files import wrong
from rewire.analysis.check.check import check
from rewire.analysis.check.last_check import MOVED
from rewire.project.members import read_members
from rewire.report.findings_table import STYLES, percent
from rewire.report.tables import VERSIONS, Column, Record, Table, number, plain

TOP = 15
"""Parameters shown at most."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: records of a check by id, and the parameter sets, where there are some."""

    findings: Mapping[str, Mapping[str, Any]]
    ensemble: Ensemble | None


def read_side(path: Path, members: int, variants: Sequence[str], say: Callable[[str], None] | None) -> Side:
    """A file that `rewire check --json` printed, or a folder to be checked now."""
    if path.is_file():
        return Side(read_answer(path), None)
    records = check(ensemble=path, members=members, variants=variants, say=say).table().records
    return Side({r["id"]: plain(r) for r in records}, read_members(path))


def read_answer(path: Path) -> dict[str, dict[str, Any]]:
    """Records by id of a check's JSON answer."""
    wanted = f"rewire.check/{VERSIONS['check']}"
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
        if answer["schema"] != wanted:
            raise wrong(path, "schema", repr(answer["schema"]), repr(wanted))
        return {record["id"]: record for record in answer["records"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        advice = "Give what `rewire check --json` printed, or a run or ensemble folder."
        raise wrong(
            path, "", f"is no answer of a check ({type(error).__name__})", repr(wanted), advice
        ) from None


def diff(
    a: Path,
    b: Path,
    members: int = 20,
    variants: Sequence[str] = (),
    everything: bool = False,
    say: Callable[[str], None] | None = None,
) -> Table:
    """Findings that moved, and the parameters that moved most."""
    one, two = (read_side(path, members, variants, say) for path in (a, b))
    records = moved_findings(one.findings, two.findings, everything)
    if one.ensemble and two.ensemble:
        records += moved_parameters(one.ensemble, two.ensemble)[: None if everything else TOP]
    columns = [
        Column("what", "what", whole=True),
        Column("name", "name"),
        Column("A", lambda r: _said(r, "a")),
        Column("B", lambda r: _said(r, "b"), style=lambda r: STYLES.get(r["b"].get("verdict", ""), "")),
        Column("moved", lambda r: number(r["moved"], 2), "right"),
    ]
    footer = [
        "",
        "findings: margin [log2]; parameters: median log10, moved in prior standard deviations of A",
    ]
    return Table(
        "diff",
        records,
        columns,
        extra={"a": str(a), "b": str(b)},
        footer=footer if records else ["Nothing moved."],
    )


def moved_findings(
    a: Mapping[str, Mapping[str, Any]], b: Mapping[str, Mapping[str, Any]], everything: bool = False
) -> list[Record]:
    """Findings whose verdict changed or whose median margin moved, those that changed verdict first."""
    records: list[Record] = []
    for id in dict.fromkeys([*a, *b]):
        sides = [_standing(side.get(id)) for side in (a, b)]
        moved = sides[1]["margin"] - sides[0]["margin"]
        turned = sides[0]["verdict"] != sides[1]["verdict"]
        if turned or abs(moved) >= MOVED or everything:
            records.append(
                {
                    "what": "finding",
                    "name": id,
                    "a": sides[0],
                    "b": sides[1],
                    "moved": moved,
                    "turned": turned,
                }
            )
    return sorted(
        records, key=lambda r: (not r["turned"], -abs(r["moved"]) if math.isfinite(r["moved"]) else 0.0)
    )


def _standing(record: Mapping[str, Any] | None) -> dict[str, Any]:
    if record is None:
        return {"verdict": "absent", "margin": math.nan, "held": math.nan}
    median = (record["margin"] or {}).get("median")
    return {
        "verdict": record["verdict"],
        "margin": math.nan if median is None else float(median),
        "held": record["held"],
    }


def moved_parameters(a: Ensemble, b: Ensemble) -> list[Record]:
    """Parameters by how far the median moved, in widths of the members of A."""
    records: list[Record] = []
    place = {name: i for i, name in enumerate(b.names)}
    for i, name in enumerate(a.names):
        if name not in place:
            continue
        values = [float(np.median(a.log10[:, i])), float(np.median(b.log10[:, place[name]]))]
        moved = (values[1] - values[0]) / float(a.sd[i])
        if abs(moved) < MOVED:
            continue
        records.append(
            {
                "what": "parameter",
                "name": name,
                "a": {"log10": values[0]},
                "b": {"log10": values[1]},
                "moved": moved,
            }
        )
    return sorted(records, key=lambda r: -abs(r["moved"]))


def _said(record: Record, side: str) -> str:
    value = record[side]
    if "log10" in value:
        return number(value["log10"])
    return f"{value['verdict']} {number(value['margin'])}, held {percent(value['held'])}"
