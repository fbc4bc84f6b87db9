"""Measured points as terms of a fit: the right loss, the right likelihood, and nothing else is changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.objective.evaluator import Evaluator
from calibration.objective.likelihood import Likelihood
from calibration.objective.measured.measurements import PRESS, MeasuredObservable, Measurement, Measurements
from calibration.objective.measured.residual_terms import STEP, residuals_of, terms_of
from calibration.objective.problem import SHARED, WORST, Loss, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget
from models.cells.plausible_ranges import PlausibleRange, PlausibleRanges
from models.parameters import Space
from models.simulation.engine import Failure
from models.simulation.simulator import Trajectory
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

NAMES = ("pX", "tX", "out")
SPACE = Space(
    ("speed", "leak", "a.X_copies", "b.X_copies"),
    np.zeros(4),
    np.full(4, 0.5),
    (SHARED, SHARED, ("context", "a"), ("context", "b")),
)
CONTEXTS = {n: SimpleNamespace(name=n, medium="serum", bands=lambda told: dict(told)) for n in ("a", "b")}
TOLD = PlausibleRanges({"pX/tX": PlausibleRange("pX", "tX", 0.02, 0.98, "anything")}, 3600.0, 1.0)
OUT = MeasuredObservable("blot", "out", log=True, scaled=True)
HOURS = (0.0, 900.0, 1800.0, 3600.0)

left = st.lists(st.floats(-60, 60), min_size=1, max_size=8).map(np.array)


def arm(context: str, ligand: bool = True) -> Arm:
    given = (("EGF", 10.0),) if ligand else ()
    return Arm("egf" if ligand else "none", context, "serum", True, (), (Segment(0.0, "serum", (), given),))


class Bench:
    """`out` comes up with `speed` from a leak, in proportion to the copies of the context."""

    def __init__(self) -> None:
        self.ran: list[frozenset[Arm]] = []

    def run(self, arms: dict[Arm, Any], values: dict[str, float], rtol: float) -> dict[Arm, Any]:
        self.ran.append(frozenset(arms))
        return {a: self.one(a, times, values) for a, times in arms.items()}

    def one(self, a: Arm, times: Any, values: dict[str, float]) -> Trajectory | Failure:
        if values["speed"] > 25.0:
            return Failure("too fast")
        grid = np.unique([0.0, *times])
        rise = (
            1.0 - np.exp(-values["speed"] * grid / 3600.0) if any(s.ligands for s in a.segments) else 0 * grid
        )
        out = values[f"{a.context}.X_copies"] * (0.1 * values["leak"] + rise)
        return Trajectory(grid, NAMES, np.column_stack([0.1 + 0 * grid, 1.0 + 0 * grid, out]))


def measured(truth: np.ndarray | None = None, noise: float = 0.2) -> Measurements:
    """Two blots of each context, in units of their own, of cells at `truth`."""
    values = SPACE.values(np.zeros(4) if truth is None else truth)
    points = []
    for context, units in (("a", (3.0, 50.0)), ("b", (0.2, 7.0))):
        course = Bench().one(arm(context), HOURS, values)
        assert isinstance(course, Trajectory)
        for blot, unit in enumerate(units):
            for t in HOURS:
                value = unit * course.at("out", t)
                points.append(Measurement(OUT, "egf", arm(context), t, value, noise, f"{context}{blot};"))
    return Measurements(tuple(points))


def evaluator(data: Measurements | None) -> Evaluator:
    return Evaluator(Bench(), CONTEXTS, SPACE, [], TOLD, measured=data)  # type: ignore[arg-type]


@given(left)
def test_terms_and_residuals_are_the_same_thing(gaps: np.ndarray):
    assert residuals_of(terms_of(gaps)) == pytest.approx(gaps, rel=1e-6, abs=1e-9)
    assert np.all(terms_of(gaps) >= WORST) and np.all(terms_of(gaps) <= -WORST)


@given(left)
def test_the_loss_is_symmetric_and_goes_straight_from_two_sd_on(gaps: np.ndarray):
    loss, one = Loss(), np.ones(2 * len(gaps))
    found = loss(terms_of(gaps), np.zeros(1), one)
    size = np.minimum(np.abs(gaps), 40.0)  # bent from there on
    huber = np.where(size <= 2.0, size**2, 4.0 * size - 4.0) * STEP**2
    assert found == pytest.approx(loss(terms_of(-gaps), np.zeros(1), one))
    if np.all(np.abs(gaps) <= 40.0):
        assert found == pytest.approx(float(huber.sum()), rel=1e-9, abs=1e-12)


def test_a_nat_of_a_point_costs_about_as_much_as_a_nat_of_a_finding():
    cost = [
        PRESS * Loss()(terms_of(np.array([r])), np.zeros(1), np.ones(2)) / (0.5 * r**2) for r in (1.0, 2.0)
    ]
    laid = SimpleNamespace(
        n_terms=1, findings=[SimpleNamespace(trust="x")], rows=[slice(0, 1)], range_rows={}
    )
    sure = Likelihood(laid, trust={"x": 1.0})
    short = [np.array([m]) for m in (-0.25, -0.5)]
    other = [Loss()(m, np.zeros(1), np.ones(1)) / -sure(m) for m in short]
    assert cost == pytest.approx([0.056, 0.056], rel=0.02)
    assert other == pytest.approx([0.055, 0.055], rel=0.15)


def test_courses_weigh_like_findings():
    data = measured()
    assert data.names == ("a0;", "a1;", "b0;", "b1;")
    assert data.weights == pytest.approx(np.full(32, PRESS / 2.0))  # four points a course


def test_the_point_that_made_the_data_fits_them_in_any_unit():
    truth = np.array([0.4, -0.8, 0.3, -0.5])
    e = evaluator(measured(truth))
    assert e.n_terms == 2 * 2 + 32 and e.n_findings == 0
    close = e.evaluate(truth).measured
    assert close is not None and np.abs(close.residuals).max() < 1e-9
    assert close.scale == pytest.approx([3.0, 50.0, 0.2, 7.0])
    assert evaluator(None).evaluate(truth).measured is None


def test_a_changed_scope_gives_the_same_and_runs_no_more_than_it_touches():
    e, whole = evaluator(measured()), evaluator(measured())
    base = np.array([0.5, 0.2, 0.1, -0.3])
    for i, scope in enumerate(SPACE.scope):
        moved = base.copy()
        moved[i] += 0.1
        near = e.evaluate_task(Task(moved, base, scope))
        assert np.array_equal(near.terms, whole.evaluate_task(Task(moved)).terms)
        if scope != SHARED:
            assert {a.context for a in e.bench.ran[-1]} == {scope[1]}


def test_points_that_are_not_wanted_are_not_run():
    e = evaluator(measured())
    only = np.zeros(e.n_terms, dtype=bool)
    only[e.range_rows["a"]] = True
    terms = e.evaluate_task(Task(np.zeros(4), only=only)).terms
    assert {a.name for a in e.bench.ran[-1]} == {"untreated"} and np.isnan(terms[e.point_rows]).all()


def test_a_failed_run_is_the_worst_value():
    e = evaluator(measured())
    terms = e.evaluate_task(Task(np.array([3.0, 0.0, 0.0, 0.0]))).terms
    assert np.all(terms[e.point_rows] == WORST)
    close = e.evaluate(np.array([3.0, 0.0, 0.0, 0.0])).measured
    assert close is not None and np.isnan(close.residuals).all()


def test_gauss_newton_finds_the_shape_from_blots_without_units():
    truth = np.array([1.2, -1.0, 0.0, 0.0])
    e = evaluator(measured(truth, noise=0.05))
    with Pool(problem=e) as pool:
        state = multistart.calibrate(pool, 3, Budget(members=1, evaluations=400))
        found = multistart.members_of(state, e)[0].z
    close = e.evaluate(found).measured
    assert close is not None and np.sqrt(np.mean(close.residuals**2)) < 1.4
    assert found[:2] == pytest.approx(truth[:2], abs=0.3)


LAID = SimpleNamespace(
    n_terms=7,
    findings=[SimpleNamespace(trust="strong")],
    rows=[slice(0, 2)],
    range_rows={"mcf7": slice(2, 3)},
)


@given(
    st.lists(st.floats(-20, 20), min_size=2, max_size=2), st.lists(st.floats(-1, 1), min_size=3, max_size=3)
)
def test_points_are_normal_in_the_likelihood_and_change_no_other_report(gaps, margins):
    alone = Likelihood(SimpleNamespace(**{**vars(LAID), "n_terms": 3}))
    terms = np.concatenate([margins, terms_of(np.array(gaps))])
    reports = Likelihood(LAID).reports(terms)
    assert np.array_equal(reports[:2], alone.reports(np.array(margins)))
    assert reports[2:] == pytest.approx(-0.5 * np.array(gaps) ** 2, rel=1e-6, abs=1e-9)


def test_the_information_of_points_is_that_of_least_squares():
    slopes = np.random.default_rng(0).normal(size=(2, 3))  # of residuals
    jac = np.zeros((7, 3))
    jac[3::2], jac[4::2] = -STEP * slopes, STEP * slopes
    terms = np.concatenate([np.zeros(3), terms_of(np.array([0.5, -2.0]))])
    told = Likelihood(LAID).information(terms, jac)
    assert told.shape == (Likelihood(LAID).n_reports, 3) and told[2:] == pytest.approx(slopes)
