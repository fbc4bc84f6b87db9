"""What there is: the tables of `rewire list`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from models.cells.drugs import residual_table
from models.core.errors import Mistakes
from models.core.units import dose as read_dose
from models.core.units import format_dose
from rewire.project.project import Project, load_project, parse_variants
from rewire.report.tables import Column, Record, Table, number


def inventory(
    what: str, dose: str | None = None, module: str | None = None, variants: Iterable[str] = ()
) -> Table:
    """The table of `rewire list WHAT`.

    Parameters
    ----------
    what : str
        contexts, drugs, findings, rules, observables or parameters.
    dose : str, optional
        With drugs: what this dose leaves of each target's activity.
    module : str, optional
        With rules and parameters: of this module only.
    variants : iterable of str
        Competing hypotheses, as `NAME=CHOICE`.
    """
    world = load_project(parse_variants(variants))
    if what == "drugs":
        return drugs(world, dose)
    if what in ("rules", "parameters"):
        return {"rules": rules, "parameters": parameters}[what](world, module)
    tables: dict[str, Callable[[Project], Table]] = {
        "contexts": contexts,
        "findings": findings,
        "observables": observables,
    }
    return tables[what](world)


def contexts(world: Project) -> Table:
    """Cells with their medium, mutations and free abundances."""
    records: list[Record] = [
        {
            "name": c.name,
            "title": c.title,
            "says": c.says,
            "medium": c.medium,
            "hypothetical": c.hypothetical,
            "mutations": {m.gene: m.what for m in c.mutations},
            "copies": {name: a.copies for name, a in c.copies.items()},
            "free": sorted(c.free),
            "population": bool(c.cohort),
            "sources": {name: a.source for name, a in c.copies.items()}
            | {m.gene: m.source for m in c.mutations},
        }
        for c in world.contexts.values()
    ]
    columns = [
        Column("context", "name", whole=True),
        Column("cells", lambda r: r["title"] + (" (hypothetical)" if r["hypothetical"] else "")),
        Column("medium", "medium", whole=True),
        Column("mutations", lambda r: ", ".join(f"{gene} {what}" for gene, what in r["mutations"].items())),
        Column("abundances of its own", lambda r: ", ".join(n.removesuffix("_copies") for n in r["copies"])),
        Column("of these free", lambda r: len(r["free"]), "right"),
    ]
    return Table("contexts", records, columns)


def drugs(world: Project, dose: str | None) -> Table:
    """Targets of each drug with their potencies; at `dose`, what is left of each target's activity."""
    dose_nM = None
    if dose is not None:
        problems = Mistakes("--dose")
        try:
            dose_nM = read_dose(dose)
        except ValueError as error:
            problems.add("", str(error))
        problems.raise_if_any()
    records: list[Record] = []
    for row in residual_table(world.catalogue, dose_nM or 0.0):
        if dose_nM is None:
            del row["residual"]
        records.append({**row, "aliases": world.catalogue[row["drug"]].aliases})
    columns = [
        Column("drug", "drug", whole=True),
        Column("target", "target", whole=True),
        Column("mode", "mode", whole=True),
        Column("Ki", lambda r: _dose(r["Ki"]), "right", whole=True),
        Column("cell IC50", lambda r: _dose(r["cell"]), "right", whole=True),
        Column("set by", "sets", whole=True),
        Column("K", lambda r: _dose(r["K"]), "right", whole=True),
    ]
    if dose_nM is None:
        columns.append(Column("source", "source"))
    else:
        columns.append(
            Column(
                "left",
                lambda r: f"{100 * r['residual']:.3g} %",
                "right",
                lambda r: "bold" if r["residual"] < 0.5 else "dim",
            )
        )
    title = "" if dose_nM is None else f"Activity left by {format_dose(dose_nM)}"
    return Table("drugs", records, columns, title, {} if dose_nM is None else {"dose_nM": dose_nM})


def _dose(value: float | None) -> str:
    return "–" if value is None else format_dose(value, 3)


def findings(world: Project) -> Table:
    """What is published, as typed claims."""
    from rewire.project.selections import all_findings

    records: list[Record] = [
        {
            "id": f.id,
            "row": f.row,
            "use": f.use,
            "kind": f.kind,
            "trust": f.trust,
            "contexts": f.contexts,
            "says": f.description,
            "wanted": f.wanted,
            "citation": f.source.citation,
            "where": f.source.where,
            "doi": f.source.doi,
            "pmid": f.source.pmid,
            "file": f.file,
            "informative": f.informative,
            "conflict": f.conflict,
            "cannot": f.cannot,
        }
        for f in all_findings(world)
    ]
    columns = [
        Column("finding", "id"),
        Column("use", "use", style=lambda r: "" if r["use"] == "fit" else "dim"),
        Column("kind", "kind", whole=True),
        Column("says", "says"),
        Column("wanted", "wanted"),
        Column("source", "citation"),
    ]
    fit = sum(r["use"] == "fit" for r in records)
    return Table(
        "findings", records, columns, footer=["", f"{fit} fit findings, {len(records) - fit} for validation"]
    )


def rules(world: Project, module: str | None) -> Table:
    """Rules with their evidence."""
    notes = [n for n in world.built.rules.values() if module in (None, n.module)]
    _known(module, {n.module for n in world.built.rules.values()}, notes)
    records: list[Record] = [{"name": n.name, "module": n.module, "evidence": n.evidence} for n in notes]
    columns = [
        Column("module", "module", whole=True),
        Column("rule", "name", whole=True),
        Column("evidence", "evidence"),
    ]
    return Table("rules", records, columns)


def observables(world: Project) -> Table:
    """What a finding may read."""
    records: list[Record] = [
        {"name": o.name, "unit": o.unit, "says": o.says} for o in world.built.observables.values()
    ]
    return Table(
        "observables",
        records,
        [Column("observable", "name", whole=True), Column("unit", "unit"), Column("what it is", "says")],
    )


def parameters(world: Project, module: str | None) -> Table:
    """Free kinetic constants with their priors."""
    rates = [r for r in world.built.rates.values() if module in (None, r.module)]
    _known(module, {r.module for r in world.built.rates.values()}, rates)
    records: list[Record] = [
        {
            "name": r.name,
            "guess": r.guess,
            "unit": r.unit,
            "sd_decades": r.sd,
            "module": r.module,
            "rule": r.rule,
            "source": r.source,
        }
        for r in rates
    ]
    columns = [
        Column("module", "module", whole=True),
        Column("parameter", "name", whole=True),
        Column("first guess", "guess", "right"),
        Column("unit", "unit", whole=True),
        Column("prior [decades]", lambda r: number(r["sd_decades"], 2), "right"),
        Column("source", "source"),
    ]
    return Table("parameters", records, columns)


def _known(module: str | None, modules: set[str], found: Sequence[object]) -> None:
    if module is not None and not found:
        problems = Mistakes("--module")
        problems.add("", f"no module {module!r}", allowed=modules, name=module)
        problems.raise_if_any()
