"""Cell contexts: abundances, mutations and medium of a kind of cell, read from TOML and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.cells.genes import Effect, Genes, load_genes
from models.cells.media import Medium, load_media
from models.cells.plausible_ranges import PlausibleRange, read_bands
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, number_of, read_table, text_of

WIDEST_PRIOR = 0.33
"""Widest prior of an abundance [decades]: free abundances must not fit single findings on their own."""
_KEYS = (
    *("name", "title", "says", "medium", "hypothetical"),
    *("copies", "mutations", "variants", "plausible", "cohort"),
)


@dataclass(frozen=True, slots=True)
class Abundance:
    """Copies per cell (of a protein that turns over: scale of its synthesis), prior sd [decades], source."""

    copies: float
    prior: float
    source: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mutation: gene, kind, the settings that it changes, and the source."""

    gene: str
    what: str
    effects: tuple[Effect, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Varied:
    """A quantity that varies log-normally between the cells of a population, sd [decades].

    `what` is a setting, "<drug>.potency" or a rate, as the files write it.
    """

    what: str
    sd: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """One kind of cell. `copies` is keyed by setting (`IRS1_copies`), `plausible` by "observable/per"."""

    name: str
    title: str
    says: str
    medium: str
    hypothetical: bool
    copies: Mapping[str, Abundance]
    mutations: tuple[Mutation, ...]
    variants: Mapping[str, str]
    plausible: Mapping[str, PlausibleRange]
    cohort: tuple[Varied, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Effects of all mutations."""
        return tuple(effect for mutation in self.mutations for effect in mutation.effects)

    def settings(self) -> dict[str, float]:
        """Setting -> first guess, where this cell differs from the shared default; without its medium."""
        values = {name: a.copies for name, a in self.copies.items()}
        for setting, value, times in self.effects:
            # every multiplying mutation is a loss (x0), so no default is needed here
            values[setting] = values.get(setting, 0.0) * value if times else value
        return values

    @property
    def free(self) -> dict[str, tuple[float, float]]:
        """Free abundances: setting -> (first guess [copies], sd [decades])."""
        lost = {e.setting for e in self.effects}
        return {n: (a.copies, a.prior) for n, a in self.copies.items() if a.prior > 0 and n not in lost}

    def bands(self, default: Mapping[str, PlausibleRange]) -> dict[str, PlausibleRange]:
        """Plausible ranges of this context: its own, else the shared ones."""
        return {**default, **self.plausible}


def load_contexts(
    folder: Path | None = None,
    media: Mapping[str, Medium] | None = None,
    genes: Genes | None = None,
    problems: Mistakes | None = None,
) -> dict[str, Context]:
    """Read every context of a folder by name; raises one `UserError` unless `problems` is given."""
    noted = problems if problems is not None else Mistakes()
    media = media if media is not None else load_media(problems=noted)
    genes = genes if genes is not None else load_genes(problems=noted)
    contexts = {}
    for path in sorted((folder or Path(__file__).with_name("contexts")).glob("*.toml")):
        contexts[path.stem] = read_context(path, media, genes, noted)
    if problems is None:
        noted.raise_if_any()
    return contexts


def read_context(path: Path, media: Mapping[str, Medium], genes: Genes, problems: Mistakes) -> Context:
    """Read one context; mistakes are noted and left out."""
    table = read_table(path, "context/1", problems)
    if not table:
        return Context(path.stem, "", "", "", False, {}, (), {}, {}, ())
    check_keys(table, _KEYS, "", problems)
    name = text_of(table, "name", "", problems)
    if name and name != path.stem:
        problems.add("name", repr(name), allowed=repr(path.stem), advice="A context is named as its file.")
    medium = text_of(table, "medium", "", problems)
    if medium and medium not in media:
        problems.add("medium", repr(medium), allowed=media, name=medium)
    hypothetical = table.get("hypothetical", False)
    if not isinstance(hypothetical, bool):
        problems.add("hypothetical", repr(hypothetical), allowed="true, false")
    parts: dict[str, Mapping[str, Any]] = {}
    for key in ("copies", "mutations", "variants", "plausible"):
        part = table.get(key, {})
        parts[key] = part if is_table(part, key, problems) else {}
    variants = {k: v for k, v in parts["variants"].items() if isinstance(v, str)}
    for key in parts["variants"].keys() - variants.keys():
        problems.add(f"variants.{key}", f"{parts['variants'][key]!r} where text is expected")
    return Context(
        name=path.stem,
        title=text_of(table, "title", "", problems),
        says=text_of(table, "says", "", problems),
        medium=medium,
        hypothetical=bool(hypothetical),
        copies=_copies(parts["copies"], genes, problems),
        mutations=_mutations(parts["mutations"], genes, problems),
        variants=variants,
        plausible=read_bands(parts["plausible"], "plausible", problems),
        cohort=_cohort(table.get("cohort", []), problems),
    )


def _copies(table: Mapping[str, Any], genes: Genes, problems: Mistakes) -> dict[str, Abundance]:
    copies = {}
    for symbol, body in table.items():
        place = f"copies.{symbol}"
        if symbol not in genes.by_symbol:
            problems.add(place, f"unknown protein {symbol!r}", allowed=genes.by_symbol, name=symbol)
        elif is_table(body, place, problems):
            check_keys(body, ("copies", "prior", "source"), place, problems)
            copies[genes[symbol].copies] = Abundance(
                number_of(body, "copies", place, problems, 0, 1e9),
                number_of(body, "prior", place, problems, 0, WIDEST_PRIOR),
                text_of(body, "source", place, problems),
            )
    return copies


def _mutations(table: Mapping[str, Any], genes: Genes, problems: Mistakes) -> tuple[Mutation, ...]:
    mutations = []
    for given, body in table.items():
        place = f"mutations.{given}"
        if (gene := genes.get(given)) is None:
            problems.add(place, f"unknown gene {given!r}", allowed=genes.names, name=given)
        elif is_table(body, place, problems):
            check_keys(body, ("is", "source"), place, problems)
            source = text_of(body, "source", place, problems)
            if what := text_of(body, "is", place, problems):
                try:
                    change = gene.change(what)
                except ValueError as err:
                    problems.add(f"{place}.is", str(err))
                    continue
                if change.startswith("x") and change != "x0":
                    advice = "Write a changed abundance under [copies]."
                    problems.add(f"{place}.is", repr(what), advice=advice)
                else:
                    mutations.append(Mutation(gene.symbol, what, gene.effects(change), source))
    return tuple(mutations)


def _cohort(rows: object, problems: Mistakes) -> tuple[Varied, ...]:
    if not isinstance(rows, list):
        problems.add("cohort", f"{rows!r} where [[cohort]] tables are expected")
        return ()
    varied = []
    for i, body in enumerate(rows, 1):
        place = f"cohort {i}"
        if is_table(body, place, problems):
            check_keys(body, ("vary", "sd", "source"), place, problems)
            what = text_of(body, "vary", place, problems)
            sd = number_of(body, "sd", place, problems, 0, 2)
            varied.append(Varied(what, sd, text_of(body, "source", place, problems)))
    return tuple(varied)


def check_names(
    contexts: Mapping[str, Context],
    genes: Genes,
    settings: Mapping[str, Any],
    problems: Mistakes,
    *,
    observables: Mapping[str, Any] | None = None,
    variants: Mapping[str, Any] | None = None,
    varied: Mapping[str, Any] | None = None,
) -> None:
    """Note every name in contexts and genes that the built model does not have.

    Parameters
    ----------
    settings, observables, variants : mapping
        Names in the model (those of `Built`); `varied`: what else a cohort may vary (rates, potencies).
    """
    problems.file = "genes.toml"
    for gene in genes.by_symbol.values():
        for setting in (gene.copies, *(s for sets in gene.mutants.values() for s, _ in sets)):
            if setting not in settings:
                given = f"the model has no setting {setting!r}"
                problems.add(gene.symbol, given, allowed=settings, name=setting)
    for context in contexts.values():
        problems.file = f"{context.name}.toml"
        for band in context.plausible.values() if observables is not None else ():
            for name in (band.observable, band.per):
                if observables is not None and name not in observables:
                    problems.add("plausible", f"unknown observable {name!r}", allowed=observables, name=name)
        for name in context.variants if variants is not None else ():
            if variants is not None and name not in variants:
                problems.add("variants", f"unknown variant {name!r}", allowed=variants, name=name)
        for row in context.cohort if varied is not None else ():
            if row.what not in settings and varied is not None and row.what not in varied:
                allowed = [*settings, *varied]
                problems.add("cohort", f"unknown name {row.what!r}", allowed=allowed, name=row.what)
