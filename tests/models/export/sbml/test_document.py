"""The SBML file passes libSBML's whole check, says what things are, and its slopes are ours."""

from __future__ import annotations

import libsbml
import numpy as np
import pytest

from models.assemble import build
from models.cells.drugs import load_catalogue
from models.export.sbml.document import About, Content, ContentChange, faults, sbml
from models.network import network_text
from models.simulation.engine import Engine

ABOUT = About(
    "mcf7", "MCF-7 <1>", ("A < B & C",), "2026-01-31T00:00:00Z", {"context": "mcf7", "treat": ["a & b"]}
)
VALUES = {"akt_undocks_kcat": 0.31, "EGF_nM": 2.0}
CHANGES = (ContentChange(3600.0, {"BEZ235_nM": 300.0, "EGF_nM": 0.0}, {"CXCL8()": 0.0}),)


def content(**changes) -> Content:
    return Content(build(), VALUES, load_catalogue(), {"BEZ235": 0.5}, **changes)


@pytest.fixture(scope="module")
def text() -> str:
    return sbml(content(doses={"rapamycin": 20.0}, changes=CHANGES), ABOUT)


@pytest.fixture(scope="module")
def model(text: str):
    document = libsbml.readSBMLFromString(text)
    yield document.getModel()
    del document


def test_the_whole_check_finds_nothing(text: str):
    document = libsbml.readSBMLFromString(text)
    assert document.getNumErrors() == 0 and faults(document) == []
    assert (document.getLevel(), document.getVersion()) == (3, 2)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (
            'id="akt_undocks_kcat" value="0.31" units="per_s"',
            'id="akt_undocks_kcat" value="0.31" units="copies"',
        ),
        ('sbml:units="copies_s"', 'sbml:units="copies"'),
        (' sbml:units="copies_s"', ""),
    ],
)
def test_the_check_would_find_a_wrong_unit(text: str, there: str, instead: str):
    assert there in text
    assert faults(libsbml.readSBMLFromString(text.replace(there, instead, 1)))


def test_equal_input_gives_equal_text(text: str):
    assert sbml(content(doses={"rapamycin": 20.0}, changes=CHANGES), ABOUT) == text


def test_everything_has_a_unit_and_constants_are_constant(model):
    ruled = {model.getRule(i).getVariable() for i in range(model.getNumRules())}
    moved = {"BEZ235_nM", "EGF_nM"}
    for i in range(model.getNumParameters()):
        parameter = model.getParameter(i)
        assert parameter.isSetUnits() and parameter.isSetSBOTerm(), parameter.getId()
        assert parameter.getConstant() == (parameter.getId() not in ruled | moved), parameter.getId()
    for i in range(model.getNumSpecies()):
        species = model.getSpecies(i)
        assert species.getSubstanceUnits() == "item" and species.isSetInitialAmount()


def test_names_stand_where_people_look(model):
    built = build()
    for name in (*built.rates, *built.observables, *built.settings):
        assert model.getParameter(name) is not None, name
    assert model.getParameter("akt_undocks_kcat").getValue() == 0.31
    assert model.getParameter("rapamycin_nM").getValue() == 20.0
    rules = {model.getReaction(i).getName().removeprefix("_reverse_") for i in range(model.getNumReactions())}
    assert rules == set(built.rules)
    back = model.getReaction("akt_binds_atp__back__of__AKT__S473_u__T308_u__drug_atp__loc_cyt")
    assert back.getName() == "_reverse_akt_binds_atp" and back.getReactant(0).isSetStoichiometry()


def test_a_dose_loads_its_targets(model):
    rule = libsbml.formulaToL3String(model.getRuleByVariable("load_MTORC2").getMath())
    assert "BEZ235_nM / BEZ235_on_MTORC2_Kd" in rule and " + " in rule
    (target,) = (t for t in load_catalogue()["BEZ235"].targets if t.target == "MTORC2")
    assert model.getParameter("BEZ235_on_MTORC2_Kd").getValue() == pytest.approx(target.K * 10**0.5)


def resources(thing) -> set[str]:
    return {
        thing.getCVTerm(i).getResourceURI(k)
        for i in range(thing.getNumCVTerms())
        for k in range(thing.getCVTerm(i).getNumResources())
    }


def test_things_say_what_they_are(model):
    at = "https://identifiers.org/"
    assert resources(model.getSpecies("AKT__S473_u__T308_u__drug_none__loc_mem")) == {
        f"{at}uniprot:{accession}" for accession in build().uniprot["AKT"]
    }
    assert resources(model.getParameter("rapamycin_nM")) == {f"{at}CHEBI:9168"}
    assert resources(model.getReaction("mtorc1_phosphorylates_s6k_t389__of__S6K__T389_u")) == {
        f"{at}GO:0006468",
        f"{at}doi:10.1073/pnas.0809136105",
    }
    assert f"{at}taxonomy:9606" in resources(model)
    history = model.getModelHistory()
    assert history.getCreator(0).getOrganisation() == "The Rewire project"
    assert history.getCreatedDate().getDateAsString() == "2026-01-31T00:00:00Z"
    assert "A &lt; B &amp; C" in model.getNotesString() and "a &amp; b" in model.getAnnotationString()


def test_a_schedule_is_events_without_delay(model):
    event = model.getEvent(0)
    assert model.getNumEvents() == 1 and not event.isSetDelay()
    assert libsbml.formulaToL3String(event.getTrigger().getMath()) == "time >= 3600 second"
    sets = {event.getEventAssignment(i).getVariable() for i in range(event.getNumEventAssignments())}
    assert sets == {"BEZ235_nM", "EGF_nM", "CXCL8"}


def test_settled_amounts_follow_their_abundance():
    built = build()
    engine = Engine(network_text(built.model), compiled=False)
    amounts = dict(zip(engine.species, map(float, engine.initial() + 1.0), strict=True))
    document = libsbml.readSBMLFromString(sbml(content(amounts=amounts), ABOUT))
    model = document.getModel()
    first = model.getInitialAssignmentBySymbol("S6K__T389_p")
    assert libsbml.formulaToL3String(first.getMath()) == "1 copies * RPS6KB1_copies / 50000 copies"
    assert model.getInitialAssignmentBySymbol("SOCS") is None  # made and lost: its abundance acts over time
    assert model.getInitialAssignmentBySymbol("FKBP12__drug_rapalog__m_b1__with__MTORC1__f_b1") is None
    assert model.getParameter("SOCS_start") is None


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="akt_undoks_kcat"):
        sbml(Content(build(), {"akt_undoks_kcat": 1.0}), ABOUT)


def test_another_engine_finds_the_same_slopes(text: str):
    roadrunner = pytest.importorskip("roadrunner")
    other = roadrunner.RoadRunner(text)
    ours = Engine(network_text(build().model), compiled=False)
    loads = load_catalogue()["rapamycin"].loads(20.0)
    ours.set(VALUES | {f"load_{target}": load for target, load in loads.items()})
    slopes = ours.slopes(ours.initial())
    theirs = np.array([other[f"{name}'"] for name in other.model.getFloatingSpeciesIds()])
    assert len(theirs) == len(slopes)
    assert np.sort(theirs) == pytest.approx(np.sort(slopes), rel=1e-9, abs=1e-9)
