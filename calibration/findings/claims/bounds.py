"""A lower and an upper bound: their margins, and as text."""

from __future__ import annotations

import math


def bound_margins(value: float, at_least: float | None, at_most: float | None) -> list[float]:
    """Log2 distance of `value` to each bound that is given, positive inside; the lower one first."""
    margins = [] if at_least is None else [math.log2(value / at_least)]
    return margins if at_most is None else [*margins, math.log2(at_most / value)]


def bound_terms(at_least: float | None, at_most: float | None, what: str) -> tuple[str, ...]:
    """The same bounds as text, in the same order."""
    terms = [] if at_least is None else [f">= {at_least:g}{what}"]
    return tuple(terms if at_most is None else [*terms, f"<= {at_most:g}{what}"])


def range_text(at_least: float | None, at_most: float | None) -> str:
    """Both bounds at once: ">= 1.5", "<= 0.8" or "0.2 to 0.85"."""
    if at_least is not None and at_most is not None:
        return f"{at_least:g} to {at_most:g}"
    return "".join(bound_terms(at_least, at_most, ""))
