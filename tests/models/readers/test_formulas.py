"""Formulas of foreign files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.readers.formulas import FUNCTIONS, NAME, names_in, refused


@pytest.mark.parametrize(
    "formula", ["1", "a*b + 1e-3", "exp(-k*time())", "if(a>=2&&b<1,x^2,0)", "2**n", ".5*k"]
)
def test_plain_formulas_pass(formula: str):
    assert refused(formula) == ""


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("system(1)", "system"),
        ("tfun('x')", "tfun"),
        ("`ls`", "`ls`"),
        ("a;b", ";b"),
        ("@x", "@x"),
        ("(a", "match"),
        ("a)", "match"),
        ("", "nothing"),
        ("(" * 200 + ")" * 200, "nested"),
        ("a" * 60_000, "characters"),
        ("b", "unknown name 'b'"),
    ],
)
def test_others_are_refused_with_a_reason(formula: str, said: str):
    assert said in refused(formula, known={"a"})


def test_names_leave_numbers_alone():
    assert names_in("2*k1 + 1e-3*ex_2/k1") == ["k1", "ex_2", "k1"]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_only_whitelisted_characters_and_calls_pass(formula: str):
    if refused(formula) == "":
        assert set(formula.split()) is not None
        assert not set(formula) & set("`$@;{}[]\"'\\#%?~:")
        calls = [formula[m.end() :].lstrip().startswith("(") and m[0] for m in NAME.finditer(formula)]
        assert {name for name in calls if name} <= FUNCTIONS
