"""Doses and times as people write them: a number and a unit, always both."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

DOSE_UNITS: Mapping[str, float] = {"pM": 1e-3, "nM": 1.0, "uM": 1e3, "mM": 1e6, "M": 1e9}  # in [nM]
TIME_UNITS: Mapping[str, float] = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}  # in [s]

# ASCII digits only: \d would also take digits of other scripts. `µ` exists twice, as micro sign and as mu.
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z\u00b5\u03bc]*)\s*")


def _shown(text: object) -> str:
    """What was given, short enough for one line."""
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _parse(text: object, units: Mapping[str, float], what: str, example: str, negative: bool) -> float:
    """The value of `text` in the base unit of `units`, or a readable ValueError."""
    allowed = ", ".join(units)
    hint = f"write {what} as number and unit, like {example!r} (units: {allowed})"
    if not isinstance(text, str):
        raise ValueError(f"{_shown(text)} has no unit; {hint}")
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{_shown(text)} is not {what}; {hint}")
    number, unit = match[1], match[2].replace("\u00b5", "u").replace("\u03bc", "u")
    if not unit:
        raise ValueError(f"{_shown(text)} has no unit; {hint}")
    if unit not in units:
        near = [name for name in units if name.casefold() == unit.casefold()]
        advice = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"unit {_shown(match[2])} is unknown in {_shown(text)}; {advice}units: {allowed}")
    value = float(number) * units[unit]
    if not math.isfinite(value):
        raise ValueError(f"{_shown(text)} is too large")
    if value < 0 and not negative:
        raise ValueError(f"{_shown(text)} is negative; {what} is zero or more")
    return value + 0.0  # "-0 s" is 0 s


def dose(text: object) -> float:
    """Concentration [nM], finite and not negative, of a text such as "100 nM", "1uM" or "1e-3 mM".

    Raises `ValueError` with a text that says what is wrong and how to write it.
    """
    return _parse(text, DOSE_UNITS, "a dose", "100 nM", negative=False)


def seconds(text: object, *, negative: bool = False) -> float:
    """Time [s], finite, of a text such as "24 h", "30 min" or "90s"; before 0 where `negative` is allowed.

    Raises `ValueError` with a text that says what is wrong and how to write it.
    """
    return _parse(text, TIME_UNITS, "a time", "24 h", negative=negative)


def format_dose(value_nM: float, digits: int = 6) -> str:
    """Write a concentration [nM] in the unit that keeps it between 1 and 1000: 500.0 -> "500 nM"."""
    value = float(f"{value_nM:.{digits}g}")  # rounded first, so that 999.9999999 nM is 1 uM
    fitting = [unit for unit, size in DOSE_UNITS.items() if abs(value) >= size]
    unit = fitting[-1] if fitting else ("pM" if value else "nM")
    return f"{value / DOSE_UNITS[unit]:.{digits}g} {unit}"


def format_time(value_s: float, digits: int = 6) -> str:
    """Write a time [s] in its usual unit: 86400 -> "24 h", 6000 -> "100 min", -1800 -> "-30 min"."""
    units = [(unit, TIME_UNITS[unit]) for unit in ("h", "min", "s") if abs(value_s) >= TIME_UNITS[unit]]
    if not units:
        return f"{value_s:.{digits}g} s"
    even = [(unit, size) for unit, size in units if (4 * value_s / size).is_integer()]  # whole, half, quarter
    unit, size = (even or units)[0]
    return f"{value_s / size:.{digits}g} {unit}"
