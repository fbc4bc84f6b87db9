"""The batch has the terms of the simulator and the derivatives of differences, for every kind of claim."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibration.objective.batch_evaluator import BatchEvaluator
from calibration.objective.build import recipe
from calibration.objective.likelihood import Likelihood
from calibration.objective.margin_derivatives import elementary
from calibration.objective.problem import WORST, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize.gauss_newton import jacobian
from calibration.storage.ensemble import Ensemble
from models.simulation.arm_batch import ArmBatch
from models.simulation.codegen.compile import compiler
from models.simulation.codegen.reverse_ad import in_order
from pathway import VARIANTS
from rewire.analysis.posterior.posterior_file import load_draws
from rewire.project.members import shipped

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

IDS = (
    "S04_igf1_response_lasts_longer",  # changes before time 0
    "S16_s6k_phosphorylates_sin1",
    "S08_s473_rises_progressively@mcf7",
    "S22_t308_falls_and_returns@mda_mb_468",
    "S33_mtorc1_falls_before_receptors_rise@bt474",
    "S49_substrates_differ",
    "S43_il8_cxcr1_takes_over@mda_mb_468",
)
STEP = 1e-3
CLOSE = 0.01  # [log2]; the noise of a report is 0.25


@pytest.fixture(scope="module")
def problem():
    return recipe(ids=IDS).make()


@pytest.fixture(scope="module")
def batch(problem):
    return BatchEvaluator(problem.layout, problem.bench)


@pytest.fixture(scope="module")
def points(problem):
    members = Ensemble.load(shipped()).onto(problem.space).z[:4]
    return [*members, *np.random.default_rng(5).standard_normal((4, problem.n))]


def exact(problem, z):
    """Terms of another engine, arms one by one on cut networks, at the tolerance of verdicts."""
    return problem.terms_of(problem._run(problem.plan.times, z, 1e-8))


def test_every_kind_is_there(problem):
    kinds = {type(claim).__name__ for f in problem.findings for claim, _ in elementary(f.claim)}
    assert kinds == {"Ratio", "Order", "Dip", "Earlier", "Unchanged"}


def test_terms_are_those_of_the_simulator(problem, batch, points):
    for z in points:
        terms, *_ = batch.log_likelihood(z)
        assert terms == pytest.approx(exact(problem, z), abs=CLOSE)


def test_the_gradient_is_that_of_differences(problem, batch, points):
    likelihood = Likelihood(problem.layout)
    rng = np.random.default_rng(2)
    for z in points[:4]:
        terms, _, gradient, _ = batch.log_likelihood(z)
        by_term = np.where(np.abs(terms) < -WORST, likelihood.gradient(terms), 0.0)
        for _ in range(3):
            way = rng.standard_normal(problem.n)
            way *= 1e-3 / np.linalg.norm(way)
            change = by_term @ (exact(problem, z + way) - exact(problem, z - way)) / 2.0
            assert gradient @ way == pytest.approx(change, abs=0.02 * np.linalg.norm(gradient) * 1e-3)


def differences(problem, z, names):
    found = []
    for name in names:
        step = STEP * np.eye(problem.n)[problem.space.names.index(name)]
        found.append((exact(problem, z + step) - exact(problem, z - step)) / (2 * STEP))
    return np.transpose(found)


def test_derivatives_of_terms_are_those_of_differences(problem, batch, points):
    z = points[3]
    terms, cost, jac = batch.jacobian(z)
    assert 0.0 < cost < 1.0
    space = problem.space
    size = np.linalg.norm(jac, axis=0)
    names = [space.names[i] for i in np.argsort(-size)[:12]]
    for kind in ("context", "drug"):  # those of cells and drugs are found in other ways
        own = np.flatnonzero(space.of(kind))
        names += [space.names[i] for i in own[np.argsort(-size[own])][:4]]
    wanted = differences(problem, z, names)
    found = jac[:, [space.names.index(name) for name in names]]
    inside = np.abs(terms) < WORST * -0.99
    assert inside.mean() > 0.8 and not np.any(jac[np.abs(terms) >= -WORST])
    assert np.linalg.norm((found - wanted)[inside]) < 0.05 * np.linalg.norm(wanted[inside])


def test_the_gradient_is_that_of_the_terms(problem, batch, points):
    for z in points[:4]:
        terms, _, jac = batch.jacobian(z)
        gradient = batch.log_likelihood(z)[2]
        by_term = np.where(np.abs(terms) < -WORST, Likelihood(problem.layout).gradient(terms), 0.0)
        assert gradient == pytest.approx(by_term @ jac, rel=1e-6, abs=1e-4)


def test_only_the_terms_that_are_wanted_have_derivatives(problem, batch, points):
    only = np.zeros(problem.n_terms, dtype=bool)
    only[problem.rows[0]] = True
    _, _, jac = batch.jacobian(points[0], only)
    assert np.any(jac[only]) and not np.any(jac[~only])
    assert jac[only] == pytest.approx(batch.jacobian(points[0])[2][only], rel=1e-9, abs=1e-12)


def test_it_is_what_tasks_ask(problem, batch, points):
    outcome = problem.evaluate_task(Task(points[0], derivatives="log"))
    terms, cost, gradient, _ = batch.log_likelihood(points[0])
    assert np.array_equal(outcome.terms, terms) and np.array_equal(outcome.derivatives, gradient)
    assert outcome.cost == cost
    alone = problem.evaluate_task(Task(points[0], batch=True))
    assert np.array_equal(alone.terms, terms) and alone.derivatives is None and alone.cost < cost
    assert not np.array_equal(problem.evaluate_task(Task(points[0])).terms, terms)  # what a fit sees


def test_beyond_a_switch_boundary_its_normal_is_given(problem, batch, points):
    """Across it a short step back leads to cells that do not switch; along it none of that length does."""
    found = 0
    row = problem.range_rows["mda_mb_468"].stop - 1
    assert problem.range_of(row)[1].observable == "pJAK2"
    strong = [problem.space.names.index(f"mda_mb_468.{name}_copies") for name in ("JAK2", "CXCR1")]
    for z in points[:4]:
        for more in np.arange(0.25, 4.0, 0.25):  # until untreated cells latch on
            there = z.copy()
            there[strong] += more
            terms, _, gradient, across = batch.log_likelihood(there)
            if terms[row] < -0.5:
                break
        else:
            continue
        assert across is not None and np.all(np.isfinite(gradient)) and np.all(across[strong] > 0.0)
        way = across / np.linalg.norm(across)
        aside = np.random.default_rng(0).standard_normal(problem.n)
        aside -= (aside @ way) * way
        back = (
            batch.terms(there - 0.3 * way)[0][row],
            batch.terms(there - 0.3 * aside / np.linalg.norm(aside))[0][row],
        )
        found += back[0] > 0.0 > back[1]
        void = problem.rows[[f.id for f in problem.findings].index("S43_il8_cxcr1_takes_over@mda_mb_468")]
        assert np.array_equal(
            batch.boundary.at(batch.batch, terms, problem.space.values(there))[1][void], [True] * 5
        )
    assert found >= 2


def test_the_same_point_gives_the_same_bits_whatever_came_before(batch, points):
    first = batch.log_likelihood(points[0])
    batch.log_likelihood(points[5])
    again = batch.log_likelihood(points[0])
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[2], again[2])


def test_where_nothing_runs_all_is_flat_and_the_next_point_is_not(problem, batch, points):
    odd = points[0].copy()
    lost = problem.space.names.index("insr_phosphorylates_insr_y_kcat")
    odd[lost] = np.nan
    terms, _, gradient, _ = batch.log_likelihood(odd)
    assert np.all(np.delete(gradient, lost) == 0.0) and np.all(terms == WORST)
    assert batch.log_likelihood(points[0])[0] == pytest.approx(exact(problem, points[0]), abs=CLOSE)


def test_what_the_batch_cannot_run_the_simulator_runs_and_it_is_counted(problem, points, monkeypatch, caplog):
    batch = BatchEvaluator(problem.layout, problem.bench)
    z, run = points[0], ArmBatch.run
    whole, _, every = batch.jacobian(z)
    lost = [i for i, arm in enumerate(batch.batch.arms) if arm.context == "bt474"]
    monkeypatch.setattr(
        ArmBatch, "run", lambda self, v: [None if i in lost else t for i, t in enumerate(run(self, v))]
    )
    terms, _, jac = batch.jacobian(z)
    assert terms == pytest.approx(whole, abs=CLOSE) and (batch.again, batch.failed) == (len(lost), 0)
    assert f"could not run {len(lost)} of {len(batch.batch.arms)} arms" in caplog.text
    own = problem.rows[[f.id for f in problem.findings].index(IDS[4])]
    assert np.any(every[own]) and not np.any(jac[own])  # of what it did not run it has no derivatives
    batch.terms(z)
    assert batch.again == 2 * len(lost) and caplog.text.count("could not run") == 1


def test_without_a_compiler_differences_are_taken_and_that_is_said(points, monkeypatch, caplog):
    blind = recipe(ids=IDS[:1]).make()
    with monkeypatch.context() as patch:
        patch.setattr("models.simulation.codegen.compile.compiler", lambda: None)
        assert not blind.has_derivatives and not blind.has_derivatives
    assert caplog.text.count("no C compiler") == 1
    odd = recipe(ids=IDS[:1]).make()
    monkeypatch.setattr("models.simulation.batch.generate", lambda *_: in_order({"exp(x)": "exp(x) +"}))
    assert not odd.has_derivatives and "exp(x) +" in caplog.text
    z = Ensemble.load(shipped()).onto(odd.space).z[3]
    with Pool(problem=odd) as pool:
        every = np.ones(odd.n_terms, dtype=bool)
        jac, cost = jacobian(pool, z, odd.evaluate_task(Task(z)).terms, None, every, 1e-3, [0, 1])
    assert cost > 0.0 and np.isfinite(jac).all()


def test_cells_of_another_hypothesis_are_a_network_of_their_own_in_the_batch(monkeypatch):
    """Two cells of one finding, one of which goes by another hypothesis: terms and derivatives are right."""
    problem = recipe(ids=("S49_substrates_differ", "S33_mtorc1_falls_before_receptors_rise@bt474")).make()
    name, choices = next((n, c) for n, c in VARIANTS.items() if len(c) > 1)
    context = replace(problem.bench.contexts["bt474"], variants={name: choices[1]})
    monkeypatch.setitem(problem.bench.contexts, "bt474", context)
    batch, z = BatchEvaluator(problem.layout, problem.bench), np.zeros(problem.n)
    assert [own.built.variants[name] for *_, own in batch.batch.parts].count(choices[1]) == 1
    terms, _, jac = batch.jacobian(z)
    assert terms == pytest.approx(exact(problem, z), abs=CLOSE)
    names = [problem.space.names[i] for i in np.argsort(-np.linalg.norm(jac, axis=0))[:4]]
    wanted = differences(problem, z, names)
    found = jac[:, [problem.space.names.index(name) for name in names]]
    assert np.linalg.norm(found - wanted) < 0.05 * np.linalg.norm(wanted)
    gradient = batch.log_likelihood(z)[2]
    assert gradient == pytest.approx(Likelihood(problem.layout).gradient(terms) @ jac, rel=1e-5, abs=1e-4)


@pytest.mark.slow
def test_the_batch_is_right_all_over_the_prior_and_the_posterior():
    """No term is off by more than 0.05, and no verdict that is clear flips: 300 draws and 50.

    The cells of some draws switch late, within hours after weeks: what a batch with few and long steps on
    the way to the steady state loses.
    """
    problem = recipe().make()
    batch = BatchEvaluator(problem.layout, problem.bench)
    draws, _ = load_draws()
    at = {name: i for i, name in enumerate(draws.rates)}
    flat = draws.flat()[0]
    posterior = np.stack(
        [flat[:, at[n]] if n in at else np.zeros(len(flat)) for n in problem.space.names], axis=1
    )
    far = np.random.default_rng(5).standard_normal((300, problem.n))
    for z in [*posterior[:: max(1, len(posterior) // 50)][:50], *far]:
        terms, wanted = batch.terms(z)[0], exact(problem, z)
        assert np.abs(terms - wanted).max() < 0.05
        flips = problem.holds(terms) != problem.holds(wanted)
        least = np.array([np.abs(wanted[rows]).min() for rows in problem.rows])
        assert not np.any(flips & (least > 0.05))
    assert batch.failed == 0 and batch.again < 10


LATE = (Path(__file__).parent / "late_switches.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", json.loads(LATE))
def test_cells_that_switch_after_weeks_come_to_their_steady_state(name):
    """Draws at which a batch with five halvings of a step gave many terms up."""
    problem = recipe(ids=("S49_substrates_differ", "S08_s473_rises_progressively@mcf7", *IDS[3:5])).make()
    values = json.loads(LATE)[name]
    z = np.array([values.get(rate, 0.0) for rate in problem.space.names])
    batch = BatchEvaluator(problem.layout, problem.bench)
    assert batch.terms(z)[0] == pytest.approx(exact(problem, z), abs=CLOSE) and batch.again == 0
