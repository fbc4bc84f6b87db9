"""The problems that benchmarks run on: the real one, and the same findings on larger networks.

The model has one AKT for its paralogues. Told apart, each with its share of the molecules and the same rates,
they change no course of any observable, but the network grows by 20 species and 68 reactions for each. So one
set of findings is asked of networks of any size, and the answers must be the same.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

from calibration.objective.build import make as make_real
from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluator
from models.assemble import Built
from models.network import network_text
from models.simulation.network_reduction import parse
from models.simulation.simulator import Simulator
from rewire.export.pybnf.bpsl_constraints import expressible
from rewire.project.project import load_project

PROBLEMS = {"real": 1, "medium": 3}
"""Name to how many AKTs are told apart: 108 species, and 148 with AKT1, AKT2 and AKT3."""

SPLIT, AMOUNT = "AKT", "AKT_copies"

__all__ = ["PROBLEMS", "make", "recipe", "size", "told_apart"]


def told_apart(built: Built, count: int) -> Built:
    """The model with `count` AKTs of equal shares."""
    from pysb import Expression, Initial

    if count == 1:
        return built
    model = copy.deepcopy(built.model)
    monomer = model.monomers[SPLIT]
    kinds = [f"k{i}" for i in range(1, count + 1)]
    monomer.sites.append("kind")
    monomer.site_states["kind"] = kinds
    share = Expression(f"{SPLIT}_start", model.parameters[AMOUNT] / count, _export=False)
    model.add_component(share)
    (whole,) = [i for i in model.initials if i.value.name == AMOUNT]
    model.initials.remove(whole)
    for kind in kinds:
        pattern = whole.pattern.copy()
        pattern.monomer_patterns[0].site_conditions["kind"] = kind
        model.add_initial(Initial(pattern, share, _export=False))
    return replace(built, model=model)


def make(problem: str = "real", contexts: Sequence[str] = (), mapped: bool = False) -> Evaluator:
    """A problem.

    Parameters
    ----------
    problem : str
        A key of `PROBLEMS`.
    contexts : sequence of str
        Only findings whose cells are all of these; none means all.
    mapped : bool
        Only findings that BPSL can say whole.
    """
    world = load_project()
    whole = make_real()
    chosen = [
        f.id
        for f in whole.findings
        if (not contexts or set(f.contexts) <= set(contexts)) and (not mapped or expressible(f))
    ]
    real = make_real(ids=chosen)
    count = PROBLEMS[problem]
    if count == 1:
        return real
    bench = Simulator(
        told_apart(world.built, count), world.contexts, world.catalogue, world.media, world.genes
    )
    return Evaluator(bench, world.contexts, real.space, real.all, real.told)


def size(built: Built) -> tuple[int, int]:
    """Species and reactions."""
    network = parse(network_text(built.model))
    return len(network.species), len(network.reactions)
