"""Plausible ranges of untreated cells; findings count only in cells that are within them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, number_of, read_table, text_of
from models.core.units import seconds


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """Allowed range of the ratio of two observables in untreated cells."""

    observable: str
    per: str
    lo: float
    hi: float
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class PlausibleRanges:
    """The shared ranges by "observable/per", required from the steady state to `until_s` [s] untreated.

    `drift` is the largest relative change of any total over that time [1].
    """

    bands: Mapping[str, PlausibleRange]
    until_s: float
    drift: float


def read_bands(table: Mapping[str, Any], place: str, problems: Mistakes) -> dict[str, PlausibleRange]:
    """Ranges from a table of `"observable/per" = { range = [lo, hi], why = "…" }`."""
    bands = {}
    for key, body in table.items():
        here = f"{place}.{key}"
        if not is_table(body, here, problems):
            continue
        check_keys(body, ("range", "why"), here, problems)
        observable, _, per = key.partition("/")
        if not observable or not per:
            problems.add(here, f"{key!r}", allowed='"observable/observable", such as "pAKT_S473/tAKT"')
            continue
        why, ends = text_of(body, "why", here, problems), body.get("range")
        match ends:
            case [int() | float() as lo, int() | float() as hi] if 0 <= lo < hi <= 1:
                bands[key] = PlausibleRange(observable, per, float(lo), float(hi), why)
            case _:
                problems.add(f"{here}.range", repr(ends), allowed="[lo, hi] with 0 <= lo < hi <= 1")
    return bands


def load_plausible(path: Path, problems: Mistakes | None = None) -> PlausibleRanges:
    """Read the shared ranges; raises one `UserError` unless the caller collects `problems`."""
    noted = problems if problems is not None else Mistakes()
    table = read_table(path, "plausible/1", noted)
    bands: dict[str, PlausibleRange] = {}
    until = drift = 0.0
    if table:
        check_keys(table, ("until", "drift", "range"), "", noted)
        drift = number_of(table, "drift", "", noted, 0, 1)
        ranges = table.get("range", {})
        bands = read_bands(ranges, "range", noted) if is_table(ranges, "range", noted) else {}
        if text := text_of(table, "until", "", noted):
            try:
                until = seconds(text)
            except ValueError as err:
                noted.add("until", str(err))
    if problems is None:
        noted.raise_if_any()
    return PlausibleRanges(bands, until, drift)
