"""BPSL constraints against tables: the difference, what PyBNF charges for it, and a verdict apart from it.

Penalties are PyBNF's, with one difference: a constraint that PyBNF would pass over without a word (at the
first row; at a moment that never comes) is charged here, or said to be unevaluable. `overlooked` tells which.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from calibration.external.constraint import Constraint, Side, Strength, Trigger
from calibration.external.enforced_rows import (
    NEAR,
    Rows,
    Unseen,
    carried,
    closer,
    course_of,
    is_variable,
    place_of,
    rows_of,
    table_of_arm,
)
from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from calibration.objective.problem import Vector
from models.core.errors import Mistakes
from models.simulation.engine import Failure


@dataclass(frozen=True, slots=True)
class PenaltyResult:
    """One constraint on one set of tables.

    Attributes
    ----------
    difference : float
        low - high where it is largest (smallest for "once"), in the observables' unit; negative where it
        holds; nan where it cannot be evaluated.
    penalty : float
        As PyBNF defines it.
    holds : bool
    reason : str
        Why it cannot be evaluated; empty where it can.
    silent : bool
        Whether PyBNF would charge nothing here: its moment comes with the first row, or never.
    """

    difference: float
    penalty: float
    holds: bool
    reason: str = ""
    silent: bool = False


def check(
    constraint: Constraint, arms: Mapping[str, Setup], columns: tuple[str, ...], problems: Mistakes
) -> bool:
    """Whether all that a constraint names is there; what is not is noted with its line."""
    before = len(problems.found)
    problems.file = constraint.file
    where = f"line {constraint.line}"
    named = [side for side in constraint.sides if isinstance(side, str)]
    named += [t.name for t in constraint.triggers if t.name]
    for name in named:
        arm, observable = place_of(name, constraint.base)
        if arm not in arms:
            problems.add(where, f"there is no arm {arm!r}", allowed=arms, name=arm)
        elif observable not in (*columns, arms[arm].variable):
            problems.add(where, f"unknown observable {observable!r}", allowed=columns, name=observable)
    if constraint.base not in arms and not named:
        problems.add(where, f"there is no arm {constraint.base!r}", allowed=arms, name=constraint.base)
    return len(problems.found) == before


def moments(constraint: Constraint, arms: Mapping[str, Setup]) -> list[float]:
    """Values of the independent variable at which it must be sampled."""
    return [t.value for t in constraint.triggers if is_variable(t, constraint, arms)]


def overlooked(constraint: Constraint, arms: Mapping[str, Setup]) -> str:
    """What PyBNF would do with it without a word, on its own rows; empty where it does what is said."""
    notes = []
    for i, trigger in enumerate(constraint.triggers):
        if not is_variable(trigger, constraint, arms):
            continue
        arm = arms[place_of(trigger.name, constraint.base)[0] if trigger.name else constraint.base]
        grid, value, end = arm.grid, trigger.value, constraint.when.endswith("between") and i == 1
        if end:
            last = _pybnf_end(grid, constraint.triggers[0], value)
            if last is not None and not np.isclose(last, value, rtol=NEAR, atol=0.0):
                notes.append(f"followed to {last:g} in place of {value:g}")
            continue
        if not (grid < value).any():
            notes.append(f"passed over: {value:g} is the first row of arm {arm.name}, or before it")
        elif not (grid >= value).any():
            notes.append(f"passed over: {value:g} is beyond arm {arm.name}, which ends at {grid[-1]:g}")
        elif not np.isclose(grid, value, rtol=NEAR, atol=0.0).any():
            earlier = grid[np.flatnonzero(grid < value)[-1]]
            notes.append(f"read at {earlier:g}, the row before {value:g}")
    return "; ".join(notes)


def _pybnf_end(grid: Vector, start: Trigger, end: float) -> float | None:
    """Where PyBNF ends a "between" that ends at a time: it misses an end in the row after the start."""
    if start.name and start.name != "time":
        return grid[-1] if end > grid[-1] else None
    begun = np.flatnonzero(np.diff(grid < start.value))
    if not len(begun):
        return None
    first = int(begun[0]) + closer(grid, int(begun[0]), start.value)
    below = grid < end
    later = np.flatnonzero(below[first + 1 : -1] != below[first + 2 :])
    if not len(later):
        return float(grid[-1])
    row = int(later[0]) + first + 1
    return float(grid[row + closer(grid, row, end)])


def penalty_of(
    constraint: Constraint, tables: Mapping[str, ArmTable | Failure], arms: Mapping[str, Setup]
) -> PenaltyResult:
    """The penalty and the verdict of one constraint."""
    try:
        pairs = rows_of(constraint, tables, arms)
        silent = any(_silent(t, constraint, tables, arms) for t in constraint.triggers)
        worst, penalty, holds = -math.inf, 0.0, True
        for low, high in pairs:
            difference, cost, kept = _one(constraint, tables, low, high)
            worst, penalty, holds = max(worst, difference), penalty + cost, holds and kept
    except Unseen as why:
        return PenaltyResult(math.nan, math.nan, False, str(why), True)
    return PenaltyResult(worst, penalty, holds, "", silent)


def _silent(
    trigger: Trigger,
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    arms: Mapping[str, Setup],
) -> bool:
    """Whether PyBNF sees no crossing in the course of an observable that begins at the very value."""
    ends = constraint.when.endswith("between") and trigger is constraint.triggers[1]
    if ends or is_variable(trigger, constraint, arms):
        return False
    below = course_of(trigger, constraint, tables, arms)[1] < trigger.value
    return bool((below == below[0]).all())


def _one(
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    low: tuple[str, Rows],
    high: tuple[str, Rows],
) -> tuple[float, float, bool]:
    """(difference, penalty, whether it holds) where it is enforced once."""
    gaps = _gaps(constraint.low, constraint.high, constraint, tables, low, high)
    once = constraint.when.startswith("once")
    difference = float(gaps.min() if once else gaps.max())
    if not math.isfinite(difference):
        raise Unseen("its values are no finite numbers")
    holds = difference < 0.0 or (difference == 0.0 and constraint.equal)
    strength = constraint.strength
    if strength.family != "hinge":
        return difference, likelihood(strength, difference, constraint.equal), holds
    if holds:
        return difference, 0.0, holds
    cost = difference
    if strength.alt is not None:
        # as PyBNF does, both sides at the rows of the low side
        others = _gaps(*strength.alt, constraint, tables, low, low)
        cost = max(0.0, float(others.min() if once else others.max()))
    return difference, strength.weight * max(cost, strength.least), holds


def likelihood(strength: Strength, difference: float, equal: bool = False) -> float:
    """Minus the logarithm of the probability of the comparison, given the difference low - high."""
    if strength.scale == 0.0:
        good = difference < 0.0 or (difference == 0.0 and equal)
        return -math.log(max(strength.pmax if good else strength.pmin, 1e-300))
    x = -difference / strength.scale
    if strength.family == "logit" and strength.pmin == 0.0 and strength.pmax == 1.0:
        return float(np.logaddexp(0.0, -x))
    inner = float(ndtr(x) if strength.family == "probit" else expit(x))
    return -math.log(max(strength.pmin + (strength.pmax - strength.pmin) * inner, 1e-300))


def _gaps(
    left: Side,
    right: Side,
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    low: tuple[str, Rows],
    high: tuple[str, Rows],
) -> Vector:
    """left - right over the rows."""
    sides = []
    for side, (home, (first, end)) in ((left, low), (right, high)):
        if isinstance(side, float):
            sides.append(np.array([side]))
            continue
        arm, name = place_of(side, constraint.base)
        if end - first > 1 or home != arm:
            first, end = carried(tables, home, arm, first, end)
        table = table_of_arm(tables, arm)
        column = table.of(name) if name in table.names else table.variable
        sides.append(column[first:end])
    return np.asarray(sides[0] - sides[1])
