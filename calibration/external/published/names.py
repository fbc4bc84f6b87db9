"""Names of a published model in a mapping file: things, formulas, values of inputs, and what is turned."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite

from calibration.external.published.published_model import (
    COMPARTMENT,
    PARAMETER,
    REACTION,
    SPECIES,
    Published,
    Thing,
)
from calibration.external.published.translation import Values
from models.core.errors import Mistakes
from models.core.toml_tables import is_table
from models.export.sbml.writer import formula
from models.readers.formulas import NAME

_TOKEN = re.compile(
    r"\s+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z0-9_.])|[A-Za-z_][A-Za-z0-9_]*|[-+*/()]", re.ASCII
)
_LONGEST = 2_000  # characters of a formula
_GRAMMAR = "names, numbers, + - * / ( )"


@dataclass
class Names:
    """Looks names up, and notes the wrong ones with their place."""

    published: Published
    problems: Mistakes

    def thing(self, name: object, place: str, kinds: Collection[str]) -> Thing | None:
        """What a name of the model stands for; noted where it is none of `kinds`."""
        things = self.published.things
        if isinstance(name, str) and name in self.published.shared:
            ids = ", ".join(self.published.shared[name])
            self.problems.add(place, f"{name!r} is the name of several things", advice=f"Give an id: {ids}.")
            return None
        thing = things.get(name) if isinstance(name, str) else None
        if thing is None:
            allowed = [n for n, t in things.items() if t.kind in kinds]
            self.problems.add(place, f"{name!r} is not in the model", allowed=allowed, name=str(name))
        elif thing.kind not in kinds:
            self.problems.add(place, f"{name!r} is a {thing.kind}", allowed=" or ".join(kinds))
            return None
        return thing

    def formula(self, text: object, place: str) -> str:
        """A formula in ids; empty where something is wrong with it."""
        if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
            self.problems.add(place, repr(text)[:60], allowed='a formula such as "Akt_p + Akt_pp"')
            return ""
        before, at = len(self.problems.found), 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                self.problems.add(place, f"{text[at : at + 12]!r} in a formula", _GRAMMAR)
                return ""
            at = token.end()
            if not NAME.fullmatch(token[0]):
                continue
            if text[at:].lstrip().startswith("("):
                self.problems.add(place, f"the function {token[0]!r}", _GRAMMAR)
            else:
                self.thing(token[0], place, (SPECIES, PARAMETER, COMPARTMENT))
        if len(self.problems.found) == before:
            try:
                formula(text)
            except ValueError as error:
                self.problems.add(place, " ".join(str(error).split()))
        return self.published.plain(text) if len(self.problems.found) == before else ""

    def values(self, values: object, place: str, zero: bool) -> Values:
        """Numbers by the id of what they set; with `zero`, below 0 is as wrong as anything else."""
        read: dict[str, float] = {}
        if not is_table(values, place, self.problems):
            return read
        assert isinstance(values, Mapping)
        for name, value in values.items():
            thing = self.thing(name, place, (PARAMETER, SPECIES))
            good = isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
            if not good or (zero and value < 0):
                self.problems.add(f"{place}.{name}", repr(value), allowed="a number, 0 or more")
            elif thing is not None:
                read[thing.id] = float(value)
        return read

    def turns(self, value: object, place: str, kinds: Collection[str]) -> tuple[str, ...]:
        """Ids of rates, constants and, where `kinds` has them, species that can be multiplied."""
        if not isinstance(value, list) or not value:
            given = "missing" if value is None else repr(value)
            self.problems.add(place, given, allowed=f"a list of names ({', '.join(kinds)})")
            return ()
        things = [self.thing(name, place, kinds) for name in value]
        for name, thing in zip(value, things, strict=True):
            if thing is None:
                continue
            if thing.kind == PARAMETER and thing.moving:
                self.problems.add(place, f"{name!r} moves by a rule of its own", "rates and constants")
            if thing.kind == SPECIES and thing.computed:
                self.problems.add(place, f"{name!r} is computed", "species that reactions change")
            if thing.kind == REACTION and not thing.computed:
                self.problems.add(place, f"{name!r} has no rate", "reactions with a kinetic law")
        return tuple(dict.fromkeys(thing.id for thing in things if thing is not None))
