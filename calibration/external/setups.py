"""Arms of a third-party model: settings of parameters and amounts, in stretches, with the last one watched.

[arm.second]
after = "first"                              # begins with the amounts that this arm ends with
before = [{ for = 60, amounts = { "Ag(DNP)" = 0 } }, { rest = 1e5 }]
set = { Ag_tot = 1e4 }                       # parameters, for the whole arm
amounts = { "Ag(DNP)" = "Ag_tot" }           # at time 0, when watching begins
until = 5                                    # in the model's own time
steps = 50

[arm.dose]
scan = "Ifree"                               # one row a value: the end of a run of its own
values = [0.001, 0.01, 0.1]
until = 1e5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from calibration.external.free_parameters import number
from calibration.objective.problem import Vector
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table
from models.kinetic_model import KineticModel

MOST_STEPS = 100_000
MOST_ARMS = 2_000
_STRETCH = ("for", "rest", "set", "amounts")
_ARM = ("after", "before", "set", "amounts", "until", "steps", "scan", "values", "note")
Amount = float | str  # a number, or the name of a parameter


@dataclass(frozen=True, slots=True)
class SetupPhase:
    """Some time with settings of its own; with `rest`, until nothing moves, which takes at least `span`."""

    span: float
    rest: bool
    set: Mapping[str, float]
    amounts: Mapping[int, Amount]


@dataclass(frozen=True, slots=True)
class Setup:
    """One arm.

    Attributes
    ----------
    before : tuple of SetupPhase
        What comes before time 0.
    set, amounts
        Of the stretch that is watched; `set` holds before time 0 as well.
    until : float [model time]
    grid : array (n_times,) [model time]
        The rows that the file asks for; PyBNF would have these and no others.
    times : array [model time]
        Those, and what constraints and findings need.
    scan : str
        The parameter that takes each of `grid` in turn, or empty: then `grid` is time.
    """

    name: str
    after: str
    before: tuple[SetupPhase, ...]
    set: Mapping[str, float]
    amounts: Mapping[int, Amount]
    until: float
    grid: Vector
    scan: str = ""
    times: Vector = field(default_factory=lambda: np.zeros(0))

    @property
    def variable(self) -> str:
        """The independent variable."""
        return self.scan or "time"

    def with_times(self, extra: Iterable[float]) -> Setup:
        """The same arm, sampled at more times; those outside of it are left out."""
        wanted = [t for t in extra if 0.0 <= t <= self.until]
        if self.scan or not wanted:
            return self
        near = np.isclose(np.asarray(wanted)[:, None], self.times[None, :], rtol=1e-9, atol=0.0).any(axis=1)
        fresh = [t for t, known in zip(wanted, near, strict=True) if not known]
        return replace(self, times=np.unique(np.concatenate([self.times, fresh]))) if fresh else self


def read_arms(table: Mapping[str, Any], model: KineticModel, problems: Mistakes) -> dict[str, Setup]:
    """The arms under `arm` of one file."""
    arms: dict[str, Setup] = {}
    if not is_table(table, "arm", problems):
        return arms
    for name, entry in table.items():
        place = f"arm.{name}"
        if is_table(entry, place, problems):
            arms[name] = _arm(name, entry, place, model, problems)
    if len(arms) > MOST_ARMS:
        problems.add("arm", f"{len(arms):,} arms", allowed=f"at most {MOST_ARMS:,}")
    return arms


def in_order(arms: Mapping[str, Setup], problems: Mistakes) -> dict[str, Setup]:
    """The arms so that each comes after the one it goes on from."""
    done: dict[str, Setup] = {}
    for name, arm in arms.items():
        if arm.after and arm.after not in arms:
            problems.add(f"arm.{name}.after", repr(arm.after), allowed=arms, name=arm.after)
    waiting = dict(arms)
    while waiting:
        ready = [n for n, a in waiting.items() if not a.after or a.after in done or a.after not in arms]
        if not ready:
            problems.add(f"arm.{next(iter(waiting))}.after", "arms go on from each other in a circle")
            return done
        done |= {n: waiting.pop(n) for n in ready}
    return done


def _arm(name: str, entry: Mapping[str, Any], place: str, model: KineticModel, problems: Mistakes) -> Setup:
    check_keys(entry, _ARM, place, problems)
    if not name.isidentifier():
        problems.add(place, repr(name), allowed="letters, digits and _")
    after = entry.get("after", "")
    if not isinstance(after, str):
        problems.add(f"{place}.after", repr(after), allowed="the name of an arm")
        after = ""
    stretches = entry.get("before", [])
    if not isinstance(stretches, list):
        problems.add(f"{place}.before", repr(stretches), allowed="a list of tables")
        stretches = []
    before = tuple(
        _stretch(part, f"{place}.before[{i}]", model, problems)
        for i, part in enumerate(stretches, 1)
        if is_table(part, f"{place}.before[{i}]", problems)
    )
    until = number(entry, "until", place, problems, None, 1e-12, 1e15)
    scan = entry.get("scan", "")
    if scan:
        grid = _values(entry, place, problems)
        if scan not in model.primary:
            problems.add(f"{place}.scan", repr(scan), allowed=model.primary, name=str(scan))
    else:
        steps = int(number(entry, "steps", place, problems, 100, 1, MOST_STEPS))
        grid = np.linspace(0.0, until, steps + 1)
        if "values" in entry:
            problems.add(f"{place}.values", "given without scan")
    return Setup(
        name,
        after,
        before,
        _settings(entry, place, model, problems),
        _amounts(entry, place, model, problems),
        until,
        grid,
        str(scan),
        grid,
    )


def _values(entry: Mapping[str, Any], place: str, problems: Mistakes) -> Vector:
    values = entry.get("values")
    if not isinstance(values, list) or not values or len(values) > MOST_STEPS:
        problems.add(f"{place}.values", repr(values), allowed="a list of numbers")
        return np.ones(1)
    named = {f"values[{i}]": value for i, value in enumerate(values, 1)}
    read = np.array([number(named, key, place, problems, 1.0) for key in named])
    if (np.diff(read) <= 0).any():
        problems.add(f"{place}.values", "do not rise")
    return read


def _stretch(part: Mapping[str, Any], place: str, model: KineticModel, problems: Mistakes) -> SetupPhase:
    check_keys(part, _STRETCH, place, problems)
    rest = "rest" in part
    if rest == ("for" in part):
        problems.add(place, "needs one of for and rest")
    span = number(part, "rest" if rest else "for", place, problems, 1.0, 1e-12, 1e15)
    settings = _settings(part, place, model, problems)
    return SetupPhase(span, rest, settings, _amounts(part, place, model, problems))


def _settings(
    entry: Mapping[str, Any], place: str, model: KineticModel, problems: Mistakes
) -> dict[str, float]:
    table = entry.get("set", {})
    if not is_table(table, f"{place}.set", problems):
        return {}
    for name in table:
        if name not in model.primary:
            computed = f" is computed: {model.parameters[name]}" if name in model.parameters else ""
            problems.add(f"{place}.set", f"{name!r}{computed}", allowed=model.primary, name=name)
    return {name: number(table, name, f"{place}.set", problems) for name in table}


def _amounts(
    entry: Mapping[str, Any], place: str, model: KineticModel, problems: Mistakes
) -> dict[int, Amount]:
    table = entry.get("amounts", {})
    if not is_table(table, f"{place}.amounts", problems):
        return {}
    read: dict[int, Amount] = {}
    for name, value in table.items():
        plain = "".join(name.split()).replace("$", "")
        if plain not in model.species:
            problems.add(f"{place}.amounts", f"unknown species {name!r}", allowed=model.species, name=plain)
        elif isinstance(value, str):
            if value not in model.parameters:
                problems.add(f"{place}.amounts", repr(value), allowed=model.parameters, name=value)
            read[model.species.index(plain)] = value
        else:
            read[model.species.index(plain)] = number(table, name, f"{place}.amounts", problems, 0.0, 0.0)
    return read
