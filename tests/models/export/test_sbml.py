"""The SBML file is valid, carries units, and another engine finds the same slopes in it."""

from __future__ import annotations

import libsbml
import numpy as np
import pytest

from models.assemble import build
from models.engine import Engine
from models.export.sbml import errors, sbml
from models.network import network_text


@pytest.fixture(scope="module")
def text() -> str:
    return sbml(build(), {"akt_undocks_kcat": 0.31, "EGF_nM": 2.0}, name="mcf7", notes="A < B & C")


def test_it_is_valid(text: str):
    document = libsbml.readSBMLFromString(text)
    assert document.getNumErrors() == 0 and errors(document) == []
    assert document.getModel().getId() == "mcf7"


def test_values_and_units_are_in_it(text: str):
    document = libsbml.readSBMLFromString(text)
    rate = document.getModel().getParameter("akt_undocks_kcat")
    assert rate.getValue() == 0.31
    unit = document.getModel().getUnitDefinition(rate.getUnits())
    assert libsbml.UnitDefinition.printUnits(unit, True) == "(1 second)^-1"
    assert (
        document.getModel().getTimeUnits() == "second" and document.getModel().getSubstanceUnits() == "item"
    )


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="akt_undoks_kcat"):
        sbml(build(), {"akt_undoks_kcat": 1.0})


def test_another_engine_agrees(text: str):
    """libRoadRunner reads the file and finds the slopes that ours has at the start."""
    roadrunner = pytest.importorskip("roadrunner")
    other = roadrunner.RoadRunner(text)
    ours = Engine(network_text(build().model), compiled=False)
    ours.set({"akt_undocks_kcat": 0.31, "EGF_nM": 2.0})
    slopes = ours.slopes(ours.initial())
    theirs = np.array([other[f"{name}'"] for name in other.model.getFloatingSpeciesIds()])
    assert len(theirs) == len(slopes)
    assert np.sort(theirs) == pytest.approx(np.sort(slopes), rel=1e-9, abs=1e-9)
