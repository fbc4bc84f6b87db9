"""The mapping file: what in a published model stands for what in our findings.

format = "mapping/1"
title = "Doe 2020"
model = "BIOMD0000000001"            # the file's name begins so
says = "Insulin signalling in adipocytes; pAKT is one pool."
source = { citation = "Doe et al. 2020" }
time = "min"                         # one unit of the model's time
span = "2 h"                         # how far it was compared with data
contexts = "any"                     # or a list of those that it is a model of
ignores = ["PTEN"]                   # genes whose change in our cells it cannot express, which is let pass
rest = "steady"                      # untreated cells: until nothing moves, or for a time such as "24 h"
cycle = "1 h"                        # with such a time: cells never rest, 12 begun over this are averaged

[observable]
pAKT_T308 = "Akt_p + Akt_pp"         # + - * / and parentheses over species, parameters and compartments

[medium.serum]
Insulin = 1.0                        # in the model's units; what is set is held; all media name the same

[ligand.insulin]
Insulin = 0.1                        # added for each nM

[drug.rapamycin]
Rapa = 1.0                           # added for each nM; only where the model has the drug itself

[[activity]]
of = ["FKBP12"]                      # targets of our drugs: what a dose leaves of them …
turns = ["S6K_phosphorylation"]      # … multiplies these rates (reactions) and constants (parameters)

[gene.IRS1]
turns = ["IRS1", "IRS1_p"]           # species (what there is at the start), rates and constants
"S636A" = ["IRS1_phosphorylation"]   # a mutant: what is gone
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from calibration.external.published.names import Names
from calibration.external.published.published_model import PARAMETER, REACTION, SPECIES, Published
from calibration.external.published.translation import Activity, GeneAbundance, Translation, Values
from models.cells.drugs import TARGETS
from models.cells.genes import Gene
from models.cells.media import LIGANDS
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, read_table, text_of
from models.core.units import TIME_UNITS, seconds
from models.treatments.arm import Vocabulary, drug_name

FORMAT = "mapping/1"
ANY, STEADY = "any", "steady"
_TOP = (
    *("title", "model", "says", "source", "time", "span", "contexts", "ignores", "rest", "cycle"),
    *("observable", "medium", "ligand", "drug", "activity", "gene"),
)
_SOURCE = ("citation", "doi", "pmid", "where", "note")


def read_mapping(
    path: Path, published: Published, words: Vocabulary, observables: Collection[str]
) -> Translation:
    """Read a mapping file against its model.

    Parameters
    ----------
    path : Path
    published : Published
        The model whose names it uses.
    words : Vocabulary
        Our contexts, drugs, media and genes.
    observables : collection of str
        Our observables.

    Raises
    ------
    UserError
        With every mistake.
    """
    problems = Mistakes(str(path))
    table = read_table(path, FORMAT, problems)
    problems.file = str(path)
    read = (
        _Reader(Names(published, problems), words, observables, problems).read(table)
        if table
        else Translation()
    )
    problems.raise_if_any()
    return read


@dataclass
class _Reader:
    names: Names
    words: Vocabulary
    observables: Collection[str]
    problems: Mistakes

    def read(self, table: Mapping[str, Any]) -> Translation:
        check_keys(table, _TOP, "", self.problems)
        source = self._table(table, "source")
        check_keys(source, _SOURCE, "source", self.problems)
        unit = table.get("time")
        if not isinstance(unit, str) or unit not in TIME_UNITS:
            given = "missing" if unit is None else repr(unit)
            self.problems.add("time", given, allowed=TIME_UNITS, name=str(unit))
            unit = "s"
        known: dict[str, Collection[str]] = {"medium": self.words.media, "ligand": LIGANDS}
        parts = {
            key: {
                name: self.names.values(values, f"{key}.{name}", key == "medium")
                for name, values in self._table(table, key).items()
                if self._ours(name, key, known[key])
            }
            for key in known
        }
        self._alike(parts["medium"])
        drugs = self._drugs(self._table(table, "drug"))
        activities = self._activities(table.get("activity", []))
        genes = self._abundances(self._table(table, "gene"))
        if "cycle" in table and table.get("rest", STEADY) == STEADY:
            self.problems.add("cycle", "given, but cells are followed until they rest", 'rest = "24 h"')
        read = Translation(
            title=text_of(table, "title", "", self.problems),
            model=text_of(table, "model", "", self.problems),
            says=text_of(table, "says", "", self.problems),
            citation=text_of(source, "citation", "source", self.problems),
            second=TIME_UNITS[unit],
            span=self._time(table, "span", inf),
            rest=inf if table.get("rest", STEADY) == STEADY else self._time(table, "rest", inf),
            cycle=self._time(table, "cycle", 0.0),
            contexts=self._contexts(table.get("contexts", ANY)),
            ignores=frozenset(self._genes(table.get("ignores", []))),
            observables=self._formulas(self._table(table, "observable")),
            media=parts["medium"],
            ligands=parts["ligand"],
            drugs=drugs,
            activities=activities,
            genes=genes,
        )
        for name in sorted(read.inputs & read.turned):
            advice = "Turn the rates that it drives."
            self.problems.add(
                "activity or gene", f"turns {name!r}, which a medium or dose sets", advice=advice
            )
        return read

    # --- plain keys -----------------------------------------------------------------------------------------
    def _table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        return value if is_table(value, key, self.problems) else {}

    def _time(self, table: Mapping[str, Any], key: str, default: float) -> float:
        if key not in table:
            return default
        try:
            return seconds(table[key])
        except ValueError as error:
            self.problems.add(key, str(error))
            return default

    def _ours(self, name: str, place: str, allowed: Collection[str]) -> bool:
        if name in allowed:
            return True
        self.problems.add(place, f"unknown {place} {name!r}", allowed=allowed, name=name)
        return False

    def _contexts(self, value: object) -> tuple[str, ...] | None:
        if value == ANY:
            return None
        if not isinstance(value, list) or not value:
            self.problems.add("contexts", repr(value), allowed=f'"{ANY}", or a list of names of contexts')
            return None
        for name in value:
            if not isinstance(name, str) or name not in self.words.contexts:
                self.problems.add("contexts", repr(name), allowed=self.words.contexts, name=str(name))
        return tuple(str(name) for name in value)

    def _genes(self, value: object) -> Iterable[str]:
        if not isinstance(value, list):
            self.problems.add("ignores", repr(value), allowed="a list of names of genes")
            return
        for name in value:
            if gene := self._gene(name, "ignores"):
                yield gene.symbol

    def _gene(self, name: object, place: str) -> Gene | None:
        gene = self.words.genes.get(name) if isinstance(name, str) else None
        if gene is None:
            names = self.words.genes.names
            self.problems.add(place, f"unknown gene {name!r}", allowed=names, name=str(name))
        return gene

    def _formulas(self, table: Mapping[str, Any]) -> dict[str, str]:
        for name in table:
            self._ours(name, "observable", self.observables)
        read = {name: self.names.formula(text, f"observable.{name}") for name, text in table.items()}
        return {name: text for name, text in read.items() if text}

    def _alike(self, media: Mapping[str, Values]) -> None:
        """Note what one medium sets and another leaves to chance."""
        named = dict.fromkeys(name for values in media.values() for name in values)
        for medium, values in media.items():
            for name in named:
                if name not in values:
                    advice = "What one medium sets all must set."
                    self.problems.add(f"medium.{medium}", f"{name!r} is missing", advice=advice)

    # --- tables ---------------------------------------------------------------------------------------------
    def _drugs(self, table: Mapping[str, Any]) -> dict[str, Values]:
        read = {}
        for name, values in table.items():
            own = drug_name(self.words.catalogue, name)
            if own is None:
                names = self.words.catalogue.names
                self.problems.add("drug", f"unknown drug {name!r}", allowed=names, name=name)
            else:
                read[own] = self.names.values(values, f"drug.{name}", False)
        return read

    def _activities(self, rows: object) -> tuple[Activity, ...]:
        if not isinstance(rows, list):
            self.problems.add("activity", repr(rows), allowed="[[activity]] above each")
            return ()
        read: list[Activity] = []
        for i, row in enumerate(rows, 1):
            place = f"activity {i}"
            if not is_table(row, place, self.problems):
                continue
            check_keys(row, ("of", "turns"), place, self.problems)
            of = row.get("of")
            if not isinstance(of, list) or not of:
                given = "missing" if of is None else repr(of)
                self.problems.add(f"{place}.of", given, allowed="a list of targets of drugs")
                of = []
            for name in of:
                if name not in TARGETS:
                    self.problems.add(f"{place}.of", repr(name), allowed=TARGETS, name=str(name))
                elif any(name in other.of for other in read):
                    self.problems.add(f"{place}.of", f"{name!r} is in an activity above")
            turns = self.names.turns(row.get("turns"), f"{place}.turns", (REACTION, PARAMETER))
            read.append(Activity(tuple(map(str, of)), turns))
        return tuple(read)

    def _abundances(self, table: Mapping[str, Any]) -> dict[str, GeneAbundance]:
        read: dict[str, GeneAbundance] = {}
        for name, body in table.items():
            place = f"gene.{name}"
            gene = self._gene(name, "gene")
            if gene is None or not is_table(body, place, self.problems):
                continue
            if gene.symbol in read:
                self.problems.add(place, f"names {gene.symbol} once more")
            check_keys(body, ("turns", *gene.mutants), place, self.problems)
            turns: tuple[str, ...] = ()
            if "turns" in body:
                turns = self.names.turns(body["turns"], f"{place}.turns", (SPECIES, REACTION, PARAMETER))
            mutants = {
                gene.change(what): self.names.turns(gone, f"{place}.{what}", (REACTION, PARAMETER))
                for what, gone in body.items()
                if what in gene.mutants
            }
            read[gene.symbol] = GeneAbundance(turns, mutants)
        return read
