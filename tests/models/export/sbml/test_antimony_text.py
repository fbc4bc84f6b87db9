"""libAntimony in a process of its own."""

from __future__ import annotations

import re

import libsbml
import pytest

from models.core.isolated import EngineFailure
from models.export.sbml.antimony_text import to_antimony, to_sbml
from models.export.sbml.dimensions import KNOWN
from models.export.sbml.writer import SbmlWriter, formula

pytest.importorskip("antimony")


def small() -> str:
    writer = SbmlWriter("small")
    writer.compartment("cell", 290)
    writer.species("A", "A()", "cell", 5.0, 252)
    writer.parameter("k_kdeg", KNOWN["1/s"], 0.5, 2)
    writer.parameter("A_copies", KNOWN["copies"], 5.0, 2)
    writer.parameter("EGF_nM", KNOWN["nM"], 1.0, 2, constant=False)
    writer.reaction("lost", "lost", ["A"], [], formula("k_kdeg * A"), 179)
    writer.event("treatment_1", "EGF", 60.0, [("EGF_nM", writer.number(3.0, KNOWN["nM"]))])
    return writer.text()


def test_there_and_back():
    text = to_antimony(small())
    assert re.search(r"at .*time >= 60.*EGF_nM = 3", text) and "k_kdeg has per_s" in text
    document = libsbml.readSBMLFromString(to_sbml(text))
    model = document.getModel()
    assert model.getParameter("A_copies").getUnits() == "copy"
    assert model.getParameter("k_kdeg").getValue() == 0.5
    assert model.getNumEvents() == 1 and model.getNumReactions() == 1


def test_what_is_no_antimony_is_said():
    with pytest.raises(EngineFailure, match="Antimony: "):
        to_sbml("model a; A -> ; nonsense nonsense nonsense")
