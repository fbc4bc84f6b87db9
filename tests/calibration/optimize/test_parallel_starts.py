import threading
import time
from dataclasses import fields, replace

import numpy as np
import pytest

from calibration.objective.problem import Task
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import multistart
from calibration.optimize.parallel_starts import ParallelStarts, run_in_step
from calibration.optimize.state import Budget
from calibration.storage.checkpoint import pack, unpack

OPTIONS = {"n": 40, "n_terms": 90, "seed": 4, "bend": 2.0, "slopes": True}


def go(lanes, budget, pool=None, **more):
    with pool or Pool(problem=Inequalities(**OPTIONS)) as pool:
        advance = {"advance": ParallelStarts(lanes)} if lanes else {}
        return multistart.calibrate(pool, 5, budget, **advance, **more)


def test_starts_side_by_side_are_the_starts_one_by_one():
    alone = go(0, Budget(members=6))
    abreast = go(3, Budget(members=9))
    told = {m.start: m for m in abreast.members}
    for member in alone.members[:3]:
        other = told[member.start]
        assert np.array_equal(member.z, other.z)
        assert (member.hold, member.reason) == (other.hold, other.reason)
        assert member.evaluations == pytest.approx(other.evaluations)
    assert len({m.start for m in abreast.members}) == len(abreast.members)


def test_what_is_asked_at_the_same_time_is_evaluated_at_once():
    rounds = []

    class Counted(Pool):
        def map(self, tasks):
            rounds.append(len(tasks))
            return super().map(tasks)

    go(4, Budget(evaluations=200), Counted(problem=Inequalities(**OPTIONS)))
    assert rounds[0] == 4 * 8  # draws
    assert np.median(rounds) >= 4 * 2


def test_every_evaluation_is_counted_once():
    spent = []

    class Counted(Pool):
        def map(self, tasks):
            outcomes = super().map(tasks)
            spent.extend(o.cost for o in outcomes)
            return outcomes

    state = go(3, Budget(evaluations=400), Counted(problem=Inequalities(**OPTIONS)))
    assert state.evaluations == pytest.approx(sum(spent))
    with Pool(problem=Inequalities(**OPTIONS)) as pool:
        under_way = sum(lane.z is not None for lane in state.lanes)
        members = multistart.members_of(state, pool.problem)
    assert len(members) == len(state.members) + under_way


def test_cut_short_it_goes_on_to_the_bit(tmp_path):
    whole = go(3, Budget(evaluations=500))
    part = go(3, Budget(evaluations=150))
    (tmp_path / "state.npz").write_bytes(pack(part, 7))
    again, rounds = unpack(tmp_path / "state.npz")
    assert rounds == 7
    for was, now in zip((part, *part.lanes), (again, *again.lanes), strict=True):
        for f in fields(was):
            if f.name not in ("members", "lanes"):
                np.testing.assert_array_equal(getattr(was, f.name), getattr(now, f.name))
    ended = go(3, Budget(evaluations=500), state=again)
    assert ended.evaluations == whole.evaluations
    assert np.array_equal(ended.best, whole.best)
    assert [m.start for m in ended.members] == [m.start for m in whole.members]


def test_answers_do_not_depend_on_workers():
    here = go(3, Budget(evaluations=200))
    there = go(
        3,
        Budget(evaluations=200),
        Pool(Recipe("calibration.objective.toy_problem", "inequalities", OPTIONS), 2),
    )
    assert np.array_equal(here.best, there.best) and here.evaluations == there.evaluations


def test_a_lane_that_fails_ends_all_with_its_mistake():
    class Broken(Inequalities):
        def evaluate_task(self, task):
            if task.derivatives and task.z[0] > 0.0:
                raise ZeroDivisionError("as it was")
            return super().evaluate_task(task)

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="as it was"):
        go(3, Budget(evaluations=400), Pool(problem=Broken(**OPTIONS)))
    assert threading.active_count() == before


def test_ctrl_c_leaves_the_round_before():
    calls = 0

    class Interrupted(Inequalities):
        def evaluate_task(self, task):
            nonlocal calls
            calls += 1
            if calls == 60:
                raise KeyboardInterrupt
            return super().evaluate_task(task)

    before = threading.active_count()
    state = go(3, Budget(evaluations=4000), Pool(problem=Interrupted(**OPTIONS)))
    assert calls == 60 and state.lanes and not state.members
    assert threading.active_count() == before
    whole = go(3, Budget(evaluations=300))
    ended = go(3, Budget(evaluations=300), state=state)
    assert np.array_equal(ended.best, whole.best)


def test_works_that_ask_nothing_or_at_different_times():
    def silent(pool):
        return 0.0

    def busy(pool):
        time.sleep(0.01)
        return sum(o.terms[0] for _ in range(3) for o in pool.map([Task(np.zeros(40))] * 2))

    def later(pool):
        (first,) = pool.map([Task(np.ones(40))])
        return first.terms[0] if pool.map([]) == [] else None

    with Pool(problem=Inequalities(**OPTIONS)) as pool:
        zero, one = (pool.map([Task(z)])[0].terms[0] for z in (np.zeros(40), np.ones(40)))
        assert run_in_step(pool, [silent, busy, later]) == [0.0, pytest.approx(6 * zero), one]


def test_a_lane_has_a_state_of_its_own():
    state = go(2, Budget(evaluations=120))
    assert [lane.start % 2 for lane in state.lanes] == [0, 1]
    assert all(lane.lanes == () and lane.members == () for lane in state.lanes)
    assert replace(state, lanes=()).seed == 5
