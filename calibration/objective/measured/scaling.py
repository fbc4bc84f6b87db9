"""Scale factors and offsets of measured points, in closed form.

A blot has a unit of its own, so what is measured is ``scale * x + offset`` with numbers that nobody knows. At
every point of the rates the best ones are those of weighted least squares, and what is left over are the
residuals (hierarchical optimisation: Schmiester et al. 2020, Bioinformatics 36:594). Where noise is that of a
logarithm the scale is a mean of differences, and an offset has no closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.objective.problem import Vector

FLAT = 1e-12
"""Share of its square that must be spread for a reading to say anything on scale and offset apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Points that share a scale factor and an offset.

    Attributes
    ----------
    of : array (n_points,) of int
        The group of each point.
    log : array (n_groups,) of bool
        Whether its noise is that of the natural logarithm.
    scaled, shifted : array (n_groups,) of bool
        Whether its scale (else 1) and its offset (else 0) are unknown.
    """

    of: NDArray[np.intp]
    log: NDArray[np.bool_]
    scaled: NDArray[np.bool_]
    shifted: NDArray[np.bool_]

    def total(self, values: Vector) -> Vector:
        """Sums (n_groups,) of `values` (n_points,)."""
        return np.bincount(self.of, values, len(self.log)).astype(float)


def best(groups: Groups, x: Vector, y: Vector, noise: Vector) -> tuple[Vector, Vector]:
    """The scales and offsets (n_groups,) with the least sum of squared residuals; a scale is not negative.

    Parameters
    ----------
    x, y, noise : array (n_points,)
        Readings of the model, measured values, and standard deviations of the value (of its natural logarithm
        where noise is that). Points whose reading is not a number, or is not positive under a logarithm, are
        passed over.

    Returns
    -------
    scale, offset : array (n_groups,)
        Not a number where no point of a group has a reading.
    """
    log = groups.log[groups.of]
    known = np.isfinite(x) & (~log | (x > 0.0))
    w = known / noise**2
    x, y = np.where(known, x, 1.0), np.where(known, y, 1.0)
    weight = groups.total(w)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.log(np.where(log, y, 1.0)) - np.log(np.where(log, x, 1.0))
        by_log = np.exp(groups.total(w * apart) / weight)
        mean_x, mean_y = groups.total(w * x) / weight, groups.total(w * y) / weight
        shift_x, shift_y = np.where(groups.shifted, mean_x, 0.0), np.where(groups.shifted, mean_y, 0.0)
        from_x, from_y = x - shift_x[groups.of], y - shift_y[groups.of]
        spread, whole = groups.total(w * from_x**2), groups.total(w * x**2)
        slope = np.maximum(groups.total(w * from_x * from_y) / spread, 0.0)
        slope = np.where(spread > FLAT * whole, slope, 0.0)
    scale = np.where(groups.scaled, np.where(groups.log, by_log, slope), 1.0)
    offset = np.where(groups.shifted, mean_y - scale * mean_x, 0.0)
    none = weight == 0.0
    return np.where(none, np.nan, scale), np.where(none, np.nan, offset)


def residuals(groups: Groups, predicted: Vector, y: Vector, noise: Vector) -> Vector:
    """How far `predicted` is above `y` (n_points,) [noise standard deviations]; nan where it is unknown."""
    log = groups.log[groups.of]
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(log, np.log(predicted / np.where(log, y, 1.0)), predicted - y)
    return np.where(np.isfinite(apart), apart / noise, np.nan)
