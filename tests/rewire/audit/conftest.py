"""Small models as SBML, from formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import libsbml
import pytest

Reactions = Mapping[str, tuple[Sequence[str], Sequence[str], str]]
Build = Callable[..., Path]


def text_of(
    species: Mapping[str, float | None],
    reactions: Reactions,
    parameters: Mapping[str, float | None] | None = None,
    held: Sequence[str] = (),
    rules: Mapping[str, str] | None = None,
    rates: Mapping[str, str] | None = None,
    events: Sequence[tuple[str, str, str]] = (),
    names: Mapping[str, str] | None = None,
    local: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """A Level 3 model with one compartment of size 1; `held` species are boundary ones."""
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    model.setId("made")
    compartment = model.createCompartment()
    compartment.setId("cell")
    compartment.setSize(1.0)
    compartment.setConstant(True)
    for name, amount in species.items():
        one = model.createSpecies()
        one.setId(name)
        one.setCompartment("cell")
        one.setBoundaryCondition(name in held)
        one.setHasOnlySubstanceUnits(False)
        one.setConstant(False)
        if amount is not None:
            one.setInitialConcentration(amount)
        if names and name in names:
            one.setName(names[name])
    for name, value in (parameters or {}).items():
        parameter = model.createParameter()
        parameter.setId(name)
        moved = {*(rules or {}), *(rates or {}), *(target for _, target, _ in events)}
        parameter.setConstant(name not in moved)
        if value is not None:
            parameter.setValue(value)
    for name, formula in (rules or {}).items():
        rule = model.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(libsbml.parseL3Formula(formula))
    for name, formula in (rates or {}).items():
        rule = model.createRateRule()
        rule.setVariable(name)
        rule.setMath(libsbml.parseL3Formula(formula))
    for name, (left, right, law) in reactions.items():
        reaction = model.createReaction()
        reaction.setId(name)
        reaction.setReversible(False)
        reaction.setFast(False)
        for side, create in ((left, reaction.createReactant), (right, reaction.createProduct)):
            for who in dict.fromkeys(side):
                reference = create()
                reference.setSpecies(who)
                reference.setStoichiometry(float(list(side).count(who)))
                reference.setConstant(True)
        kinetics = reaction.createKineticLaw()
        kinetics.setMath(libsbml.parseL3Formula(law))
        for name_, value in (local or {}).get(name, {}).items():
            parameter = kinetics.createLocalParameter()
            parameter.setId(name_)
            parameter.setValue(value)
    for number, (when, target, formula) in enumerate(events, 1):
        event = model.createEvent()
        event.setId(f"event_{number}")
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(True)
        trigger.setPersistent(True)
        trigger.setMath(libsbml.parseL3Formula(when))
        assignment = event.createEventAssignment()
        assignment.setVariable(target)
        assignment.setMath(libsbml.parseL3Formula(formula))
    written: str = libsbml.writeSBMLToString(document)
    return written


@pytest.fixture(scope="session")
def sbml_text() -> Callable[..., str]:
    """`text_of`, for fixtures that live longer than a test."""
    return text_of


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write a model, and say where."""

    def write(*args: object, **kwargs: object) -> Path:
        path = tmp_path / "made.xml"
        path.write_text(text_of(*args, **kwargs))
        return path

    return write


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of published models."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "data" / "models" / "sbml"
    if not folder.is_dir():
        pytest.skip("the shared data are not here")
    return folder
