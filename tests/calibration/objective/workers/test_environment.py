"""What the bits depend on is recorded as it is, and a difference is told in words."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers import environment
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.cma_es import CmaRounds
from calibration.optimize.gauss_newton import advance
from calibration.optimize.state import Budget

PLAIN = st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5) | st.integers(), max_size=4)


def test_the_record_is_plain_and_repeats():
    with environment.one_thread():
        one, two = environment.record(3), environment.record(3)
    assert json.loads(json.dumps(one)) == one == two
    assert {"numpy", "scipy", "bngsim", "pysb", "cma"} <= set(one["numbers"]["versions"])
    assert {blas["threads"] for blas in one["numbers"]["blas"]} == {1}
    assert environment.differences(one, two) == []


def test_generators_tell_seeds_and_streams_apart():
    assert environment.generators(3) != environment.generators(4)
    assert environment.generators(3)["kind"] == "PCG64"


@given(PLAIN, PLAIN)
def test_there_is_a_line_for_each_difference(one, two):
    lines = environment.differences(one, two)
    assert len(lines) == sum(one.get(k) != two.get(k) for k in one.keys() | two.keys())
    assert environment.differences(one, one) == []


def test_a_probe_tells_problems_apart():
    probes = {environment.probe(Inequalities(seed=s, bend=b)) for s in (1, 2) for b in (0.5, 0.5 + 1e-9)}
    assert len(probes) == 4
    assert environment.probe(Inequalities(seed=1)) in probes


@pytest.mark.parametrize("method", [lambda: advance, CmaRounds])
def test_no_global_random_state_is_read_or_moved(method):
    ends = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        before = (np.random.get_state()[1].tobytes(), random.getstate())  # noqa: NPY002
        with Pool(problem=Inequalities(40, 90, seed=4, bend=2.0)) as pool:
            state = multistart.calibrate(pool, 2, Budget(evaluations=300), advance=method())
        assert before == (np.random.get_state()[1].tobytes(), random.getstate())  # noqa: NPY002
        ends.append(state.z.tobytes())
    assert ends[0] == ends[1]
