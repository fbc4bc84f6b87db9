"""The language of .prop files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.external.bpsl import read_prop
from calibration.external.constraint import Constraint, Strength, Trigger
from models.core.errors import Mistakes
from models.core.text_file import TextFile


def one(line: str) -> Constraint:
    problems = Mistakes()
    found = read_prop(TextFile("s1.prop", line), problems)
    assert not problems.found, problems.found
    return found[0]


@pytest.mark.parametrize(
    ("line", "low", "high", "equal", "when", "triggers"),
    [
        ("A > 5 at 10", 5.0, "A", False, "at", (Trigger("", 10.0),)),
        ("A<=s2.B always", "A", "s2.B", True, "always", ()),
        ("3 < A ONCE", 3.0, "A", False, "once", ()),
        (
            "A >= B once between 0, C=10",
            "B",
            "A",
            True,
            "once between",
            (Trigger("", 0.0), Trigger("C", 10.0)),
        ),
        ("A<B between time=1,2.5e1", "A", "B", False, "between", (Trigger("time", 1.0), Trigger("", 25.0))),
        ("A<B at C=1 everytime before", "A", "B", False, "at", (Trigger("C", 1.0, True, True),)),
        ("A<B at 1 first", "A", "B", False, "at", (Trigger("", 1.0),)),
        ("A at 1 > B at 2 before", "B", "A", False, "at", (Trigger("", 2.0, False, True), Trigger("", 1.0))),
        ("A < -1.5 at +2 # why", "A", -1.5, False, "at", (Trigger("", 2.0),)),
    ],
)
def test_comparisons_and_moments(line, low, high, equal, when, triggers):
    read = one(line)
    assert (read.low, read.high, read.equal, read.when, read.triggers) == (low, high, equal, when, triggers)
    assert read.base == "s1" and read.id == "s1.prop:1" and read.strength == Strength()
    assert read.split == (line.count("at ") == 2)


@pytest.mark.parametrize(
    ("words", "strength"),
    [
        ("weight 2", Strength(weight=2.0)),
        ("weight 2 altpenalty C>3 min 0.1", Strength(weight=2.0, alt=(3.0, "C"), least=0.1)),
        (
            "confidence 0.98 tolerance 4",
            Strength("probit", pmin=pytest.approx(0.01), pmax=pytest.approx(0.99), scale=4.0),
        ),
        ("pmin 0.1 pmax 0.8", Strength("probit", pmin=0.1, pmax=0.8)),
        ("logit scale 3", Strength("logit", scale=3.0)),
        ("logit scale 3 pmin 0.1 pmax 0.9", Strength("logit", pmin=0.1, pmax=0.9, scale=3.0)),
    ],
)
def test_strengths(words: str, strength: Strength):
    assert one(f"A < B always {words}").strength == strength


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A > 5 allways", "Did you mean 'always'"),
        ("A > 5 at 3 wieght 2", "Did you mean 'weight'"),
        ("A > 5", "the end of the line"),
        ("A = 5 at 3", "a comparison"),
        ("1 < 2 always", "two numbers"),
        ("A > 5 between 3", "a comma"),
        ("A at 3 > 5 at 4", "moment of its own"),
        ("A at 3 everytime > B at 4", "everytime"),
        ("A + B > 5 always", "'+ B"),
        ("A > 5 always weight x", "a number is expected"),
        ("A > 5 always confidence 2", "0.0 to 1.0"),
        ("A > 5 always pmin 0.9 pmax 0.1", "above pmax"),
        ("A > 5 always logit scale 0", "above 0"),
        ("A > 5 always weight 1 confidence 0.9", "'confidence'"),
        ("A > at always", "an observable or a number"),
    ],
)
def test_mistakes_are_told_with_their_line(line: str, said: str):
    problems = Mistakes()
    assert read_prop(TextFile("s1.prop", f"# comment\n\n{line}\n"), problems) == []
    assert str(problems.found[0]).startswith("s1.prop: line 3: ") and said in str(problems.found[0])


@settings(deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(["A", "B", "<", ">", "at", "3", "once", "between", ",", "weight", "min", "=", "s2.A"])
    ).map(" ".join)
)
def test_anything_is_read_or_refused_in_words(line: str):
    problems = Mistakes()
    found = read_prop(TextFile("s1.prop", line), problems)
    assert all(isinstance(c, Constraint) for c in found)
    assert len(found) + len(problems.found) <= len(line.splitlines()) + 1
