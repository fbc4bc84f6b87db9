"""The rows at which a constraint is enforced: its moments and stretches, found as PyBNF finds them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.external.constraint import Constraint, Trigger
from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from calibration.objective.problem import Vector
from models.simulation.engine import Failure

NEAR = 1e-5
"""Relative distance at which PyBNF takes a row for the moment itself."""

Rows = tuple[int, int]
"""First row, and the one after the last."""


class Unseen(Exception):
    """Raised inside a judgement, with the reason: the constraint cannot be evaluated."""


def place_of(side: str, base: str) -> tuple[str, str]:
    """(arm, observable) of a name as it stands in a .prop file."""
    arm, dot, name = side.partition(".")
    return (arm, name) if dot else (base, side)


def arms_of(constraint: Constraint) -> list[str]:
    """The arms that it reads, the one it is written for first where it has a moment of its own."""
    named = [side for side in constraint.sides if isinstance(side, str)]
    named += [t.name for t in constraint.triggers if t.name]
    arms = [place_of(name, constraint.base)[0] for name in named]
    if any(not t.name for t in constraint.triggers):
        arms.insert(0, constraint.base)
    return list(dict.fromkeys(arms))


def rows_of(
    constraint: Constraint, tables: Mapping[str, ArmTable | Failure], arms: Mapping[str, Setup]
) -> list[tuple[tuple[str, Rows], tuple[str, Rows]]]:
    """For each time that it is enforced: the rows of its low and of its high side, and of which arm."""
    if not constraint.triggers:
        arm = arms_of(constraint)[0]
        whole = (arm, (0, len(table_of_arm(tables, arm).variable)))
        return [(whole, whole)]
    found = [_crossings(t, constraint, tables, arms) for t in constraint.triggers[:1]]
    if constraint.split:
        found.append(_crossings(constraint.triggers[1], constraint, tables, arms))
        one, two = ((arm, (rows[0], rows[0] + 1)) for arm, rows in found)
        return [(one, two)]
    arm, starts = found[0]
    if constraint.when == "at":
        chosen = starts if constraint.triggers[0].repeat else starts[:1]
        return [((arm, (row, row + 1)), (arm, (row, row + 1))) for row in chosen]
    stretch = (arm, (starts[0], _end(constraint, tables, arms, arm, starts[0]) + 1))
    return [(stretch, stretch)]


def _crossings(
    trigger: Trigger,
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    arms: Mapping[str, Setup],
) -> tuple[str, list[int]]:
    """The arm of a moment, and the rows at which it comes, at least one."""
    arm, course = course_of(trigger, constraint, tables, arms)
    if is_variable(trigger, constraint, arms):
        hits = np.flatnonzero(np.isclose(course, trigger.value, rtol=1e-9, atol=1e-300))
        if not len(hits):
            ends = f"arm {arm} has {course[0]:g} to {course[-1]:g}"
            raise Unseen(f"{trigger.value:g} is not among the rows: {ends}")
        return arm, [max(0, int(hits[0]) - trigger.before)]
    below = course < trigger.value
    rows = [int(row) for row in np.flatnonzero(below[:-1] != below[1:])]
    rows = [row + closer(course, row, trigger.value) for row in rows]
    if not rows and np.isclose(course[0], trigger.value, rtol=NEAR, atol=0.0):
        rows = [0]
    if not rows:
        raise Unseen(f"{trigger.words} never comes: {course.min():.4g} to {course.max():.4g} in arm {arm}")
    return arm, [max(0, row - trigger.before) for row in rows]


def closer(course: Vector, row: int, value: float) -> int:
    """1 where the row after a crossing is the moment itself."""
    one, two = (bool(np.isclose(course[i], value, rtol=NEAR, atol=0.0)) for i in (row, row + 1))
    return int(two and not one)


def _end(
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    arms: Mapping[str, Setup],
    arm: str,
    start: int,
) -> int:
    """The last row of a "between": that of its end, or of the table where the end never comes."""
    trigger = constraint.triggers[1]
    other, course = course_of(trigger, constraint, tables, arms)
    last = len(course) - 1
    _same_rows(tables, arm, other)
    if all(is_variable(t, constraint, arms) for t in constraint.triggers):
        if trigger.value > course[-1] * (1 + 1e-9):
            raise Unseen(f"its end, {trigger.value:g}, is beyond arm {other}, which ends at {course[-1]:g}")
        if trigger.value < course[start]:
            raise Unseen(f"it ends, at {trigger.value:g}, before it begins")
        return int(np.flatnonzero(course <= trigger.value * (1 + 1e-9))[-1])
    # from here on as PyBNF does, which follows to the end of the arm what does not end after the next row
    below = course < trigger.value
    later = np.flatnonzero(below[start + 1 : -1] != below[start + 2 :])
    if not len(later):
        return last
    row = int(later[0]) + start + 1
    return row + closer(course, row, trigger.value)


def course_of(
    trigger: Trigger,
    constraint: Constraint,
    tables: Mapping[str, ArmTable | Failure],
    arms: Mapping[str, Setup],
) -> tuple[str, Vector]:
    arm, name = place_of(trigger.name, constraint.base) if trigger.name else (constraint.base, "")
    table = table_of_arm(tables, arm)
    return arm, table.variable if name in ("", arms[arm].variable) else table.of(name)


def is_variable(trigger: Trigger, constraint: Constraint, arms: Mapping[str, Setup]) -> bool:
    if not trigger.name:
        return True
    arm, name = place_of(trigger.name, constraint.base)
    return name == arms[arm].variable


def table_of_arm(tables: Mapping[str, ArmTable | Failure], arm: str) -> ArmTable:
    table = tables[arm]
    if isinstance(table, Failure):
        raise Unseen(f"the simulation of arm {arm} failed: {table.reason}")
    return table


def _same_rows(tables: Mapping[str, ArmTable | Failure], one: str, two: str) -> None:
    if one == two:
        return
    first, second = table_of_arm(tables, one).variable, table_of_arm(tables, two).variable
    if len(first) != len(second) or not np.allclose(first, second, rtol=1e-9, atol=0.0):
        raise Unseen(f"arms {one} and {two} do not have the same rows")


def carried(tables: Mapping[str, ArmTable | Failure], home: str, arm: str, first: int, end: int) -> Rows:
    """The rows of another arm at the same values of the independent variable."""
    if home == arm:
        return first, end
    here, there = table_of_arm(tables, home).variable, table_of_arm(tables, arm).variable
    rows = [np.flatnonzero(np.isclose(there, here[row], rtol=1e-9, atol=1e-300)) for row in (first, end - 1)]
    if not len(rows[0]) or not len(rows[1]) or rows[1][0] - rows[0][0] != end - 1 - first:
        raise Unseen(f"arm {arm} has no rows where arm {home} is looked at")
    return int(rows[0][0]), int(rows[1][0]) + 1
