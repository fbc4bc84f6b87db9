"""Species, reactions and formulas of a model, read once from libSBML for all checks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.core.errors import Mistakes
from rewire.audit.formula import Node, tree
from rewire.audit.model import Subject, identity


@dataclass(frozen=True, slots=True)
class Symbol:
    """A compartment, species or parameter.

    Attributes
    ----------
    kind : "compartment", "species" or "parameter"
    id, name : str
    line : int
    value : float
        Initial value before rules and assignments; nan if the file has none.
    constant, boundary : bool
    """

    kind: str
    id: str
    name: str
    line: int
    value: float
    constant: bool
    boundary: bool = False


@dataclass(frozen=True, slots=True)
class AuditReaction:
    """A reaction.

    Attributes
    ----------
    reactants, products : mapping
        Species → stoichiometry, summed.
    modifiers : tuple of str
    law : Node or None
        With functions inlined; None if there is none.
    local : mapping
        Local parameters → value.
    fixed : bool
        Whether all stoichiometries are numbers.
    """

    id: str
    line: int
    reversible: bool
    reactants: Mapping[str, float]
    products: Mapping[str, float]
    modifiers: tuple[str, ...]
    law: Node | None
    local: Mapping[str, float]
    fixed: bool

    @property
    def net(self) -> dict[str, float]:
        """Species → net production, without zeros."""
        made = dict(self.products)
        for name, count in self.reactants.items():
            made[name] = made.get(name, 0.0) - count
        return {name: count for name, count in made.items() if count}


@dataclass(frozen=True, slots=True)
class AuditNetwork:
    """The elements of a model.

    Attributes
    ----------
    symbols : mapping of str to Symbol
    reactions : tuple of AuditReaction
    initial, assigned, rates : mapping of str to Node
        Initial assignments, assignment rules and rate rules.
    events : tuple of (trigger, mapping of str to Node)
    """

    symbols: Mapping[str, Symbol]
    reactions: tuple[AuditReaction, ...]
    initial: Mapping[str, Node]
    assigned: Mapping[str, Node]
    rates: Mapping[str, Node]
    events: tuple[tuple[Node, Mapping[str, Node]], ...]

    @property
    def species(self) -> tuple[Symbol, ...]:
        """Species in the order of the file."""
        return tuple(s for s in self.symbols.values() if s.kind == "species")

    @property
    def reacting(self) -> tuple[str, ...]:
        """Species whose amounts reactions change."""
        free = {s.id for s in self.species if not (s.boundary or s.constant)}
        touched = {name for r in self.reactions for name in r.net}
        return tuple(s.id for s in self.species if s.id in free & touched)

    @property
    def moving(self) -> tuple[str, ...]:
        """Outputs of the engines: species that can change, and everything with a rate rule."""
        changed = {*self.reacting, *self.rates, *self.assigned}
        for _, sets in self.events:
            changed |= set(sets)
        named = [s.id for s in self.symbols.values() if s.kind == "species" or s.id in self.rates]
        return tuple(name for name in named if name in changed)


def network(subject: Subject) -> AuditNetwork:
    """The elements of a model; raises `UserError` if functions call each other without end."""
    model = subject.model
    functions = {
        model.getFunctionDefinition(i).getId(): model.getFunctionDefinition(i)
        for i in range(model.getNumFunctionDefinitions())
    }
    try:
        return AuditNetwork(
            {s.id: s for s in _symbols(subject)},
            tuple(
                _reaction(subject, model.getReaction(i), functions) for i in range(model.getNumReactions())
            ),
            _formulas(model.getListOfInitialAssignments(), functions),
            _formulas([r for r in _each(model.getListOfRules()) if r.isAssignment()], functions),
            _formulas([r for r in _each(model.getListOfRules()) if r.isRate()], functions),
            tuple(_event(event, functions) for event in _each(model.getListOfEvents())),
        )
    except (ValueError, RecursionError) as error:
        problems = Mistakes(subject.name)
        problems.add("", str(error) or "formulas that are nested too deeply")
        problems.raise_if_any()
        raise


def _each(things: Any) -> Iterator[Any]:
    if isinstance(things, list):
        yield from things
        return
    for i in range(things.size()):
        yield things.get(i)


def _symbols(subject: Subject) -> Iterator[Symbol]:
    model = subject.model
    for c in _each(model.getListOfCompartments()):
        value = c.getSize() if c.isSetSize() else math.nan
        yield Symbol("compartment", c.getId(), c.getName(), subject.line(c), value, c.getConstant())
    for s in _each(model.getListOfSpecies()):
        value = math.nan
        if s.isSetInitialAmount():
            value = s.getInitialAmount()
        elif s.isSetInitialConcentration():
            value = s.getInitialConcentration()
        fixed = (s.getConstant(), s.getBoundaryCondition())
        yield Symbol("species", s.getId(), s.getName(), subject.line(s), value, *fixed)
    for p in _each(model.getListOfParameters()):
        value = p.getValue() if p.isSetValue() else math.nan
        yield Symbol("parameter", p.getId(), p.getName(), subject.line(p), value, p.getConstant())


def _reaction(subject: Subject, reaction: Any, functions: Mapping[str, Any]) -> AuditReaction:
    fixed = True
    sides: list[dict[str, float]] = []
    ruled = {identity(r) for r in _each(subject.model.getListOfRules())}
    for references in (reaction.getListOfReactants(), reaction.getListOfProducts()):
        side: dict[str, float] = {}
        for reference in _each(references):
            count = reference.getStoichiometry()
            moved = reference.isSetId() and reference.getId() in ruled
            if reference.isSetStoichiometryMath() or moved or math.isnan(count):
                fixed, count = False, 1.0
            side[reference.getSpecies()] = side.get(reference.getSpecies(), 0.0) + count
        sides.append(side)
    law, local = None, {}
    if reaction.isSetKineticLaw():
        kinetics = reaction.getKineticLaw()
        own = [*_each(kinetics.getListOfParameters()), *_each(kinetics.getListOfLocalParameters())]
        local = {p.getId(): p.getValue() if p.isSetValue() else math.nan for p in own}
        law = tree(kinetics.getMath(), functions) if kinetics.isSetMath() else None
    modifiers = tuple(sorted({m.getSpecies() for m in _each(reaction.getListOfModifiers())}))
    line = subject.line(reaction)
    left, right = sides
    return AuditReaction(
        reaction.getId(), line, reaction.getReversible(), left, right, modifiers, law, local, fixed
    )


def _formulas(things: Any, functions: Mapping[str, Any]) -> dict[str, Node]:
    return {identity(t): tree(t.getMath(), functions) for t in _each(things) if t.isSetMath()}


def _event(event: Any, functions: Mapping[str, Any]) -> tuple[Node, dict[str, Node]]:
    trigger = event.getTrigger()
    when = (
        tree(trigger.getMath(), functions) if trigger is not None and trigger.isSetMath() else Node("unknown")
    )
    return when, _formulas(event.getListOfEventAssignments(), functions)
