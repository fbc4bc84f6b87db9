"""Derivatives of the terms of a third-party problem by the readings in its tables.

A penalty p of a constraint is a function of the difference d = low - high at the row that decides, so
dp/dreading is dp/dd for a reading of the low side and -dp/dd for one of the high side; which row decides is
taken as given. Terms are roots of penalties and residuals, see `calibration.external.shortfall`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.special import expit, ndtr

from calibration.external.batch import ReadingDerivative
from calibration.external.claims import lookup, stands_for
from calibration.external.constraint import Constraint, Side, Strength
from calibration.external.enforced_rows import Rows, Unseen, carried, place_of, rows_of, table_of_arm
from calibration.external.exp_tables import ExpPoint
from calibration.external.penalty import PenaltyResult, _gaps
from calibration.external.setups import Setup
from calibration.external.shortfall import TINY
from calibration.external.simulator import ArmTable
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.observation import Observation
from calibration.objective.margin_derivatives import derivatives, elementary
from calibration.objective.measured.residual_terms import STRAIGHT, TARGET
from calibration.objective.problem import WORST
from models.simulation.engine import Failure

Tables = Mapping[str, ArmTable | Failure]
_Pair = tuple[str, Rows]


def of_finding(
    finding: Finding, first: int, tables: Tables, second: float, atol: float
) -> Iterator[ReadingDerivative]:
    """Of the parts of a finding, whose terms begin at `first`."""
    named = {stands_for(name): name for name in tables}
    seen = Observation(lookup(tables, second, atol))
    for i, (claim, part) in enumerate(elementary(finding.claim) if finding.claim else ()):
        for arm, time, observable, by in derivatives(claim, part, seen):
            name = named[arm]
            table = tables[name]
            if isinstance(table, Failure):
                continue
            row = int(np.argmin(np.abs(table.variable - time / second)))
            value = float(table.of(observable)[row])
            if value > atol:
                yield ReadingDerivative(first + i, name, row, observable, by / value)


def of_constraint(
    constraint: Constraint, tables: Tables, arms: Mapping[str, Setup]
) -> list[tuple[str, int, str, float]]:
    """Of the penalty: arm, row, observable, derivative; nothing where it cannot be evaluated."""
    try:
        found = []
        for low, high in rows_of(constraint, tables, arms):
            found += list(_enforced_once(constraint, tables, low, high))
        return found
    except Unseen:
        return []


def of_spare(
    constraint: Constraint, tables: Tables, arms: Mapping[str, Setup]
) -> list[tuple[str, int, str, float]]:
    """Of the difference of the sides where it is largest: as `of_constraint`, for one that holds."""
    try:
        pairs = rows_of(constraint, tables, arms)
        once = constraint.when.startswith("once")
        sides = (constraint.low, constraint.high)
        gaps = [_gaps(*sides, constraint, tables, low, high) for low, high in pairs]
        worst = int(np.argmax([g.min() if once else g.max() for g in gaps]))
        low, high = pairs[worst]
        return list(_of_sides(*sides, constraint, tables, low, high, _decides(gaps[worst], once), 1.0))
    except Unseen:
        return []


def _enforced_once(
    constraint: Constraint, tables: Tables, low: _Pair, high: _Pair
) -> Iterator[tuple[str, int, str, float]]:
    sides: tuple[Side, Side] = (constraint.low, constraint.high)
    gaps = _gaps(*sides, constraint, tables, low, high)
    once, strength = constraint.when.startswith("once"), constraint.strength
    difference = float(gaps.min() if once else gaps.max())
    if strength.family != "hinge":
        by = likelihood_derivative(strength, difference)
    elif difference < 0.0 or (difference == 0.0 and constraint.equal):
        return
    else:
        cost = difference
        if strength.alt is not None:
            sides, high = strength.alt, low
            gaps = _gaps(*sides, constraint, tables, low, low)
            cost = float(gaps.min() if once else gaps.max())
        if cost <= max(strength.least, 0.0):
            return
        by = strength.weight
    yield from _of_sides(*sides, constraint, tables, low, high, _decides(gaps, once), by)


def _decides(gaps: np.ndarray, once: bool) -> int:
    return int(gaps.argmin() if once else gaps.argmax())


def _of_sides(
    left: Side,
    right: Side,
    constraint: Constraint,
    tables: Tables,
    low: _Pair,
    high: _Pair,
    at: int,
    by: float,
) -> Iterator[tuple[str, int, str, float]]:
    """By the readings of left - right in the row `at` of those where it is enforced; as `penalty._gaps`."""
    for side, (home, (first, end)), sign in ((left, low, 1.0), (right, high, -1.0)):
        if isinstance(side, float):
            continue
        arm, name = place_of(side, constraint.base)
        if end - first > 1 or home != arm:
            first, end = carried(tables, home, arm, first, end)
        if name in table_of_arm(tables, arm).names:
            yield arm, first + (at if end - first > 1 else 0), name, sign * by


def likelihood_derivative(strength: Strength, difference: float) -> float:
    """d/dd of `penalty.likelihood`, -log(pmin + (pmax - pmin) F(-d / scale)) with F normal or logistic."""
    if strength.scale == 0.0:
        return 0.0
    x = -difference / strength.scale
    if strength.family == "logit" and strength.pmin == 0.0 and strength.pmax == 1.0:
        return float(expit(-x) / strength.scale)
    if strength.family == "probit":
        inner, density = float(ndtr(x)), math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    else:
        inner = float(expit(x))
        density = inner * (1.0 - inner)
    width = strength.pmax - strength.pmin
    return float(width * density / strength.scale / max(strength.pmin + width * inner, 1e-300))


def bent_derivative(gap: float) -> float:
    """Of `shortfall.bent`."""
    if gap > STRAIGHT:
        return (STRAIGHT / gap) ** 2
    return 1.0 if gap > WORST + TARGET else 0.0


def of_constraints(
    constraints: Sequence[Constraint],
    roots: np.ndarray,
    judged: Sequence[PenaltyResult],
    unit: float,
    first: int,
    tables: Tables,
    arms: Mapping[str, Setup],
) -> Iterator[ReadingDerivative]:
    """Of the terms of constraints, which begin at `first`.

    Parameters
    ----------
    roots : array (n_constraints,)
        Roots of the penalties above their least, over that of `unit`; nan if unknown.
    judged : sequence of PenaltyResult
    """
    for i, constraint in enumerate(constraints):
        strength, root = constraint.strength, float(roots[i])
        if judged[i].holds and strength.family == "hinge":
            # the term is TARGET + sqrt(weight x -difference / unit), up to -WORST
            spare = math.sqrt(strength.weight * -judged[i].difference / unit)
            factor = -0.5 * strength.weight / unit / spare if TINY < spare < -WORST - TARGET else 0.0
            parts = of_spare(constraint, tables, arms)
        elif math.isfinite(root):
            factor = -bent_derivative(root) / (2.0 * max(root, TINY) * unit)
            parts = of_constraint(constraint, tables, arms)
        else:
            continue
        for arm, row, name, by in parts:
            if factor and by:
                yield ReadingDerivative(first + i, arm, row, name, factor * by)


def of_roots(
    constraints: Sequence[Constraint],
    points: Sequence[ExpPoint],
    judged: Sequence[PenaltyResult],
    roots: np.ndarray,
    first: int,
    tables: Tables,
    arms: Mapping[str, Setup],
    score: str,
) -> Iterator[ReadingDerivative]:
    """Of the roots (n_constraints + n_points,) themselves, which begin at row `first` and whose unit is 1."""
    for i, constraint in enumerate(constraints):
        root = float(roots[i])
        if math.isfinite(root) and not (judged[i].holds and constraint.strength.family == "hinge"):
            for arm, row, name, by in of_constraint(constraint, tables, arms):
                yield ReadingDerivative(first + i, arm, row, name, by / (2.0 * max(root, TINY)))
    for i, point in enumerate(points, first + len(constraints)):
        table = tables[point.arm]
        if not isinstance(table, Failure):
            by = 1.0 if score == "sos" else 1.0 / (math.sqrt(2.0) * point.sd)
            row = int(np.argmin(np.abs(table.variable - point.at)))
            yield ReadingDerivative(i, point.arm, row, point.observable, by)


def of_points(
    points: Sequence[ExpPoint], gaps: np.ndarray, unit: float, first: int, tables: Tables, score: str
) -> Iterator[ReadingDerivative]:
    """Of the two terms of each point, which begin at `first`; `gaps` (n_points,) are in roots of `unit`."""
    for i, point in enumerate(points):
        table, gap = tables[point.arm], float(gaps[i])
        if isinstance(table, Failure) or not math.isfinite(gap):
            continue
        row = int(np.argmin(np.abs(table.variable - point.at)))
        by = (1.0 if score == "sos" else 1.0 / (math.sqrt(2.0) * point.sd)) / math.sqrt(unit)
        for term, sign in ((first + 2 * i, 1.0), (first + 2 * i + 1, -1.0)):
            factor = -sign * bent_derivative(sign * gap)
            if factor:
                yield ReadingDerivative(term, point.arm, row, point.observable, factor * by)
