"""A published SBML model: what can be named in it, and the same model with handles to read and to turn.

Readings become parameters of their own with assignment rules, so that the engine works formulas out and
nothing of a mapping file is executed. What is turned gets a factor (1 unless something turns it): a rate, a
constant, or the rule of a computed one. What is set becomes an input: it is held, and its own rule goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.export.sbml.reading import document, read_sbml, unsupported
from models.export.sbml.writer import done, formula
from models.readers.formulas import NAME

READ, TURN, BASE = "rewire_reading_", "rewire_factor_", "rewire_base_"
"""What the names of added parameters begin with."""

SPECIES, PARAMETER, COMPARTMENT, REACTION = "species", "parameter", "compartment", "reaction"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name in the model.

    Attributes
    ----------
    id : str
    kind : str
        species, parameter, compartment or reaction.
    computed : bool
        By an assignment rule; of a reaction: it has a rate.
    moving : bool
        Changed by reactions or by a rate rule.
    amount : bool
        A species that formulas read as an amount, not as a concentration.
    """

    id: str
    kind: str
    computed: bool = False
    moving: bool = False
    amount: bool = False

    @property
    def selection(self) -> str:
        """What an engine calls the value that formulas read."""
        return f"[{self.id}]" if self.kind == SPECIES and not self.amount else self.id


@dataclass(frozen=True, slots=True)
class Handled:
    """A model with handles.

    Attributes
    ----------
    text : str
        SBML.
    readings : dict of str to str
        Observable → parameter that holds it.
    inputs : dict of str to str
        Id of what is set → what an engine calls it.
    factors : dict of str to str
        Id of what is turned → the parameter that it is multiplied with.
    """

    text: str
    readings: Mapping[str, str]
    inputs: Mapping[str, str]
    factors: Mapping[str, str]


@dataclass(frozen=True)
class Published:
    """A model as its file has it, but for local parameters (made global) and events (left out).

    Attributes
    ----------
    name : str
        Of the file.
    text : str
        SBML.
    notes : tuple of str
        What is left out.
    """

    name: str
    text: str
    notes: tuple[str, ...] = ()

    @cached_property
    def things(self) -> dict[str, Thing]:
        """Everything by id, and by name where a name stands for one thing alone and is nobody's id."""
        own = {thing.id: thing for thing, _ in self._listed}
        names: dict[str, list[Thing]] = {}
        for thing, name in self._listed:
            if name and name not in own:
                names.setdefault(name, []).append(thing)
        return own | {name: found[0] for name, found in names.items() if len(found) == 1}

    @cached_property
    def shared(self) -> dict[str, list[str]]:
        """Names that stand for several things, with their ids."""
        names: dict[str, list[str]] = {}
        for thing, name in self._listed:
            if name and name not in self.things:
                names.setdefault(name, []).append(thing.id)
        return names

    @cached_property
    def _listed(self) -> list[tuple[Thing, str]]:
        read = document(self.text, self.name)  # the document has to outlive its model
        model = read.getModel()
        rules = {rule.getVariable(): rule for rule in model.getListOfRules()}
        computed = {name for name, rule in rules.items() if rule.isAssignment()}
        rated = rules.keys() - computed
        changed = {
            side.getSpecies()
            for reaction in model.getListOfReactions()
            for side in (*reaction.getListOfReactants(), *reaction.getListOfProducts())
        }
        listed: list[tuple[Thing, str]] = []
        for kind, items in (
            (SPECIES, model.getListOfSpecies()),
            (PARAMETER, model.getListOfParameters()),
            (COMPARTMENT, model.getListOfCompartments()),
            (REACTION, model.getListOfReactions()),
        ):
            for item in items:
                name = item.getId()
                species = kind == SPECIES
                held = species and (item.getBoundaryCondition() or item.getConstant())
                moving = name in rated or (species and name in changed and not held)
                amount = species and item.getHasOnlySubstanceUnits()
                formula = item.isSetKineticLaw() if kind == REACTION else name in computed
                listed.append((Thing(name, kind, formula, moving, amount), item.getName()))
        return listed

    def plain(self, text: str) -> str:
        """A formula with ids in the place of names."""
        return NAME.sub(lambda m: self.things[m[0]].id if m[0] in self.things else m[0], text)

    def handled(self, readings: Mapping[str, str], inputs: Iterable[str], turned: Iterable[str]) -> Handled:
        """The model with handles.

        Parameters
        ----------
        readings : mapping of str to str
            Observable → formula, let through before.
        inputs, turned : iterable of str
            Ids of what is set, and of what is multiplied (parameters and reactions).
        """
        import libsbml

        read = document(self.text, self.name)
        model = read.getModel()
        inputs, turned = sorted(set(inputs)), sorted(set(turned))
        for name in inputs:
            _hold(model, name)
        factors = {name: f"{TURN}{i}" for i, name in enumerate(turned)}
        for name, factor in factors.items():
            _parameter(model, factor, 1.0, constant=True)
            _multiply(model, name, factor)
        places = {name: f"{READ}{i}" for i, name in enumerate(readings)}
        for name, place in places.items():
            _parameter(model, place, 0.0, constant=False)
            # with the model at hand, a species called Pi is a species
            _rule(model, place, libsbml.parseL3FormulaWithModel(self.plain(readings[name]), model))
        text = str(libsbml.writeSBMLToString(read))
        return Handled(text, places, {n: self.things[n].selection for n in inputs}, factors)


def read_published(path: Path) -> Published:
    """Read an SBML file.

    Raises
    ------
    UserError
        Where it is not SBML, holds what no SBML needs, or what its engine cannot respect.
    """
    import libsbml

    read = read_sbml(path)
    problems = Mistakes(str(path))
    for place, what in unsupported(read):
        if "event" not in what:  # events are left out below
            problems.add(place, what, advice="Such a model cannot be run here.")
    problems.raise_if_any()
    model = read.getModel()
    notes = [
        f"left out of the model: event {_called(model.getEvent(i))}" for i in range(model.getNumEvents())
    ]
    while model.getNumEvents():
        model.removeEvent(0)
    wanted = libsbml.ConversionProperties()
    wanted.addOption("promoteLocalParameters", True)
    done(read.convert(wanted))
    return Published(path.name, str(libsbml.writeSBMLToString(read)), tuple(notes))


def _called(event: Any) -> str:
    return str(event.getName() or event.getId() or f"in line {event.getLine()}")


def _parameter(model: Any, name: str, value: float, constant: bool) -> None:
    made = model.createParameter()
    done(made.setId(name))
    done(made.setValue(value))
    done(made.setConstant(constant))


def _rule(model: Any, name: str, tree: Any) -> None:
    made = model.createAssignmentRule()
    done(made.setVariable(name))
    done(made.setMath(tree))


def _hold(model: Any, name: str) -> None:
    """Make something an input: no rule, no assignment at the start, no reaction changes it."""
    model.removeRuleByVariable(name)
    model.removeInitialAssignment(name)
    if (species := model.getSpecies(name)) is not None:
        done(species.setConstant(False))
        done(species.setBoundaryCondition(True))
        if not (species.isSetInitialAmount() or species.isSetInitialConcentration()):
            done(species.setInitialAmount(0.0))
    elif (parameter := model.getParameter(name)) is not None and not parameter.isSetValue():
        done(parameter.setValue(0.0))


def _multiply(model: Any, name: str, factor: str) -> None:
    """Multiply a rate, a rule, or a constant (which becomes a rule over its old value) with a parameter."""
    if (reaction := model.getReaction(name)) is not None:
        law = reaction.getKineticLaw()
        done(law.setMath(_times(factor, law.getMath())))
        return
    if (rule := model.getAssignmentRuleByVariable(name)) is not None:
        done(rule.setMath(_times(factor, rule.getMath())))
        return
    parameter, base = model.getParameter(name), f"{BASE}{factor.removeprefix(TURN)}"
    _parameter(model, base, parameter.getValue() if parameter.isSetValue() else 0.0, constant=True)
    start = model.getInitialAssignment(name)
    if start is not None:
        moved = model.createInitialAssignment()
        done(moved.setSymbol(base))
        done(moved.setMath(start.getMath()))
        model.removeInitialAssignment(name)
    done(parameter.setConstant(False))
    _rule(model, name, formula(f"{factor} * {base}"))


def _times(factor: str, tree: Any) -> Any:
    product = formula(f"{factor} * 1")
    done(product.replaceChild(1, tree.deepCopy()))
    return product
