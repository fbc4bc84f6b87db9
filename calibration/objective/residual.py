"""Residuals as shortfalls of terms: squared as they are up to a bound, flatter beyond it."""

from __future__ import annotations

from calibration.objective.problem import WORST

TARGET = 0.2  # [log2] as in `Loss`
STRAIGHT = 3.0
"""Residual up to which it counts as it is; beyond, ever less, for its term must stay above `WORST`."""


def bent(gap: float) -> float:
    """`gap` up to `STRAIGHT`, then ever less, to twice that at most; what is negative stays, to as much."""
    if gap > STRAIGHT:
        return STRAIGHT * (2.0 - STRAIGHT / gap)
    return max(gap, WORST + TARGET)
