"""One step of damped Gauss-Newton on hinge residuals (Nocedal & Wright 2006, Numerical Optimization, ch. 10).

With margins m, Jacobian J and weights w at z, and h the Huber function of corner c, the step d minimises

    sum_k w_k h(max(0, target - m_k - (J d)_k)) + prior |z + d - origin|^2 + damping |d|^2

within a box: convex, and solved by iteratively reweighted least squares (Holland & Welsch 1977, Commun Stat
A6:813) over the terms that are short of the target, whose weights are ``w_k / max(1, gap_k / c)``.
"""

from __future__ import annotations

import numpy as np

from calibration.objective.problem import Loss, Vector, huber

BOX = 3.0  # largest parameter [prior standard deviations]
REACH = 1.0  # largest change of a parameter in one step


def _solve(jac: Vector, weight: Vector, wanted: Vector, pull: Vector, ridge: float) -> Vector:
    """Minimise ``sum(weight * (wanted - jac @ d)**2) + ridge * |d|^2 + 2 * pull @ d``.

    Normal equations in the space of parameters or, by Woodbury's identity, of terms, whichever is smaller.
    """
    root = np.sqrt(weight)
    a = jac * root[:, None]
    rhs = a.T @ (root * wanted) - pull
    if a.shape[0] < a.shape[1]:
        small = a @ a.T
        small.flat[:: small.shape[0] + 1] += ridge
        inner = np.linalg.solve(small, a @ rhs) if a.shape[0] else np.zeros(0)
        return np.asarray((rhs - a.T @ inner) / ridge)
    square = a.T @ a
    square.flat[:: square.shape[0] + 1] += ridge
    return np.asarray(np.linalg.solve(square, rhs))


def hinge_step(
    terms: Vector, jac: Vector, z: Vector, origin: Vector, weights: Vector, loss: Loss, damping: float
) -> Vector:
    """The step (n,) that minimises the linearised loss plus ``damping * |d|^2``, with ``z + d`` inside the
    box.

    All terms take part, not only those that are short now, so that a step does not break findings that hold.

    Parameters
    ----------
    terms : array (n_terms,) [log2]
    jac : array (n_terms, n) [log2 per prior standard deviation]
    z, origin : array (n,) [prior standard deviations]
        The current point, and the prior draw to which the start is pulled back.
    """
    short = loss.target - terms
    ridge = loss.prior + damping
    away = z - origin
    low, high = np.maximum(-BOX - z, -REACH), np.minimum(BOX - z, REACH)

    def value(d: Vector) -> float:
        gap = np.maximum(0.0, short - jac @ d)
        return float(
            weights @ huber(gap, loss.corner) + loss.prior * ((away + d) @ (away + d)) + damping * (d @ d)
        )

    step = np.zeros_like(z)
    best = value(step)
    for _ in range(40):
        gap = short - jac @ step
        rows = np.flatnonzero(gap > 0)
        weight = weights[rows] / np.maximum(1.0, gap[rows] / loss.corner)
        new = _bounded(jac[rows], weight, short[rows], loss.prior * away, ridge, low, high)
        for fraction in (1.0, 0.5, 0.25, 0.1, 0.03):
            trial = step + fraction * (new - step)
            if (now := value(trial)) < best:
                break
        else:
            break
        gain, step, best = best - now, trial, now
        if gain < 1e-4 * best:
            break
    return step


def _bounded(
    jac: Vector, weight: Vector, wanted: Vector, pull: Vector, ridge: float, low: Vector, high: Vector
) -> Vector:
    """`_solve` with coordinates that would leave the box fixed at its bound."""
    step = _solve(jac, weight, wanted, pull, ridge)
    out = (step < low) | (step > high)
    held = np.zeros_like(out)
    for _ in range(5):
        if not out.any():
            break
        held |= out
        step = np.where(held, np.clip(step, low, high), step)
        rest = wanted - jac[:, held] @ step[held]
        step[~held] = _solve(jac[:, ~held], weight, rest, pull[~held], ridge)
        out = ~held & ((step < low) | (step > high))
    return np.clip(step, low, high)
