"""Structure: dead and duplicate reactions, unreachable species.

What can become non-zero is computed twice (`rewire.audit.checks.reach`): for the file as it is, and with
every zero constant and fixed amount turned on. What is zero even then is dead; the rest is switched off.
"""

from __future__ import annotations

from typing import Any

from rewire.audit.checks.reach import Reach, zeros
from rewire.audit.checks.signs import ZERO
from rewire.audit.checks.values import read_by_formulas
from rewire.audit.formula import canonical
from rewire.audit.issue import Issue, Section, share
from rewire.audit.model import Subject
from rewire.audit.network import AuditNetwork, AuditReaction

INPUT = "Nothing, if it is an input."
"""What to do about something that is switched off."""


def reactions(subject: Subject, net: AuditNetwork, now: Reach, on: Reach) -> Section:
    """Reactions that can never fire, and duplicates."""
    formula = "reactions that are neither dead nor duplicates, of all"
    if not net.reactions:
        return Section("reactions", None, formula, "the model has no reactions")
    findings, dead = [], set()
    off = 0
    for reaction in net.reactions:
        place = ("reaction", reaction.id, reaction.line)
        if on.of_law(reaction) == ZERO:
            dead.add(reaction.id)
            fix = "Provide what it needs, or remove it."
            findings.append(Issue("warning", "dead", *place, f"can never fire; {zeros(reaction, on)}", fix))
        elif now.of_law(reaction) == ZERO:
            off += 1
            says = f"does not fire; {zeros(reaction, now)}"
            findings.append(Issue("note", "switched off", *place, says, INPUT))
    twice, alike = _pairs(net)
    for first, other in twice:
        says = f"the same as {first.id} (line {first.line}): same participants, same rate law"
        place = ("reaction", other.id, other.line)
        findings.append(Issue("warning", "duplicate", *place, says, "Remove one; now both count."))
    for first, other in alike:
        says = f"like {first.id} (line {first.line}) except for the names of constants"
        fix = "If both are intended, data can identify only their sum."
        findings.append(Issue("note", "same form", "reaction", other.id, other.line, says, fix))
    good = len(net.reactions) - len(dead | {other.id for _, other in twice})
    facts = {
        "reactions": len(net.reactions),
        "dead": len(dead),
        "switched off": off,
        "duplicates": len(twice),
        "same form": len(alike),
    }
    return Section("reactions", share(good, len(net.reactions)), formula, facts=facts, findings=findings)


Pairs = list[tuple[AuditReaction, AuditReaction]]


def _pairs(net: AuditNetwork) -> tuple[Pairs, Pairs]:
    """Pairs (first, later) of equal reactions, and of reactions equal except for the names of constants."""
    constants = {
        s.id: "constant" for s in net.symbols.values() if s.kind == "parameter" and s.id not in net.assigned
    }
    exact: dict[tuple[Any, ...], AuditReaction] = {}
    formed: dict[tuple[Any, ...], AuditReaction] = {}
    twice: Pairs = []
    alike: Pairs = []
    for reaction in net.reactions:
        if reaction.law is None:
            continue
        sides = tuple(tuple(sorted(side.items())) for side in (reaction.reactants, reaction.products))
        who = (*sides, reaction.modifiers)
        local = {name: repr(value) for name, value in reaction.local.items()}
        same = (*who, canonical(reaction.law, local))
        form = (*who, canonical(reaction.law, constants | dict.fromkeys(reaction.local, "constant")))
        if same in exact:
            twice.append((exact[same], reaction))
        elif form in formed:
            alike.append((formed[form], reaction))
        exact.setdefault(same, reaction)
        formed.setdefault(form, reaction)
    return twice, alike


def species(subject: Subject, net: AuditNetwork, now: Reach, on: Reach) -> Section:
    """Species that can never be present, and species that nothing uses."""
    formula = "species that can be present and that something depends on or changes, of all"
    if not net.species:
        return Section("species", None, formula, "the model has no species")
    used = set(read_by_formulas(subject)) | {
        name for r in net.reactions for name in (*r.reactants, *r.products)
    }
    used |= {*net.assigned, *net.rates}
    findings, bad, off = [], set(), 0
    for one in net.species:
        place = ("species", one.id, one.line)
        held = one.id not in {*net.reacting, *net.assigned, *net.rates}
        if one.id not in used:
            bad.add(one.id)
            says = "no reaction, rule or event names it"
            findings.append(Issue("warning", "idle", *place, says, "Remove it."))
        elif on.signs[one.id] == ZERO:
            bad.add(one.id)
            says, fix = "starts at zero and is never produced", "Give it an initial amount, or a reaction."
            findings.append(Issue("warning", "unreachable", *place, says, fix))
        elif now.signs[one.id] == ZERO:
            off += 1
            says = "is fixed at zero" if held else "is not produced while some constants or inputs are zero"
            findings.append(Issue("note", "switched off", *place, says, INPUT))
    facts = {"species": len(net.species), "unreachable or idle": len(bad), "switched off": off}
    good = len(net.species) - len(bad)
    return Section("species", share(good, len(net.species)), formula, facts=facts, findings=findings)
