"""Reading a published model, and giving it handles."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from calibration.external.published.published_model import Published, read_published
from models.core.errors import UserError


def formulas(text: str) -> dict[str, str]:
    """Variable of a rule, or id of a reaction → formula."""
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    found = {r.getVariable(): libsbml.formulaToL3String(r.getMath()) for r in model.getListOfRules()}
    for reaction in model.getListOfReactions():
        found[reaction.getId()] = libsbml.formulaToL3String(reaction.getKineticLaw().getMath())
    return found


def test_local_constants_are_named_and_events_are_left_out(published: Published):
    assert {"s_on_k", "s_off_k"} <= published.things.keys()
    assert published.notes == ("left out of the model: event pulse",)
    assert libsbml.readSBMLFromString(published.text).getModel().getNumEvents() == 0


def test_things_are_found_by_id_and_by_a_name_of_their_own(published: Published):
    assert published.things["mTORC1 on S6K"].id == "s_on"
    assert published.things["A of the toy"].id == "A"
    assert "twin" not in published.things and published.shared["twin"] == ["S", "S_p"]
    assert published.things["growth"].computed and published.things["A"].moving
    assert not published.things["k_on"].moving


def test_an_input_loses_its_rule_and_a_rate_a_constant_and_a_rule_get_a_factor(published: Published):
    made = published.handled({"pAKT": "A_p"}, ["growth"], ["s_on", "k_on", "strength"])
    told = formulas(made.text)
    assert "growth" not in told and made.inputs == {"growth": "growth"}
    rate, constant, rule = (made.factors[name] for name in ("s_on", "k_on", "strength"))
    assert told["s_on"] == f"{rate} * s_on_k * S"
    assert told["k_on"].startswith(f"{constant} * rewire_base_")
    assert told["strength"] == f"{rule} * 2 * base"
    assert told[made.readings["pAKT"]] == "A_p"
    assert told["s_off"] == formulas(published.text)["s_off"]


def test_the_handled_model_is_right(published: Published):
    made = published.handled({"a": "A_p / (A + A_p)"}, ["growth"], ["on", "base"])
    document = libsbml.readSBMLFromString(made.text)
    assert document.checkConsistency() == 0 or not document.getNumErrors(libsbml.LIBSBML_SEV_ERROR)


def test_a_species_that_is_set_is_held(published: Published):
    document = libsbml.readSBMLFromString(published.handled({}, ["S_p"], []).text)
    assert document.getModel().getSpecies("S_p").getBoundaryCondition()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nothing", "not XML"),
        ("<a/>", "model.xml"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sbml/>', "document type"),
    ],
)
def test_what_is_no_sbml_is_refused(tmp_path: Path, content: str, said: str):
    path = tmp_path / "model.xml"
    path.write_text(content)
    with pytest.raises(UserError, match=said) as told:
        read_published(path)
    assert "model.xml" in str(told.value)


def test_what_no_engine_respects_is_refused_with_its_line(tmp_path: Path, toy_file: Path):
    document = libsbml.readSBMLFromFile(str(toy_file))
    rule = document.getModel().createAlgebraicRule()
    rule.setMath(libsbml.parseL3Formula("A + A_p - 100"))
    path = tmp_path / "algebraic.xml"
    libsbml.writeSBMLToFile(document, str(path))
    with pytest.raises(UserError, match="algebraic rule"):
        read_published(path)
