"""Arms to trajectories: resting cells, schedules, renewal of the medium, sharing, failures, repeatability."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from models.simulation.engine import Engine, Failure
from models.simulation.simulator import Simulator, Trajectory
from models.simulation.steady_state import BOUND, polish, restlessness, settle

HOUR = 3600.0
DAY = 24 * HOUR
RAPALOG = (("load_FKBP", 10.0),)


def one(bench: Simulator, treated: Any, times: Any = (0.0, DAY), **options: Any) -> Trajectory:
    got = bench.run({treated: times}, **options)[treated]
    assert isinstance(got, Trajectory), got
    return got


# --- resting cells -----
def test_resting_cells_rest(small_bench: Simulator, arm: Any) -> None:
    course = one(small_bench, arm(renew_medium=False), (0.0, 100 * DAY), rtol=1e-10)
    np.testing.assert_allclose(course.copies[1], course.copies[0], rtol=1e-7)
    assert course.at("tR", 0.0) == pytest.approx(1e4)  # the abundance is the scale of synthesis


def test_settled_state_does_not_depend_on_the_tolerance(small_bench: Simulator, arm: Any) -> None:
    loose, tight = (one(small_bench, arm(), (0.0,), rtol=rtol).copies for rtol in (1e-4, 1e-10))
    np.testing.assert_allclose(loose, tight, rtol=1e-9, atol=1e-6)


def test_settling_meets_its_bound_and_keeps_totals(small_bench: Simulator, arm: Any) -> None:
    piece = small_bench.path(arm())[0]
    engine = Engine(piece.text)
    start = engine.initial()
    assert restlessness(engine, start) > 1.0
    assert polish(engine, start) is None
    state = settle(engine, start, 1e-4, 1e-3)
    assert not isinstance(state, Failure)
    assert restlessness(engine, state) < BOUND
    for name in ("S6K(", "FKBP(", "T("):
        members = [i for i, pattern in enumerate(engine.species) if pattern.startswith(name)]
        assert state[members].sum() == pytest.approx(start[members].sum(), rel=1e-7)


class OneSpecies:
    """dx/dt = rate(x), with its derivative; counts the steps of Newton's method."""

    def __init__(self, rate: Any, derivative: Any) -> None:
        self._rate, self._derivative, self.steps = rate, derivative, 0

    def slopes(self, state: Any) -> Any:
        return np.array([self._rate(state[0])])

    def jacobian(self, state: Any) -> Any:
        self.steps += 1
        return np.array([[self._derivative(state[0])]])


def test_newtons_method_stops_where_a_step_changes_nothing_and_not_before() -> None:
    """From 1.5 % off, steps of 1e-2, 1e-4 and 6e-9: the third is the first that is below 1e-6."""
    engine: Any = OneSpecies(lambda x: 1.0 - x * x, lambda x: -2.0 * x)
    near = polish(engine, np.array([1.015]))
    assert near is not None and abs(near[0] - 1.0) < 1e-12 and engine.steps == 3


def test_newtons_method_gives_up_where_it_leads_away() -> None:
    """On a cube root each step overshoots by twice the distance: the first is small, the second is not."""
    engine: Any = OneSpecies(
        lambda x: np.cbrt(10.0 - x), lambda x: -np.cbrt(10.0 - x) / (3.0 * (10.0 - x) + 1e-300)
    )
    assert polish(engine, np.array([9.95])) is None and engine.steps == 2
    assert polish(engine, np.array([9.0])) is None and engine.steps == 3  # not near at all


def test_what_never_rests_is_a_failure() -> None:
    pump = (
        "begin parameters\n1 k 1\nend parameters\nbegin functions\n1 f() k*A\nend functions\n"
        "begin species\n1 A() k\nend species\nbegin reactions\n1 0 1 k\nend reactions\n"
        "begin groups\n1 A 1\nend groups\n"
    )
    engine = Engine(pump, compiled=False)
    got = settle(engine, engine.initial(), 1e-4, 1e-3)
    assert isinstance(got, Failure)
    assert "not settled" in got.reason


def test_cells_at_rest_are_settled_once(small: Any, small_bench: Simulator, arm: Any) -> None:
    bench = Simulator(small, compile_arm=small_bench._timelines._compile)
    arms = {arm(segments=((0.0, (("load_R", load),)),)): (0.0, DAY) for load in (0.0, 1.0, 2.0)}
    bench.run(arms, {"s_kact": 2e-6})
    assert bench.runs == 1 + 3
    bench.run(arms, {"s_kact": 3e-6})
    assert bench.runs == 2 * (1 + 3)
    bench.run(arms, {"s_kact": 3e-6, "drug.potency": 0.5})  # only the treatments move
    assert bench.runs == 2 * (1 + 3) + 3


# --- schedules -----
def test_samples_are_at_the_times_asked_for(small_bench: Simulator, arm: Any) -> None:
    times = [5 * HOUR, 90.0, 90.0, 3 * DAY]
    course = one(small_bench, arm(segments=((0.0, RAPALOG),)), times)
    assert course.times.tolist() == [0.0, 90.0, 5 * HOUR, 3 * DAY]
    assert course.copies.shape == (4, len(course.names))
    with pytest.raises(ValueError, match="start at 0"):
        small_bench.run({arm(): [-1.0]})


def test_a_later_drug_changes_nothing_before(small_bench: Simulator, arm: Any) -> None:
    times = (0.0, HOUR, DAY, 1.5 * DAY, 2 * DAY)
    vehicle = one(small_bench, arm(segments=((0.0, RAPALOG),)), times, rtol=1e-9)
    late = one(
        small_bench, arm(segments=((0.0, RAPALOG), (DAY, (*RAPALOG, ("load_R", 50.0))))), times, rtol=1e-9
    )
    np.testing.assert_allclose(late.copies[:3], vehicle.copies[:3], rtol=1e-6)
    assert late.at("pR", 2 * DAY) < 0.2 * vehicle.at("pR", 2 * DAY)


def test_cutting_a_run_in_two_changes_nothing(small_bench: Simulator, arm: Any) -> None:
    whole = arm(segments=((0.0, RAPALOG),))
    parts = arm(segments=((0.0, RAPALOG), (HOUR, RAPALOG), (2 * HOUR, RAPALOG)))
    times = (0.0, 0.5 * HOUR, HOUR, 1.5 * HOUR, DAY)
    got = [one(small_bench, a, times, rtol=1e-10).copies for a in (whole, parts)]
    np.testing.assert_allclose(got[0], got[1], rtol=1e-7, atol=1e-7)


def test_pretreatment_is_a_head_start(small_bench: Simulator, arm: Any) -> None:
    ahead = arm(segments=((-HOUR, RAPALOG), (0.0, RAPALOG)), renew_medium=False)
    open_ended = arm(segments=((-HOUR, RAPALOG),), renew_medium=False)
    plain = arm(segments=((0.0, RAPALOG),), renew_medium=False)
    early, same = (one(small_bench, a, (0.0, HOUR), rtol=1e-10) for a in (ahead, open_ended))
    late = one(small_bench, plain, (HOUR, 2 * HOUR), rtol=1e-10)
    np.testing.assert_allclose(early.copies, late.copies[1:], rtol=1e-6)
    np.testing.assert_allclose(early.copies, same.copies, rtol=1e-6)
    assert early.at("T_bound", 0.0) > 100.0


def test_a_treatment_that_starts_late_rests_before(small_bench: Simulator, arm: Any) -> None:
    course = one(small_bench, arm(segments=((DAY, RAPALOG),), renew_medium=False), (0.0, DAY, 2 * DAY))
    assert course.at("T_bound", DAY) == 0.0
    assert course.at("T_bound", 2 * DAY) > 100.0


def test_renewing_the_medium_washes_the_cytokine_off(small_bench: Simulator, arm: Any) -> None:
    fresh, spent = (one(small_bench, arm(renew_medium=r), (0.0, DAY)) for r in (True, False))
    assert fresh.at("IL8", 0.0) == 0.0
    assert 0.0 < fresh.at("IL8", DAY) < spent.at("IL8", DAY) == pytest.approx(spent.at("IL8", 0.0))
    assert fresh.at("pS6K", DAY) == pytest.approx(spent.at("pS6K", DAY))


# --- values -----
def test_overrides_reach_the_arm(small_bench: Simulator, arm: Any) -> None:
    treated = arm(segments=((0.0, (("load_R", 10.0),)),))
    plain = one(small_bench, treated)
    fewer = one(small_bench, treated, values={"none.S6K_copies": 1e3})
    weaker = one(small_bench, treated, values={"drug.potency": 1.0})
    assert fewer.at("tS6K", DAY) == pytest.approx(1e3)
    assert plain.at("tS6K", DAY) == pytest.approx(5e4)
    assert weaker.at("pR", DAY) > 2 * plain.at("pR", DAY)
    with pytest.raises(KeyError, match="no_such_rate"):
        one(small_bench, treated, values={"no_such_rate": 1.0})


def test_a_ratio_without_its_protein_is_no_number(small_bench: Simulator, arm: Any) -> None:
    course = one(small_bench, arm(rest=(("S6K_copies", 0.0),)))
    assert course.at("tS6K", DAY) == course.at("pS6K", DAY) == 0.0
    assert np.isnan(course.of("fS6K")).all()
    assert course.at("growth", DAY) == pytest.approx(1e4)


def test_reading_a_trajectory() -> None:
    course = Trajectory(np.array([0.0, 10.0]), ("a", "b"), np.array([[0.0, 1.0], [5.0, 3.0]]))
    assert course.at("a", 4.0) == 2.0
    assert course.of("b").tolist() == [1.0, 3.0]
    for name, time in (("a", -1.0), ("a", 11.0), ("c", 1.0)):
        with pytest.raises(ValueError):
            course.at(name, time)


# --- failures and repeatability -----
def test_a_failure_is_a_value_of_its_arm(small_bench: Simulator, arm: Any) -> None:
    good, bad = arm(), arm(segments=((0.0, (("lig_nM", np.nan),)),))
    unsettled = arm(rest=(("R_copies", np.inf),))
    got = small_bench.run({bad: (0.0, DAY), good: (0.0, DAY), unsettled: (0.0,)})
    assert isinstance(got[bad], Failure)
    assert isinstance(got[good], Trajectory)
    failed = got[unsettled]
    assert isinstance(failed, Failure)
    assert failed.reason.startswith("pre-equilibration")


def test_history_and_order_change_no_bit(small: Any, small_bench: Simulator, arm: Any) -> None:
    arms = [arm(segments=((0.0, s),)) for s in ((), RAPALOG, (("load_R", 2.0),))] + [
        arm(rest=(("S6K_copies", 0.0),)),
        arm(segments=((-HOUR, RAPALOG), (0.0, ()), (HOUR, RAPALOG))),
    ]
    values, times = {"s_kact": 3e-6}, (0.0, HOUR, DAY)
    fresh = Simulator(small, compile_arm=small_bench._timelines._compile)
    expected = fresh.run(dict.fromkeys(arms, times), values)
    small_bench.run(dict.fromkeys(arms, times), {"s_kact": 1e-5, "r_kact": 1.0})
    got = small_bench.run(dict.fromkeys(reversed(arms), times), values)
    alone = {a: small_bench.run({a: times}, values)[a] for a in arms}
    for a in arms:
        assert expected[a].copies.tobytes() == got[a].copies.tobytes() == alone[a].copies.tobytes()


def test_threads_and_forked_processes_change_no_bit(small: Any, small_bench: Simulator, arm: Any) -> None:
    arms = {arm(segments=((0.0, (("load_R", load),)),)): (0.0, HOUR, DAY) for load in (0.0, 1.0, 2.0)}
    expected = bits(small_bench.run(arms))
    benches = [Simulator(small, compile_arm=small_bench._timelines._compile) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda bench: bits(bench.run(arms)), benches)) == [expected] * 2
    child = os.fork()
    if child == 0:
        os._exit(0 if bits(small_bench.run(arms, {"s_kact": 1e-6})) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def bits(got: Any) -> list[bytes]:
    return [course.copies.tobytes() for course in got.values()]


# --- the real model -----
@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """The real model, its contexts and drugs, and a way to make arms."""
    from models.assemble import build
    from models.cells.context import load_contexts
    from models.cells.drugs import load_catalogue
    from models.cells.genes import load_genes
    from models.cells.media import load_media
    from models.core.errors import Mistakes
    from models.treatments.arm import Vocabulary, parse_arm

    built, contexts, catalogue = build(), load_contexts(), load_catalogue()
    media, genes = load_media(), load_genes()
    words = Vocabulary(contexts, catalogue, media, genes)

    def make(context: str, **table: Any) -> Any:
        problems = Mistakes("test")
        made = parse_arm("test", table, words, problems, context=context)
        problems.raise_if_any()
        return made

    return {"built": built, "world": (contexts, catalogue, media, genes), "arm": make}


@pytest.mark.slow
def test_real_arms_run_on_exact_cuts(real: dict[str, Any]) -> None:
    make = real["arm"]
    arms = [
        make("mcf7"),
        make("mcf7", rapamycin="20 nM"),
        make("bt474", **{"MK-2206": "1 uM", "rapamycin": "20 nM @ 24 h"}),
        make("mda_mb_468", BEZ235="300 nM", reparixin="1 uM @ 24 h"),
        make("normal", starve="16 h", insulin="100 nM"),
        make("mef", genes={"GRB10": "knock-out"}),
        make("hek293", genes={"SIN1": "T86A/T398A"}),
    ]
    times = [0.0, 60.0, HOUR, 6 * HOUR, DAY, 3 * DAY]
    got, expected = (
        Simulator(real["built"], *real["world"], whole=whole).run(dict.fromkeys(arms, times), rtol=1e-10)
        for whole in (False, True)
    )
    for treated in arms:
        one_, two = got[treated], expected[treated]
        assert isinstance(one_, Trajectory), one_
        assert isinstance(two, Trajectory), two
        np.testing.assert_allclose(one_.copies, two.copies, rtol=1e-8, atol=1e-6)


@pytest.mark.slow
def test_real_model_agrees_with_scipy_and_libroadrunner(real: dict[str, Any]) -> None:
    import warnings

    import roadrunner
    from pysb.export import export
    from pysb.simulator import ScipyOdeSimulator

    model = real["built"].model
    bench = Simulator(real["built"], *real["world"], whole=True)
    treated = real["arm"]("mcf7", rapamycin="20 nM")
    engine = bench.path(treated)[-1].engine
    _, ((_, vector),) = bench._timelines.of(treated, bench._base({}), {})
    engine.set_all(vector)
    end = 3 * DAY
    run = engine.run(engine.initial(), [0.0, end], 1e-10, 1e-9)
    assert not isinstance(run, Failure)

    given = dict(zip(engine.parameters, vector, strict=True))
    before = {p.name: p.value for p in model.parameters}
    try:
        for p in model.parameters:
            p.value = given[p.name]
        tight = {"rtol": 1e-10, "atol": 1e-8, "mxstep": 100_000}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scipy_run = ScipyOdeSimulator(
                model, tspan=[0.0, end], integrator="lsoda", compiler="python", integrator_options=tight
            ).run()
            sbml = export(model, "sbml")
    finally:
        for p in model.parameters:
            p.value = before[p.name]
    np.testing.assert_allclose(run.state, scipy_run.species[-1], rtol=1e-5, atol=1e-3)
    other = roadrunner.RoadRunner(sbml)
    other.integrator.relative_tolerance, other.integrator.absolute_tolerance = 1e-10, 1e-8
    other.integrator.setValue("maximum_num_steps", 100_000)
    other.timeCourseSelections = [f"[__s{i}]" for i in range(len(engine.species))]
    np.testing.assert_allclose(run.state, other.simulate(0, end, 2)[-1], rtol=1e-5, atol=1e-3)
