"""Units of a whole network, including numbers in formulas, from the units of rates and settings.

Pathway formulas contain numbers such as the ``1e5`` in ``pERK / 1e5``, whose unit follows from the formula.
Each formula gives linear equations between the exponents of units; solving them gives every unit, or shows
that the formulas are inconsistent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

BASES = ("copies", "s", "nM")
"""Base units: molecules, seconds, and nanomolar of drugs and ligands."""

Dimension = tuple[Fraction, ...]
"""Exponents of `BASES`."""

NONE: Dimension = (Fraction(0),) * len(BASES)
KNOWN: Mapping[str, Dimension] = {
    text: tuple(map(Fraction, exponents))
    for text, exponents in {
        "copies/cell": (1, 0, 0),
        "copies": (1, 0, 0),
        "1/s": (0, -1, 0),
        "s": (0, 1, 0),
        "copies/s": (1, -1, 0),
        "1/(copies*s)": (-1, -1, 0),
        "nM": (0, 0, 1),
        "1": (0, 0, 0),
    }.items()
}
"""The units of `pathway.records`."""


@dataclass(frozen=True, slots=True)
class LinearForm:
    """A linear form over unknown units, with a known part."""

    terms: Mapping[Hashable, Fraction]
    known: Dimension = NONE

    def plus(self, other: LinearForm, times: Fraction = Fraction(1)) -> LinearForm:
        """The sum with `times` x `other`."""
        terms = dict(self.terms)
        for key, factor in other.terms.items():
            terms[key] = terms.get(key, Fraction(0)) + times * factor
        return LinearForm(
            {key: factor for key, factor in terms.items() if factor},
            tuple(a + times * b for a, b in zip(self.known, other.known, strict=True)),
        )


def of(dimension: Dimension) -> LinearForm:
    """A known unit."""
    return LinearForm({}, dimension)


def unknown(key: Hashable) -> LinearForm:
    """An unknown unit."""
    return LinearForm({key: Fraction(1)})


@dataclass
class Equations:
    """Equations between units, solved exactly."""

    rows: list[tuple[LinearForm, str]] = field(default_factory=list)

    def equal(self, a: LinearForm, b: LinearForm, where: str) -> None:
        """Add the equation that two units are the same; `where` names the formula."""
        self.rows.append((a.plus(b, Fraction(-1)), where))

    def solve(self, last: Callable[[Hashable], int]) -> dict[Hashable, Dimension]:
        """The unit of each unknown; an undetermined one is dimensionless.

        Of several possible unknowns, the one with the lowest rank (`last`) is given the unit. Raises
        `ValueError` with the formula if the equations contradict each other.
        """
        pivots: dict[Hashable, LinearForm] = {}
        for row, where in self.rows:
            form = row
            while hit := [key for key in form.terms if key in pivots]:
                form = form.plus(pivots[hit[0]], -form.terms[hit[0]])
            if not form.terms:
                if any(form.known):
                    raise ValueError(f"{where}: its parts have different units ({text(form.known)})")
                continue
            key = min(form.terms, key=lambda k: (last(k), str(k)))
            factor = form.terms[key]
            form = LinearForm({}, NONE).plus(form, 1 / factor)
            for other in pivots:
                if key in pivots[other].terms:
                    pivots[other] = pivots[other].plus(form, -pivots[other].terms[key])
            pivots[key] = form
        return {key: tuple(-x for x in form.known) for key, form in pivots.items()}


class Reader:
    """Reads the units of libSBML formulas; numbers are known by `(where, position in the formula)`."""

    def __init__(self, names: Mapping[str, Dimension], equations: Equations) -> None:
        self.names, self.equations = names, equations
        self.numbers: dict[Hashable, float] = {}

    def form(self, tree: Any, where: str) -> LinearForm:
        """The unit of a formula; conditions on its parts are added to the equations."""
        count = iter(range(10**6))
        return self._form(tree, where, count)

    def _form(self, node: Any, where: str, count: Any) -> LinearForm:
        import libsbml

        kind = node.getType()
        if node.isNumber():
            key = (where, next(count))
            self.numbers[key] = node.getValue()
            return unknown(key)
        if kind == libsbml.AST_NAME_TIME:
            return of(KNOWN["s"])
        if kind == libsbml.AST_NAME:
            name = node.getName()
            return of(self.names[name]) if name in self.names else unknown(name)
        parts = [self._form(node.getChild(i), where, count) for i in range(node.getNumChildren())]
        if kind in (libsbml.AST_PLUS, libsbml.AST_MINUS):
            for part in parts[1:]:
                self.equations.equal(parts[0], part, where)
            return parts[0]
        if kind == libsbml.AST_TIMES:
            return self._product(parts)
        if kind == libsbml.AST_DIVIDE:
            return parts[0].plus(parts[1], Fraction(-1))
        if kind in (libsbml.AST_POWER, libsbml.AST_FUNCTION_POWER):
            return self._power(parts, node.getChild(1), where)
        raise ValueError(f"{where}: no rule for the units of {libsbml.formulaToL3String(node)!r}")

    @staticmethod
    def _product(parts: Iterable[LinearForm]) -> LinearForm:
        whole = of(NONE)
        for part in parts:
            whole = whole.plus(part)
        return whole

    def _power(self, parts: list[LinearForm], exponent: Any, where: str) -> LinearForm:
        if not exponent.isNumber():
            raise ValueError(f"{where}: an exponent that is not a number")
        self.equations.equal(parts[1], of(NONE), where)
        power = Fraction(exponent.getValue()).limit_denominator(10**6)
        if power.denominator != 1:  # a root of copies would mean nothing
            self.equations.equal(parts[0], of(NONE), where)
            return of(NONE)
        return of(NONE).plus(parts[0], power)

    def rank(self, key: Hashable) -> int:
        """Names first, then numbers; 1 and -1 last, because most of them are pure numbers."""
        if key not in self.numbers:
            return 0
        return 2 if abs(self.numbers[key]) == 1.0 else 1


def text(dimension: Dimension) -> str:
    """A unit in words, as in "copies per_s"; it is also the id of the unit."""
    above = [_power(n, e) for n, e in zip(BASES, dimension, strict=True) if e > 0]
    below = [_power(n, -e) for n, e in zip(BASES, dimension, strict=True) if e < 0]
    parts = above + [f"per_{part}" for part in below]
    return "_".join(parts) or "dimensionless"


def _power(name: str, exponent: Fraction) -> str:
    if exponent == 1:
        return name
    return f"{name}_to_the_{exponent.numerator}" + (
        f"_over_{exponent.denominator}" if exponent.denominator != 1 else ""
    )


def label(tree: Any, where: str, unit: Callable[[Hashable], str]) -> None:
    """Write the unit of each number of a formula into it, in the order in which `Reader` numbered them."""
    count = iter(range(10**6))

    def walk(node: Any) -> None:
        if node.isNumber():
            node.setUnits(unit((where, next(count))))
        for i in range(node.getNumChildren()):
            walk(node.getChild(i))

    walk(tree)
