"""Formulas as trees, and the signs that they can take."""

from __future__ import annotations

import math

import libsbml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewire.audit.checks.signs import AMOUNT, ANY, PLUS, ZERO, sign, signs
from rewire.audit.formula import canonical, moments, names, tree


def read(text: str):
    return tree(libsbml.parseL3Formula(text))


@pytest.mark.parametrize(
    ("text", "zero", "expected"),
    [
        ("k * A", "A", ZERO),
        ("k * A", "", PLUS),
        ("k * A / (K + A)", "A", ZERO),
        ("k * A - r * B", "A", frozenset({-1})),
        ("k * A - r * B", "B", PLUS),
        ("k * A - r * B", "", ANY),
        ("k * A^n / (K^n + A^n)", "A", ZERO),
        ("k * (1 + A)", "A", PLUS),
        ("sqrt(A)", "A", ZERO),
        ("exp(-A)", "A", PLUS),
        ("piecewise(A, time > 5, 0)", "A", ZERO),
        ("-k * A", "", frozenset({-1})),
        ("log(A)", "", ANY),
        ("tanh(A) * B", "A", ZERO),
        ("A^0", "A", PLUS),
    ],
)
def test_signs_of_rates(text: str, zero: str, expected: frozenset[int]):
    assert signs(read(text), lambda name: ZERO if name == zero else PLUS) == expected


VALUES = {"a": 0.0, "b": 2.0, "c": -1.5, "d": 0.3}
FORMULAS = st.recursive(
    st.sampled_from([*VALUES, "0", "1", "2.5"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"abs({t})"),
        inner.map(lambda t: f"({t} / c)"),
        inner.map(lambda t: f"(b / (1 + abs({t})))"),
        inner.map(lambda t: f"exp(tanh({t}))"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"tanh({t})^2"),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def values():
    """A model in which libSBML looks up the values."""
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    for name, value in VALUES.items():
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setValue(value)
    libsbml.SBMLTransforms.mapComponentValues(model)
    return document


@given(FORMULAS)
def test_the_sign_of_a_value_is_among_those_foretold(values, text: str):
    value = libsbml.SBMLTransforms.evaluateASTNode(libsbml.parseL3Formula(text), values.getModel())
    if not math.isfinite(value) or 0 < abs(value) < 1e-12:  # overflow, rounding
        return
    foretold = signs(read(text), lambda name: sign(VALUES[name]))
    assert int(value > 0) - int(value < 0) in foretold


def test_the_values_are_looked_up(values):
    at = libsbml.SBMLTransforms.evaluateASTNode(libsbml.parseL3Formula("b * c - d"), values.getModel())
    assert at == pytest.approx(-3.3)


def test_order_of_operands_and_names_do_not_count():
    called = dict.fromkeys(("k1", "k2"), "constant")
    assert canonical(read("k1 * A * B"), called) == canonical(read("B * (A * k2)"), called)
    assert canonical(read("k1 * A * B"), {}) != canonical(read("k2 * A * B"), {})
    assert canonical(read("A - B"), {}) != canonical(read("B - A"), {})


def test_functions_are_put_in():
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    for name, body in (("twice", "lambda(x, 2 * x)"), ("four", "lambda(y, twice(twice(y)))")):
        definition = model.createFunctionDefinition()
        definition.setId(name)
        definition.setMath(libsbml.parseL3Formula(body))
    functions = {name: model.getFunctionDefinition(name) for name in ("twice", "four")}
    made = tree(libsbml.parseL3Formula("four(A) + B"), functions)
    assert sorted(names(made)) == ["A", "B"] and signs(made, lambda _: AMOUNT) == AMOUNT


def test_functions_in_a_circle_are_refused():
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    definition = model.createFunctionDefinition()
    definition.setId("again")
    definition.setMath(libsbml.parseL3Formula("lambda(x, again(x))"))
    with pytest.raises(ValueError, match="without end"):
        tree(libsbml.parseL3Formula("again(A)"), {"again": model.getFunctionDefinition("again")})


def test_moments_are_what_time_is_compared_with():
    assert [m.value for m in moments(read("piecewise(1, time > 5, time < 90, 2, 0)"))] == [5.0, 90.0]
