"""Schedules of doses such as "20 nM @ -30 min", and the segments of time between changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from models.core.errors import Mistakes
from models.core.units import dose, seconds

STARVED = "serum_free"
MOST_NM = 1e9  # [nM] a dose above 1 M is taken for a mistake
FURTHEST_S = 365 * 86400.0  # [s] and so is a time more than a year away
Named = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Conditions from `start_s` [s] to the next segment; drugs and added ligands as sorted (name, nM)."""

    start_s: float
    medium: str
    drugs: Named = ()
    ligands: Named = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A dose [nM] from start to end [s]."""

    nM: float
    start_s: float = 0.0
    end_s: float = inf


Given = tuple[str, Schedule]
"""A drug or ligand, and when it is present."""


def parse_schedule(text: str) -> Schedule:
    """Read DOSE[@START[..END]], e.g. "20 nM", "20 nM @ -30 min", "1 uM@24 h..48 h". Raises ValueError."""
    amount, at, when = text.partition("@")
    nM = _tidy(dose(amount.strip()))
    if nM > MOST_NM:
        raise ValueError(f"{amount.strip()!r} is more than 1 M")
    if not at:
        return Schedule(nM)
    begin, dots, stop = when.partition("..")
    start = _moment(begin)
    end = _moment(stop) if dots else inf
    if end <= start:
        raise ValueError(f"the end is not after the start in {text!r}")
    return Schedule(nM, start, end)


def _moment(text: str) -> float:
    """A time [s] that may lie before 0."""
    return _near(seconds(text.strip().replace("−", "-"), negative=True), text)


def _near(time_s: float, text: str) -> float:
    if abs(time_s) > FURTHEST_S:
        raise ValueError(f"{text.strip()!r} is more than a year away")
    return _tidy(time_s)


def _tidy(value: float) -> float:
    """`value` to 12 digits, so that "0.3 uM" and "300 nM" are the same dose; no -0."""
    return float(f"{value:.12g}") + 0.0


def parse_starve(text: object, place: str, problems: Mistakes) -> float:
    """How long the cells are starved before 0 [s]; 0 by default."""
    if text is None:
        return 0.0
    if not isinstance(text, str):
        problems.add(place, f"{text!r} has no unit", advice='Write e.g. "16 h".')
        return 0.0
    try:
        return _near(seconds(text), text)
    except ValueError as err:
        problems.add(place, str(err))
        return 0.0


def parse_schedules(value: object, place: str, problems: Mistakes) -> list[Schedule]:
    """One schedule, or a list of them."""
    schedules = []
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            problems.add(place, f"{text!r} has no unit", advice='Write e.g. "100 nM" or "1 uM @ -30 min".')
            continue
        try:
            schedules.append(parse_schedule(text))
        except ValueError as err:
            problems.add(place, str(err))
    return schedules


def cut_time(
    grown: str, medium: str, starve: float, drugs: Sequence[Given], ligands: Sequence[Given]
) -> tuple[Segment, ...]:
    """Segments between changes; equal neighbours are joined, and steady state before 0 is left out."""
    starts = {0.0} | ({-starve} if starve else set())
    for _, s in (*drugs, *ligands):
        starts |= {t for t in (s.start_s, s.end_s) if t < inf}
    segments = [Segment(-inf, grown)]
    for start in sorted(starts):
        bath = medium if start >= 0 else STARVED if start >= -starve else grown
        segment = Segment(start, bath, _at(drugs, start), _at(ligands, start))
        last = segments[-1]
        if start == 0 or replace(last, start_s=start) != segment:
            segments.append(segment)
    return tuple(segments[1:])


def _at(given: Sequence[Given], start: float) -> Named:
    """Levels from `start` on; overlapping doses of one name add up."""
    levels: dict[str, float] = {}
    for name, s in given:
        if s.start_s <= start < s.end_s and s.nM > 0:
            levels[name] = _tidy(levels.get(name, 0.0) + s.nM)
    return tuple(sorted(levels.items()))
