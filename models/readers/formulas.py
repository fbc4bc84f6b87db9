"""Formulas of files of others, checked word by word: names, numbers, operators and known functions only."""

from __future__ import annotations

import re
from collections.abc import Collection

FUNCTIONS = frozenset(
    (
        *(
            "exp",
            "ln",
            "log10",
            "log2",
            "sqrt",
            "abs",
            "min",
            "max",
            "rint",
            "floor",
            "ceil",
            "if",
            "sum",
            "avg",
        ),
        *(
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "acosh",
            "atanh",
            "time",
        ),
    )
)
"""What BioNetGen can call by itself. Those that read files (`tfun`) are not among them."""

WORDS = frozenset({"_pi", "_e", "time", "t"})
"""Constants, and the time."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TOKEN = re.compile(
    r"\s+|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_]))|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>\*\*|<=|>=|==|!=|&&|\|\||[-+*/^(),<>!])",
    re.ASCII,
)
_DEEPEST = 100  # parentheses; readers further down are recursive
_LONGEST = 50_000  # characters


def names_in(formula: str) -> list[str]:
    """The names in a formula, in order, with repeats."""
    return NAME.findall(re.sub(r"(?<![A-Za-z_])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", " ", formula))


def refused(formula: str, known: Collection[str] | None = None, callable_: Collection[str] = ()) -> str:
    """Why a formula is not let through, in words; empty where it is.

    Parameters
    ----------
    formula : str
    known : collection of str, optional
        Names that it may use; any name where it is not given.
    callable_ : collection of str
        Names that may stand before a parenthesis, beside `FUNCTIONS`.
    """
    if len(formula) > _LONGEST:
        return f"a formula of {len(formula):,} characters (at most {_LONGEST:,})"
    at, depth, empty = 0, 0, True
    while at < len(formula):
        token = _TOKEN.match(formula, at)
        if token is None:
            return f"{formula[at : at + 12]!r} in a formula"
        at = token.end()
        empty = empty and not token.lastgroup
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0 or depth > _DEEPEST:
            return (
                "parentheses that do not match" if depth < 0 else f"more than {_DEEPEST} nested parentheses"
            )
        if token.lastgroup != "name":
            continue
        called = formula[at:].lstrip().startswith("(")
        if called and token[0] not in FUNCTIONS and token[0] not in callable_:
            return f"the function {token[0]!r}"
        if not called and known is not None and token[0] not in known and token[0] not in WORDS:
            return f"the unknown name {token[0]!r}"
    return (
        "parentheses that do not match" if depth else "nothing where a formula is expected" if empty else ""
    )
