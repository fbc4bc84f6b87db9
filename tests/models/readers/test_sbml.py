"""SBML of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.errors import Mistakes, UserError
from models.readers.model_file import open_model
from models.readers.sbml import sbml_to_net
from models.simulation.engine import Engine

SBML = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
 <model id="m">
  <listOfCompartments>
   <compartment id="c" size="1" spatialDimensions="3" constant="true"/></listOfCompartments>
  <listOfSpecies>
   <species id="A" compartment="c" initialConcentration="8" hasOnlySubstanceUnits="false"
     boundaryCondition="false" constant="false"/>
  </listOfSpecies>
  <listOfParameters>
   <parameter id="k" value="0.5" constant="true"/><parameter id="double" constant="false"/>
  </listOfParameters>
  <listOfRules><assignmentRule variable="double"><math xmlns="http://www.w3.org/1998/Math/MathML">
   <apply><times/><cn>2</cn><ci>A</ci></apply></math></assignmentRule></listOfRules>
  <listOfReactions><reaction id="r" reversible="false" fast="false">
   <listOfReactants><speciesReference species="A" stoichiometry="1" constant="true"/></listOfReactants>
   <kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML">
    <apply><times/><ci>c</ci><ci>k</ci><ci>A</ci></apply></math></kineticLaw>
  </reaction></listOfReactions>
 </model>
</sbml>
"""


def test_a_model_with_a_rule(tmp_path: Path):
    path = tmp_path / "m.xml"
    path.write_text(SBML)
    model = open_model(path)
    assert model.species == ("A",) and "k" in model.primary and "double" in model.functions
    engine = Engine(model.text, compiled=False)
    run = engine.run(engine.initial(), (0.0, 2.0), 1e-9, 1e-9)
    assert run.state[0] == pytest.approx(8 * np.exp(-1), rel=1e-6)
    assert run.functions[-1, engine.functions.index("double")] == pytest.approx(16 * np.exp(-1), rel=1e-6)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SBML.replace("<sbml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sbml', 1), "line 2"),
        (SBML.encode("utf-16").decode("latin-1"), "holds no <sbml> element"),
        ("<html/>", "holds no <sbml> element"),
        (SBML[:700], "no faithful form"),
        (
            SBML.replace("<model id", '<comp:externalModelDefinition source="http://x"/><model id'),
            "other files",
        ),
    ],
)
def test_what_is_not_read(data: str, said: str):
    problems = Mistakes("m.xml")
    assert sbml_to_net(data.encode(), problems)[0] == ""
    assert said in str(problems.found[0])


def test_bytes_that_are_no_text():
    problems = Mistakes("m.xml")
    assert sbml_to_net(SBML.encode("utf-16"), problems)[0] == "" and "UTF-8" in str(problems.found[0])


def test_events_are_named(tmp_path: Path):
    event = """<listOfEvents><event id="e" useValuesFromTriggerTime="true">
     <trigger initialValue="true" persistent="true"><math xmlns="http://www.w3.org/1998/Math/MathML">
     <apply><gt/><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>
     <cn>5</cn></apply></math></trigger>
     <listOfEventAssignments><eventAssignment variable="A"><math xmlns="http://www.w3.org/1998/Math/MathML">
     <cn>3</cn></math></eventAssignment></listOfEventAssignments></event></listOfEvents></model>"""
    path = tmp_path / "m.xml"
    path.write_text(SBML.replace("</model>", event))
    assert any("1 event" in note for note in open_model(path).notes)


def test_other_endings_are_refused(tmp_path: Path):
    (tmp_path / "m.m").write_text("x")
    with pytest.raises(UserError, match=r"\.bngl, \.net"):
        open_model(tmp_path / "m.m")
    with pytest.raises(UserError, match="cannot be read"):
        open_model(tmp_path / "absent.net")
