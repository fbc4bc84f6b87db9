"""Free parameters and their priors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calibration.external.free_parameters import ParameterPrior, read_free
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.kinetic_model import KineticModel


def test_a_uniform_prior_is_uniform():
    prior = ParameterPrior(0.0, math.nan, -3.0, 2.0, True)
    z = np.random.default_rng(0).standard_normal(4000)
    logs = np.log10([prior.value(x) for x in z])
    assert stats.kstest(logs, stats.uniform(-3, 5).cdf).pvalue > 0.01


def test_a_normal_prior_between_bounds_is_cut_off():
    prior = ParameterPrior(1.0, 1.0, 0.0, 1.5, False)
    values = np.array([prior.value(x) for x in np.random.default_rng(0).standard_normal(4000)])
    assert stats.kstest(values, stats.truncnorm(-1, 0.5, 1.0, 1.0).cdf).pvalue > 0.01


@settings(deadline=None)
@given(st.floats(-8, 8), st.floats(-8, 8), st.booleans(), st.booleans(), st.booleans())
def test_values_rise_with_z_and_stay_inside(one: float, two: float, log: bool, sd: bool, walls: bool):
    low, high = (-2.0, 3.0) if walls or not sd else (-math.inf, math.inf)
    prior = ParameterPrior(0.5, 1.0 if sd else math.nan, low, high, log)
    a, b = sorted((prior.value(min(one, two)), prior.value(max(one, two))))
    assert prior.value(min(one, two)) == a and prior.value(max(one, two)) == b
    if walls or not sd:
        bottom, top = (0.01, 1000.0) if log else (-2.0, 3.0)
        assert bottom - 1e-9 <= a <= b <= top * (1 + 1e-9)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[free.kk]\nsd = 1", "Did you mean 'k'"),
        ("[free.half]\nsd = 1", "is computed: A0/2"),
        ("[free.k]\nguess = 1", "neither sd nor bounds"),
        ("[free.k]\nbounds = [1, 0.5]", "do not rise"),
        ("[free.k]\nbounds = [0, 1]", 'scale = "linear"'),
        ("[free.k]\nbounds = [1, 2]\nscale = 'ln'", "log10"),
        ("[free.k]\nsd = -1", "free.k.sd"),
        ("[free.k]\nsd = 1\nwidth = 2", "width"),
        ("time = 'year'", "time"),
        ("[set]\nk = 2\n[free.k]\nsd = 1", "free as well"),
        ("", "names no parameter"),
    ],
)
def test_mistakes_are_told(decay: KineticModel, body: str, said: str):
    problems = Mistakes()
    read_free(TextFile("free.toml", f'format = "free/1"\n{body}'), decay, problems)
    assert any(said in str(problem) for problem in problems.found), problems.found


@pytest.mark.parametrize(
    "prior",
    [
        ParameterPrior(-2.0, 0.7, -math.inf, math.inf, True),
        ParameterPrior(0.0, math.nan, -3.0, 2.0, True),
        ParameterPrior(1.0, 2.0, 0.0, 4.0, False),
    ],
)
def test_a_value_gives_its_point_back(prior: ParameterPrior):
    for z in (-2.5, -0.3, 0.0, 1.7):
        assert prior.z(prior.value(z)) == pytest.approx(z, abs=1e-6)
    if math.isfinite(prior.low):
        assert math.isnan(prior.z(1e9)) and math.isnan(prior.z(-1e9))
