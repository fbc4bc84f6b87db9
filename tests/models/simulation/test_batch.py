"""A batch ends where the simulator ends; the method's order, and what lanes do to each other."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.objective.build import recipe
from models.simulation.arm_batch import ArmBatch
from models.simulation.batch import LANES, BatchSimulator, OutputWeights
from models.simulation.batch_layout import BatchLayout, Integration, grid, grid_to_rest
from models.simulation.codegen.compile import compiler, native, widest
from models.simulation.codegen.network_code import generate
from models.simulation.engine import Engine, Failure
from models.simulation.network_reduction import parse
from models.simulation.steady_state import FIRST_SPAN, SPANS

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

IDS = ("S04_igf1_response_lasts_longer", "S43_il8_cxcr1_takes_over@mda_mb_468", "S49_substrates_differ")


@pytest.fixture(scope="module")
def problem():
    return recipe(ids=IDS).make()


def ready(problem, names=None):
    strange = problem.space.values(np.random.default_rng(0).standard_normal(problem.n))
    overrides = {k: v for k, v in strange.items() if "." in k}
    return ArmBatch(problem.bench, problem.plan.times, overrides, names or problem.bench.names)


@pytest.fixture(scope="module")
def batch(problem):
    return ready(problem)


def at(problem, seed):
    return problem.space.values(np.random.default_rng(seed).standard_normal(problem.n))


@pytest.mark.parametrize("seed", range(5))
def test_read_outs_are_those_of_the_simulator(problem, batch, seed):
    values = at(problem, seed)
    others = problem.bench.run(problem.plan.times, values, 1e-8)
    for arm, times, table in zip(batch.arms, batch.times, batch.run(values), strict=True):
        other = others[arm]
        assert not isinstance(other, Failure) and np.array_equal(other.times, times)
        there = np.isfinite(other.copies) & (other.copies > 1e-3)
        assert np.abs(np.log2(table[there] / other.copies[there])).max() < 0.02


def test_conditions_that_are_shared_are_run_once(problem, batch):
    integrations = batch.parts[0][0].layout.all
    resting = [one for one in integrations if one.to_rest]
    contexts = {arm.context for arm in problem.plan.times}
    assert len(contexts) <= len(resting) < len(problem.plan.times)
    washed = [one for one in integrations if one.amounts]
    assert len(washed) == sum(arm.renew_medium for arm in problem.plan.times)


def test_conditions_are_those_that_the_simulator_is_given(problem, batch):
    values = at(problem, 7)
    base = problem.bench._base(values)
    part = batch.parts[0][0]
    places = [problem.bench.pieces.place[name] for name in part._code.parameters]
    table = part.layout.conditions.filled(base[places], values)
    rows = {row.tobytes() for row in np.round(np.log1p(np.abs(table)), 9)}
    overrides = {name: value for name, value in values.items() if "." in name}
    for arm in problem.plan.times:
        rest, segments = problem.bench._timelines.of(arm, base, overrides)
        for vector in (rest, *(vector for _, vector in segments)):
            assert np.round(np.log1p(np.abs(vector[places])), 9).tobytes() in rows


def test_derivatives_are_those_of_differences(problem, batch):
    """Of a sum of logarithms of all read-outs, by rates, abundances and potencies."""
    values = at(problem, 3)
    tables = batch.run(values)
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
    every, half = batch.derivatives(worths, values, names, 2)
    odd = [
        None if i % 2 == 0 else OutputWeights(np.zeros(1, np.intp), w.by[1:]) for i, w in enumerate(worths)
    ]
    assert half == pytest.approx(batch.derivatives(odd, values, names)[0], rel=1e-9, abs=1e-9)
    found = dict(zip(names, every, strict=True))
    size = np.sqrt(np.mean(every**2))

    def worth(changed):
        parts = zip(weights, batch.run(changed), strict=True)
        return sum(float((w * np.log(np.where(w == 0.0, 1.0, t))).sum()) for w, t in parts)

    shared = ("insr_phosphorylates_insr_y_kcat", "il8_lost_kdeg", "pdk1_phosphorylates_akt_t308_kact")
    for name in (*shared, "mda_mb_468.IRS1_copies", "BEZ235.potency"):
        step = 1e-3
        ends = []
        for by in (step, -step):
            value = values[name] + by if name.endswith("potency") else values[name] * 10.0**by
            ends.append(worth({**values, name: value}))
        assert found[name] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.05, abs=0.05 * size)


def test_a_lane_that_fails_leaves_the_others_alone(problem, batch):
    values = at(problem, 1)
    whole = batch.run(values)
    cells = "mda_mb_468.IRS1_copies"
    broken = batch.run({**values, cells: np.nan})
    for arm, before, after in zip(batch.arms, whole, broken, strict=True):
        if arm.context == "mda_mb_468":
            assert after is None
        else:
            assert after == pytest.approx(before, rel=1e-3, abs=1e-3, nan_ok=True)  # steps may be halved less


def test_the_steady_state_is_waited_for_as_long_as_by_the_simulator():
    spans = [FIRST_SPAN * 4.0**i for i in range(SPANS)]
    assert grid_to_rest()[-1] >= sum(spans)


def test_steps_forward_are_of_order_four(problem):
    """Half the step, a sixteenth of the error: on a smooth stretch, well after a treatment began."""
    import ctypes

    code = generate(problem.bench.pieces.network, LANES)
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
        tolerance = (ctypes.c_double(0.02), ctypes.c_double(10.0))
        library.forward(steps, *tolerance, *(ctypes.c_void_p(a.ctypes.data) for a in arrays))
        return nodes[-1]

    assert parameters.shape == (q, LANES)
    batch = ready(problem)
    batch.run(at(problem, 1))
    (part, _, _) = batch.parts[0]
    rested = part._rooms[0].nodes[-1]
    began = ends(400, 1200.0, 0.9 * rested)
    exact = ends(512, 600.0, began)
    errors = [np.abs(ends(steps, 600.0, began) - exact).max() for steps in (4, 8, 16)]
    assert errors[0] / errors[1] > 8.0 and errors[1] / errors[2] > 8.0


def test_the_compiler_is_told_of_the_widest_instructions():
    lanes, flags = widest()
    assert lanes == LANES and lanes in (2, 4, 8) and all(flag.startswith("-m") for flag in flags)


# --- any other model -----

TURNOVER = """
begin parameters
1 made 3
2 lost 0.5
3 bound 0.2
4 most 40
5 half 0.5*most
end parameters
begin functions
1 twice() 2*A
end functions
begin species
1 S1() half
2 S2() 0
3 $S3() most
end species
begin reactions
1 0 1 made
2 1 0 lost
3 1,3 2,3 bound
4 2 1 lost
end reactions
begin groups
1 A 1
2 B 2
3 C 3
end groups
"""


def turnover():
    """An amount set by a computed parameter, a steady state from there, and what goes on from that."""
    network = parse(TURNOVER)

    def lay_out(rows):
        layout = BatchLayout(("start", "rested", "after"), [np.array([0.0, 0.7, 3.0])] * 3)
        free = rows.of({}, 0, {})
        pushed = rows.of({"lost": 2.0}, 0, {})
        nodes = grid([0.0, 0.7, 3.0], 1e-4, 0.3)
        read = np.searchsorted(nodes, [0.0, 0.7, 3.0]), np.arange(3)
        layout.add(Integration(free, -1, nodes, False, (), 0, *read))
        to_rest = grid_to_rest(1e-3, 10.0, 1e4)
        rested = layout.add(Integration(free, -1, to_rest, True, ((0, 0.0), (1, "half"))))
        now = layout.add(Integration(pushed, rested, nodes, False, ((1, "made"),), 1, *read))
        layout.add(Integration(free, now, nodes, False, ((0, "half"),), 2, *read))
        layout.conditions = rows.done()
        return layout

    defaults = {"made": 3.0, "lost": 0.5, "bound": 0.2, "most": 40.0}
    return BatchSimulator(network, defaults, lay_out, ("A", "B", "C", "twice"))


def by_the_engine(values):
    engine = Engine(TURNOVER, compiled=False)

    def run(state, lost, times=(0.0, 0.7, 3.0)):
        engine.set({**values, "lost": lost})
        got = engine.run(state, times, 1e-10, 1e-10)
        assert not isinstance(got, Failure)
        return np.hstack([got.observables, got.functions]), got.state

    engine.set(values)
    begun = engine.initial()
    one, _ = run(begun, values["lost"])
    _, rested = run([0.0, values["most"] / 2, begun[2]], values["lost"], (0.0, 1e4))
    rested[1] = values["made"]
    two, end = run(rested, 2.0)
    end[0] = values["most"] / 2
    return [one, two, run(end, values["lost"])[0]]


def test_any_model_can_be_laid_out_as_a_batch():
    batch, values = turnover(), {"made": 3.0, "lost": 0.7, "bound": 0.01, "most": 30.0}
    for table, wanted in zip(batch.run(values), by_the_engine(values), strict=True):
        assert table == pytest.approx(wanted, rel=2e-3)
    names = tuple(values)
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((1, 3, 4)) for _ in range(3)]
    given = [OutputWeights(np.zeros(1, np.intp), w) for w in weights]
    per = np.array([1.0, 2.0, 0.5, 1.0])
    found = batch.derivatives(given, values, names, 1, per)[0]

    def worth(changed):
        return sum(float((w[0] * t).sum()) for w, t in zip(weights, by_the_engine(changed), strict=True))

    for i, name in enumerate(names):
        step = 1e-4 * values[name]
        ends = [worth({**values, name: values[name] + by}) for by in (step, -step)]
        wanted = (ends[0] - ends[1]) / (2 * step) * per[i]
        assert found[i] == pytest.approx(wanted, rel=0.03, abs=0.03)


def test_a_steady_state_that_is_not_near_is_not_taken():
    """Newton's first step tells that integration ended too early, and then there is no steady state."""

    def after(end):
        def lay_out(rows):
            layout, free = BatchLayout(("only",), [np.array([0.0, 1.0])]), rows.of({}, 0, {})
            rested = layout.add(Integration(free, -1, grid_to_rest(1e-3, end, end), True))
            read = np.array([0, 10]), np.arange(2)
            layout.add(Integration(free, rested, np.linspace(0.0, 1.0, 11), False, (), 0, *read))
            layout.conditions = rows.done()
            return layout

        defaults = {"made": 3.0, "lost": 0.5, "bound": 0.2, "most": 40.0}
        return BatchSimulator(parse(TURNOVER), defaults, lay_out, ("A", "B")).run({})[0]

    assert after(0.1) is None
    table = after(1000.0)
    assert table is not None and np.abs(table[1] - table[0]).max() < 1e-6


def test_a_step_that_stays_rough_ends_its_lane(monkeypatch):
    """What grows without bound in finite time is not run, and nothing is made up about it."""
    text = TURNOVER.replace("3 1,3 2,3 bound", "3 1,1 1,1,1,1,1 bound")

    def lay_out(rows):
        layout = BatchLayout(("only",), [np.array([0.0, 50.0])])
        nodes = grid([0.0, 50.0], 1e-3, 5.0)
        read = np.array([0, len(nodes) - 1]), np.arange(2)
        layout.add(Integration(rows.of({}, 0, {}), -1, nodes, False, (), 0, *read))
        layout.conditions = rows.done()
        return layout

    defaults = {"made": 3.0, "lost": 0.5, "bound": 0.2, "most": 40.0}
    assert BatchSimulator(parse(text), defaults, lay_out, ("A",)).run({}) == [None]
