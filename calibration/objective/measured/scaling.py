"""Scale factors and offsets of measured points, in closed form.

A blot has a unit of its own, so a measured value is ``y = s x + b + noise``, with x of the model and unknown
s and b. At every parameter set they are those of weighted least squares, with weights ``w = 1 / noise^2`` and
sums over the points of a group:

    s = sum(w x y) / sum(w x^2), s = sum(w (x - mean x)(y - mean y)) / sum(w (x - mean x)^2),  b = mean y - s
    mean x    with an offset, s = exp(sum(w (ln y - ln x)) / sum(w))
    with log-normal noise,

where the means are weighted, and a negative s becomes 0 (hierarchical optimisation: Weber et al. 2011, IFAC
Proc Vol 44:11648; Schmiester et al. 2020, Bioinformatics 36:594). With log-normal noise an offset has no
closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.objective.problem import Vector

FLAT = 1e-12
"""Least variance of x, as a share of its mean square, with which a scale can be told from an offset."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Points that share a scale factor and an offset.

    Attributes
    ----------
    index : array (n_points,) of int
        The group of each point.
    log : array (n_groups,) of bool
        Whether its noise is normal in the natural logarithm.
    scaled, shifted : array (n_groups,) of bool
        Whether its scale (else 1) and its offset (else 0) are unknown.
    """

    index: NDArray[np.intp]
    log: NDArray[np.bool_]
    scaled: NDArray[np.bool_]
    shifted: NDArray[np.bool_]

    def total(self, values: Vector) -> Vector:
        """Sums (n_groups,) of `values` (n_points,)."""
        return np.bincount(self.index, values, len(self.log)).astype(float)


def best_scales(groups: Groups, x: Vector, y: Vector, noise: Vector) -> tuple[Vector, Vector]:
    """The scales and offsets (n_groups,) with the least sum of squared residuals, scales at least 0.

    Parameters
    ----------
    x, y, noise : array (n_points,)
        Values of the model, measured values, and standard deviations of these (with log-normal noise, of
        their natural logarithm). Points where x is nan, or not positive under a logarithm, do not count.

    Returns
    -------
    scale, offset : array (n_groups,)
        Nan where no point of a group counts.
    """
    log = groups.log[groups.index]
    known = np.isfinite(x) & (~log | (x > 0.0))
    w = known / noise**2
    x, y = np.where(known, x, 1.0), np.where(known, y, 1.0)
    weight = groups.total(w)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(np.where(log, y, 1.0)) - np.log(np.where(log, x, 1.0))
        by_log = np.exp(groups.total(w * difference) / weight)
        mean_x, mean_y = groups.total(w * x) / weight, groups.total(w * y) / weight
        shift_x, shift_y = np.where(groups.shifted, mean_x, 0.0), np.where(groups.shifted, mean_y, 0.0)
        from_x, from_y = x - shift_x[groups.index], y - shift_y[groups.index]
        spread, whole = groups.total(w * from_x**2), groups.total(w * x**2)
        ratio = np.maximum(groups.total(w * from_x * from_y) / spread, 0.0)
        ratio = np.where(spread > FLAT * whole, ratio, 0.0)
    scale = np.where(groups.scaled, np.where(groups.log, by_log, ratio), 1.0)
    offset = np.where(groups.shifted, mean_y - scale * mean_x, 0.0)
    none = weight == 0.0
    return np.where(none, np.nan, scale), np.where(none, np.nan, offset)


def residuals(groups: Groups, predicted: Vector, y: Vector, noise: Vector) -> Vector:
    """``predicted - y`` (n_points,) [noise standard deviations], in logarithms where noise is; nan where
    unknown.
    """
    log = groups.log[groups.index]
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.where(log, np.log(predicted / np.where(log, y, 1.0)), predicted - y)
    return np.where(np.isfinite(difference), difference / noise, np.nan)
