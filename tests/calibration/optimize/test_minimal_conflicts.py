"""Conflicts of made-up problems whose conflicts are known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.objective.problem import SHARED, Outcome, Task
from calibration.objective.recorded_subset import RecordedPool, RecordedProblem, failing, margins
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize.joint_feasibility import Search, SearchEffort
from calibration.optimize.minimal_conflicts import find_conflict
from calibration.optimize.start import draw


class Planes:
    """Margins `slopes @ z + offsets`: a point can be found by eye."""

    def __init__(self, slopes, offsets):
        self.slopes, self.offsets = np.asarray(slopes, float), np.asarray(offsets, float)
        self.n_terms, self.n = self.slopes.shape
        self.n_findings, self.has_derivatives = self.n_terms, False
        self.scopes = (SHARED,) * self.n
        self.weights = np.ones(self.n_terms)
        self.calls = 0

    def evaluate_task(self, task: Task) -> Outcome:
        self.calls += 1
        terms = np.clip(self.slopes @ task.z + self.offsets, -6, 6)
        return Outcome(terms if task.only is None else np.where(task.only, terms, np.nan))

    def holds(self, terms):
        return terms >= 0


def searching(problem, known=8, needs=None, **effort):
    pool = Pool(problem=problem)
    points = draw(5, 0, known, problem.n) if known else []
    needs = np.eye(problem.n_terms, dtype=bool) if needs is None else needs
    seen = [(z, problem.evaluate_task(Task(z)).terms) for z in points]
    return Search(pool, needs, SearchEffort(**{"evaluations": 150.0, "most": 1e5, **effort}), seen)


# a >= 1; a <= 0.5; b >= 0; a + b <= 5; and three of which two go together: c >= 0.4; d >= 0.4; c + d <= 0.6
LAID = (
    ([1, 0, 0, 0], -1),
    ([-1, 0, 0, 0], 0.5),
    ([0, 1, 0, 0], 0),
    ([-1, -1, 0, 0], 5),
    ([0, 0, 1, 0], -0.4),
    ([0, 0, 0, 1], -0.4),
    ([0, 0, -1, -1], 0.6),
)
SLOPES, OFFSETS = zip(*LAID, strict=True)


def test_a_pair_that_contradicts_is_found_and_nothing_else_is_in_it():
    answer = find_conflict(searching(Planes(SLOPES, OFFSETS)), 0, [1, 2, 3, 4, 5])
    assert answer.verdict == "conflict" and answer.core == (0, 1)
    assert answer.evaluations > 0 and answer.starts > 1
    assert answer.margins.sum() == pytest.approx(-0.5, abs=0.02)  # the gap between them, shared out


def test_three_of_which_any_two_go_together():
    search = searching(Planes(SLOPES, OFFSETS))
    assert find_conflict(search, 6, [0, 2, 3, 4, 5]).core == (4, 5, 6)
    for pair in combinations((4, 5, 6), 2):
        assert search.feasible_point(pair) is not None


def test_what_can_hold_with_the_rest_is_given_a_point():
    problem = Planes(SLOPES, OFFSETS)
    answer = find_conflict(searching(problem), 0, [2, 3, 4, 5])
    assert answer.verdict == "together"
    assert np.all((problem.slopes @ answer.z + problem.offsets)[list(answer.core)] >= 0)


def test_a_claim_that_no_point_in_the_box_meets_is_in_conflict_alone():
    answer = find_conflict(searching(Planes([[1, 0], [0, 1]], [-9, 0])), 0, [1])
    assert answer.verdict == "conflict" and answer.core == (0,)


def test_a_known_point_answers_at_no_cost():
    problem = Planes(SLOPES, OFFSETS)
    search = searching(problem, known=0)
    z = np.array([1.5, 1.0, 0.0, 0.0])
    search.add_point(z, problem.evaluate_task(Task(z)).terms)
    before = problem.calls
    assert find_conflict(search, 0, [2, 3]).z is z and problem.calls == before


def test_the_findings_that_are_asked_for_are_kept_where_there_is_a_choice():
    # 0 contradicts 1 and 2 alike
    problem = Planes([[1, 0], [-1, 0], [-1, 0]], [-1, 0.5, 0.5])
    assert find_conflict(searching(problem), 0, [1, 2], keep=[2]).core == (0, 2)
    assert find_conflict(searching(problem), 0, [1, 2], keep=[1]).core == (0, 1)


def test_terms_of_the_untreated_cells_hold_in_all_of_it():
    # finding 0 wants z0 >= 1, finding 1 anything; both hang on a range, z0 <= 0.5
    problem = Planes([[1, 0], [0, 1], [-1, 0]], [-1, 5, 0.5])
    needs = np.array([[True, False, True], [False, True, True]])
    answer = find_conflict(searching(problem, needs=needs), 0, [1])
    assert answer.verdict == "conflict" and answer.core == (0,)


@pytest.mark.parametrize("seed", range(3))
def test_one_contradiction_among_many_bent_inequalities(seed):
    class Contradiction(Inequalities):
        def evaluate_task(self, task):
            terms = super().evaluate_task(Task(task.z)).terms.copy()
            terms[1] = -0.8 - terms[0]
            return Outcome(terms if task.only is None else np.where(task.only, terms, np.nan))

    problem = Contradiction(seed=seed)
    answer = find_conflict(searching(problem, evaluations=400.0), 1, range(problem.n_findings))
    assert answer.verdict == "conflict" and answer.core == (0, 1)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_every_conflict_is_minimal_and_every_point_is_one(seed):
    rng = np.random.default_rng(seed)
    problem = Planes(rng.normal(size=(6, 3)), rng.normal(size=6) - 0.8)
    search = searching(problem, seed=seed)
    answer = find_conflict(search, 0, range(6))
    if answer.verdict == "together":
        assert np.all(problem.slopes @ answer.z + problem.offsets >= 0)
        return
    assert answer.verdict == "conflict"
    assert search.feasible_point(answer.core) is None
    for i in answer.core:
        rest = [j for j in answer.core if j != i]
        z = search.feasible_point(rest)
        assert z is not None
        assert np.all((problem.slopes @ z + problem.offsets)[rest] >= 0)
    assert not feasible(problem, answer.core)


def feasible(problem, core):
    """By linear programming: is there a point in the box?"""
    from scipy.optimize import linprog

    rows = list(core)
    done = linprog(np.zeros(problem.n), -problem.slopes[rows], problem.offsets[rows], bounds=(-3, 3))
    return done.status == 0


def test_the_same_seed_gives_the_same_answer_and_workers_change_nothing():
    made = Recipe(
        "calibration.objective.toy_problem",
        "inequalities",
        {"n": 12, "n_terms": 16, "n_contexts": 2, "seed": 4, "spare": -0.3},
    )
    answers = []
    for workers in (1, 2, 1):
        with Pool(made, workers) as pool:
            search = Search(pool, np.eye(16, dtype=bool), SearchEffort(60.0, seed=3))
            answers.append(find_conflict(search, 0, range(16)))
    one, *others = answers
    for other in others:
        assert (one.verdict, one.core, one.evaluations) == (other.verdict, other.core, other.evaluations)


def test_a_part_asks_for_its_own_terms_only_and_counts_in_its_own_evaluations():
    problem = Inequalities(seed=3)
    needs = np.eye(problem.n_terms, dtype=bool)[[0, 4, 8]]  # of one context
    with Pool(problem=problem) as pool:
        part = RecordedPool(pool, needs)
        (outcome,) = part.map([Task(problem.answer)])
    assert outcome.cost == 1.0 and part.cost == pytest.approx(3 / 60)
    assert np.array_equal(outcome.terms, problem.evaluate_task(Task(problem.answer)).terms[[0, 4, 8]])
    assert np.array_equal(part.answer, problem.answer)
    some = Task(problem.answer, only=np.array([True, False, True]))
    assert np.array_equal(
        np.isnan(RecordedProblem(problem, needs).evaluate_task(some).terms), [False, True, False]
    )


def test_what_was_not_looked_at_does_not_count_as_holding():
    needs = np.array([[True, False, True], [False, True, False]])
    terms = np.array([1.0, np.nan, 0.3])
    assert failing(terms, needs).tolist() == [False, True]
    assert margins(terms, needs)[0] == 0.3 and np.isnan(margins(terms, needs)[1])


def test_a_question_that_costs_too_much_is_left_open():
    problem = Planes(SLOPES, OFFSETS)
    answer = find_conflict(searching(problem, most=1.0), 6, [0, 2, 3, 4, 5])
    assert answer.verdict == "open"


def test_what_can_just_hold_is_not_given_up():
    # a >= 1 and a <= 1.002: a strip that is narrower than any step
    problem = Planes([[1, 0.3], [-1, -0.3], [0.2, 1]], [-1, 1.002, 0])
    answer = find_conflict(searching(problem), 0, [1, 2])
    assert answer.verdict == "together"
