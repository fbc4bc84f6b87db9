"""All arms abreast tell what arms one by one tell, and slopes are those of differences."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.objective.batch_evaluator import BatchEvaluator
from calibration.objective.build import recipe
from calibration.objective.likelihood import Likelihood
from calibration.objective.margin_derivatives import elementary
from calibration.objective.problem import WORST, Task
from calibration.storage.ensemble import Ensemble
from models.simulation.codegen.compile import NoDerivatives, compiler
from rewire.project.members import shipped
from tests.calibration.objective.test_gradient import IDS

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

CLOSE = 0.01  # [log2]; the noise of a report is 0.25


@pytest.fixture(scope="module")
def problem():
    return recipe(ids=IDS).make()


@pytest.fixture(scope="module")
def quick(problem):
    return BatchEvaluator(problem)


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


def test_terms_are_those_of_the_other_engine(problem, quick, points):
    for z in points:
        terms, *_ = quick.log_likelihood(z)
        assert terms == pytest.approx(exact(problem, z), abs=CLOSE)


def test_slopes_are_those_of_differences(problem, quick, points):
    likelihood = Likelihood(problem)
    rng = np.random.default_rng(2)
    for z in points[:4]:
        terms, _, slope, _ = quick.log_likelihood(z)
        by_term = np.where(np.abs(terms) < -WORST, likelihood.slopes(terms), 0.0)
        for _ in range(3):
            way = rng.standard_normal(problem.n)
            way *= 1e-3 / np.linalg.norm(way)
            change = by_term @ (exact(problem, z + way) - exact(problem, z - way)) / 2.0
            assert slope @ way == pytest.approx(change, abs=0.02 * np.linalg.norm(slope) * 1e-3)


def test_slopes_are_those_of_arms_one_by_one(problem, quick, points):
    for z in points:
        _, _, slope, across = quick.log_likelihood(z)
        other = problem.gradient.log_likelihood(z)[2]
        assert across is not None or np.linalg.norm(slope - other) < 0.03 * np.linalg.norm(other) + 1e-6


def test_slopes_of_terms_are_those_of_arms_one_by_one(problem, quick, points):
    for z in points[:4]:
        terms, cost, jac = quick.jacobian(z)
        _, _, other = problem.gradient.jacobian(z)
        inside = np.abs(terms) < WORST * -0.99
        assert inside.mean() > 0.8 and not np.any(jac[np.abs(terms) >= -WORST]) and 0.0 < cost < 1.0
        assert np.linalg.norm((jac - other)[inside]) < 0.05 * np.linalg.norm(other[inside])
        slope = quick.log_likelihood(z)[2]
        by_term = np.where(np.abs(terms) < -WORST, Likelihood(problem).slopes(terms), 0.0)
        assert slope == pytest.approx(by_term @ jac, rel=1e-6, abs=1e-4)


def test_only_the_terms_that_are_wanted_have_slopes(problem, quick, points):
    only = np.zeros(problem.n_terms, dtype=bool)
    only[problem.rows[0]] = True
    _, _, jac = quick.jacobian(points[0], only)
    assert np.any(jac[only]) and not np.any(jac[~only])
    assert jac[only] == pytest.approx(quick.jacobian(points[0])[2][only], rel=1e-9, abs=1e-12)


def test_it_is_what_tasks_ask(problem, quick, points):
    outcome = problem.evaluate_task(Task(points[0], slopes="log"))
    terms, cost, slope, _ = quick.log_likelihood(points[0])
    assert np.array_equal(outcome.terms, terms) and np.array_equal(outcome.slopes, slope)
    assert outcome.cost == cost
    alone = problem.evaluate_task(Task(points[0], abreast=True))
    assert np.array_equal(alone.terms, terms) and alone.slopes is None and alone.cost < cost
    assert not np.array_equal(problem.evaluate_task(Task(points[0])).terms, terms)  # what a fit sees


def test_beyond_a_wall_its_direction_is_told(problem, quick, points):
    """Across it a short step back leads to cells that do not switch; along it none of that length does."""
    found = 0
    row = problem.range_rows["mda_mb_468"].stop - 1
    assert problem.range_of(row)[1].observable == "pJAK2"
    strong = [problem.space.names.index(f"mda_mb_468.{name}_copies") for name in ("JAK2", "CXCR1")]
    for z in points[:4]:
        for more in np.arange(0.25, 4.0, 0.25):  # until untreated cells latch on
            there = z.copy()
            there[strong] += more
            terms, _, slope, across = quick.log_likelihood(there)
            if terms[row] < -0.5:
                break
        else:
            continue
        assert across is not None and np.all(np.isfinite(slope)) and np.all(across[strong] > 0.0)
        way = across / np.linalg.norm(across)
        aside = np.random.default_rng(0).standard_normal(problem.n)
        aside -= (aside @ way) * way
        back = (
            quick.terms(there - 0.3 * way)[0][row],
            quick.terms(there - 0.3 * aside / np.linalg.norm(aside))[0][row],
        )
        found += back[0] > 0.0 > back[1]
        void = problem.rows[[f.id for f in problem.findings].index("S43_il8_cxcr1_takes_over@mda_mb_468")]
        assert np.array_equal(
            quick.walls.at(quick.abreast, terms, problem.space.values(there))[1][void], [True] * 5
        )
    assert found >= 2


def test_the_same_point_gives_the_same_bits_whatever_came_before(quick, points):
    first = quick.log_likelihood(points[0])
    quick.log_likelihood(points[5])
    again = quick.log_likelihood(points[0])
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[2], again[2])


def test_where_nothing_runs_all_is_flat_and_the_next_point_is_not(problem, quick, points):
    odd = points[0].copy()
    lost = problem.space.names.index("insr_phosphorylates_insr_y_kcat")
    odd[lost] = np.nan
    terms, _, slope, _ = quick.log_likelihood(odd)
    assert np.all(np.delete(slope, lost) == 0.0) and np.all(terms == WORST)
    assert quick.log_likelihood(points[0])[0] == pytest.approx(exact(problem, points[0]), abs=CLOSE)


def test_where_arms_cannot_run_abreast_they_run_one_by_one(monkeypatch, caplog, points):
    alone = recipe(ids=IDS).make()

    def refuse(*_):
        raise NoDerivatives("of two minds")

    monkeypatch.setattr("calibration.objective.batch_evaluator.BatchSimulator", refuse)
    outcome = alone.evaluate_task(Task(points[0], slopes="log"))
    assert "of two minds" in caplog.text
    assert np.array_equal(outcome.slopes, alone.gradient.log_likelihood(points[0])[2])
