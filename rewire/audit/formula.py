"""Formulas of a model as trees of names, numbers and operators, with function definitions inlined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

DEEPEST = 200
"""Deepest nesting of function calls: SBML forbids cycles, but a file may have one."""

COMMUTE = ("plus", "times", "and", "or", "eq", "neq", "xor")
"""Operators whose operands may be swapped."""


@dataclass(frozen=True, slots=True)
class Node:
    """A number, a name, or an operator with its operands.

    Attributes
    ----------
    kind : str
        "number", "name", "time", or MathML's name of the operator.
    name : str
        If it is a name.
    value : float
        If it is a number.
    parts : tuple of Node
    """

    kind: str
    name: str = ""
    value: float = math.nan
    parts: tuple[Node, ...] = ()


@cache
def _kinds() -> dict[int, str]:
    """libSBML's numbers of node types → MathML's names of operators."""
    import libsbml

    found = {}
    for name in dir(libsbml):
        for prefix in ("AST_FUNCTION_", "AST_RELATIONAL_", "AST_LOGICAL_", "AST_"):
            if name.startswith(prefix):
                found[int(getattr(libsbml, name))] = name.removeprefix(prefix).lower()
                break
    return found


def tree(ast: Any, functions: Mapping[str, Any] | None = None, _depth: int = 0) -> Node:
    """The tree of a libSBML formula; `functions` are definitions by id, which are inlined.

    Raises `ValueError` if functions call each other without end.
    """
    if _depth > DEEPEST:
        raise ValueError("functions call each other without end")
    if ast.isNumber():
        return Node("number", value=float(ast.getValue()))
    kind = _kinds().get(ast.getType(), "unknown")
    if kind.startswith("constant"):
        value = {"constant_pi": math.pi, "constant_e": math.e, "constant_true": 1.0, "constant_false": 0.0}
        return Node("number", value=value[kind])
    if kind == "name_time":
        return Node("time")
    if kind == "name_avogadro":
        return Node("number", value=6.02214179e23)
    if kind == "name":
        return Node("name", ast.getName())
    parts = tuple(tree(ast.getChild(i), functions, _depth + 1) for i in range(ast.getNumChildren()))
    called = ast.getName() if kind == "function" else ""
    if functions and called in functions:
        return _inlined(functions[called], parts, functions, _depth + 1)
    return Node(kind, called or "", parts=parts)


def _inlined(definition: Any, given: tuple[Node, ...], functions: Mapping[str, Any], depth: int) -> Node:
    names = [definition.getArgument(i).getName() for i in range(definition.getNumArguments())]
    body = definition.getBody()
    if body is None or len(names) != len(given):
        return Node("unknown", parts=given)
    return replaced(tree(body, functions, depth), dict(zip(names, given, strict=True)))


def replaced(node: Node, by: Mapping[str, Node]) -> Node:
    """A formula with names replaced."""
    if node.kind == "name":
        return by.get(node.name, node)
    if not node.parts:
        return node
    return Node(node.kind, node.name, node.value, tuple(replaced(part, by) for part in node.parts))


def names(node: Node) -> Iterator[str]:
    """Names in a formula, with repetition."""
    if node.kind == "name":
        yield node.name
    for part in node.parts:
        yield from names(part)


def canonical(node: Node, called: Mapping[str, str]) -> str:
    """A text that does not depend on the order of operands, with names replaced as in `called`."""
    if node.kind == "number":
        return repr(node.value)
    if node.kind == "name":
        return called.get(node.name, node.name)
    parts = [canonical(part, called) for part in _flat(node)]
    if node.kind in COMMUTE:
        parts.sort()
    return f"{node.kind}{node.name}({','.join(parts)})"


def _flat(node: Node) -> Iterator[Node]:
    """Operands, with sums of sums and products of products as one."""
    for part in node.parts:
        if node.kind in ("plus", "times") and part.kind == node.kind:
            yield from _flat(part)
        else:
            yield part


def moments(node: Node) -> Iterator[Node]:
    """Expressions that time is compared with, anywhere in a formula."""
    compares = node.kind in ("lt", "leq", "gt", "geq", "eq", "neq")
    if compares and any(part.kind == "time" for part in node.parts):
        yield from (part for part in node.parts if part.kind != "time")
    for part in node.parts:
        yield from moments(part)
