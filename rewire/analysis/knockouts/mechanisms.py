"""Feedbacks and edges of the pathway that can be taken out: what they are, and what they should explain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, read_table, text_of
from rewire.project.project import Project

FORMAT = "mechanisms/1"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A feedback or edge that can be taken out.

    Attributes
    ----------
    rates : dict of str to float
        The values that its rates take then.
    explains : tuple of str
        What it is said to explain: findings, by row, id, or id without a context.
    not_evidence : tuple of str
        Findings among them that were seen to hold without it.
    """

    name: str
    description: str
    rates: Mapping[str, float]
    explains: tuple[str, ...]
    not_evidence: tuple[str, ...] = ()


def load_mechanisms(world: Project, path: Path | None = None) -> dict[str, Mechanism]:
    """Read the mechanisms; every mistake comes in one `UserError`."""
    import pathway

    problems = Mistakes()
    place = path or Path(next(iter(pathway.__path__))) / "mechanisms.toml"
    mechanisms = {}
    for name, body in read_table(place, FORMAT, problems).items():
        if not is_table(body, name, problems):
            continue
        check_keys(body, ("says", "rates", "explains", "not_evidence"), name, problems)
        rates = body.get("rates")
        if not isinstance(rates, Mapping) or not rates:
            problems.add(f"{name}.rates", "missing or empty", allowed="{ rate = value }")
            rates = {}
        for rate, value in rates.items():
            if rate not in world.built.rates:
                problems.add(f"{name}.rates", f"unknown rate {rate!r}", allowed=world.built.rates, name=rate)
            elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                problems.add(f"{name}.rates.{rate}", repr(value), allowed="a number")
        explains, not_evidence = (_words(body, key, name, problems) for key in ("explains", "not_evidence"))
        values = {rate: float(value) for rate, value in rates.items() if isinstance(value, int | float)}
        mechanisms[name] = Mechanism(
            name, text_of(body, "says", name, problems), values, explains, not_evidence
        )
    problems.raise_if_any()
    return mechanisms


def _words(body: Mapping[str, Any], key: str, name: str, problems: Mistakes) -> tuple[str, ...]:
    words = body.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        problems.add(f"{name}.{key}", repr(words), allowed="a list of rows or findings")
        return ()
    return tuple(words)
