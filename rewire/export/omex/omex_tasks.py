"""Verification of a COMBINE archive: its tasks are run in libRoadRunner and compared with our simulation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.core.errors import UserError
from models.core.isolated import EngineFailure
from models.export.omex.archive import read
from models.export.omex.sedml import SimulationTask, run_tasks
from models.export.omex.sedml import read as read_sedml
from models.simulation.engine import Array, Failure
from models.simulation.simulator import Simulator
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.analysis.simulate.seed_courses import COURSES
from rewire.export.compare_courses import OURS, Agreement, Verification, agreement
from rewire.export.request import Filled, simulator


def verify_tasks(
    name: str, whole: bytes, master: str, cells: Mapping[str, Filled], one: Filled
) -> Verification:
    """Run the SED-ML file `master` of an archive and compare every column with our own simulation.

    `cells` are the untreated cells by context, `one` is any of them.
    """
    with tempfile.TemporaryDirectory(prefix="rewire-") as place:
        path = Path(place) / "archive.omex"
        path.write_bytes(whole)
        files = read(path)
        tasks = read_sedml(files[master].decode(), master)
        for source in {task.source for task in tasks}:
            target = Path(place) / source  # `read` has checked that no location leaves the folder
            if source not in files:
                raise UserError(f"{master}: {source!r} is not in the archive")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(files[source])
        try:
            theirs, engine = run_tasks(Path(place), tasks)
        except EngineFailure as error:
            return _verification(name, tasks, Agreement("libRoadRunner", None, reason=str(error)), one)
    ours = our_tables(cells, tasks)
    found = []
    for task, mine, other in zip(tasks, ours, theirs, strict=True):
        columns = [f"{task.id}: {column}" for column in task.columns.values()]
        found.append(agreement(engine, mine, other, columns, times_of(task).tolist()))
    return _verification(name, tasks, max(found, key=lambda a: a.difference or 0.0), one)


def _verification(name: str, tasks: Sequence[SimulationTask], worst: Agreement, one: Filled) -> Verification:
    return Verification(
        name,
        sum(len(task.columns) for task in tasks),
        max(task.steps for task in tasks) + 1,
        max(task.until_s for task in tasks),
        (worst,),
        {"member": one.member, "ensemble": one.ensemble},
    )


def times_of(task: SimulationTask) -> Array:
    """The times [s] of a task."""
    return np.linspace(0.0, task.until_s, task.steps + 1)


def our_tables(cells: Mapping[str, Filled], tasks: Sequence[SimulationTask]) -> list[Array]:
    """Our own time courses of the tasks, (n_times, n_columns) each; raises `UserError` on failure."""
    treated = [(course.context, treat) for course in COURSES for treat in course.arms.values()]
    simulators: dict[str, Simulator] = {}
    tables = []
    for (context, treat), task in zip(treated, tasks, strict=True):
        world = cells[context].world
        if context not in simulators:
            simulators[context] = simulator(world)
        arm = read_arm(world, context, treat)
        done = simulators[context].run({arm: times_of(task)}, cells[context].values, OURS, 10 * OURS)[arm]
        if isinstance(done, Failure):
            raise UserError(f"our own simulation failed: {done.reason}")
        tables.append(done.copies[:, [done.names.index(name) for name in task.columns.values()]])
    return tables
