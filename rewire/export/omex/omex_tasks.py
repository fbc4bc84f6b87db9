"""Does a COMBINE archive draw our own courses? It is opened, run in libRoadRunner, and compared."""

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
from rewire.export.request import Filled


def verify_tasks(
    name: str, whole: bytes, master: str, cells: Mapping[str, Filled], one: Filled
) -> Verification:
    """Open an archive, run what its SED-ML asks for, and compare every column with our own courses.

    Parameters
    ----------
    name : str
    whole : bytes
        The archive.
    master : str
        Where its SED-ML is.
    cells : mapping
        Untreated cells by context.
    one : Filled
        Any of them.
    """
    with tempfile.TemporaryDirectory(prefix="rewire-") as place:
        path = Path(place) / "archive.omex"
        path.write_bytes(whole)
        files = read(path)
        tasks = read_sedml(files[master].decode(), master)
        for source in {task.source for task in tasks}:
            target = Path(place) / source  # `read` lets no location leave the folder, and it has to be one
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
    """Our own courses of the tasks, (n_times, n_columns) each, in their order.

    Raises
    ------
    UserError
        Where our own simulation fails.
    """
    treated = [(course.context, treat) for course in COURSES for treat in course.arms.values()]
    benches: dict[str, Simulator] = {}
    tables = []
    for (context, treat), task in zip(treated, tasks, strict=True):
        world = cells[context].world
        if context not in benches:
            args = (world.built, world.contexts, world.catalogue, world.media, world.genes)
            benches[context] = Simulator(*args, compiled=False)
        arm = read_arm(world, context, treat)
        done = benches[context].run({arm: times_of(task)}, cells[context].values, OURS, 10 * OURS)[arm]
        if isinstance(done, Failure):
            raise UserError(f"our own simulation failed: {done.reason}")
        tables.append(done.copies[:, [done.names.index(name) for name in task.columns.values()]])
    return tables
