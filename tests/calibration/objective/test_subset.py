"""A problem without some findings: nothing of them is asked for, and nothing of them comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from calibration.objective.problem import Outcome, Task
from calibration.objective.subset import Subset, SubsetPool
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget, State


@dataclass
class Laid:
    """Three findings of one, two and one terms, and a range; linear in two parameters."""

    asked: list = field(default_factory=list)
    n, n_terms, n_findings, has_derivatives = 2, 5, 3, False
    scopes = (("shared",), ("shared",))
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    findings = [SimpleNamespace(id=name) for name in "abc"]  # noqa: RUF012
    rows = [slice(0, 1), slice(1, 3), slice(3, 4)]  # noqa: RUF012
    slopes = np.array([[1, 0], [0, 1], [1, 1], [-1, 0.5], [0, 0.1]], dtype=float)
    offset = np.array([0.5, -0.5, 0.2, -5.0, 1.0])

    def evaluate_task(self, task: Task) -> Outcome:
        only = np.ones(5, dtype=bool) if task.only is None else task.only
        self.asked.append(only)
        return Outcome(np.where(only, self.slopes @ task.z + self.offset, np.nan), float(only.mean()))

    def holds(self, terms):
        return np.array([bool(np.all(terms[rows] >= 0)) for rows in self.rows]) & (terms[4] >= 0)


points = st.lists(st.floats(-3, 3), min_size=2, max_size=2).map(np.array)


@given(points, st.sets(st.sampled_from("abc")), st.integers(0, 31))
def test_terms_and_verdicts_are_those_of_the_whole(z, leave, bits):
    whole = Laid()
    part = Subset(whole, leave)
    keep = np.array(["a" not in leave, "b" not in leave, "b" not in leave, "c" not in leave, True])
    all_terms = whole.slopes @ z + whole.offset
    terms = part.evaluate_task(Task(z)).terms
    assert np.array_equal(terms, all_terms[keep]) and part.n_terms == len(terms)
    assert np.array_equal(part.weights, whole.weights[keep])
    stays = [name not in leave for name in "abc"]
    assert np.array_equal(part.holds(terms), whole.holds(all_terms)[stays]) and part.n_findings == sum(stays)
    some = np.array([bool(bits >> i & 1) for i in range(5)])[keep]
    told = part.evaluate_task(Task(z, only=some)).terms
    assert np.array_equal(~np.isnan(told), some)
    assert not np.any(whole.asked & ~keep), "what is left out was asked for"


def test_a_fit_reaches_what_stays_and_cannot_see_the_rest():
    """Finding c contradicts a: with it out of the way all the others hold, wherever c ends."""
    whole = Laid()
    with Pool(problem=whole) as pool:
        rest = SubsetPool(pool, {"c"})
        state = multistart.calibrate(rest, budget=Budget(evaluations=400, members=1), state=State(seed=1))
    (member,) = multistart.members_of(state, rest.problem)
    assert (member.hold, member.of) == (2, 2)
    assert not any(only[3] for only in whole.asked)
