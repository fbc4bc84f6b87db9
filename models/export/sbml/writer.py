"""Construction of an SBML document: libSBML's calls, with a check of every status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import libsbml

from models.export.sbml.annotation import Mark
from models.export.sbml.dimensions import BASES, NONE, Dimension
from models.export.sbml.dimensions import text as unit_name

_BASES: dict[str, tuple[tuple[str, int, int], ...]] = {
    "copies": (("item", 1, 0),),
    "s": (("second", 1, 0),),
    "nM": (("mole", 1, -9), ("litre", -1, 0)),
}
"""Our base units in SBML: (kind, exponent, power of ten)."""

_QUALIFIERS = {
    "is": libsbml.BQB_IS,
    "isVersionOf": libsbml.BQB_IS_VERSION_OF,
    "hasVersion": libsbml.BQB_HAS_VERSION,
    "hasPart": libsbml.BQB_HAS_PART,
    "encodes": libsbml.BQB_ENCODES,
    "hasTaxon": libsbml.BQB_HAS_TAXON,
    "isDescribedBy": libsbml.BQB_IS_DESCRIBED_BY,
}
_DIMENSIONLESS = "dimensionless"


def done(status: int) -> None:
    """Check a status of libSBML; anything but success is our bug."""
    if status != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ValueError(f"libSBML: {libsbml.OperationReturnValue_toString(status)}")


def formula(text: str) -> Any:
    """A formula as a tree; raises `ValueError` if libSBML cannot read it."""
    tree = libsbml.parseL3Formula(text)
    if tree is None:
        raise ValueError(f"{text!r}: {libsbml.getLastParseL3Error()}")
    return tree


class SbmlWriter:
    """A Level 3 Version 2 document with one cell in it."""

    def __init__(self, name: str) -> None:
        self.document: Any = libsbml.SBMLDocument(3, 2)
        self.model = self.document.createModel()
        done(self.model.setId(name))
        self.model.setSubstanceUnits("item")
        self.model.setExtentUnits("item")
        self.model.setTimeUnits("second")
        self.model.setVolumeUnits(_DIMENSIONLESS)
        self._units: set[str] = set()
        self._taken: set[str] = {name}

    def unit(self, dimension: Dimension) -> str:
        """The id of a unit, defined on first use."""
        name = unit_name(dimension)
        if dimension == NONE or name in self._units:
            return name
        self._units.add(name)
        definition = self.model.createUnitDefinition()
        done(definition.setId(name))
        for base, exponent in zip(BASES, dimension, strict=True):
            for kind, times, scale in _BASES[base] if exponent else ():
                unit = definition.createUnit()
                done(unit.setKind(libsbml.UnitKind_forName(kind)))
                unit.setExponent(float(times * exponent))
                unit.setScale(scale)
                unit.setMultiplier(1.0)
        return name

    def compartment(self, name: str, sbo: int) -> Any:
        """A compartment of size 1; with amounts in copies per cell no rate depends on it."""
        made = self._named(self.model.createCompartment(), name, sbo)
        made.setSpatialDimensions(3)
        made.setSize(1.0)
        made.setUnits(_DIMENSIONLESS)
        made.setConstant(True)
        return made

    def species(self, name: str, pattern: str, cell: str, copies: float, sbo: int) -> Any:
        """A species in copies."""
        made = self._named(self.model.createSpecies(), name, sbo)
        done(made.setName(pattern))
        done(made.setCompartment(cell))
        done(made.setInitialAmount(copies))
        done(made.setSubstanceUnits("item"))
        made.setHasOnlySubstanceUnits(True)
        made.setBoundaryCondition(False)
        made.setConstant(False)
        return made

    def parameter(
        self,
        name: str,
        dimension: Dimension,
        value: float | None,
        sbo: int,
        constant: bool = True,
        called: str = "",
    ) -> Any:
        """A parameter; one without a value needs a rule. `called` is its display name."""
        made = self._named(self.model.createParameter(), name, sbo)
        if called:
            done(made.setName(called))
        if value is not None:
            done(made.setValue(value))
        done(made.setUnits(self.unit(dimension)))
        made.setConstant(constant)
        return made

    def rule(self, name: str, math: Any) -> None:
        """Assignment rule of a parameter."""
        made = self.model.createAssignmentRule()
        done(made.setVariable(name))
        done(made.setMath(math))

    def initial(self, name: str, math: Any) -> None:
        """Initial assignment of a species."""
        made = self.model.createInitialAssignment()
        done(made.setSymbol(name))
        done(made.setMath(math))

    def reaction(
        self, name: str, rule: str, left: Sequence[str], right: Sequence[str], law: Any, sbo: int
    ) -> Any:
        """An irreversible reaction that keeps its rule's name."""
        made = self._named(self.model.createReaction(), name, sbo)
        done(made.setName(rule))
        made.setReversible(False)
        for ids, create, role in ((left, made.createReactant, 10), (right, made.createProduct, 11)):
            for species in dict.fromkeys(ids):
                reference = create()
                done(reference.setSpecies(species))
                reference.setStoichiometry(float(ids.count(species)))
                reference.setConstant(True)
                done(reference.setSBOTerm(role))
        kinetics = made.createKineticLaw()
        done(kinetics.setMath(law))
        return made

    def event(self, name: str, called: str, time_s: float, values: Iterable[tuple[str, Any]]) -> Any:
        """An event at a time, without delay."""
        made = self._named(self.model.createEvent(), name, None)
        done(made.setName(called))
        made.setUseValuesFromTriggerTime(True)
        trigger = made.createTrigger()
        trigger.setInitialValue(True)  # a simulation that starts later must not fire it
        trigger.setPersistent(True)
        math = formula(f"time >= {time_s!r}")
        done(math.getChild(1).setUnits("second"))
        done(trigger.setMath(math))
        for target, value in values:
            assignment = made.createEventAssignment()
            done(assignment.setVariable(target))
            done(assignment.setMath(value))
        return made

    def number(self, value: float, dimension: Dimension) -> Any:
        """A number with its unit as a formula."""
        node = libsbml.ASTNode(libsbml.AST_REAL)
        done(node.setValue(value))
        done(node.setUnits(self.unit(dimension)))
        return node

    def notes(self, thing: Any, paragraphs: Iterable[str]) -> None:
        """Sentences for the reader of the file."""
        texts = [f"<p>{_escaped(p)}</p>" for p in paragraphs if p]
        if texts:
            body = f'<body xmlns="http://www.w3.org/1999/xhtml">{"".join(texts)}</body>'
            done(thing.setNotes(body))

    def mark(self, thing: Any, marks: Iterable[Mark]) -> None:
        """Annotate with identifiers.org addresses."""
        for mark in marks:
            if not thing.isSetMetaId():
                done(thing.setMetaId(f"meta_{thing.getId()}"))
            term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
            term.setBiologicalQualifierType(_QUALIFIERS[mark.qualifier])
            for address in mark.resources:
                term.addResource(address)
            done(thing.addCVTerm(term))

    def made_by(self, who: str, created: str) -> None:
        """Creator and date of the model (as in "2026-01-31T00:00:00Z")."""
        if not self.model.isSetMetaId():
            done(self.model.setMetaId(f"meta_{self.model.getId()}"))
        creator = libsbml.ModelCreator()
        done(creator.setName(who))
        done(creator.setOrganisation(who))
        history = libsbml.ModelHistory()
        done(history.addCreator(creator))
        date = libsbml.Date(created)
        done(history.setCreatedDate(date))
        done(history.addModifiedDate(date))
        done(self.model.setModelHistory(history))

    def text(self) -> str:
        """The document; raises `ValueError` if libSBML finds an error or warning, which is our bug."""
        if wrong := faults(self.document):
            shown = "; ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
            raise ValueError(f"libSBML finds faults: {shown}")
        written: str = libsbml.writeSBMLToString(self.document)
        return written

    def _named(self, thing: Any, name: str, sbo: int | None) -> Any:
        if name in self._taken:
            raise ValueError(f"the id {name!r} is used twice")
        self._taken.add(name)
        done(thing.setId(name))
        if sbo is not None:
            done(thing.setSBOTerm(sbo))
        return thing


def consistency_errors(document: Any) -> list[Any]:
    """libSBML's messages from all its checks: consistency, units, modelling practice."""
    for category in (
        libsbml.LIBSBML_CAT_GENERAL_CONSISTENCY,
        libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY,
        libsbml.LIBSBML_CAT_UNITS_CONSISTENCY,
        libsbml.LIBSBML_CAT_MATHML_CONSISTENCY,
        libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
        libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL,
        libsbml.LIBSBML_CAT_MODELING_PRACTICE,
    ):
        document.setConsistencyChecks(category, True)
    document.checkConsistency()
    return [document.getError(i) for i in range(document.getNumErrors())]


def faults(document: Any) -> list[str]:
    """All errors and warnings of `consistency_errors`, with lines."""
    return [
        f"line {e.getLine()}: {e.getMessage().strip()}"
        for e in consistency_errors(document)
        if e.getSeverity() >= libsbml.LIBSBML_SEV_WARNING
    ]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
