"""Do our findings hold in a published model? Its SBML, a mapping file, one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.external.published.mapping import read_mapping
from calibration.external.published.published_model import SPECIES, Published, read_published
from calibration.external.published.translation import Translation
from calibration.external.published.verdicts import PublishedVerdict, verdicts
from models.core.files import wrong
from models.core.units import format_time
from models.engines.sbml_engines import EngineFailure
from rewire.project.project import load_project
from rewire.project.selections import all_findings, chosen
from rewire.report.finding_summary import summarize
from rewire.report.findings_table import STYLES, short
from rewire.report.tables import Column, Record, Table, number

HOLDS, FAILS, CANNOT = "holds", "fails", "cannot be evaluated"

LACKS = {
    "claim": "not said by any model",
    "cells": "differences between cells",
    "observable": "no such observable",
    "drug": "no such target of a drug",
    "ligand": "no such ligand",
    "gene": "no such gene",
    "medium": "no such medium",
    "simulation": "does not simulate",
    "reading": "nothing to be read",
}
"""What keeps a finding from being evaluated, as it is counted."""


@dataclass(frozen=True)
class PublishedCheck:
    """What a published model says about our findings.

    Attributes
    ----------
    published : Published
    translation : Translation
    verdicts : list of PublishedVerdict
        In the order of the findings.
    """

    published: Published
    translation: Translation
    verdicts: list[PublishedVerdict]

    @property
    def ok(self) -> bool:
        """Whether every fit finding that can be evaluated holds."""
        return not any(v.score.verdict == FAILS for v in self.verdicts if v.finding.use == "fit")

    @property
    def species(self) -> int:
        """How many the model has."""
        return len({t.id for t in self.published.things.values() if t.kind == SPECIES})

    def table(self) -> Table:
        """The findings table, as `rewire check` has it; what the model lacks is told in every row."""
        own = self.translation
        extra = {
            "members": 1,
            "model": self.published.name,
            "title": own.title,
            "says": own.says,
            "citation": own.citation,
            "left_out": list(self.published.notes),
        }
        return Table("check", [record(v) for v in self.verdicts], COLUMNS, extra=extra, footer=self._footer())

    def _footer(self) -> list[str]:
        own, told = self.translation, claims(self.verdicts)
        counts = Counter(told.values())
        asked = counts[HOLDS] + counts[FAILS]
        beyond = sum(not v.within and v.lacks is None for v in self.verdicts)
        lines = [
            "",
            f"{own.title} ({self.published.name}, {self.species} species): {own.says}",
            f"claims that hold: {counts[HOLDS]} of {asked} that can be evaluated; {counts[CANNOT]} cannot",
        ]
        if lacks := Counter(verdict.lacks for verdict in self.verdicts if verdict.lacks):
            told_of = ", ".join(f"{LACKS[name]} {count}" for name, count in lacks.most_common())
            lines.append(f"findings that cannot: {told_of}")
        if beyond:
            span = format_time(own.span)
            lines.append(f"{beyond} findings read beyond {span}, to which the model was compared with data")
        return [*lines, *self.published.notes]


def check_published(
    model: Path,
    mapping: Path,
    contexts: Sequence[str] = (),
    ids: Sequence[str] = (),
    folder: Path | None = None,
    say: Callable[[str], None] | None = None,
) -> PublishedCheck:
    """Score findings on a published model.

    Parameters
    ----------
    model : Path
        SBML.
    mapping : Path
        What in it stands for what (`calibration.external.published.mapping`).
    contexts, ids : sequence of str
        Narrow the check.
    folder : Path, optional
        Another folder of findings.
    say : callable, optional
        Told what people should know.

    Raises
    ------
    UserError
    """
    world = load_project()
    findings = chosen(all_findings(world, folder), contexts, ids)
    published = read_published(model)
    own = read_mapping(mapping, published, world.words, world.built.observables)
    if say and not model.name.startswith(own.model):
        say(f"{mapping.name} is written for {own.model}, and this file is called {model.name}.")
    try:
        found = verdicts(findings, published, own, world.words)
    except EngineFailure as error:
        raise wrong(model, "", f"cannot be run ({error})") from None
    return PublishedCheck(published, own, found)


def record(verdict: PublishedVerdict) -> dict[str, Any]:
    """One record: that of a check with one member, and what is lacking."""
    hold, read = verdict.parts
    return summarize(verdict.finding, [verdict.score]).record() | {
        "lacks": verdict.lacks,
        "within_span": verdict.within,
        "parts": {"hold": hold, "read": read, "of": verdict.finding.n_parts},
    }


def claims(verdicts: Sequence[PublishedVerdict]) -> dict[str, str]:
    """Ids without their context → verdict: a model that stands for all cells answers each claim once.

    It fails where it fails in any of its contexts, and holds where it holds in those that can be evaluated.
    """
    told: dict[str, set[str]] = {}
    for verdict in verdicts:
        name = verdict.finding.id.partition("@")[0]
        told.setdefault(name, set()).add(CANNOT if verdict.lacks else verdict.score.verdict)
    return {n: FAILS if FAILS in found else HOLDS if HOLDS in found else CANNOT for n, found in told.items()}


def _said(record: Record) -> str:
    if record["lacks"]:
        return f"{CANNOT}: {short(record['reason'])}"
    return str(record["verdict"]) + ("" if record["within_span"] else ", beyond its data")


COLUMNS = [
    Column("finding", "id"),
    Column("use", "use", style=lambda r: "" if r["use"] == "fit" else "dim"),
    Column("wanted", lambda r: short(r["wanted"])),
    Column("got", lambda r: "–" if r["lacks"] else number(r["got"].median), "right"),
    Column("margin", lambda r: number(r["margin"].median), "right"),
    Column("parts", lambda r: f"{r['parts']['hold']} of {r['parts']['read']}/{r['parts']['of']}", "right"),
    Column("verdict", _said, style=lambda r: "dim" if r["lacks"] else STYLES.get(r["verdict"], "")),
]
