"""A network's formulas as C that gives their values and their derivatives, in the type `real`.

Formulas are those of a .net file: numbers, names, + - * / ^ and brackets. They are taken apart by Python's
own parser and never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from keyword import iskeyword

_WORD = re.compile(r"[A-Za-z_]\w*")
_MARK = "_is_a_name"
"""Goes with names that are words of Python."""


class Unsupported(ValueError):
    """A formula holds something else."""


@dataclass(slots=True)
class Tape:
    """Lines of C that compute ``v[symbol]`` and, for every symbol that a formula names, ``p[edge]``.

    Attributes
    ----------
    place : mapping of str to int
        Where each symbol stands in `v`.
    edges : list of (int, int)
        Formula's symbol, symbol in it: ``p[i]`` is the slope of the first by the second.
    """

    place: Mapping[str, int]
    lines: list[str] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    _temps: int = 0

    def add(self, name: str, formula: str) -> None:
        """One more formula; those it names come before."""
        slopes: dict[int, list[str]] = {}
        tree = parsed(formula)
        top, reverse = self._forward(tree)
        self.lines.append(f"v[{self.place[name]}] = {_wide(top)};")
        self._reverse(reverse, "1.0", slopes)
        for symbol, terms in slopes.items():
            self.lines.append(f"p[{len(self.edges)}] = {_wide(' + '.join(terms))};")
            self.edges.append((self.place[name], symbol))

    def _temp(self, code: str) -> str:
        self._temps += 1
        self.lines.append(f"real t{self._temps} = {_wide(code)};")
        return f"t{self._temps}"

    def _forward(self, node: ast.expr) -> tuple[str, tuple[object, ...]]:
        """C for a node's value, and what the way back needs."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return repr(float(number)), ()
            case ast.Name(id=name) if name in self.place:
                return f"v[{self.place[name]}]", ("name", self.place[name])
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                code, back = self._forward(inner)
                return f"(-{code})", ("neg", back)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                power = number_of(right)
                code, back = self._forward(left)
                value = f"{code}*{code}" if power == 2.0 else f"POW({_wide(code)}, {power!r})"
                slope = f"2.0*{code}" if power == 2.0 else f"{power!r}*POW({_wide(code)}, {power - 1.0!r})"
                return self._temp(value), ("by", ((slope, back),))
            case ast.BinOp(left=left, op=op, right=right):
                (a, to_a), (b, to_b) = self._forward(left), self._forward(right)
                match op:
                    case ast.Add():
                        return self._temp(f"{a} + {b}"), ("by", (("1.0", to_a), ("1.0", to_b)))
                    case ast.Sub():
                        return self._temp(f"{a} - {b}"), ("by", (("1.0", to_a), ("-1.0", to_b)))
                    case ast.Mult():
                        return self._temp(f"{a} * {b}"), ("by", ((b, to_a), (a, to_b)))
                    case ast.Div():
                        value = self._temp(f"{a} / {b}")
                        return value, ("by", ((f"1.0/{b}", to_a), (f"-{value}/{b}", to_b)))
        raise Unsupported(ast.unparse(node))

    def _reverse(self, back: tuple[object, ...], bar: str, slopes: dict[int, list[str]]) -> None:
        match back:
            case ("name", int() as symbol):
                slopes.setdefault(symbol, []).append(bar)
            case ("neg", tuple() as inner):
                self._reverse(inner, f"-({bar})", slopes)
            case ("by", tuple() as parts):
                for slope, inner in parts:
                    if inner:
                        code = slope if bar == "1.0" else bar if slope == "1.0" else f"({bar})*({slope})"
                        self._reverse(inner, self._temp(code) if "*" in code else code, slopes)


def _wide(code: str) -> str:
    """Where `real` is several numbers, one alone has to be spread over them."""
    return code if re.search(r"\b(v\[|t\d)", code) else f"WIDE({code})"


def parsed(formula: str) -> ast.expr:
    """A formula's tree. A function without arguments may stand with its brackets, as f().

    Raises
    ------
    Unsupported
        Where it cannot be read.
    """
    text = _WORD.sub(lambda word: word[0] + (_MARK if iskeyword(word[0]) else ""), formula)
    try:
        tree = ast.parse(text.replace("^", "**").replace("()", ""), mode="eval").body
    except SyntaxError:
        raise Unsupported(formula) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = node.id.removesuffix(_MARK)
    return tree


def number_of(node: ast.expr) -> float:
    """A node that is a number, or minus one.

    Raises
    ------
    Unsupported
        Where it is something else.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -number_of(inner)
    raise Unsupported(ast.unparse(node))


def named(formula: str) -> set[str]:
    """The names in a formula."""
    return {node.id for node in ast.walk(parsed(formula)) if isinstance(node, ast.Name)}


def in_order(formulas: Mapping[str, str]) -> Sequence[str]:
    """Names of formulas, each after those it needs.

    Raises
    ------
    Unsupported
        Where they go round in a circle.
    """
    needs = {name: named(formula) & formulas.keys() for name, formula in formulas.items()}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise Unsupported(f"a circle: {error.args[1]}") from None
