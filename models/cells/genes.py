"""Genes by name: the settings that a knock-out, knock-down or site mutant changes in the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, fold, is_table, number_of, read_table

KNOCK_DOWN = 0.1  # [1] remaining share after a knock-down of unstated strength; guess
OVEREXPRESS = 5.0  # [1] factor of an overexpression of unstated strength; guess
CHANGES = '"knock-out", "knock-down", "knock-down 90%", "overexpress", "x5"'
MOST = 1e4  # [1] largest factor of an overexpression; more is taken for a mistake
_TIMES = re.compile(r"(?:overexpress\s+)?[x×]\s*([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)", re.IGNORECASE)
_LOST = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%\s*$")
_GONE = frozenset(map(fold, ("knock-out", "ko", "loss", "null", "deletion", "absent")))


class Effect(NamedTuple):
    """Effect of a change on one setting: it is multiplied (`times`) or set."""

    setting: str
    value: float
    times: bool


@dataclass(frozen=True, slots=True, eq=False)
class Gene:
    """One gene of the model, with its known mutants."""

    symbol: str
    aliases: tuple[str, ...]
    mutants: Mapping[str, tuple[tuple[str, float], ...]]

    @property
    def copies(self) -> str:
        """Name of the setting for its abundance."""
        return f"{self.symbol}_copies"

    def change(self, text: str) -> str:
        """`text` in canonical form: "x<factor>" or a mutant's first name.

        Raises ValueError with the allowed forms.
        """
        word = fold(text)
        if word in _GONE:
            return "x0"
        for name, sets in self.mutants.items():
            if fold(name) == word:
                return next(first for first, same in self.mutants.items() if same == sets)
        if word.startswith("knockdown"):
            if word == "knockdown":
                return f"x{KNOCK_DOWN:g}"
            if (m := _LOST.search(text)) and (lost := float(m[1])) <= 100:
                return f"x{round(1 - lost / 100, 9):g}"
        if word == "overexpress":
            return f"x{OVEREXPRESS:g}"
        if (m := _TIMES.fullmatch(text.strip())) and float(m[1]) <= MOST:
            return f"x{float(m[1]):g}"
        allowed = ", ".join((CHANGES, *(f'"{name}"' for name in self.mutants)))
        raise ValueError(f"{text!r} is not a change of {self.symbol}; allowed: {allowed}")

    def effects(self, change: str) -> tuple[Effect, ...]:
        """Effects of a change in canonical form (see `change`)."""
        if change in self.mutants:
            return tuple(Effect(setting, value, False) for setting, value in self.mutants[change])
        return (Effect(self.copies, float(change.removeprefix("x")), True),)


@dataclass(frozen=True, slots=True, eq=False)
class Genes:
    """All genes, found by symbol or alias, whatever the case and punctuation."""

    by_symbol: Mapping[str, Gene]
    _index: dict[str, Gene] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = {fold(name): gene for gene in self.by_symbol.values() for name in gene.aliases}
        object.__setattr__(self, "_index", index | {fold(s): g for s, g in self.by_symbol.items()})

    def get(self, name: str) -> Gene | None:
        """The gene of that symbol or alias."""
        return self._index.get(fold(name))

    def __getitem__(self, symbol: str) -> Gene:
        return self.by_symbol[symbol]

    @property
    def names(self) -> tuple[str, ...]:
        """Every symbol and alias."""
        return tuple(n for g in self.by_symbol.values() for n in (g.symbol, *g.aliases))


def load_genes(path: Path | None = None, problems: Mistakes | None = None) -> Genes:
    """Read the genes; raises `UserError` unless the caller collects `problems` itself."""
    noted = problems if problems is not None else Mistakes()
    genes: dict[str, Gene] = {}
    owner: dict[str, str] = {}
    for symbol, body in read_table(path or Path(__file__).with_name("genes.toml"), "genes/1", noted).items():
        if not is_table(body, symbol, noted):
            continue
        check_keys(body, ("aliases", "mutants"), symbol, noted)
        aliases = body.get("aliases", [])
        if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
            noted.add(f"{symbol}.aliases", f"{aliases!r} where a list of names is expected")
            aliases = []
        for name in (symbol, *aliases):
            if owner.setdefault(fold(name), symbol) != symbol:
                noted.add(symbol, f"{name!r} also names {owner[fold(name)]}")
        mutants = body.get("mutants", {})
        if not is_table(mutants, f"{symbol}.mutants", noted):
            mutants = {}
        read = {}
        for mutant, sets in mutants.items():
            place = f"{symbol}.mutants.{mutant}"
            if is_table(sets, place, noted):
                values = {key: number_of(sets, key, place, noted, 0, 1) for key in sets}
                read[mutant] = tuple(sorted(values.items()))
        genes[symbol] = Gene(symbol, tuple(aliases), read)
    if problems is None:
        noted.raise_if_any()
    return Genes(genes)
