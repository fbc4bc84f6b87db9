"""Published models on our findings, ours beside them, and which of them show the rapalog rebound at all.

python -m benchmarks.scoreboard --models ../shared/data/models/sbml
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from models.core.errors import UserError
from rewire.analysis.external.published_models import (
    CANNOT,
    FAILS,
    HOLDS,
    PublishedCheck,
    check_published,
    claims,
)
from rewire.report.console import answer, talk
from rewire.report.finding_summary import FindingSummary
from rewire.report.tables import Column, Record, Table, number, to_rich

ROOT = Path(__file__).resolve().parent.parent
MAPPINGS = ROOT / "examples" / "published"
REBOUND = MAPPINGS / "rebound"
MODELS = ROOT.parent / "shared" / "data" / "models" / "sbml"
MARKS = {HOLDS: "✓", FAILS: "✗", CANNOT: "·"}
STYLES = {HOLDS: "green", FAILS: "red", CANNOT: "dim"}
FOLDS = {
    "S6K 1 h": "R04_s6k_falls",
    "T308 1 h": "R01_t308_at_1h",
    "T308 6 h": "R01_t308_at_6h",
    "T308 24 h": "R01_t308_at_24h",
    "T308 24 h, little serum": "R02_t308_at_24h",
    "T308 24 h, + insulin": "R03_t308_at_24h",
    "S473 1 h": "R01_s473_at_1h",
    "S473 6 h": "R01_s473_at_6h",
    "S473 24 h": "R01_s473_at_24h",
    "S473 24 h, little serum": "R02_s473_at_24h",
    "S473 24 h, + insulin": "R03_s473_at_24h",
}
"""Columns of the rebound, and the findings that they are the ratio of."""


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes
    ----------
    title : str
    use, told : dict
        Claim → what it is used for, and its verdict.
    folds : dict of str to float
        Finding of the rebound → ratio.
    parts : (int, int)
        Elementary inequalities that hold and that can be read.
    """

    title: str
    use: Mapping[str, str]
    told: Mapping[str, str]
    folds: Mapping[str, float]
    parts: tuple[int, int] = field(default=(0, 0))

    def asked(self, use: str) -> list[str]:
        """The claims that it can be asked."""
        return [name for name, told in self.told.items() if told != CANNOT and self.use[name] == use]

    def hold(self, names: Sequence[str]) -> str:
        """How many of these hold."""
        return f"{sum(self.told.get(name) == HOLDS for name in names)} of {len(names)}"


def published(mapping: Path, model: Path) -> Entry:
    """A model of others."""
    found, rebound = check_published(model, mapping), check_published(model, mapping, folder=REBOUND)
    return Entry(
        found.translation.title,
        {v.finding.id.partition("@")[0]: v.finding.use for v in found.verdicts},
        claims(found.verdicts),
        {v.finding.id: v.score.got for v in rebound.verdicts if v.lacks is None},
        parts(found),
    )


def parts(found: PublishedCheck) -> tuple[int, int]:
    """Elementary inequalities that hold and that can be read; each claim once."""
    first: dict[str, tuple[int, int]] = {}
    for verdict in found.verdicts:
        first.setdefault(verdict.finding.id.partition("@")[0], verdict.parts)
    return sum(hold for hold, _ in first.values()), sum(read for _, read in first.values())


def ours(members: int) -> Entry:
    """The shipped ensemble: the verdict of most members, the median ratio."""
    from rewire.analysis.check.check import check

    found = check(members=members, say=talk().print).summaries
    rebound = check(folder=REBOUND, members=members).summaries
    told: dict[str, str] = {}
    for summary in found:
        name, verdict = summary.id.partition("@")[0], _verdict(summary)
        told[name] = min(told.get(name, verdict), verdict, key=(FAILS, HOLDS, CANNOT).index)
    use = {s.id.partition("@")[0]: s.use for s in found}
    return Entry("ours", use, told, {s.id: s.got.median for s in rebound})


def _verdict(summary: FindingSummary) -> str:
    """A finding in cells whose baseline is out of range counts as failed."""
    return {"holds": HOLDS, "fails": FAILS, "implausible": FAILS}.get(summary.verdict, CANNOT)


def summary(entries: Sequence[Entry], own: Entry | None) -> Table:
    """One row a model: claims that hold of those it can be asked, and ours on the same ones."""
    records: list[Record] = []
    columns = [Column("model", "title", whole=True)]
    for entry in entries:
        record: dict[str, object] = {"title": entry.title}
        for use in ("fit", "validation"):
            names = entry.asked(use)
            record[use] = entry.hold(names)
            record[f"ours, {use}"] = own.hold(names) if own and own is not entry else ""
        record["cannot"] = sum(told == CANNOT for told in entry.told.values())
        record["parts"] = "{} of {}".format(*entry.parts) if own is not entry else ""
        records.append(record)
    for use in ("fit", "validation"):
        columns += [
            Column(f"{use} claims hold", use, "right"),
            Column("ours on these", f"ours, {use}", "right"),
        ]
    columns.append(Column("cannot be evaluated", "cannot", "right"))
    columns.append(Column("inequalities hold", "parts", "right"))
    return Table("check", records, columns, title="Claims, each once, whatever cells it is made in")


def matrix(entries: Sequence[Entry], own: Entry | None) -> Table:
    """One row a claim that any published model can be asked."""
    asked = {name for e in entries if e is not own for use in ("fit", "validation") for name in e.asked(use)}
    records: list[Record] = [
        {"claim": name, "use": entries[0].use[name], **{e.title: e.told.get(name, CANNOT) for e in entries}}
        for name in entries[0].told
        if name in asked
    ]
    columns = [Column("claim", "claim", whole=True), Column("use", "use")]
    for entry in entries:
        columns.append(Column(entry.title, _said(entry.title, MARKS), style=_said(entry.title, STYLES)))
    return Table(
        "check",
        records,
        columns,
        title="Claims that can be evaluated on a published model: holds ✓, fails ✗, cannot be evaluated ·",
    )


def rebound(entries: Sequence[Entry]) -> Table:
    """What rapamycin does to S6K and to both sites of AKT."""
    records: list[Record] = [
        {"title": e.title, **{head: number(e.folds.get(name)) for head, name in FOLDS.items()}}
        for e in entries
    ]
    columns = [Column("model", "title", whole=True), *(Column(head, head, "right") for head in FOLDS)]
    return Table("check", records, columns, title="Under rapamycin 20 nM in serum, as a multiple of vehicle")


def _said(title: str, words: Mapping[str, str]) -> Callable[[Record], str]:
    return lambda record: words[record[title]]


def found_in(folders: Sequence[Path], mapping: Path) -> Path | None:
    """The file of a mapping's model."""
    prefix = tomllib.loads(mapping.read_text(encoding="utf-8"))["model"]
    return next((file for folder in folders for file in sorted(folder.glob(f"{prefix}*.xml"))), None)


@click.command()
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    default=(MODELS,),
    help="A folder of SBML files named as BioModels names them; repeatable.",
)
@click.option("--members", default=20, show_default=True, help="Of the shipped ensemble; 0 leaves ours out.")
@click.option("--claims", "whole", is_flag=True, help="Print each claim, too.")
def main(models: Sequence[Path], members: int, whole: bool) -> None:
    """Every mapping in examples/published whose model is in one of the folders."""
    entries = []
    for mapping in sorted(MAPPINGS.glob("*.toml")):
        model = found_in(models, mapping)
        if model is None:
            talk().print(f"{mapping.name}: its model is in none of the folders")
            continue
        talk().print(f"{mapping.name} …")
        try:
            entries.append(published(mapping, model))
        except UserError as error:
            talk().print(f"{mapping.name}: {error}", markup=False)
    own = ours(members) if members else None
    shown = [own, *entries] if own else entries
    if not shown:
        return
    for table in (summary(shown, own), *([matrix(shown, own)] if whole else []), rebound(shown)):
        answer().print(to_rich(table))
        answer().print()


if __name__ == "__main__":
    main()
