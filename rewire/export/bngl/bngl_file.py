"""`rewire export bngl`: rules with actions that reach the steady state and run the treatments."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from calibration.objective.simulation_plan import plan
from models.core.errors import Mistakes, UserError
from models.core.isolated import EngineFailure
from models.engines.bionetgen import NAME, Output, run_bngl, version
from models.export.bngl.bngl_text import BnglProtocol, bngl
from models.export.content import Content
from models.export.doses import entries
from models.network import network_text
from models.simulation.engine import Array, Failure
from models.simulation.network_reduction import parse
from models.treatments.arm import Arm
from rewire.export.compare_courses import OURS, Agreement, Verification, agreement
from rewire.export.formats import ExportRequest
from rewire.export.notes import notes
from rewire.export.protocols import bare, protocols
from rewire.export.proven_sbml import Exported, place_and_fill, put
from rewire.export.request import Filled, simulator
from rewire.project.selections import all_findings

FORM = "BNGL"
_START = (
    "Start amounts are the abundances: the actions simulate thirty years to the steady state, then treat the "
    "cells. Each treatment writes its time courses to a separate file, with time 0 at its start; at the time "
    "of a change they show the cells before it."
)
_SAME_S = 1e-6
"""Tolerance [s] for equal times: BioNetGen adds up steps."""

_Arms = Mapping[str, tuple[Arm, BnglProtocol]]


def export(asked: ExportRequest) -> Exported:
    """Write a BNGL file."""
    if asked.findings and (asked.treat or asked.genes or asked.plain):
        problems = Mistakes("--findings")
        advice = "Choose the findings' treatments or one of your own."
        problems.add("", "given together with a treatment", advice=advice)
        problems.raise_if_any()
    filled = place_and_fill(asked.path, asked.force, asked.order, asked.say)
    content = bare(filled)
    made = _treatments(filled, content, asked)
    text = bngl(content, [protocol for _, protocol in made.values()], notes(filled, _START))
    found = _verify(asked.path, text, filled, made, asked.say) if asked.verify else None
    model = filled.world.built.model
    record = {
        "format": FORM,
        "context": asked.context,
        "member": filled.member,
        "rules": len(model.rules),
        "parameters": len(entries(content, parse(network_text(model)))),
        "treatments": len(made),
    }
    if found is None or found.ok:
        put(asked.path, text, found)
        record = {"file": str(asked.path), **record}
    return Exported(record, found)


def _treatments(
    filled: Filled, content: Content, asked: ExportRequest
) -> dict[str, tuple[Arm, BnglProtocol]]:
    """The requested treatment, or all treatments of the findings in these cells."""
    if not asked.findings:
        name = "treated" if asked.treat or asked.genes or asked.plain else "untreated"
        return protocols(filled, content, {replace(filled.arm, name=name): ()})
    findings = all_findings(filled.world)
    made = plan(findings, filled.world.contexts)
    arms = {arm: times for arm, times in made.times.items() if arm.context == asked.context}
    if not arms:
        raise UserError(f"no finding is about {asked.context}; use --treat for one treatment")
    why: dict[Arm, list[str]] = {}
    for finding, read in zip(findings, made.arms, strict=True):
        for arm in read:
            why.setdefault(arm, []).append(finding.id)
    return protocols(filled, content, arms, why)


# --- verification -----------------------------------------------------------------------------------------
def _verify(
    path: Path, text: str, filled: Filled, made: _Arms, say: Callable[[str], None] | None
) -> Verification:
    """Run the actions in BioNetGen and compare every output of every treatment with ours."""
    if say and len(made) > 1:
        say(f"{NAME} runs {len(made)} treatments; this takes a while.")
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, encoding="utf-8")
        settings = {
            "context": filled.order.context,
            "member": filled.member,
            "ensemble": filled.ensemble,
            "treatments": list(made),
        }
        names = tuple(filled.world.built.observables)
        try:
            outputs = run_bngl(trial)
            worst, rows, until = _worst(filled, made, outputs)
        except EngineFailure as error:
            failed = Agreement(NAME, None, reason=str(error))
            return Verification(path.name, len(names), 0, 0.0, (failed,), settings)
    return Verification(path.name, len(names), rows, until, (worst,), settings)


def _worst(filled: Filled, made: _Arms, outputs: Mapping[str, Output]) -> tuple[Agreement, int, float]:
    """The treatment with the largest difference, the number of rows compared, and the last time."""
    read = {name: outputs[name] for name in made if name in outputs}
    if missing := [name for name in made if name not in outputs]:
        raise EngineFailure(f"{NAME}: no output of {', '.join(missing)}")
    chosen = {name: _compared(arm, read[name].times) for name, (arm, _) in made.items()}
    asked = {arm: read[name].times[chosen[name]].tolist() for name, (arm, _) in made.items()}
    done = simulator(filled.world).run(asked, filled.values, OURS, 10 * OURS)
    found = []
    for name, (arm, _) in made.items():
        ours = done[arm]
        if isinstance(ours, Failure):
            raise UserError(f"our own simulation of {name} failed: {ours.reason}")
        place = [read[name].names.index(each) for each in ours.names]
        rows = np.searchsorted(ours.times, asked[arm])
        labels = [f"{each} in {name}" for each in ours.names]
        theirs = read[name].table[chosen[name]][:, place]
        found.append(agreement(version(), ours.copies[rows], theirs, labels, asked[arm]))
    times = [t for each in asked.values() for t in each]
    return max(found, key=lambda a: a.difference or 0.0), len(times), max(times, default=0.0)


def _compared(arm: Arm, times: Array) -> list[int]:
    """Rows to compare: from time 0 on, except at a change, where the two sides differ."""
    changes = {segment.start_s for segment in arm.segments}
    if times[0] == 0.0:  # then the output begins after the change at 0, like ours
        changes -= {0.0}
    return [
        i
        for i, time in enumerate(times.tolist())
        if time >= 0.0 and all(abs(time - change) > _SAME_S for change in changes)
    ]
