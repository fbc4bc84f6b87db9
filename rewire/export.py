"""The model of one kind of cell in other tools' formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from calibration.files import write
from models.conditions import conditions
from models.cut import parse
from models.export.sbml import sbml
from models.network import network_text
from models.problems import Problems
from rewire.band import read_arm
from rewire.members import load_members
from rewire.world import load_world, parse_variants


def export_sbml(
    path: Path,
    context: str,
    treat: Iterable[str] = (),
    genes: Iterable[str] = (),
    member: int = 0,
    ensemble: Path | None = None,
    variants: Iterable[str] = (),
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Write SBML with one member's parameters, and say what is in it.

    The file starts from unsettled amounts, and holds the doses of the last segment of the treatment. To
    repeat a treatment, settle it with the `load_…` parameters at 0, then set them.
    """
    world = load_world(parse_variants(variants))
    arm = read_arm(world, context, treat, genes)
    members = load_members(world, ensemble, None, say)
    if member >= len(members):
        problems = Problems("--member")
        problems.add("", str(member), allowed=f"0 to {len(members) - 1}")
        problems.raise_if_any()
    values = members.values[member]
    told = conditions(
        arm,
        world.contexts[context],
        world.catalogue,
        world.media,
        world.genes,
        overrides=values,
        defaults={name: setting.default for name, setting in world.built.settings.items()},
    )
    settings = told.segments[-1][1] if told.segments else told.rest
    rates = {name: value for name, value in values.items() if "." not in name}
    network = parse(network_text(world.built.model))
    known = {name for name, _ in network.parameters}
    note = (
        f"{world.contexts[context].title}; member {member} of {members.label}. Copies per cell, "
        "seconds. The start amounts are not a steady state: settle it before it is treated."
    )
    chosen = {name: value for name, value in (rates | settings).items() if name in known}
    write(path, sbml(world.built, chosen, name=context, notes=note))
    return {
        "file": str(path),
        "format": "SBML level 3 version 2",
        "context": context,
        "member": member,
        "species": len(network.species),
        "reactions": len(network.reactions),
    }
