"""SED-ML: what is written is what is read, and other kinds are refused."""

from __future__ import annotations

import pytest

from models.core.errors import UserError
from models.export.omex.sedml import Drawing, Treated, read, sedml

DRAWING = Drawing(
    "one",
    "Cells <treated> & drawn.",
    "models/cells.xml",
    [Treated("vehicle", {}), Treated("drug 20 nM", {"drug_nM": 20.0, "other_nM": 1e-7})],
    [("pAKT", "copies/cell"), ("tAKT", "copies/cell")],
    3600.0,
    12,
)


@pytest.fixture(scope="module")
def text() -> str:
    return sedml([DRAWING])


def test_what_is_written_is_read(text: str):
    vehicle, drug = read(text, "a.sedml")
    assert vehicle.values == {} and drug.values == {"drug_nM": 20.0, "other_nM": 1e-7}
    assert {vehicle.source, drug.source} == {"models/cells.xml"}
    assert (drug.until_s, drug.steps) == (3600.0, 12)
    assert drug.columns == {"one_1_pAKT": "pAKT", "one_1_tAKT": "tAKT"}


def test_a_picture_for_each_observable_and_a_table(text: str):
    assert text.count("<plot2D ") == 2 and text.count("<curve ") == 4
    assert text.count("<report ") == 1 and text.count("<dataSet ") == 5
    assert "KISAO:0000019" in text and 'level="1" version="3"' in text


def test_equal_input_gives_equal_text(text: str):
    assert sedml([DRAWING]) == text


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('newValue="20.0"', 'newValue="much"', "much"),
        ("sbml:parameter[@id=&apos;drug_nM", "sbml:species[@id=&apos;drug_nM", "values of parameters"),
        ("<sedML", "<notSedML", "line "),
        ('simulationReference="one_course"', 'simulationReference="none"', "time course"),
    ],
)
def test_other_kinds_are_refused(text: str, old: str, new: str, word: str):
    assert old in text
    with pytest.raises(UserError, match=word):
        read(text.replace(old, new), "a.sedml")
