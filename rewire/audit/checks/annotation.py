"""How much of the model has machine-readable annotation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rewire.audit.issue import Issue, Section
from rewire.audit.model import Subject

_ADDRESS = re.compile(r"https?://identifiers\.org/\S+|urn:miriam:\S+")


def annotation(subject: Subject) -> Section:
    """Share of compartments, species and reactions with identifiers, and annotation of the model itself."""
    formula = "mean of: compartments, species, reactions with an identifier, and the model's own description"
    if not subject.is_sbml:
        return Section("annotation", None, formula, f"{subject.origin} has no annotations")
    model = subject.model
    shares: dict[str, float] = {}
    facts: dict[str, Any] = {}
    findings: list[Issue] = []
    for kind, things in (
        ("compartment", model.getListOfCompartments()),
        ("species", model.getListOfSpecies()),
        ("reaction", model.getListOfReactions()),
    ):
        listed = [things.get(i) for i in range(things.size())]
        if not listed:
            continue
        bare = [t for t in listed if not any(_resources(t))]
        shares[kind] = 1 - len(bare) / len(listed)
        facts[f"{kind} annotated"] = f"{len(listed) - len(bare)} of {len(listed)}"
        facts[f"{kind} with an SBO term"] = f"{sum(t.isSetSBOTerm() for t in listed)} of {len(listed)}"
        for thing in bare:
            place = (kind, thing.getId(), subject.line(thing))
            fix = "Add an identifiers.org address."
            findings.append(Issue("note", "no identifier", *place, "has no identifier", fix))
        for thing in listed:
            for address in _resources(thing):
                if not _ADDRESS.fullmatch(address):
                    place = (kind, thing.getId(), subject.line(thing))
                    says = f"{address!r} is not an identifiers.org address"
                    findings.append(Issue("note", "odd identifier", *place, says, "Use identifiers.org."))
    own = _description(model)
    shares["model"] = sum(own.values()) / len(own)
    facts["model says"] = ", ".join(name for name, given in own.items() if given) or "nothing"
    for name, given in own.items():
        if not given:
            place = ("model", model.getId(), subject.line(model))
            findings.append(Issue("note", f"no {name}", *place, f"the model names no {name}", "Add it."))
    return Section("annotation", 100.0 * sum(shares.values()) / len(shares), formula, "", facts, findings)


def _resources(thing: Any) -> Iterator[str]:
    for i in range(thing.getNumCVTerms()):
        term = thing.getCVTerm(i)
        for k in range(term.getNumResources()):
            yield term.getResourceURI(k)


def _description(model: Any) -> dict[str, bool]:
    """Parts of a model's own description, and whether they are there."""
    history = model.getModelHistory()
    addresses = list(_resources(model))
    return {
        "creator": history is not None and history.getNumCreators() > 0,
        "date": history is not None and history.isSetCreatedDate(),
        "publication": any(re.search(r"pubmed|doi", address) for address in addresses),
        "taxon": any("taxonomy" in address for address in addresses),
    }
