"""The printed table of findings."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping

from rewire.report.tables import Column, Record

STYLES = {"holds": "green", "fails": "bold red", "unevaluable": "bold yellow", "implausible": "bold yellow"}


def columns(changes: Mapping[str, str] | None = None) -> list[Column]:
    """The columns of a findings table; `changes` are those since the last check, by id."""

    def verdict(record: Record) -> str:
        text = str(record["verdict"]) + (" (borderline)" if record["borderline"] else "")
        return (
            f"{text}: {short(record['reason'])}"
            if record["reason"] and record["verdict"] != "holds"
            else text
        )

    made = [
        Column("finding", "id"),
        Column("use", "use", style=lambda r: "" if r["use"] == "fit" else "dim"),
        Column("wanted", lambda r: short(r["wanted"])),
        Column("got", lambda r: str(r["got"]), "right"),
        Column("margin", lambda r: str(r["margin"]), "right"),
        Column("verdict", verdict, style=lambda r: STYLES.get(r["verdict"], "")),
        Column("held", lambda r: percent(r["held"]), "right", whole=True),
        Column(
            "prior",
            lambda r: percent(r["prior_held"]),
            "right",
            lambda r: "" if r["informative"] else "dim",
            whole=True,
        ),
    ]
    if changes:
        made.append(Column("changed", lambda r: changes.get(r["id"], ""), style=lambda _: "bold"))
    return made


def short(text: str, most: int = 90) -> str:
    """The beginning of a long text, which is complete in the JSON answer and the report."""
    return textwrap.shorten(text, most, placeholder=" …")


def percent(fraction: float | None) -> str:
    """A fraction in percent."""
    return "–" if fraction is None or not math.isfinite(fraction) else f"{100 * fraction:.0f} %"
