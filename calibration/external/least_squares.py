"""The last stretch to the least objective nearby: least squares on its parts, which the search sees bent."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from calibration.external.problem import ExternalProblem
from calibration.objective.problem import Vector
from calibration.optimize.gauss_newton_step import BOX

LOST = 1e3
"""Stands for a part that could not be evaluated, in units of its own root."""

STRIDE = 1e-3  # [prior standard deviations] of the forward differences


def polish(problem: ExternalProblem, z: Vector, evaluations: int) -> tuple[Vector, int]:
    """The best point (n,) found from `z` with about so many evaluations, and how many there were."""
    count = 0

    def parts(point: Vector) -> Vector:
        nonlocal count
        count += 1
        return np.nan_to_num(problem.roots(point), nan=LOST, posinf=LOST, neginf=-LOST)

    batch = problem.batch

    def derivatives(point: Vector) -> Vector:
        nonlocal count
        count += 1
        assert batch is not None
        return batch.roots_jacobian(point)

    rounds = max(2, evaluations // (problem.n + 1 if batch is None else 2))
    inside = np.clip(z, -BOX + 1e-6, BOX - 1e-6)
    before = float(np.sum(parts(inside) ** 2))
    found = least_squares(
        parts,
        inside,
        jac="2-point" if batch is None else derivatives,
        bounds=(-BOX, BOX),
        diff_step=STRIDE,
        x_scale=1.0,
        max_nfev=rounds,
        ftol=1e-10,
        xtol=1e-10,
    )
    return (np.asarray(found.x) if 2.0 * found.cost < before else z), count
