"""Arms abreast end where arms one by one end; the method's order, and what lanes do to each other."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.objective.build import recipe
from models.simulation.batch import LANES, BatchSimulator, OutputWeights
from models.simulation.batch_layout import grid_to_rest
from models.simulation.codegen.compile import NoDerivatives, compiler, native, widest
from models.simulation.codegen.network_code import generate
from models.simulation.engine import Failure
from models.simulation.steady_state import FIRST_SPAN, SPANS

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

IDS = ("S04_igf1_response_lasts_longer", "S43_il8_cxcr1_takes_over@mda_mb_468", "S49_substrates_differ")


@pytest.fixture(scope="module")
def problem():
    return recipe(ids=IDS).make()


def ready(problem, names=None):
    strange = problem.space.values(np.random.default_rng(0).standard_normal(problem.n))
    overrides = {k: v for k, v in strange.items() if "." in k}
    return BatchSimulator(problem.bench, problem.plan.times, overrides, names or problem.bench.names)


@pytest.fixture(scope="module")
def abreast(problem):
    return ready(problem)


def at(problem, seed):
    return problem.space.values(np.random.default_rng(seed).standard_normal(problem.n))


@pytest.mark.parametrize("seed", range(5))
def test_read_outs_are_those_of_the_other_engine(problem, abreast, seed):
    values = at(problem, seed)
    others = problem.bench.run(problem.plan.times, values, 1e-8)
    for arm, times, table in zip(abreast.arms, abreast.times, abreast.run(values), strict=True):
        other = others[arm]
        assert not isinstance(other, Failure) and np.array_equal(other.times, times)
        there = np.isfinite(other.copies) & (other.copies > 1e-3)
        assert np.abs(np.log2(table[there] / other.copies[there])).max() < 0.02


def test_conditions_that_are_shared_are_run_once(problem, abreast):
    resting = [leg for leg in abreast.legs if leg.before < 0]
    contexts = {arm.context for arm in problem.plan.times}
    assert len(contexts) <= len(resting) < len(problem.plan.times)
    washed = [leg for leg in abreast.legs if leg.renewed]
    assert len(washed) == sum(arm.renew_medium for arm in problem.plan.times)


def test_what_conditions_bind_is_what_arms_one_by_one_are_given(problem, abreast):
    values = at(problem, 7)
    base = problem.bench._base(values)
    places = [problem.bench.pieces.place[name] for name in abreast._code.parameters]
    table = abreast.bound.filled(base[places], values)
    rows = {row.tobytes() for row in np.round(np.log1p(np.abs(table)), 9)}
    overrides = {name: value for name, value in values.items() if "." in name}
    for arm in problem.plan.times:
        rest, segments = problem.bench._timelines.of(arm, base, overrides)
        for vector in (rest, *(vector for _, vector in segments)):
            assert np.round(np.log1p(np.abs(vector[places])), 9).tobytes() in rows


def test_slopes_are_those_of_differences(problem, abreast):
    """Of a sum of logarithms of all read-outs, by rates, abundances and potencies."""
    values = at(problem, 3)
    tables = abreast.run(values)
    rng = np.random.default_rng(4)
    worths, weights = [], []
    for i, table in enumerate(tables):
        there = np.isfinite(table) & (table > 1.0)
        weight = np.where(there, rng.standard_normal(table.shape), 0.0)
        weights.append(weight)
        by = weight / np.where(there, table, 1.0)
        both = np.array([by, 2.0 * by]) if i % 2 else by[None]  # the second quantity is of every other arm
        worths.append(OutputWeights(np.arange(len(both)), both))
    names = problem.space.names
    every, half = abreast.slopes(worths, values, names, 2)
    odd = [
        None if i % 2 == 0 else OutputWeights(np.zeros(1, np.intp), w.by[1:]) for i, w in enumerate(worths)
    ]
    assert half == pytest.approx(abreast.slopes(odd, values, names)[0], rel=1e-9, abs=1e-9)
    slopes = dict(zip(names, every, strict=True))
    size = np.sqrt(np.mean(every**2))

    def worth(changed):
        parts = zip(weights, abreast.run(changed), strict=True)
        return sum(float((w * np.log(np.where(w == 0.0, 1.0, t))).sum()) for w, t in parts)

    shared = ("insr_phosphorylates_insr_y_kcat", "il8_lost_kdeg", "pdk1_phosphorylates_akt_t308_kact")
    for name in (*shared, "mda_mb_468.IRS1_copies", "BEZ235.potency"):
        step = 1e-3
        ends = []
        for by in (step, -step):
            value = values[name] + by if name.endswith("potency") else values[name] * 10.0**by
            ends.append(worth({**values, name: value}))
        assert slopes[name] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.05, abs=0.05 * size)


def test_a_lane_that_fails_leaves_the_others_alone(problem, abreast):
    values = at(problem, 1)
    whole = abreast.run(values)
    cells = "mda_mb_468.IRS1_copies"
    broken = abreast.run({**values, cells: np.nan})
    for arm, before, after in zip(abreast.arms, whole, broken, strict=True):
        if arm.context == "mda_mb_468":
            assert after is None
        else:
            assert after == pytest.approx(before, rel=1e-3, abs=1e-3, nan_ok=True)  # steps may be halved less


def test_cells_that_go_by_different_hypotheses_are_refused(problem, monkeypatch):
    monkeypatch.setattr(type(problem.bench), "_bench_of", lambda self, arm: object())
    with pytest.raises(NoDerivatives, match="hypotheses"):
        ready(problem)


def test_the_way_to_rest_is_as_long_as_that_of_the_other_engine():
    spans = [FIRST_SPAN * 4.0**i for i in range(SPANS)]
    assert grid_to_rest()[-1] >= sum(spans)


def test_steps_forward_are_of_order_four(problem):
    """Half the step, a sixteenth of the error: on a smooth stretch, well after a treatment began."""
    import ctypes

    code = generate(problem.bench.pieces.network, "batch", LANES)
    library = native(code.source, wide=True)
    n, q = code.n_species, len(code.parameters)
    place = problem.bench.pieces.place
    arm = next(iter(problem.plan.times))
    vector = problem.bench._timelines.of(arm, problem.bench._base({}), {})[1][-1][1]
    parameters = np.repeat(vector[[place[name] for name in code.parameters]][:, None], LANES, 1)

    def ends(steps, span, begin):
        nodes, middles = np.zeros((steps + 1, n, LANES)), np.zeros((steps, n, LANES))
        nodes[0] = begin
        lengths = np.full((steps, LANES), span / steps)
        arrays = (lengths, np.ascontiguousarray(parameters), nodes, middles)
        library.forward(steps, *(ctypes.c_void_p(a.ctypes.data) for a in arrays))
        return nodes[-1]

    assert parameters.shape == (q, LANES)
    ways = np.repeat(np.diff(grid_to_rest())[:, None], LANES, 1)
    shape, moves = (n, LANES), np.zeros((4, n, LANES))
    way = (parameters, np.zeros((len(ways) + 1, *shape)), np.zeros((len(ways), *shape)), moves)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in way]
    library.settle(len(ways), ctypes.c_void_p(ways.ctypes.data), 4, ctypes.c_double(1e8), *pointers)
    assert np.abs(moves[-1]).max() < 1e-3
    began = ends(400, 1200.0, 0.9 * way[1][-1])
    exact = ends(512, 600.0, began)
    errors = [np.abs(ends(steps, 600.0, began) - exact).max() for steps in (4, 8, 16)]
    assert errors[0] / errors[1] > 8.0 and errors[1] / errors[2] > 8.0


def test_the_compiler_is_told_of_the_widest_instructions():
    lanes, flags = widest()
    assert lanes == LANES and lanes in (2, 4, 8) and all(flag.startswith("-m") for flag in flags)
