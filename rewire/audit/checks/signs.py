"""The possible signs of a formula, from the signs of its names.

A rate that can only be zero is certainly dead. A possible sign may still never occur, because a difference of
positive amounts counts as any sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from rewire.audit.formula import Node

Signs = frozenset[int]
"""Some of -1, 0 and 1."""

ZERO: Signs = frozenset({0})
PLUS: Signs = frozenset({1})
AMOUNT: Signs = frozenset({0, 1})
ANY: Signs = frozenset({-1, 0, 1})

_ODD = ("sin", "tan", "tanh", "sinh", "arcsin", "arctan", "arctanh", "arcsinh")
_SAME = ("arcsinh", "arctan", "sinh", "tanh")
_TRUTHS = ("lt", "leq", "gt", "geq", "eq", "neq", "and", "or", "not", "xor", "implies")


def sign(value: float) -> Signs:
    """The sign of a number; any sign for nan."""
    return ANY if math.isnan(value) else frozenset({(value > 0) - (value < 0)})


def signs(node: Node, of: Callable[[str], Signs]) -> Signs:
    """The possible signs of a formula, with the signs of names given by `of`."""
    kind, parts = node.kind, node.parts
    if kind == "number":
        return sign(node.value)
    if kind == "name":
        return of(node.name)
    if kind == "time":
        return AMOUNT
    if kind == "piecewise":
        cases = [signs(part, of) for part in parts[::2]]  # value, condition, …, otherwise
        return frozenset().union(*cases) if cases else ANY
    if kind in _TRUTHS:
        return AMOUNT
    inner = [signs(part, of) for part in parts]
    if kind == "plus":
        return _sum(inner)
    if kind == "minus":
        return _negative(inner[0]) if len(inner) == 1 else _sum([inner[0], _negative(inner[1])])
    if kind == "times":
        return _product(inner)
    if kind == "divide":
        return _product([inner[0], (inner[1] - ZERO) or PLUS])  # 0/0 is reported elsewhere
    if kind == "power":
        return _power(inner[0], parts[1], inner[1])
    if kind == "root":
        return AMOUNT & (inner[-1] | PLUS) if inner[-1] != ZERO else ZERO
    if kind == "exp":
        return PLUS
    if kind == "abs":
        return frozenset(abs(s) for s in inner[0])
    if kind in _ODD:
        return inner[0] if kind in _SAME or inner[0] == ZERO else ANY
    if kind in ("min", "max"):
        return frozenset().union(*inner)
    if kind == "delay":
        return inner[0] | ZERO
    return ANY


def _sum(parts: Iterable[Signs]) -> Signs:
    known = [part for part in parts if part != ZERO]
    if not known:
        return ZERO
    every: Signs = frozenset().union(*known)
    if 1 in every and -1 in every:
        return ANY
    return every if all(0 in part for part in known) else every - ZERO


def _negative(signs: Signs) -> Signs:
    return frozenset(-s for s in signs)


def _product(parts: Iterable[Signs]) -> Signs:
    made: Signs = PLUS
    for part in parts:
        made = frozenset(a * b for a in made for b in part)
    return made


def _power(base: Signs, exponent: Node, of_exponent: Signs) -> Signs:
    if of_exponent == ZERO:
        return PLUS
    if base <= AMOUNT:
        return base if of_exponent <= PLUS else base | PLUS if base != ZERO else ANY
    if exponent.kind == "number" and exponent.value.is_integer():
        return frozenset(s ** int(abs(exponent.value)) for s in base)
    return ANY
