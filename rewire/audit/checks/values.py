"""Unused parameters, and missing initial values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from rewire.audit.formula import names
from rewire.audit.issue import Issue, Section, share
from rewire.audit.model import Subject
from rewire.audit.network import AuditNetwork, Symbol


def parameters(subject: Subject, net: AuditNetwork) -> Section:
    """Parameters that nothing uses."""
    formula = "parameters, local ones too, that a formula uses or a rule sets, of all"
    used = set(read_by_formulas(subject))
    own = [s for s in net.symbols.values() if s.kind == "parameter"]
    outputs = [s for s in own if s.id in net.assigned and s.id not in used]
    unused = [s for s in own if s.id not in used and s.id not in {*net.assigned, *net.rates}]
    findings = [
        Issue("warning", "unused", "parameter", s.id, s.line, "nothing uses it", "Remove it, or use it.")
        for s in unused
    ]
    local = 0
    for reaction in net.reactions:
        there = set(names(reaction.law)) if reaction.law is not None else set()
        local += len(reaction.local)
        for name in reaction.local.keys() - there:
            place = ("local parameter", f"{name} of {reaction.id}", reaction.line)
            findings.append(Issue("warning", "unused", *place, "its rate law does not use it", "Remove it."))
    count = len(own) + local
    if not count:
        return Section("parameters", None, formula, "the model has no parameters")
    facts = {"parameters": count, "unused": len(findings), "set by a rule and read by nothing": len(outputs)}
    return Section("parameters", share(count - len(findings), count), formula, facts=facts, findings=findings)


def initials(subject: Subject, net: AuditNetwork) -> Section:
    """Elements without an initial value."""
    formula = "compartments, species and parameters with a value, an initial assignment or a rule, of all"
    given = {*net.initial, *net.assigned}
    used = {
        *read_by_formulas(subject),
        *(name for r in net.reactions for name in (*r.reactants, *r.products)),
    }
    missing: list[Symbol] = [s for s in net.symbols.values() if math.isnan(s.value) and s.id not in given]
    findings = [
        Issue(
            "error" if s.id in used or s.kind == "compartment" else "warning",
            f"undefined {s.kind}",
            s.kind,
            s.id,
            s.line,
            "has no initial value; each tool takes its own default",
            {"species": "Set its initial amount.", "compartment": "Set its size."}.get(
                s.kind, "Set its value."
            ),
        )
        for s in missing
    ]
    local = [(r, n) for r in net.reactions for n, v in r.local.items() if math.isnan(v)]
    findings += [
        Issue(
            "error",
            "undefined parameter",
            "local parameter",
            f"{n} of {r.id}",
            r.line,
            "has no value",
            "Set it.",
        )
        for r, n in local
    ]
    count = len(net.symbols) + sum(len(r.local) for r in net.reactions)
    facts = {"undefined": len(findings), "of": count}
    return Section(
        "initial values", share(count - len(findings), count), formula, facts=facts, findings=findings
    )


def read_by_formulas(subject: Subject) -> Iterator[str]:
    """Names that any formula of the model reads, and conversion factors."""
    model = subject.model
    elements = model.getListOfAllElements()
    for i in range(elements.getSize()):
        thing = elements.get(i)
        if thing.getElementName() != "functionDefinition" and getattr(thing, "isSetMath", lambda: False)():
            yield from _words(thing.getMath())
        if getattr(thing, "isSetConversionFactor", lambda: False)():
            yield thing.getConversionFactor()
    if getattr(model, "isSetConversionFactor", lambda: False)():
        yield model.getConversionFactor()


def _words(ast: Any) -> Iterator[str]:
    todo = [ast]
    while todo:
        node = todo.pop()
        if node.isName() and node.getName():
            yield node.getName()
        todo += [node.getChild(i) for i in range(node.getNumChildren())]
