"""Scales and offsets in closed form are those that an optimiser finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from calibration.objective.measured.scaling import Groups, best_scales, residuals

positive = st.floats(1e-3, 1e3)
points = st.lists(st.tuples(positive, positive, st.floats(0.05, 2.0)), min_size=3, max_size=12)


def one(n: int, log: bool = False, scaled: bool = True, shifted: bool = False) -> Groups:
    return Groups(np.zeros(n, np.intp), np.array([log]), np.array([scaled]), np.array([shifted]))


def optimised(x, y, noise, log: bool, shifted: bool) -> float:
    """The least sum of squared residuals over scale (and offset), found by scipy."""

    def left(p: np.ndarray) -> np.ndarray:
        if log:
            return (np.log(x) + p[0] - np.log(y)) / noise
        return (p[0] * x + (p[1] if shifted else 0.0) - y) / noise

    starts = [np.array([1.0, 0.0]), np.array([10.0, float(np.mean(y))])]
    low = [-np.inf if log else 0.0, -np.inf]
    found = [least_squares(left, p, bounds=(low, np.inf), x_scale=[1.0, 10.0], xtol=1e-14) for p in starts]
    return min(2.0 * f.cost for f in found)


@settings(deadline=None, max_examples=60)
@given(points, st.sampled_from([(True, False), (False, False), (False, True)]))
def test_no_scale_is_better_than_the_closed_form(given_points, form):
    log, shifted = form
    x, y, noise = np.array(given_points).T
    assume(np.ptp(x) > 0.05 * x.max())
    groups = one(len(x), log, True, shifted)
    scale, offset = best_scales(groups, x, y, noise)
    left = residuals(groups, scale[0] * x + offset[0], y, noise)
    cost, found = float(left @ left), optimised(x, y, noise, log, shifted)
    assert scale[0] >= 0.0 and cost <= found * (1 + 1e-6) + 1e-9
    assert cost == pytest.approx(found, rel=1e-3, abs=1e-6)


@given(points, positive, st.booleans())
def test_the_unit_of_a_blot_does_not_matter(given_points, unit: float, log: bool):
    x, y, noise = np.array(given_points).T
    groups = one(len(x), log)

    def left(values: np.ndarray, sd: np.ndarray) -> np.ndarray:
        return residuals(groups, best_scales(groups, x, values, sd)[0][0] * x, values, sd)

    assert left(unit * y, noise if log else unit * noise) == pytest.approx(left(y, noise), rel=1e-6, abs=1e-7)


def test_groups_do_not_see_each_other():
    x, y, noise = np.array([1.0, 2.0, 1.0, 2.0, 5.0]), np.array([3.0, 6.0, 5.0, 7.0, 4.0]), np.ones(5)
    flags = np.array([False, False, False]), np.array([True, True, False]), np.array([False, True, False])
    scale, offset = best_scales(Groups(np.array([0, 0, 1, 1, 2]), *flags), x, y, noise)
    assert scale == pytest.approx([3.0, 2.0, 1.0]) and offset == pytest.approx([0.0, 3.0, 0.0])


def test_what_was_not_simulated_is_passed_over_and_not_known():
    x, y = np.array([1.0, np.nan, 2.0, 0.0]), np.array([10.0, 7.0, 20.0, 3.0])
    groups = one(4, log=True)
    scale, offset = best_scales(groups, x, y, np.ones(4))
    assert scale[0] == pytest.approx(10.0) and offset[0] == 0.0
    left = residuals(groups, scale[0] * x, y, np.ones(4))
    assert np.isnan(left).tolist() == [False, True, False, True]
    scale, offset = best_scales(groups, np.full(4, np.nan), y, np.ones(4))
    assert np.isnan(scale).all() and np.isnan(offset).all()


def test_a_reading_that_does_not_move_leaves_the_offset():
    scale, offset = best_scales(one(3, shifted=True), np.full(3, 4.0), np.array([1.0, 2.0, 3.0]), np.ones(3))
    assert (scale[0], offset[0]) == (0.0, 2.0)
    scale, _ = best_scales(one(3), np.array([1.0, 2.0, 3.0]), np.array([-1.0, -2.0, -3.0]), np.ones(3))
    assert scale[0] == 0.0  # not negative
