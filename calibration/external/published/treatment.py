"""Our arms as settings of a published model; or what the model lacks for them, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from calibration.external.published.translation import Translation
from models.cells.context import Context
from models.treatments.arm import Arm, Vocabulary
from models.treatments.schedule import Segment

SLIGHT = 0.25
"""A load below this (a fifth of the activity lost) on a target that the mapping does not name is let pass."""

TOLD_APART = 0.5
"""A drug that leaves activities this far apart tells apart what the model has as one."""

Lacks = Literal["claim", "cells", "observable", "drug", "ligand", "gene", "medium", "simulation", "reading"]
"""What keeps a finding from being evaluated."""

Settings = tuple[tuple[str, float], ...]
"""Sorted (id, value)."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What the model lacks, and that in words."""

    lacks: Lacks
    says: str


@dataclass(frozen=True, slots=True)
class Rest:
    """How untreated cells are made: what is set, and what is multiplied (species at the start too)."""

    inputs: Settings
    factors: Settings


@dataclass(frozen=True, slots=True)
class PublishedPhase:
    """From `start` [s] to the next one."""

    start: float
    inputs: Settings
    factors: Settings


@dataclass(frozen=True, slots=True)
class PublishedTreatment:
    """Equal treatments are simulated once, whatever cells of ours they are of."""

    rest: Rest
    stretches: tuple[PublishedPhase, ...]


def treatment(arm: Arm, own: Translation, words: Vocabulary) -> PublishedTreatment | Obstacle:
    """An arm as settings of the model."""
    told = _genes(arm, own, words)
    if isinstance(told, Obstacle):
        return told
    bath = _medium(arm.grown_in, own)
    if isinstance(bath, Obstacle):
        return bath
    stretches = []
    for segment in arm.segments:
        made = _stretch(segment, told, own, words)
        if isinstance(made, Obstacle):
            return made
        stretches.append(made)
    return PublishedTreatment(Rest(_inputs(own, bath, {}), _sorted(told)), tuple(stretches))


def changes(context: Context, own: Translation, words: Vocabulary) -> tuple[tuple[str, str], ...]:
    """The changes of genes that a context brings along: none where the model is of those very cells."""
    if own.contexts is not None:
        return ()
    found = [(m.gene, words.genes[m.gene].change(m.what)) for m in context.mutations]
    return tuple((gene, change) for gene, change in found if gene not in own.ignores)


def apart(names: Iterable[str], own: Translation, words: Vocabulary) -> Obstacle | None:
    """What keeps the model from telling these contexts apart: it can by genes that it has, and only so."""
    names = sorted(set(names))
    if own.contexts is not None or len(names) < 2:
        return None
    genes = {name: frozenset(changes(words.contexts[name], own, words)) for name in names}
    if len(set(genes.values())) == len(names):
        return None
    return Obstacle("cells", f"one model cannot tell {', '.join(names)} apart")


def _genes(arm: Arm, own: Translation, words: Vocabulary) -> dict[str, float] | Obstacle:
    """Factors by id, for the changed genes of the cells and of the arm."""
    if own.contexts is not None and arm.context not in own.contexts:
        return Obstacle("cells", f"the model is of {', '.join(own.contexts)}, not of {arm.context}")
    factors: dict[str, float] = {}
    for symbol, change in (*changes(words.contexts[arm.context], own, words), *arm.genes):
        gene = own.genes.get(symbol)
        by, names = 0.0, gene.mutants.get(change, ()) if gene else ()
        if change.startswith("x") and gene:
            by, names = float(change.removeprefix("x")), gene.turns
        if not names:
            return Obstacle("gene", f"no {symbol} that could be changed ({_said(change)})")
        for name in names:
            factors[name] = factors.get(name, 1.0) * by
    return factors


def _said(change: str) -> str:
    return {"x0": "lost", "x0.1": "knocked down"}.get(change, change)


def _medium(name: str, own: Translation) -> Mapping[str, float] | Obstacle:
    return own.media[name] if name in own.media else Obstacle("medium", f"no medium that stands for {name}")


def _stretch(
    segment: Segment, genes: Mapping[str, float], own: Translation, words: Vocabulary
) -> PublishedPhase | Obstacle:
    bath = _medium(segment.medium, own)
    if isinstance(bath, Obstacle):
        return bath
    added: dict[str, float] = defaultdict(float)
    loads: dict[str, float] = defaultdict(float)
    of: dict[str, str] = {}  # target → a drug that hits it
    for ligand, nM in segment.ligands:
        if ligand not in own.ligands:
            return Obstacle("ligand", f"no {ligand}")
        for name, by in own.ligands[ligand].items():
            added[name] += by * nM
    for drug, nM in segment.drugs:
        if drug in own.drugs:
            for name, by in own.drugs[drug].items():
                added[name] += by * nM
            continue
        for target, load in words.catalogue[drug].loads(nM).items():
            loads[target] += load
            of[target] = drug
    told = _activities(loads, of, own)
    if isinstance(told, Obstacle):
        return told
    factors = {n: genes.get(n, 1.0) * told.get(n, 1.0) for n in {*genes, *told}}
    return PublishedPhase(segment.start_s, _inputs(own, bath, added), _sorted(factors))


def _inputs(own: Translation, bath: Mapping[str, float], added: Mapping[str, float]) -> Settings:
    """Every input: what the medium holds of it (nothing where it does not say), and what is added."""
    return _sorted({name: bath.get(name, 0.0) + added.get(name, 0.0) for name in own.inputs})


def _activities(
    loads: Mapping[str, float], of: Mapping[str, str], own: Translation
) -> dict[str, float] | Obstacle:
    """What drugs leave of the model's rates and constants, by id."""
    named = {target for activity in own.activities for target in activity.of}
    for target, load in loads.items():
        if target not in named and load >= SLIGHT:
            return Obstacle("drug", f"no {target} for {of[target]} to act on")
    factors: dict[str, float] = {}
    for activity in own.activities:
        left = {target: 1.0 / (1.0 + loads.get(target, 0.0)) for target in activity.of}
        if max(left.values()) - min(left.values()) > TOLD_APART:
            hit = min(left, key=lambda target: left[target])
            return Obstacle("drug", f"{of[hit]} tells {' and '.join(activity.of)} apart, the model does not")
        mean = sum(left.values()) / len(left)
        for name in activity.turns if any(target in loads for target in activity.of) else ():
            factors[name] = factors.get(name, 1.0) * mean
    return factors


def _sorted(values: Mapping[str, float]) -> Settings:
    return tuple(sorted(values.items()))
