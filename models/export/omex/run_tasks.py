"""Run the tasks of a SED-ML file in libRoadRunner; each model is loaded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.isolated import answer, apart
from models.export.omex.sedml import TOLERANCE, SimulationTask

LIMIT_S = 900.0
"""Longest time [s] that all tasks may take."""


def courses(folder: Path, tasks: Sequence[SimulationTask]) -> tuple[list[NDArray[np.float64]], str]:
    """Run tasks on the model files of a folder, in another process.

    Returns
    -------
    list of array (n_times, n_columns)
        The columns of each task, at ``steps + 1`` times from 0 to its end.
    str
        The engine's version.

    Raises
    ------
    EngineFailure
    """
    job = {
        "tasks": [
            {
                "path": str(folder / task.source),
                "values": dict(task.values),
                "times": np.linspace(0.0, task.until_s, task.steps + 1).tolist(),
                "names": list(task.columns.values()),
            }
            for task in tasks
        ]
    }
    answered = apart("models.export.omex.run_tasks", job, "libRoadRunner", LIMIT_S)
    return [np.array(table, float) for table in answered["courses"]], f"roadrunner {answered['version']}"


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    import roadrunner

    runners: dict[str, Any] = {}
    tables = []
    for task in job["tasks"]:
        path = task["path"]
        runner = runners[path] = runners.get(path) or roadrunner.RoadRunner(path)
        integrator = runner.getIntegrator()
        integrator.setValue("relative_tolerance", TOLERANCE)
        integrator.setValue("absolute_tolerance", TOLERANCE)
        integrator.setValue("maximum_num_steps", 1_000_000)
        before = {name: runner[name] for name in task["values"]}
        for name, value in task["values"].items():
            runner[name] = value
        runner.reset()
        table = runner.simulate(times=task["times"], selections=["time", *task["names"]])
        tables.append(np.array(table)[:, 1:].tolist())
        for name, value in before.items():
            runner[name] = value
        runner.reset()
    return {"version": roadrunner.__version__, "courses": tables}


if __name__ == "__main__":
    answer(_run)
