"""Run the tasks of a SED-ML file in libRoadRunner; each model is loaded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.isolated import run_isolated, serve
from models.engines.roadrunner_model import RoadRunnerModel
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
    answered = run_isolated("models.export.omex.run_tasks", job, "libRoadRunner", LIMIT_S)
    return [np.array(table, float) for table in answered["courses"]], f"roadrunner {answered['version']}"


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    loaded: dict[str, RoadRunnerModel] = {}
    tables, version = [], ""
    for task in job["tasks"]:
        path = task["path"]
        model = loaded[path] = loaded.get(path) or RoadRunnerModel(path)
        model.tolerances(TOLERANCE, TOLERANCE)
        before = dict(zip(task["values"], model.values([*task["values"]]).tolist(), strict=True))
        model.restart(task["values"])
        tables.append(model.simulate(task["times"], task["names"]).tolist())
        model.restart(before)
        version = model.version
    return {"version": version, "courses": tables}


if __name__ == "__main__":
    serve(_run)
