"""What is free in a model of others, with a prior for each: a small TOML file.

format = "free/1"
time = "min"                     # one unit of the model's time; for findings with times such as "24 h"

[free.k_on]
guess = 1e-3                     # with sd: normal around it
sd = 1.0                         # in decades, or in the parameter's own unit where scale = "linear"

[free.k_off]
bounds = [1e-6, 10.0]            # without sd: uniform between them
scale = "log10"                  # or "linear"
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from calibration.objective.problem import Vector
from models.core.errors import Mistakes
from models.core.text_file import TextFile, table_of
from models.core.toml_tables import check_keys, is_table
from models.core.units import TIME_UNITS
from models.kinetic_model import KineticModel

FORMAT = "free/1"
SCALES = ("log10", "linear")
SCORES = ("chi_sq", "sos")
RTOL, ATOL = 1e-6, 1e-6


@dataclass(frozen=True, slots=True)
class ParameterPrior:
    """Normal, uniform, or normal between bounds; on the parameter's scale.

    Attributes
    ----------
    guess, sd : float
        On the scale; without an sd (nan) the prior is uniform.
    low, high : float
        On the scale; may be infinite.
    log : bool
        Whether the scale is log10.
    """

    guess: float
    sd: float
    low: float
    high: float
    log: bool

    def value(self, z: float) -> float:
        """The parameter at `z` prior standard deviations: a standard normal z gives the prior."""
        if math.isnan(self.sd):
            inner = self.low + (self.high - self.low) * float(ndtr(z))
        elif math.isinf(self.low) and math.isinf(self.high):
            inner = self.guess + self.sd * z
        else:
            a, b = (float(ndtr((wall - self.guess) / self.sd)) for wall in (self.low, self.high))
            share = min(max(a + (b - a) * float(ndtr(z)), 1e-15), 1 - 1e-15)
            inner = min(max(self.guess + self.sd * float(ndtri(share)), self.low), self.high)
        return float(10.0**inner) if self.log else inner

    def z(self, value: float) -> float:
        """The inverse of `value`, within 8 prior standard deviations; nan where the prior excludes it."""
        if self.log and not value > 0.0:
            return math.nan
        inner = math.log10(value) if self.log else value
        if math.isnan(self.sd):
            share = (inner - self.low) / (self.high - self.low)
        elif math.isinf(self.low) and math.isinf(self.high):
            return (inner - self.guess) / self.sd
        else:
            a, b, here = (float(ndtr((x - self.guess) / self.sd)) for x in (self.low, self.high, inner))
            share = (here - a) / (b - a)
        if not -1e-9 <= share <= 1.0 + 1e-9:
            return math.nan
        return float(np.clip(ndtri(min(max(share, 0.0), 1.0)), -8.0, 8.0))


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """The free parameters; what a run folder and an ensemble need to know of them.

    Attributes
    ----------
    names : tuple (n,) of str
    priors : tuple (n,) of ParameterPrior
    """

    names: tuple[str, ...]
    priors: tuple[ParameterPrior, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def centre_log10(self) -> Vector:
        """log10 of the parameters at z = 0; nan where that is not positive."""
        middle = np.array([prior.value(0.0) for prior in self.priors])
        return np.asarray(np.log10(np.where(middle > 0, middle, np.nan)))

    @property
    def sd(self) -> Vector:
        """Decades (or units, for a linear scale) that one prior standard deviation is, at the middle."""
        return np.array(
            [
                p.sd if math.isfinite(p.sd) else (p.high - p.low) / math.sqrt(2.0 * math.pi)
                for p in self.priors
            ]
        )

    def values(self, z: Vector) -> dict[str, float]:
        """Parameters by name at `z` (n,) [prior standard deviations]."""
        return {n: p.value(float(x)) for n, p, x in zip(self.names, self.priors, z, strict=True)}

    def point(self, values: Mapping[str, float]) -> Vector:
        """The inverse of `values`, (n,) [prior standard deviations]."""
        return np.array([p.z(values[n]) for n, p in zip(self.names, self.priors, strict=True)])


@dataclass(frozen=True, slots=True)
class FreeParameters:
    """The file of free parameters.

    Attributes
    ----------
    space : FreeSpace
    second : float or None
        Seconds in one unit of the model's time, where the file says so.
    rtol, atol : float
        Tolerances of the solver; `atol` in the model's amounts.
    score : "chi_sq" or "sos"
        How measured points count: (s - e)²/(2 SD²), or (s - e)².
    unit : float or None
        So much of the objective is one unit of the search's loss; by default it is found from prior draws.
    """

    space: FreeSpace
    second: float | None = None
    rtol: float = RTOL
    atol: float = ATOL
    score: str = "chi_sq"
    unit: float | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)


def read_free(text: TextFile, model: KineticModel, problems: Mistakes) -> FreeParameters:
    """Read the file of free parameters against the model whose they are."""
    table = table_of(text, FORMAT, problems)
    check_keys(table, ("time", "free", "set", "solver", "data", "search"), "", problems)
    priors: dict[str, ParameterPrior] = {}
    entries = table.get("free", {})
    if is_table(entries, "free", problems):
        if not entries:
            problems.add(
                "free", "names no parameter", advice="Write [free.NAME] with guess and sd, or bounds."
            )
        for name, entry in entries.items():
            _known(name, model, f"free.{name}", problems)
            if is_table(entry, f"free.{name}", problems):
                priors[name] = _prior(entry, f"free.{name}", model.parameters.get(name, "1"), problems)
    fixed = table.get("set", {})
    if is_table(fixed, "set", problems):
        for name, value in fixed.items():
            _known(name, model, f"set.{name}", problems)
            number(fixed, name, "set", problems)
            if name in priors:
                problems.add(f"set.{name}", f"{value!r}, and it is free as well")
    second = table.get("time")
    if second is not None and (not isinstance(second, str) or second not in TIME_UNITS):
        problems.add("time", repr(second), allowed=TIME_UNITS, name=str(second))
        second = None
    solver, data, search = (_part(table, key, problems) for key in ("solver", "data", "search"))
    check_keys(solver, ("rtol", "atol"), "solver", problems)
    check_keys(data, ("score",), "data", problems)
    check_keys(search, ("unit",), "search", problems)
    score = data.get("score", "chi_sq")
    if score not in SCORES:
        problems.add("data.score", repr(score), allowed=SCORES, name=str(score))
    return FreeParameters(
        FreeSpace(tuple(priors), tuple(priors.values())),
        TIME_UNITS[second] if second else None,
        number(solver, "rtol", "solver", problems, RTOL, 1e-12, 1e-2),
        number(solver, "atol", "solver", problems, ATOL, 1e-30, 1e6),
        str(score),
        number(search, "unit", "search", problems, None, 1e-30, 1e30) if "unit" in search else None,
        {name: float(v) for name, v in fixed.items() if isinstance(v, (int, float))},
    )


def number(
    table: Mapping[str, Any],
    key: str,
    place: str,
    problems: Mistakes,
    default: float | None = None,
    low: float = -math.inf,
    high: float = math.inf,
) -> float:
    """A finite number within low..high."""
    value = table.get(key, default)
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if good and math.isfinite(value) and low <= value <= high:
        return float(value)
    allowed = f"a number from {low:g} to {high:g}" if math.isfinite(low + high) else "a number"
    problems.add(f"{place}.{key}", "missing" if value is None else repr(value), allowed=allowed)
    return default if default is not None else 1.0


def _part(table: Mapping[str, Any], key: str, problems: Mistakes) -> Mapping[str, Any]:
    value = table.get(key, {})
    return value if is_table(value, key, problems) else {}


def _known(name: str, model: KineticModel, place: str, problems: Mistakes) -> None:
    if name in model.primary:
        return
    if name in model.parameters:
        given = f"{name!r} is computed: {model.parameters[name]}"
        problems.add(place, given, advice="Name one of the parameters that it is computed from.")
    else:
        problems.add(place, f"{name!r} is no parameter of the model", allowed=model.primary, name=name)


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError:  # a formula, which is a mistake that is told elsewhere
        return 1.0


def _prior(entry: Mapping[str, Any], place: str, own: str, problems: Mistakes) -> ParameterPrior:
    check_keys(entry, ("guess", "sd", "bounds", "scale", "note"), place, problems)
    scale = entry.get("scale", "log10")
    if scale not in SCALES:
        problems.add(f"{place}.scale", repr(scale), allowed=SCALES, name=str(scale))
    log = scale != "linear"
    bounds = entry.get("bounds")
    low, high = -math.inf, math.inf
    if bounds is not None:
        if not (isinstance(bounds, list) and len(bounds) == 2):
            problems.add(f"{place}.bounds", repr(bounds), allowed="two numbers, such as [1e-6, 10.0]")
        else:
            ends = {"bounds[1]": bounds[0], "bounds[2]": bounds[1]}
            low, high = (number(ends, key, place, problems, 1.0) for key in ends)
            if low >= high:
                problems.add(f"{place}.bounds", f"{bounds!r} do not rise")
    elif "sd" not in entry:
        problems.add(place, "neither sd nor bounds", advice="Give guess and sd, or bounds, or all three.")
    sd = number(entry, "sd", place, problems, None, 1e-6, 1e6) if "sd" in entry else math.nan
    guess = _float(own) if "guess" not in entry else number(entry, "guess", place, problems)
    if log and ((bounds is not None and low <= 0) or (not math.isnan(sd) and guess <= 0)):
        problems.add(place, "a value of 0 or less on a log10 scale", advice='Write scale = "linear".')
        return ParameterPrior(0.0, 1.0, -math.inf, math.inf, True)
    if log:
        low, high = (math.log10(x) if 0 < x < math.inf else x for x in (low, high))
        guess = math.log10(guess) if guess > 0 else 0.0
    return ParameterPrior(guess, sd, low, high, log)
