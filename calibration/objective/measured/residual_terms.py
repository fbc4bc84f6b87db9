"""Residuals as terms of the loss: the squared shortfall of a term below `TARGET` is the squared residual."""

from __future__ import annotations

import math

import numpy as np

from calibration.objective.problem import WORST, Vector

TARGET = 0.2  # [log2] as in `Loss`
STRAIGHT = 3.0
"""Shortfall up to which a residual counts in full; beyond, ever less, for a term must stay above `WORST`."""

STEP = 0.075
"""A noise standard deviation [log2] of a term: half the corner of `Loss`."""


def bent(gap: float) -> float:
    """`gap` up to `STRAIGHT`, then ever less, to twice that at most; what is negative stays, to as much."""
    if gap > STRAIGHT:
        return STRAIGHT * (2.0 - STRAIGHT / gap)
    return max(gap, WORST + TARGET)


def terms_of(residuals: Vector) -> Vector:
    """Terms (2 * n,) [log2] of residuals (n,) [noise standard deviations]; `WORST` where one is nan."""
    sides = [side for gap in (STEP * residuals).tolist() for side in (gap, -gap)]
    return np.array([TARGET - bent(gap) if math.isfinite(gap) else WORST for gap in sides])


def residuals_of(terms: Vector) -> Vector:
    """Residuals (n,) from their terms (2 * n,): the inverse of `terms_of`; very large where unknown."""
    short = TARGET - np.asarray(terms).reshape(-1, 2)
    far = np.minimum(short.max(axis=1), 2.0 * STRAIGHT - 1e-3)
    gap = np.where(far > STRAIGHT, STRAIGHT**2 / (2.0 * STRAIGHT - far), far)
    return np.asarray(np.where(short[:, 0] >= short[:, 1], gap, -gap) / STEP)
