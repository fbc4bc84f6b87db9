"""Validity and units, from libSBML's checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from models.export.sbml.writer import consistency_errors
from rewire.audit.issue import Issue, Section, Severity, share
from rewire.audit.model import Subject, identity

_REFERENCE = re.compile(r"^s?: *(?:L\dV\d,?(?: Sections?)?[\d.,; and]*)+")

_EVENT_PARTS = ("trigger", "priority")

UNDECLARED = 99505
"""libSBML's number for a formula whose units cannot be checked because something in it declares none."""


def verdict(subject: Subject) -> list[tuple[int, str, str, int, str]]:
    """Messages of all libSBML checks: (number, category, severity, line, text)."""
    import libsbml

    checked = subject.document.clone()  # the document keeps its own errors
    checked.getErrorLog().clearLog()
    found = []
    for e in consistency_errors(checked):
        bad = e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR
        says = " ".join(e.getMessage().split())
        kind = _CATEGORIES.get(e.getCategory(), "consistency")
        found.append((int(e.getErrorId()), kind, "error" if bad else "warning", int(e.getLine()), says))
    return found


def _categories() -> dict[int, str]:
    import libsbml

    return {
        libsbml.LIBSBML_CAT_UNITS_CONSISTENCY: "units",
        libsbml.LIBSBML_CAT_MODELING_PRACTICE: "practice",
        libsbml.LIBSBML_CAT_SBO_CONSISTENCY: "SBO terms",
        libsbml.LIBSBML_CAT_MATHML_CONSISTENCY: "formulas",
        libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY: "ids",
        libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL: "overdetermined",
    }


_CATEGORIES = _categories()


def validity(subject: Subject, found: list[tuple[int, str, str, int, str]]) -> Section:
    """libSBML's messages, except those on units and modelling practice."""
    findings = []
    for number, kind, severity, line, says in found:
        if kind in ("units", "practice"):
            continue
        level: Severity = "error" if severity == "error" else "warning"
        where = subject.line_in_sbml(line)
        findings.append(Issue(level, kind, "SBML", str(number), where, _short(says), "Correct it."))
    errors = sum(f.severity == "error" for f in findings)
    score = max(0.0, 100.0 - 10.0 * errors - (len(findings) - errors))
    facts = {"errors": errors, "warnings": len(findings) - errors}
    formula = "100, less 10 for each error and 1 for each warning of libSBML except on units and practice"
    return Section("validity", score, formula, facts=facts, findings=findings)


def units(subject: Subject, found: list[tuple[int, str, str, int, str]]) -> Section:
    """Formulas whose units are declared and consistent."""
    formula = "formulas whose units libSBML finds declared and consistent, of all"
    if not subject.is_sbml:
        return Section("units", None, formula, f"{subject.origin} declares no units")
    holders = list(_formulas(subject.model))
    if not holders:
        return Section("units", None, formula, "the model has no formulas")
    starts = sorted(range(len(holders)), key=lambda i: holders[i].getLine())
    bad: set[int] = set()
    unknown = {i for i, holder in enumerate(holders) if _undeclared(holder)}
    findings = []
    for number, kind, _, line, says in found:
        if kind != "units":
            continue
        inside = [i for i in starts if holders[i].getLine() <= line]
        i = inside[-1] if inside else starts[0]
        if number == UNDECLARED:
            if holders[i].getElementName() in _EVENT_PARTS:  # for which libSBML has no query
                unknown.add(i)
            continue
        bad.add(i)
        element, name = _called(holders[i])
        fix = "Correct the formula or the declared units."
        where = subject.line_in_sbml(line)
        findings.append(Issue("warning", "inconsistent units", element, name, where, _short(says), fix))
    for i in sorted(unknown):
        element, name = _called(holders[i])
        says = "units cannot be checked: a number or parameter in it declares none"
        fix = "Declare the units of its parameters and numbers."
        where = subject.line_in_sbml(holders[i].getLine())
        findings.append(Issue("note", "undeclared units", element, name, where, says, fix))
    good = len(holders) - len(bad | unknown)
    facts: dict[str, Any] = {"formulas": len(holders), "inconsistent": len(bad), "undeclared": len(unknown)}
    facts["libSBML says"] = (
        f"{_count(found, False)} inconsistencies, {_count(found, True)} formulas unchecked"
    )
    return Section("units", share(good, len(holders)), formula, facts=facts, findings=findings)


def _count(found: list[tuple[int, str, str, int, str]], undeclared: bool) -> int:
    return sum(kind == "units" and (number == UNDECLARED) == undeclared for number, kind, *_ in found)


def _formulas(model: Any) -> Iterator[Any]:
    """Elements with a formula whose units libSBML checks."""
    for i in range(model.getNumInitialAssignments()):
        yield model.getInitialAssignment(i)
    for i in range(model.getNumRules()):
        yield model.getRule(i)
    for i in range(model.getNumReactions()):
        if model.getReaction(i).isSetKineticLaw() and model.getReaction(i).getKineticLaw().isSetMath():
            yield model.getReaction(i).getKineticLaw()
    for i in range(model.getNumEvents()):
        event = model.getEvent(i)
        yield from (part for part in (event.getTrigger(), event.getPriority()) if part is not None)
        for k in range(event.getNumEventAssignments()):
            yield event.getEventAssignment(k)


def _undeclared(holder: Any) -> bool:
    ask = getattr(holder, "containsUndeclaredUnits", None)
    return bool(ask and ask())


def _called(holder: Any) -> tuple[str, str]:
    """Kind and id of an element with a formula; a rate law has the id of its reaction."""
    if holder.getElementName() == "kineticLaw":
        return "rate law", str(holder.getParentSBMLObject().getId())
    if holder.getElementName() in _EVENT_PARTS:
        return "event", identity(holder.getParentSBMLObject())
    return {"initialAssignment": "initial assignment", "assignmentRule": "rule", "rateRule": "rule"}.get(
        holder.getElementName(), "event"
    ), identity(holder)


def _short(says: str) -> str:
    """The part of a libSBML message that is about this model, if there is one."""
    general, _, own = says.partition("Reference")
    own = _REFERENCE.sub("", own).strip()
    says = own or general.strip() or says
    return says if len(says) <= 500 else says[:497] + "…"
