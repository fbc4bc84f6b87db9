"""Arms: the treatment of one kind of cell, in canonical form so that equal treatments are simulated once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.cells.context import Context
from models.cells.genes import Genes
from models.cells.media import LIGANDS, Medium
from models.core.errors import Mistakes, UserError
from models.core.toml_tables import fold
from models.treatments.schedule import STARVED, Schedule, Segment, cut_time, parse_schedules, parse_starve

if TYPE_CHECKING:
    from models.cells.drugs import Catalogue

_ALIASES = {"heregulin": "NRG1", "hrg": "NRG1", "nrg": "NRG1", "igfi": "IGF1", "pdgfbb": "PDGF"}
_LIGAND = {fold(n): n for n in LIGANDS} | _ALIASES
_PLAIN = ("context", "grown_in", "medium", "starve", "renew_medium", "genes")


@dataclass(frozen=True, slots=True)
class Arm:
    """One treatment of one kind of cell. Arms that differ only in name are equal.

    The cells start at the steady state in `grown_in`, with `genes` changed as (symbol, canonical change). One
    segment starts at 0; earlier ones are starvation and pre-treatment. With `renew_medium` secreted IL-8 is
    removed at 0.
    """

    name: str = field(compare=False)
    context: str
    grown_in: str
    renew_medium: bool
    genes: tuple[tuple[str, str], ...]
    segments: tuple[Segment, ...]

    @property
    def rest_key(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """Arms with equal keys start from the same steady state."""
        return self.context, self.grown_in, self.genes

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs used at any time."""
        return tuple(sorted({name for s in self.segments for name, _ in s.drugs}))


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The names that an arm may use."""

    contexts: Mapping[str, Context]
    catalogue: Catalogue
    media: Mapping[str, Medium]
    genes: Genes


def table_from_options(
    treatments: Iterable[str], problems: Mistakes, genes: Iterable[str] = (), **plain: object
) -> dict[str, Any]:
    """The table of an arm from command-line texts such as "BEZ235=300 nM" and "GRB10=knock-out".

    `plain` are other keys of the arm (medium, grown_in, starve, renew_medium); None leaves one out.
    """
    table: dict[str, Any] = {key: value for key, value in plain.items() if value is not None}
    changes: dict[str, Any] = {}
    for option, texts, into in (("--treat", treatments, table), ("--gene", genes, changes)):
        for text in texts:
            name, equals, value = (part.strip() for part in text.partition("="))
            if not (name and equals and value):
                allowed = 'NAME=VALUE, such as "rapamycin=20 nM@-30 min" or "GRB10=knock-out"'
                problems.add(option, repr(text), allowed=allowed)
            elif name in into and into is table and name in _PLAIN:
                problems.add(option, f"{name!r} is given twice")
            elif name in into:
                into[name] = [*(into[name] if isinstance(into[name], list) else [into[name]]), value]
            else:
                into[name] = value
    if changes:
        table["genes"] = changes
    return table


def parse_arm(
    name: str,
    table: Mapping[str, Any] | object,
    words: Vocabulary,
    problems: Mistakes,
    *,
    context: str | None = None,
    grown_in: str | None = None,
    place: str | None = None,
) -> Arm | None:
    """Read an arm from its table, in a file or from the command line.

    Parameters
    ----------
    table : mapping
        Drugs and ligands with their schedules, and `context`, `grown_in`, `medium`, `starve`, `renew_medium`,
        `genes`.
    problems : Mistakes
        Collects every mistake.
    context, grown_in : str, optional
        Defaults; `grown_in` falls back on the context's own medium.
    place : str, optional
        Place of the table, for messages ("arm.<name>").

    Returns
    -------
    Arm or None
        None if there was any mistake.
    """
    before, place = len(problems.found), place or f"arm.{name}"
    if not isinstance(table, Mapping):
        problems.add(place, f"{table!r} where a table is expected")
        return None
    cell = _one_of(table.get("context", context), words.contexts, f"{place}.context", problems)
    home = words.contexts[cell].medium or None if cell else None
    grown = _one_of(table.get("grown_in", grown_in or home), words.media, f"{place}.grown_in", problems)
    starve = parse_starve(table.get("starve"), f"{place}.starve", problems)
    # starved cells stay without serum unless the arm feeds them again
    fed = table.get("medium", STARVED if starve else grown)
    if "medium" in table and fed is None:
        problems.add(f"{place}.medium", "missing", allowed=words.media)
    medium = _one_of(fed, words.media, f"{place}.medium", problems)
    renew = table.get("renew_medium", True)
    if not isinstance(renew, bool):
        problems.add(f"{place}.renew_medium", repr(renew), allowed="true, false")
    drugs: list[tuple[str, Schedule]] = []
    ligands: list[tuple[str, Schedule]] = []
    for key, value in table.items():
        if key in _PLAIN:
            continue
        if ligand := _LIGAND.get(fold(key)):
            ligands += [(ligand, s) for s in parse_schedules(value, f"{place}.{key}", problems)]
        elif (drug := drug_name(words.catalogue, key)) is not None:
            drugs += [(drug, s) for s in parse_schedules(value, f"{place}.{key}", problems)]
        else:
            allowed = (*_PLAIN, *LIGANDS, *words.catalogue.names)
            problems.add(place, f"unknown drug, ligand or key {key!r}", allowed=allowed, name=key)
    genes = parse_genes(table.get("genes", {}), words.genes, f"{place}.genes", problems)
    if len(problems.found) > before or cell is None or grown is None or medium is None:
        return None
    return Arm(name, cell, grown, bool(renew), genes, cut_time(grown, medium, starve, drugs, ligands))


def parse_genes(table: object, genes: Genes, place: str, problems: Mistakes) -> tuple[tuple[str, str], ...]:
    """Changed genes as sorted (symbol, canonical change), from a table of name -> change or changes."""
    if not isinstance(table, Mapping):
        advice = 'Write genes = { GRB10 = "knock-out" }.'
        problems.add(place, f"{table!r} where a table is expected", advice=advice)
        return ()
    read: dict[tuple[str, str], str] = {}
    for name, value in table.items():
        if (gene := genes.get(name)) is None:
            problems.add(place, f"unknown gene {name!r}", allowed=genes.names, name=name)
            continue
        for text in value if isinstance(value, list) else [value]:
            try:
                change = gene.change(text) if isinstance(text, str) else ""
            except ValueError as err:
                problems.add(f"{place}.{name}", str(err))
                continue
            if not change:
                advice = 'Write e.g. "knock-out".'
                problems.add(f"{place}.{name}", f"{text!r} where text is expected", advice=advice)
                continue
            if change == "x1":
                continue
            if (other := read.setdefault((gene.symbol, change), name)) != name:
                given = f"{other!r} and {name!r} are the same gene ({gene.symbol})"
                problems.add(f"{place}.{name}", given, advice="Name it once.")
    return tuple(sorted(read))


def drug_name(catalogue: Catalogue, name: str) -> str | None:
    """The catalogue's own name of a drug, or None."""
    try:
        return catalogue[name].name
    except (KeyError, UserError):
        return None


def _one_of(name: object, allowed: Mapping[str, Any], place: str, problems: Mistakes) -> str | None:
    if isinstance(name, str) and name in allowed:
        return name
    if name is not None:
        problems.add(place, repr(name), allowed=allowed, name=str(name))
    elif place.endswith(".context"):
        problems.add(place, "missing", allowed=allowed)
    return None
