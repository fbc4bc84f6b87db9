import numpy as np
import pytest

from calibration.objective.problem import SHARED, WORST, Loss, Outcome, Task
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import multistart
from calibration.optimize.cma_es import CmaRounds
from calibration.optimize.gauss_newton import jacobian
from calibration.optimize.gauss_newton_step import BOX, hinge_step
from calibration.optimize.state import Budget, Settings


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "n_terms", "bend"), [(40, 60, 0.5), (40, 60, 2.0), (100, 150, 1.0)])
def test_gauss_newton_finds_a_point_where_all_holds(seed, n, n_terms, bend):
    problem = Inequalities(n, n_terms, seed=seed, bend=bend)
    with Pool(problem=problem) as pool:
        state = multistart.calibrate(pool, seed, Budget(members=1, evaluations=1500))
    (member,) = state.members
    assert member.hold == n_terms
    assert np.all(np.abs(member.z) <= BOX)
    assert member.reason == "every finding holds"


@pytest.mark.parametrize("seed", range(5))
def test_with_derivatives_it_takes_less_than_a_third_of_the_evaluations(seed):
    spent = []
    for slopes in (False, True):
        with Pool(problem=Inequalities(100, 150, seed=seed, bend=1.0, slopes=slopes)) as pool:
            state = multistart.calibrate(pool, seed, Budget(members=1, evaluations=1500))
        assert state.members[0].hold == 150
        spent.append(state.members[0].evaluations)
    assert spent[1] < 0.3 * spent[0]


def test_members_come_from_draws_of_their_own():
    with Pool(problem=Inequalities(150, 40, seed=3)) as pool:
        state = multistart.calibrate(pool, 3, Budget(members=4))
    z = np.array([m.z for m in state.members])
    apart = [np.sqrt(np.mean((z[i] - z[j]) ** 2)) for i in range(4) for j in range(i)]
    assert [m.start for m in state.members] == [0, 1, 2, 3]
    assert np.median(apart) > 0.7


def test_what_cannot_hold_does_not_cost_the_rest():
    class Contradiction(Inequalities):
        def evaluate_task(self, task):
            outcome = super().evaluate_task(task)
            terms = outcome.terms.copy()
            terms[1] = -2.0 - terms[0]  # terms 0 and 1 contradict each other
            return Outcome(terms, outcome.cost)

    with Pool(problem=Contradiction(seed=1)) as pool:
        state = multistart.calibrate(pool, 1, Budget(members=1, evaluations=4000))
    assert state.members[0].hold == 59
    assert state.members[0].reason.endswith("polished")


def test_points_that_fail_are_values_and_left_behind():
    class Brittle(Inequalities):
        def evaluate_task(self, task):
            if task.z[0] > 1.0:
                return Outcome(np.full(self.n_terms, WORST))
            return super().evaluate_task(task)

    with Pool(problem=Brittle(seed=2)) as pool:
        state = multistart.calibrate(pool, 2, Budget(members=1, evaluations=3000))
    assert state.members[0].hold == 60
    assert np.all(np.isfinite(state.members[0].z))


def test_workers_change_nothing():
    recipe = Recipe("calibration.objective.toy_problem", "inequalities", {"n": 40, "n_terms": 60, "seed": 4})
    ends = []
    for workers in (1, 2):
        with Pool(recipe, workers) as pool:
            ends.append(multistart.calibrate(pool, 7, Budget(members=2)))
    one, two = ends
    assert one.evaluations == two.evaluations
    for a, b in zip(one.members, two.members, strict=True):
        assert np.array_equal(a.z, b.z)


def test_jacobian_is_structured_and_right():
    problem = Inequalities(seed=5)
    z = np.random.default_rng(0).normal(size=problem.n)
    with Pool(problem=problem) as pool:
        terms = problem.evaluate_task(Task(z)).terms
        only = np.arange(problem.n_terms) % 3 > 0
        old = np.full((problem.n_terms, problem.n), 9.0)
        jac, cost = jacobian(pool, z, terms, old, only, 1e-5)
    exact = problem.linear + problem.bend * np.cos(problem.waves @ z)[:, None] * problem.waves
    clipped = np.abs(terms) >= -WORST
    assert np.allclose(jac[only & ~clipped], exact[only & ~clipped], atol=1e-3)
    assert np.all(jac[~only] == 9.0)
    assert set(problem.calls[1:]) == set(problem.scopes)
    assert cost < 0.5 * problem.n  # contexts re-run only what is theirs, and only what was asked for


def test_evaluation_near_a_base_equals_the_whole_one():
    problem = Inequalities(seed=6)
    base = np.random.default_rng(1).normal(size=problem.n)
    for i, scope in enumerate(problem.scopes):
        moved = base.copy()
        moved[i] += 0.3
        near = problem.evaluate_task(Task(moved, None if scope == SHARED else base, scope))
        assert np.allclose(near.terms, problem.evaluate_task(Task(moved)).terms)


def test_step_minimises_the_linearised_loss_inside_the_box():
    rng = np.random.default_rng(8)
    jac, terms, z = rng.normal(size=(30, 12)), rng.normal(size=30), rng.uniform(-2.9, 2.9, size=12)
    weights, loss, damping = np.ones(30), Loss(prior=0.01), 0.3
    origin = rng.normal(size=12)
    step = hinge_step(terms, jac, z, origin, weights, loss, damping)

    def value(d):
        return loss(terms + jac @ d, z + d - origin, weights) + damping * (d @ d)

    assert np.all(np.abs(z + step) <= BOX + 1e-12) and np.all(np.abs(step) <= 1.0)
    for _ in range(200):
        other = np.clip(step + 0.02 * rng.normal(size=12), -1, 1)
        assert value(np.clip(z + other, -BOX, BOX) - z) >= 0.99 * value(step)


def test_budget_ends_a_run_and_the_start_under_way_counts():
    problem = Inequalities(100, 150, seed=2, bend=2.0)
    with Pool(problem=problem) as pool:
        state = multistart.calibrate(pool, 0, Budget(evaluations=60))
    assert state.members == ()
    (member,) = multistart.members_of(state, problem)
    assert member.reason == "budget spent" and 0 < member.hold <= 150


def test_cma_is_repeatable_and_resumes_without_evaluating_again():
    def go(state=None, evaluations=400):
        with Pool(problem=Inequalities(seed=4)) as pool:
            return multistart.calibrate(
                pool, 2, Budget(evaluations=evaluations), state=state, advance=CmaRounds()
            )

    np.random.seed(3)  # noqa: NPY002 - the global state must not matter
    whole = go()
    np.random.seed(4)  # noqa: NPY002
    again = go(go(evaluations=150))
    assert np.array_equal(whole.z, again.z)
    assert whole.evaluations == again.evaluations


def test_gauss_newton_needs_fewer_evaluations_than_cma():
    with Pool(problem=Inequalities(seed=1)) as pool:
        budget = Budget(evaluations=3000, members=1)
        newton = multistart.calibrate(pool, 1, budget)
        cma = multistart.calibrate(pool, 1, budget, advance=CmaRounds())
    assert newton.members[0].hold == newton.members[0].of
    assert newton.evaluations < 0.3 * cma.evaluations


def test_a_start_that_gets_nowhere_makes_room_for_the_next():
    problem = Inequalities(40, 60, seed=1)
    with Pool(problem=problem) as pool:
        state = multistart.calibrate(pool, 1, Budget(members=2), Settings(trial=1.0, promise=1.1))
    assert [m.reason for m in state.members] == ["far off", "far off"]
    assert not np.array_equal(state.members[0].z, state.members[1].z)


def test_where_nothing_is_promised_no_start_is_put_aside():
    with Pool(problem=Inequalities(40, 60, seed=1)) as pool:
        state = multistart.calibrate(pool, 1, Budget(members=1), Settings(trial=1.0, promise=0.0))
    assert state.members[0].reason == "every finding holds"
    assert Settings(promise=0.0).with_derivatives().promise == 0.0
