"""Parts of an objective as shortfalls of terms, whose squares the search adds up."""

from __future__ import annotations

import math

from calibration.external.constraint import Constraint
from calibration.external.penalty import likelihood
from calibration.objective.measured.residual_terms import bent

TINY = 1e-6
"""Shortfall of a constraint that fails at no cost, so that its verdict is in its term."""


def floor(constraint: Constraint) -> float:
    """What a constraint costs at least."""
    if constraint.strength.family == "hinge":
        return 0.0
    return min(likelihood(constraint.strength, -1e300), likelihood(constraint.strength, 1e300))


def gain(constraint: Constraint, unit: float) -> float:
    """The shortfall at which a constraint just holds."""
    if constraint.strength.family == "hinge":
        return 0.0
    at_zero = likelihood(constraint.strength, 0.0, True)
    return bent(math.sqrt(max(0.0, at_zero - floor(constraint)) / unit))
