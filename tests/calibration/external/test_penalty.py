"""Constraints against tables: PyBNF's penalties, verdicts apart from them, nothing passed over in silence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calibration.external.bpsl import read_prop
from calibration.external.penalty import PenaltyResult, check, overlooked, penalty_of
from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.simulation.engine import Failure

TIME = np.linspace(0.0, 40.0, 5)
A = np.array([0.0, 5.0, 3.0, 2.0, 1.0])
B = np.array([4.0, 4.0, 2.0, 0.0, 2.0])
ARMS = {name: Setup(name, "", (), {}, {}, 40.0, TIME, "", TIME) for name in ("s1", "s2")}
TABLES = {
    "s1": ArmTable(TIME, ("A", "B"), np.column_stack([A, B])),
    "s2": ArmTable(TIME, ("A", "B"), np.column_stack([A + 1, B])),
}


def judged(line: str) -> PenaltyResult:
    problems = Mistakes()
    constraint = read_prop(TextFile("s1.prop", line), problems)[0]
    assert check(constraint, ARMS, ("A", "B"), problems), problems.found
    return penalty_of(constraint, TABLES, ARMS)


def note(line: str) -> str:
    return overlooked(read_prop(TextFile("s1.prop", line), Mistakes())[0], ARMS)


@pytest.mark.parametrize(
    ("line", "difference", "penalty", "holds"),
    [
        ("A < 100 always", -95.0, 0.0, True),
        ("A < 4 always weight 3", 1.0, 3.0, False),
        ("A > 4 once", -1.0, 0.0, True),
        ("A > 6 once weight 2", 1.0, 2.0, False),
        ("A > 4 at 20", 1.0, 1.0, False),
        ("A > 4 at 20 before", -1.0, 0.0, True),
        ("A > 2 between 10,30", 0.0, 0.0, False),
        ("A >= 2 between 10,30", 0.0, 0.0, True),
        ("A > 3.5 once between 10,30", -1.5, 0.0, True),
        ("A > 4 at B=2", 1.0, 1.0, False),
        ("A < 1 at B=1 everytime", 2.0, 3.0, False),
        ("A at 10 > A at 40", -4.0, 0.0, True),
        ("A > s2.A at 20 weight 2", 1.0, 2.0, False),
        ("A > 4 at 20 weight 2 altpenalty B > 5", 1.0, 6.0, False),
        ("A > 4 at 20 weight 2 altpenalty B > 1", 1.0, 0.0, False),
        ("A > 4 at 20 weight 2 altpenalty B > 1 min 0.3", 1.0, 0.6, False),
        ("A > 4 at 20 weight 2 min 3", 1.0, 6.0, False),
        ("A > 4 at 20 confidence 0.9", 1.0, -math.log(0.05), False),
        ("A > 2 at 20 confidence 0.9", -1.0, -math.log(0.95), True),
        ("A > 4 at 20 logit scale 0.5", 1.0, math.log1p(math.exp(2.0)), False),
        ("A < 100 always confidence 0.98", -95.0, -math.log(0.99), True),
    ],
)
def test_differences_penalties_and_verdicts(line: str, difference: float, penalty: float, holds: bool):
    seen = judged(line)
    assert seen.difference == pytest.approx(difference) and seen.penalty == pytest.approx(penalty)
    assert seen.holds is holds and not seen.reason


def test_probit_is_the_normal_distribution():
    seen = judged("A > 4 at 20 pmin 0.1 pmax 0.9 tolerance 2")
    assert seen.penalty == pytest.approx(-math.log(0.1 + 0.8 * 0.5 * math.erfc(0.5 / math.sqrt(2))))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A > 100 at 0", "passed over: 0 is the first row"),
        ("A > 100 at 45", "passed over: 45 is beyond arm s1"),
        ("A > 3 once between 0,20", "passed over: 0 is the first row"),
        ("A > 100 at 5", "read at 0, the row before 5"),
        ("A > 1 between 10,99", "followed to 40 in place of 99"),
        ("A > 1 between 10,20", "followed to 40 in place of 20"),
        ("A > 1 at 10", ""),
        ("A > 1 between 10,30", ""),
        ("A > 1 always", ""),
    ],
)
def test_what_pybnf_does_without_a_word_is_told(line: str, said: str):
    assert said in note(line) and bool(said) == bool(note(line))


def test_what_pybnf_passes_over_is_charged_here():
    assert judged("A > 100 at 0").penalty == 100.0
    seen = judged("A > 3 once between 0,20")
    assert seen.holds and seen.difference == -2.0
    late = judged("A > 7 at B=4")  # B begins at 4, where PyBNF sees no crossing but the one after 10
    assert late.penalty == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        ("A < 1 at A=0", True),  # begins at the value, and is never below it: no crossing for PyBNF
        ("A < 1 at B=0", True),  # touches the value from above, and is never below it
        ("A > 7 at A=5", False),  # touches the value from below: PyBNF sees it leave and come back
        ("A > 7 at B=4", False),  # begins at the value, and falls below it later
        ("A < 1 at A=0.5", False),
        ("A > 1 between A=0,30", True),
        ("A > 1 between 10,B=0", False),  # only the start of "between" is passed over
        ("A > 100 at 0", False),  # of times, `overlooked` tells
    ],
)
def test_pybnf_is_silent_where_a_course_is_never_below_the_value(line: str, silent: bool):
    assert judged(line).silent is silent


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A > 1 at 45", "not among the rows"),
        ("A > 1 at B=50", "B=50 never comes: 0 to 4"),
        ("A > 1 between 10,99", "beyond arm s1"),
        ("A > 1 between 30,10", "before it begins"),
    ],
)
def test_what_never_comes_is_unevaluable_and_not_satisfied(line: str, said: str):
    seen = judged(line)
    assert said in seen.reason and not seen.holds and math.isnan(seen.penalty) and seen.silent


def test_a_failed_arm_is_a_reason():
    constraint = read_prop(TextFile("s1.prop", "A > s2.A at 20"), Mistakes())[0]
    seen = penalty_of(constraint, {**TABLES, "s2": Failure("too many steps")}, ARMS)
    assert "arm s2 failed: too many steps" in seen.reason


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AA > 1 always", "'AA'"),
        ("A > s3.A always", "there is no arm 's3'"),
        ("A > 1 at C=1", "unknown observable 'C'"),
    ],
)
def test_names_that_are_not_there(line: str, said: str):
    problems = Mistakes()
    constraint = read_prop(TextFile("s1.prop", line), problems)[0]
    assert not check(constraint, ARMS, ("A", "B"), problems)
    assert "s1.prop: line 1" in str(problems.found[0]) and said in str(problems.found[0])
