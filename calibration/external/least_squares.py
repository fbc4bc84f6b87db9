"""The last stretch to the least objective nearby: least squares on its parts, which the search sees bent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import least_squares

from calibration.external.problem import ExternalProblem
from calibration.objective.problem import Vector
from calibration.optimize.gauss_newton_step import BOX

LOST = 1e3
"""Stands for a part that could not be evaluated, in units of its own root."""

STRIDE = 1e-3  # [prior standard deviations] of the forward differences


def polish(problem: ExternalProblem, z: Vector, evaluations: int) -> tuple[Vector, int]:
    """The best point (n,) found from `z` with about so many evaluations, and how many there were.

    Where there are derivatives, half of them go by these, which leads far; the rest goes by differences,
    whose stride sees over the corner at which a constraint just holds.
    """
    count, batch = 0, problem.batch

    def parts(point: Vector) -> Vector:
        nonlocal count
        count += 1
        return np.nan_to_num(problem.roots(point), nan=LOST, posinf=LOST, neginf=-LOST)

    def derivatives(point: Vector) -> Vector:
        nonlocal count
        count += 1
        assert batch is not None
        return batch.roots_jacobian(point)

    def least(point: Vector, jac: Callable[[Vector], Vector] | str, rounds: int) -> tuple[Vector, float]:
        found = least_squares(
            parts,
            point,
            jac=jac,
            bounds=(-BOX, BOX),
            diff_step=STRIDE,
            x_scale=1.0,
            max_nfev=rounds,
            ftol=1e-10,
            xtol=1e-10,
        )
        return np.asarray(found.x), 2.0 * float(found.cost)

    inside = np.clip(z, -BOX + 1e-6, BOX - 1e-6)
    before = float(np.sum(parts(inside) ** 2))
    best, reached = z, before
    if batch is not None:
        point, now = least(inside, derivatives, max(2, evaluations // 4))
        if now < reached:
            best, reached = point, now
            inside = np.clip(best, -BOX + 1e-6, BOX - 1e-6)
    point, now = least(inside, "2-point", max(2, (evaluations - count + 1) // (problem.n + 1)))
    return (point if now < reached else best), count
