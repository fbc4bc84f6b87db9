"""Units of names and of bare numbers follow from the units of rates."""

from __future__ import annotations

import pytest

from models.export.sbml.dimensions import KNOWN, NONE, Equations, Reader, label, of, text, unknown
from models.export.sbml.writer import formula

COPIES, PER_S = KNOWN["copies"], KNOWN["1/s"]


def solved(formulas: dict[str, str], known: dict[str, tuple]):
    equations = Equations()
    reader = Reader(known, equations)
    for name, written in formulas.items():
        form = reader.form(formula(written), name)
        equations.equal(form, of(known[name]) if name in known else unknown(name), name)
    return equations.solve(reader.rank)


def test_a_number_gets_the_unit_that_makes_its_formula_right():
    known = {"law": KNOWN["copies/s"], "k": PER_S, "m": COPIES, "made": COPIES}
    assert solved({"law": "k * made * m / 10"}, known)["law", 0] == COPIES
    assert solved({"law": "made * m / 864000"}, known)["law", 0] == (1, 1, 0)


def test_formulas_pass_units_on():
    found = solved(
        {"half": "x / (x + K)", "rate": "k * half * y^2"}, {"x": COPIES, "K": COPIES, "k": PER_S, "y": COPIES}
    )
    assert found["half"] == NONE and found["rate"] == (2, -1, 0)


def test_a_root_is_of_pure_numbers():
    found = solved({"growth": "(0.01 + x / 5e4)^0.15"}, {"growth": NONE, "x": COPIES})
    assert found["growth", 1] == COPIES and found.get(("growth", 0), NONE) == NONE


def test_of_1_and_another_number_the_other_gets_the_unit():
    found = solved({"f": "1 / (1 + 2 * x)"}, {"f": NONE, "x": COPIES})
    assert text(found["f", 2]) == "per_copies" and found.get(("f", 0), NONE) == NONE


def test_a_contradiction_names_its_formula():
    with pytest.raises(ValueError, match=r"wrong.*different units"):
        solved({"fine": "k * x", "wrong": "x + k"}, {"k": PER_S, "x": COPIES})


@pytest.mark.parametrize("written", ["exp(x)", "x^k", "piecewise(1, x > 2, 3)"])
def test_what_has_no_rule_is_refused(written: str):
    with pytest.raises(ValueError, match="f:"):
        solved({"f": written}, {"x": COPIES, "k": NONE})


def test_labels_stand_at_the_numbers_that_were_read():
    tree = formula("k * (0.5 + 2e-5 * x)")
    label(tree, "f", lambda key: {0: "dimensionless", 1: "per_copies"}[key[1]])
    inner = tree.getChild(1)
    assert inner.getChild(0).getUnits() == "dimensionless"
    assert inner.getChild(1).getChild(0).getUnits() == "per_copies"
