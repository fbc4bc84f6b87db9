"""The simulations of one evaluation as plain values, so that any engine can do the same ones.

The steady state is simulated once for `STEADY_S`; every treatment starts from it, phase by phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Vector
from models.export.ids import dose_id, potency_id
from models.export.pybnf.pybnf_text import STEADY_S
from models.simulation.engine import Failure
from models.simulation.simulator import ATOL, SCORE
from models.treatments.arm import Arm
from models.treatments.conditions import conditions
from rewire.project.project import load_project

SECRETED = "CXCL8()"
"""Washed off where the medium is renewed."""

Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` [s] with these parameters set; read at `times`, at its start after the change."""

    values: Values
    wash: bool
    start: float
    end: float
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Parameters of resting cells, and what is done to them."""

    values: Values
    arms: tuple[tuple[Stretch, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """All simulations of one evaluation.

    Attributes
    ----------
    cells : tuple of Cell
    names : tuple of str
        What is read.
    arms : tuple of Arm
        In the order in which the cells' arms come.
    """

    cells: tuple[Cell, ...]
    names: tuple[str, ...]
    arms: tuple[Arm, ...]
    settle: float = STEADY_S
    rtol: float = SCORE
    atol: float = ATOL

    def plain(self) -> dict[str, object]:
        """For another process, as JSON."""
        cells = [
            {
                "values": cell.values,
                "arms": [
                    [
                        {"values": s.values, "wash": s.wash, "start": s.start, "end": s.end, "times": s.times}
                        for s in arm
                    ]
                    for arm in cell.arms
                ],
            }
            for cell in self.cells
        ]
        tolerances = {"settle": self.settle, "rtol": self.rtol, "atol": self.atol}
        return {"cells": cells, "names": self.names, **tolerances}


def work_of(problem: Evaluator, z: Vector, doses: bool = False) -> Work:
    """The simulations at a point.

    Parameters
    ----------
    doses : bool
        Drugs as doses and Kds (the parameters of our SBML), in place of loads on targets.
    """
    values = problem.space.values(z)
    world = load_project()
    grouped: dict[tuple[object, ...], list[Arm]] = {}
    for arm in problem.plan.times:
        grouped.setdefault(arm.rest_key, []).append(arm)
    rates = {name: value for name, value in values.items() if "." not in name}
    kds = {
        potency_id(drug.name, t.target): t.K * 10.0 ** values.get(f"{drug.name}.potency", 0.0)
        for drug in world.catalogue
        for t in drug.targets
        if f"load_{t.target}" in problem.bench.built.settings
    }
    given = {drug for arm in problem.plan.times for drug in arm.drugs}
    cells, order = [], []
    for arms in grouped.values():
        rest, runs = {}, []
        for arm in arms:
            rest, run = _run(problem, arm, values, sorted(given) if doses else None)
            runs.append(run)
            order.append(arm)
        rest |= rates | (kds | dict.fromkeys(map(dose_id, given), 0.0) if doses else {})
        cells.append(Cell(rest, tuple(runs)))
    read = sorted(problem.bench.names)
    return Work(tuple(cells), tuple(read), tuple(order))


def _run(
    problem: Evaluator, arm: Arm, values: Mapping[str, float], drugs: list[str] | None
) -> tuple[Values, tuple[Stretch, ...]]:
    world = load_project()
    settings = problem.bench.built.settings
    defaults = {name: setting.default for name, setting in settings.items()}
    context = world.contexts[arm.context]
    told = conditions(arm, context, world.catalogue, world.media, world.genes, values, defaults)
    rest = _known(defaults | told.rest, drugs)
    times = problem.plan.times[arm]
    horizon = max(times)
    steps = [
        (segment, start, _known(now, drugs))
        for segment, (start, now) in zip(arm.segments, told.segments, strict=True)
        if start <= horizon
    ]
    ends = [start for _, start, _ in steps[1:]] + [float("inf")]
    stretches = []
    before = rest
    for (segment, start, now), end in zip(steps, ends, strict=True):
        if drugs is not None:
            now |= dict.fromkeys(map(dose_id, drugs), 0.0) | {dose_id(d): nM for d, nM in segment.drugs}
        read = tuple(t for t in times if start <= t < end and t >= 0.0)
        last = end if end <= horizon else max(horizon, start + 1.0)
        changed = {name: value for name, value in now.items() if before.get(name, 0.0) != value}
        stretches.append(Stretch(changed, start == 0.0 and arm.renew_medium, start, last, read))
        before = now
    return rest, tuple(stretches)


def _known(values: Mapping[str, float], drugs: list[str] | None) -> Values:
    return {n: v for n, v in values.items() if drugs is None or not n.startswith("load_")}


def readings(problem: Evaluator, z: Vector, work: Work) -> list[Vector]:
    """Our own readings (n_times, n_names) of each arm of `work`."""
    runs = problem.bench.run({arm: problem.plan.times[arm] for arm in work.arms}, problem.space.values(z))
    found = []
    for run in runs.values():
        if isinstance(run, Failure):
            raise ValueError(run.reason)
        found.append(np.stack([run.of(name) for name in work.names], axis=1))
    return found


def difference(ours: list[Vector], theirs: list[Vector]) -> float:
    """The 99.9 % quantile of how far readings are apart, relative, with 1 copy as the least amount."""
    apart = [(np.abs(a - b) / np.maximum(np.abs(a), 1.0)).ravel() for a, b in zip(ours, theirs, strict=True)]
    return float(np.nanquantile(np.concatenate(apart), 0.999))
