"""What conditions of cells bind: a table of parameters, a row a condition, filled in for each parameter set.

Settings of a condition are constants, abundances times what a genotype makes of them, and loads of drugs,
which go with the drugs' constants (see `models.treatments.conditions`). So a table is the rates once a row,
some constants, and a sum.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.simulation.engine import Array

LN10 = math.log(10.0)

Changes = Mapping[str, Sequence[tuple[int, str, float]]]
"""Override to (stretch, setting, derivative), as `Compiled.derivatives` of an arm gives it."""


class ConditionRows:
    """Gathers conditions; alike ones share a row.

    Parameters
    ----------
    place : mapping of str to int
        Where each parameter stands; settings that it lacks are left out.
    overrides : mapping of str to float
        Values at which no two conditions are alike by chance.
    """

    def __init__(self, place: Mapping[str, int], overrides: Mapping[str, float]) -> None:
        self._place, self._overrides = place, dict(overrides)
        self._number = {name: i for i, name in enumerate(overrides)}
        self._known: dict[tuple[tuple[int, float], ...], int] = {}
        self._constants: list[tuple[int, int, float]] = []
        self._parts: list[tuple[int, int, int, float]] = []

    def of(self, settings: Mapping[str, float], stretch: int, changes: Changes) -> int:
        """The row of a condition, the one of `stretch` in `changes`."""
        known = {self._place[name]: value for name, value in settings.items() if name in self._place}
        key = tuple(sorted(known.items()))
        if key in self._known:
            return self._known[key]
        row = self._known[key] = len(self._known)
        left = dict(known)
        for name, own in changes.items():
            size, change = proportion(name, self._overrides[name])
            for at, setting, derivative in own:
                if at == stretch and setting in self._place:
                    column, factor = self._place[setting], derivative / change
                    self._parts.append((row, column, self._number[name], factor))
                    left[column] -= factor * size
        for column, value in left.items():
            nothing = abs(value) < 1e-9 * abs(known[column])  # what is left by rounding
            self._constants.append((row, column, 0.0 if nothing else value))
        return row

    def done(self) -> ConditionTable:
        """All of them."""
        constants = np.array(self._constants, dtype=float).reshape(-1, 3)
        parts = np.array(self._parts, dtype=float).reshape(-1, 4)
        row, column = constants[:, :2].astype(np.intp).T
        free = np.ones((len(self._known), len(self._place)), dtype=bool)
        free[row, column] = False
        return ConditionTable(
            tuple(self._number),
            free,
            (row, column),
            constants[:, 2],
            tuple(parts[:, :2].astype(np.intp).T),
            parts[:, 2].astype(np.intp),
            parts[:, 3],
        )


@dataclass(frozen=True, slots=True)
class ConditionTable:
    """A table of conditions.

    Attributes
    ----------
    overrides : tuple of str
    free : array (rows, n_parameters) of bool
        Where the rates' own values stand.
    at, constants : pair of index arrays, array
        What is bound, and to what beside the parts.
    parts_at, override, factor : pair of index arrays, index array, array
        What is added there for which override, and how much for one unit of its `proportion`.
    """

    overrides: tuple[str, ...]
    free: NDArray[np.bool_]
    at: tuple[Any, ...]
    constants: Array
    parts_at: tuple[Any, ...]
    override: NDArray[np.intp]
    factor: Array

    def filled(self, base: Array, values: Mapping[str, float]) -> Array:
        """All parameters (rows, n_parameters), from rates (n_parameters,) and overrides."""
        table = np.repeat(base[None], len(self.free), axis=0)
        table[self.at] = self.constants
        np.add.at(table, self.parts_at, self.factor * self.proportions(values)[0][self.override])
        return table

    def proportions(self, values: Mapping[str, float]) -> tuple[Array, Array]:
        """`proportion` of each override."""
        both = np.array([proportion(name, values[name]) for name in self.overrides]).reshape(-1, 2)
        return both[:, 0], both[:, 1]


class ConditionDerivatives:
    """From what parameters in a row are worth to what a unit more of some values is.

    Parameters
    ----------
    bound : ConditionTable
    place : mapping of str to int
        Of parameters.
    values : mapping of str to float
        Rates and overrides.
    names : sequence (n,) of str
        Of those that are wanted.
    per : array (n,), optional
        How much of each parameter is one unit; by default a decade more.
    """

    def __init__(
        self,
        bound: ConditionTable,
        place: Mapping[str, int],
        values: Mapping[str, float],
        names: Sequence[str],
        per: Array | None = None,
    ) -> None:
        self._bound, self._n = bound, len(names)
        self._shared = np.array([i for i, name in enumerate(names) if "." not in name], np.intp)
        self._at = np.array([place[names[i]] for i in self._shared], np.intp)
        decade = np.array([values[names[i]] for i in self._shared]) * LN10
        self._by = decade if per is None else per[self._shared]
        number = {name: i for i, name in enumerate(names)}
        self._to = np.array([number.get(name, -1) for name in bound.overrides], np.intp)[bound.override]
        self._change = bound.factor * bound.proportions(values)[1][bound.override]
        rows, self._columns = bound.parts_at
        self._parts: dict[int, list[int]] = defaultdict(list)
        for part in np.flatnonzero(self._to >= 0):
            self._parts[int(rows[part])].append(int(part))

    def of_one(self, table: Array) -> Array:
        """Worths (n,) to one quantity, of parameters in all rows (rows, n_parameters)."""
        found = np.zeros(self._n)
        found[self._shared] = (table[:, self._at] * self._bound.free[:, self._at]).sum(0) * self._by
        rows, columns = self._bound.parts_at
        wanted = self._to >= 0
        np.add.at(found, self._to[wanted], (table[rows, columns] * self._change)[wanted])
        return found

    def add(self, found: Array, quantities: NDArray[np.intp], worth: Array, row: int) -> None:
        """Add to `found` (all quantities, n) what parameters (k, n_parameters) are worth in a row."""
        free = worth[:, self._at] * (self._by * self._bound.free[row, self._at])
        found[np.ix_(quantities, self._shared)] += free
        for part in self._parts.get(row, ()):
            found[quantities, self._to[part]] += worth[:, self._columns[part]] * self._change[part]


def proportion(name: str, value: float) -> tuple[float, float]:
    """What settings go with, an abundance or one over a drug's constant; its change with a decade more."""
    if name.endswith(".potency"):
        weaker = 10.0**-value
        return weaker, -LN10 * weaker
    return value, LN10 * value
