"""Conserved moieties: the left null space of the stoichiometric matrix, in exact whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

LARGEST = 200_000
"""Largest number of entries that elimination may fill; beyond it no moieties are computed."""

Row = dict[int, Fraction]


def moieties(species: Sequence[str], columns: Sequence[Mapping[str, float]]) -> list[dict[str, int]] | None:
    """A basis of the sums of species that no reaction changes, as species → whole number.

    `species` are those whose amounts reactions change, `columns` the net production of species by each
    reaction. None if elimination would fill too many entries.
    """
    place = {name: i for i, name in enumerate(species)}
    unique = {_direction(column, place) for column in columns} - {()}
    rows: list[Row] = [{} for _ in species]
    for j, column in enumerate(sorted(unique)):
        for i, count in column:
            rows[i][j] = count
    width = len(unique)
    pivots: dict[int, Row] = {}
    found: list[Row] = []
    filled = 0
    # each row carries, behind its own entries, which species it is made of; sparse rows first
    for i in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        row = {**rows[i], width + i: Fraction(1)}
        while (first := min(row)) < width and first in pivots:
            _subtract(row, row[first], pivots[first])
        if first < width:
            lead = row[first]
            pivots[first] = {k: v / lead for k, v in row.items()}
            filled += len(row)
            if filled > LARGEST:
                return None
        else:
            found.append(row)
    return [_whole({species[k - width]: v for k, v in row.items()}) for row in _fewest(found)]


def _direction(column: Mapping[str, float], place: Mapping[str, int]) -> tuple[tuple[int, Fraction], ...]:
    """A normalised column: a reaction and its reverse conserve the same moieties."""
    entries = sorted(
        (place[n], Fraction(c).limit_denominator(10**6)) for n, c in column.items() if n in place
    )
    return tuple((i, c / entries[0][1]) for i, c in entries)


def _subtract(row: Row, factor: Fraction, other: Row) -> None:
    for k, v in other.items():
        left = row.get(k, Fraction(0)) - factor * v
        if left:
            row[k] = left
        else:
            row.pop(k, None)


def _fewest(rows: list[Row]) -> list[Row]:
    """The same space in reduced form: each moiety has a species that no other one has."""
    done: list[Row] = []
    for row in rows:
        for other in done:
            pivot = min(other)
            if pivot in row:
                _subtract(row, row[pivot] / other[pivot], other)
        pivot = min(row)
        for other in done:
            if pivot in other:
                _subtract(other, other[pivot] / row[pivot], row)
        done.append(row)
    return done


def _whole(row: Mapping[str, Fraction]) -> dict[str, int]:
    scale = lcm(*(v.denominator for v in row.values()))
    counts = {name: int(v * scale) for name, v in row.items()}
    shared = gcd(*counts.values()) or 1
    turn = -1 if sum(v > 0 for v in counts.values()) < sum(v < 0 for v in counts.values()) else 1
    return {name: turn * v // shared for name, v in counts.items()}
