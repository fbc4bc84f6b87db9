"""Slopes from one run back are those of differences at a tight tolerance, for every kind of claim."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.objective.build import recipe
from calibration.objective.likelihood import Likelihood
from calibration.objective.margin_derivatives import elementary
from calibration.objective.problem import WORST, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize.gauss_newton import jacobian
from calibration.storage.ensemble import Ensemble
from models.simulation.codegen.compile import compiler
from models.simulation.codegen.reverse_ad import in_order
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


@pytest.fixture(scope="module")
def problem():
    return recipe(ids=IDS).make()


@pytest.fixture(scope="module")
def member(problem):
    return Ensemble.load(shipped()).onto(problem.space).z[3]


def differences(problem, z, names):
    def at(point):
        return problem.terms_of(problem._run(problem.plan.times, point, 1e-8))

    found = []
    for name in names:
        step = STEP * np.eye(problem.n)[problem.space.names.index(name)]
        found.append((at(z + step) - at(z - step)) / (2 * STEP))
    return np.transpose(found)


def test_every_kind_is_there(problem):
    kinds = {type(claim).__name__ for f in problem.findings for claim, _ in elementary(f.claim)}
    assert kinds == {"Ratio", "Order", "Dip", "Earlier", "Unchanged"}


def test_slopes_of_terms_are_those_of_differences(problem, member):
    terms, cost, jac = problem.gradient.jacobian(member)
    plain = problem.evaluate_task(Task(member)).terms
    assert terms == pytest.approx(plain, abs=5e-3) and cost > 1.0
    space = problem.space
    size = np.linalg.norm(jac, axis=0)
    names = [space.names[i] for i in np.argsort(-size)[:12]]
    for kind in ("context", "drug"):  # those of cells and drugs go other ways
        own = np.flatnonzero(space.of(kind))
        names += [space.names[i] for i in own[np.argsort(-size[own])][:4]]
    wanted = differences(problem, member, names)
    told = jac[:, [space.names.index(name) for name in names]]
    inside = np.abs(terms) < -WORST
    assert inside.mean() > 0.8
    assert np.linalg.norm((told - wanted)[inside]) < 0.05 * np.linalg.norm(wanted[inside])
    assert np.all(jac[~inside] == 0.0)


def test_slopes_of_the_likelihood_are_those_of_its_terms(problem, member):
    terms, _, jac = problem.gradient.jacobian(member)
    also, _, slope = problem.gradient.log_likelihood(member)
    assert np.array_equal(terms, also)
    assert slope == pytest.approx(Likelihood(problem).slopes(terms) @ jac, rel=1e-6, abs=1e-4)


def test_only_the_terms_that_are_wanted_have_slopes(problem, member):
    only = np.zeros(problem.n_terms, dtype=bool)
    only[problem.rows[0]] = True
    terms, _, jac = problem.gradient.jacobian(member, only)
    assert np.any(jac[only]) and not np.any(jac[~only])
    assert np.isfinite(terms[only]).all() and np.isnan(terms[~only]).all()


def test_where_nothing_runs_all_is_flat(problem, member):
    odd = member.copy()
    odd[problem.space.names.index("insr_phosphorylates_insr_y_kcat")] = 400.0  # no number is so large
    terms, _, slope = problem.gradient.log_likelihood(odd)
    assert np.all(np.isfinite(slope)) and (terms <= WORST).any()


def test_without_a_way_back_differences_are_taken_and_that_is_said(member, monkeypatch, caplog):
    blind = recipe(ids=IDS[:1]).make()
    with monkeypatch.context() as patch:
        patch.setattr("models.simulation.codegen.compile.compiler", lambda: None)
        assert not blind.has_slopes and not blind.has_slopes
    assert caplog.text.count("no C compiler") == 1
    odd = recipe(ids=IDS[:1]).make()
    for engine in ("traced", "batch"):
        monkeypatch.setattr(
            f"models.simulation.{engine}.generate", lambda *_: in_order({"exp(x)": "exp(x) +"})
        )
    assert not odd.has_slopes and "exp(x) +" in caplog.text
    z = Ensemble.load(shipped()).onto(odd.space).z[3]
    with Pool(problem=odd) as pool:
        every = np.ones(odd.n_terms, dtype=bool)
        jac, cost = jacobian(pool, z, odd.evaluate_task(Task(z)).terms, None, every, 1e-3, [0, 1])
    assert cost > 0.0 and np.isfinite(jac).all()
