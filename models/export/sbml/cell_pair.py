"""A pair of cells in one SBML file: a cell, and a reference cell that shares its rates.

A format whose read-outs see one simulation can so express "as much as in untreated cells": both cells are
simulated together, each with its own abundances and doses. The reference cell can be stopped, and then keeps
its readings of that time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.export.sbml.annotation import PARAMETER_SBO
from models.export.sbml.neg_log_cdf import NEG_LOG_CDF, define, plain_numbers
from models.export.sbml.writer import done, faults, formula

REFERENCE = "reference_"
"""Prefix of every id of the reference cell."""

RUNS = "reference_runs"
"""1 while the reference cell is simulated, 0 after it is stopped."""

STOPS = "reference_stops_s"
"""Time [s] at which it is stopped; by default never."""

NEVER_S = 1e12
"""A time [s] that no simulation reaches."""

ABSENT = 1e-6
"""Smallest reading in a ratio; smaller ones count as this, so that absent proteins have a ratio, too."""


def fold_id(observable: str) -> str:
    """The parameter that holds log2 of an observable over that of the reference cell."""
    return f"log2_fold_of_{observable}"


def share_id(observable: str, per: str) -> str:
    """The parameter that holds log2 of an observable over another one of the same cell."""
    return f"log2_share_of_{observable}_in_{per}"


@dataclass(frozen=True, slots=True)
class PairBound:
    """An inequality of the file: ``surprise_of_<id>`` is -ln Phi(margin / noise), the margin in log2.

    Attributes
    ----------
    id : str
    log2 : str
        The parameter that is compared (`fold_id`, `share_id`).
    sense : str
        "at_least" or "at_most" the bound, or "within" it in both directions.
    noise : str
        The parameter that holds the noise [log2].
    """

    id: str
    log2: str
    sense: str
    noise: str

    @property
    def bound(self) -> str:
        """The parameter that holds the bound [log2]."""
        return f"bound_of_{self.id}"

    @property
    def neg_log_cdf(self) -> str:
        """The parameter that holds -ln Phi(margin / noise)."""
        return f"surprise_of_{self.id}"

    @property
    def margin(self) -> str:
        """The formula of the margin [log2]."""
        if self.sense == "within":
            return f"({self.bound} - abs({self.log2}))"
        above, below = (self.log2, self.bound) if self.sense == "at_least" else (self.bound, self.log2)
        return f"({above} - {below})"


def with_reference_cell(
    text: str,
    shared: Collection[str],
    products: Iterable[tuple[str, str]] = (),
    folds: Iterable[str] = (),
    shares: Iterable[tuple[str, str]] = (),
    bounds: Iterable[tuple[PairBound, float]] = (),
    constants: Mapping[str, float] | None = None,
    changed: Iterable[str] = (),
) -> str:
    """The file with a reference cell added, which an event stops at `STOPS`.

    Parameters
    ----------
    text : str
        SBML of one cell, without events.
    shared : collection of str
        Constant parameters that both cells have in common: rates.
    products : iterable of (str, str)
        A constant parameter that becomes the product of ``<parameter>_base``, its old value, and of a new
        parameter of that id and value 1; several may share one.
    folds : iterable of str
        Observables that are compared between the cells, in log2.
    shares : iterable of (str, str)
        Pairs of observables of the first cell that are compared.
    bounds : iterable of (PairBound, float [log2])
        Inequalities.
    constants : mapping
        New parameters without a unit, such as noises.
    changed : iterable of str
        Parameters that an experiment may change during the simulation.

    Raises
    ------
    ValueError
        If the file has events, or libSBML finds a fault: our bugs, not the user's.
    """
    import libsbml

    document: Any = libsbml.readSBMLFromString(text)
    model = document.getModel()
    if model.getNumEvents():
        raise ValueError("a cell with events cannot have a reference cell")
    known = set(shared)
    for name, factor in products:
        _multiply(model, name, factor)
        known |= {base for base in (f"{name}_base", factor) if name in shared}
    own = _own(model, frozenset(known))
    _parameter(model, RUNS, 1.0, constant=False)
    _double(model, own)
    for name in folds:
        _log2(model, fold_id(name), name, REFERENCE + name)
    for name, per in shares:
        _log2(model, share_id(name, per), name, per)
    for name, value in (constants or {}).items():
        _parameter(model, name, value)
    define(model)
    for one, log2 in bounds:
        _parameter(model, one.bound, log2)
        _parameter(model, one.neg_log_cdf, None, constant=False)
        _rule(model, one.neg_log_cdf, formula(f"{NEG_LOG_CDF}({one.margin} / {one.noise})"))
    _stop(model)
    for name in changed:
        model.getParameter(name).setConstant(False)
    if wrong := faults(document):
        raise ValueError(f"libSBML finds faults: {'; '.join(wrong[:5])}")
    written: str = libsbml.writeSBMLToString(document)
    return written


def _multiply(model: Any, name: str, factor: str) -> None:
    if model.getParameter(factor) is None:
        _parameter(model, factor, 1.0)
    whole = model.getParameter(name)
    base = _bare(whole.clone())
    done(base.setId(f"{name}_base"))
    done(model.addParameter(base))
    whole.setConstant(False)
    whole.unsetValue()
    _rule(model, name, formula(f"{name}_base * {factor}"))


# --- the reference cell -----------------------------------------------------------------------------------
def _own(model: Any, shared: frozenset[str]) -> frozenset[str]:
    """Ids that each cell has its own copy of: all that is not shared, and rules that depend on them."""
    rules = {model.getRule(i).getVariable(): model.getRule(i) for i in range(model.getNumRules())}
    species = {model.getSpecies(i).getId() for i in range(model.getNumSpecies())}
    parameters = {model.getParameter(i).getId() for i in range(model.getNumParameters())}
    own = species | (parameters - shared - rules.keys())
    while more := {n for n, r in rules.items() if n not in own and _names(r.getMath()) & own}:
        own |= more
    return frozenset(own)


def _names(node: Any) -> set[str]:
    found = {node.getName()} if node.isName() and node.getName() else set()
    return found.union(*(_names(node.getChild(i)) for i in range(node.getNumChildren())))


def _double(model: Any, own: frozenset[str]) -> None:
    for get, count, add in (
        (model.getSpecies, model.getNumSpecies(), model.addSpecies),
        (model.getParameter, model.getNumParameters(), model.addParameter),
    ):
        for i in range(count):
            thing = get(i)
            if thing.getId() in own:
                made = _bare(thing.clone())
                done(made.setId(REFERENCE + thing.getId()))
                if thing.isSetName():
                    done(made.setName(f"{thing.getName()} of the reference cell"))
                done(add(made))
    for i in range(model.getNumInitialAssignments()):
        made = _bare(model.getInitialAssignment(i).clone())
        done(made.setSymbol(REFERENCE + made.getSymbol()))
        done(made.setMath(_renamed(made.getMath(), own)))
        done(model.addInitialAssignment(made))
    for i in range(model.getNumRules()):
        rule = model.getRule(i)
        if rule.getVariable() in own:
            _rule(model, REFERENCE + rule.getVariable(), _renamed(rule.getMath(), own))
    for i in range(model.getNumReactions()):
        done(model.addReaction(_reaction(model.getReaction(i).clone(), own)))


def _reaction(made: Any, own: frozenset[str]) -> Any:
    done(_bare(made).setId(REFERENCE + made.getId()))
    for get, count in ((made.getReactant, made.getNumReactants()), (made.getProduct, made.getNumProducts())):
        for i in range(count):
            done(get(i).setSpecies(REFERENCE + get(i).getSpecies()))
    law = made.getKineticLaw()
    product = formula(f"{RUNS} * 1")
    product.replaceChild(1, _renamed(law.getMath(), own), True)
    done(law.setMath(product))
    return made


def _renamed(math: Any, own: frozenset[str]) -> Any:
    """A copy of a formula for the reference cell."""
    copy = math.deepCopy()
    _rename(copy, own)
    return copy


def _rename(node: Any, own: frozenset[str]) -> None:
    if node.isName() and node.getName() in own:
        done(node.setName(REFERENCE + node.getName()))
    for i in range(node.getNumChildren()):
        _rename(node.getChild(i), own)


def _bare(thing: Any) -> Any:
    """Without notes and annotation, which the first cell has already."""
    thing.unsetNotes()
    thing.unsetAnnotation()
    thing.unsetMetaId()
    return thing


# --- added elements ---------------------------------------------------------------------------------------
def _parameter(model: Any, name: str, value: float | None, *, constant: bool = True) -> None:
    made = model.createParameter()
    done(made.setId(name))
    if value is not None:
        done(made.setValue(value))
    done(made.setUnits("second" if name == STOPS else "dimensionless"))
    made.setConstant(constant)
    done(made.setSBOTerm(PARAMETER_SBO))


def _rule(model: Any, name: str, math: Any) -> None:
    made = model.createAssignmentRule()
    done(made.setVariable(name))
    done(made.setMath(math))


def _log2(model: Any, name: str, above: str, below: str) -> None:
    _parameter(model, name, None, constant=False)
    unit = model.getParameter(above).getUnits()
    ratio = f"{_present(above)} / {_present(below)}"
    math = formula(f"log(2, {ratio})")
    _label(math, unit)
    _rule(model, name, math)


def _present(name: str) -> str:
    return f"piecewise({name}, {name} > {ABSENT!r}, {ABSENT!r})"


def _label(node: Any, unit: str) -> None:
    """Give the unit of the observables to numbers that replace them; the base of the logarithm has none."""
    if node.isNumber():
        done(node.setUnits(unit if node.isReal() else "dimensionless"))
    for i in range(node.getNumChildren()):
        _label(node.getChild(i), unit)


def _stop(model: Any) -> None:
    _parameter(model, STOPS, NEVER_S)
    event = model.createEvent()
    done(event.setId("reference_stops"))
    done(event.setName("the reference cell is stopped and keeps what it shows"))
    event.setUseValuesFromTriggerTime(True)
    trigger = event.createTrigger()
    trigger.setInitialValue(True)
    trigger.setPersistent(True)
    done(trigger.setMath(formula(f"time >= {STOPS}")))
    assignment = event.createEventAssignment()
    done(assignment.setVariable(RUNS))
    math = formula("0.0")
    plain_numbers(math)
    done(assignment.setMath(math))
