"""Drugs in exported files: one dose parameter [nM] each, and loads of targets as formulas of the doses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from models.export.content import Content
from models.export.ids import dose_id, potency_id
from models.simulation.network_reduction import Network

LOAD = "load_"


class Hit(NamedTuple):
    """A target of a drug: the id of its half-occupancy dose `K` [nM], and the source."""

    target: str
    id: str
    K: float
    source: str


class Dose(NamedTuple):
    """A drug with targets in the network: the id of its dose, and the dose at the start [nM]."""

    drug: str
    id: str
    nM: float
    hits: tuple[Hit, ...]


class ParameterEntry(NamedTuple):
    """A parameter of a text format: a number or a formula of earlier ones, and a remark."""

    name: str
    text: str
    note: str = ""


def doses(content: Content, network: Network) -> list[Dose]:
    """Every drug of the catalogue with a target in the network."""
    targets = {name.removeprefix(LOAD) for name, _ in network.parameters if name.startswith(LOAD)}
    found = []
    for drug in content.catalogue or ():
        weaker = 10.0 ** content.potencies.get(drug.name, 0.0)
        hits = tuple(
            Hit(t.target, potency_id(drug.name, t.target), t.K * weaker, t.source)
            for t in drug.targets
            if t.target in targets
        )
        if hits:
            found.append(Dose(drug.name, dose_id(drug.name), content.doses.get(drug.name, 0.0), hits))
    return found


def loads(found: Iterable[Dose]) -> dict[str, str]:
    """Load parameter → its formula, for targets of at least one drug."""
    terms: dict[str, list[str]] = {}
    for dose in found:
        for hit in dose.hits:
            terms.setdefault(LOAD + hit.target, []).append(f"{dose.id}/{hit.id}")
    return {name: " + ".join(parts) for name, parts in terms.items()}


def entries(content: Content, network: Network, skip: Iterable[str] = ()) -> list[ParameterEntry]:
    """All parameters for a text format, doses first, without those in `skip`."""
    built, found, left_out = content.built, doses(content, network), set(skip)
    made = []
    for dose in found:
        made.append(ParameterEntry(dose.id, repr(dose.nM), f"nM; dose of {dose.drug}"))
        made += [
            ParameterEntry(h.id, repr(h.K), f"nM; {dose.drug} on {h.target}; {h.source}") for h in dose.hits
        ]
    formulas = loads(found)
    notes: Mapping[str, str] = {
        **{name: f"{s.unit}; {s.says}" for name, s in built.settings.items()},
        **{name: f"{r.unit}; first guess {r.guess:g}; {r.source}" for name, r in built.rates.items()},
    }
    for name, text in network.parameters:
        if name in left_out:
            continue
        if name in formulas:
            value = formulas[name]
        else:
            value = repr(float(content.values[name])) if name in content.values else text
        made.append(ParameterEntry(name, value, notes.get(name, "")))
    return made


def lines(made: Sequence[ParameterEntry], indent: str = "  ") -> list[str]:
    """One line per entry: name, value, remark."""
    wide = max(len(e.name) for e in made)
    return [
        f"{indent}{e.name:<{wide}}  {e.text}" + (f"  # {' '.join(e.note.split())}" if e.note else "")
        for e in made
    ]
