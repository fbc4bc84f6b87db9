"""`rewire export net`: the reaction network in BioNetGen's format, for one cell and one treatment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import Mistakes
from models.core.isolated import EngineFailure
from models.engines.bionetgen import NAME, run_net, version
from models.export.bngl.bngl_text import net
from models.simulation.engine import Array, Engine, Failure
from rewire.export.compare_courses import OURS
from rewire.export.formats import ExportRequest
from rewire.export.notes import UNSETTLED, notes
from rewire.export.proven_file import write_proven
from rewire.export.proven_sbml import Exported, place_and_fill
from rewire.export.request import content as content_of

_SETTLED = (
    "The start amounts are the steady state, without IL-8 where the medium is renewed. They do not follow a "
    "changed abundance: after one, simulate to the new steady state first."
)


def export(asked: ExportRequest) -> Exported:
    """Write a .net file."""
    filled = place_and_fill(asked.path, asked.force, asked.order, asked.say)
    content = content_of(filled)
    if content.changes:
        problems = Mistakes("rewire export net")
        problems.add(
            "--treat",
            "the treatment changes after its start, and a .net file has no schedule",
            advice="Treat from time 0 on, or export bngl, whose actions follow a schedule.",
        )
        problems.raise_if_any()
    text = net(content, notes(filled, _SETTLED if asked.settled else UNSETTLED))
    record: dict[str, Any] = {"format": "BioNetGen network"}
    for block in ("species", "reactions", "parameters"):
        part = re.search(rf"^begin {block}\n(.*?)^end {block}$", text, re.MULTILINE | re.DOTALL)
        record[block] = part[1].count("\n") if part else 0
    return write_proven(
        asked, filled, content, text, {NAME: run_in_bionetgen, "bngsim": run_in_bngsim}, record
    )


def run_in_bionetgen(path: Path, times: Sequence[float], names: Sequence[str]) -> tuple[Array, str]:
    found = run_net(path, times)
    return found.table[:, [found.names.index(name) for name in names]], version()


def run_in_bngsim(path: Path, times: Sequence[float], names: Sequence[str]) -> tuple[Array, str]:
    """The file read back by our own engine, which shows that its content is complete."""
    import bngsim

    engine = Engine(path.read_text(encoding="utf-8"), compiled=False)
    run = engine.run(engine.initial(), [0.0, *times], OURS, 10 * OURS)
    if isinstance(run, Failure):
        raise EngineFailure(f"bngsim: {run.reason}")
    table = np.concatenate([run.observables, run.functions], axis=1)[1:]
    place = {name: i for i, name in enumerate((*engine.observables, *engine.functions))}
    return table[:, [place[name] for name in names]], f"bngsim {bngsim.__version__}"
