"""An SBML file run by an engine that is not ours, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.isolated import EngineFailure, answer, apart

__all__ = ["ATOL", "ENGINES", "LIMIT_S", "RTOL", "EngineFailure", "available", "simulate"]

Array = NDArray[np.float64]

ENGINES = {"roadrunner": "roadrunner", "COPASI": "basico"}
"""Engines, and the Python package of each."""

RTOL = 1e-10
ATOL = 1e-10
"""Tolerances of the engines: relative, and absolute [copies/cell]."""

LIMIT_S = 600.0
"""Longest time [s] that one engine may take."""


def available() -> list[str]:
    """The engines that are installed here."""
    return [name for name, package in ENGINES.items() if find_spec(package) is not None]


def simulate(
    engine: str,
    path: Path,
    times: Sequence[float],
    names: Sequence[str],
    values: Mapping[str, float] | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> tuple[Array, str]:
    """Run a file in another process.

    Parameters
    ----------
    engine : str
        One of `ENGINES`.
    path : Path
        An SBML file.
    times : sequence (n_times,) [s]
        Rising; the run itself starts at 0.
    names : sequence (n_names,) of str
        Ids of what is read.
    values : mapping, optional
        Parameters set in the engine by id, before the start.

    Returns
    -------
    array (n_times, n_names)
    str
        The engine's version.

    Raises
    ------
    EngineFailure
    """
    job = {
        "engine": engine,
        "path": str(path.resolve()),
        "times": list(times),
        "names": list(names),
        "values": dict(values or {}),
        "rtol": rtol,
        "atol": atol,
    }
    answered = apart("models.engines.sbml_engines", job, engine, LIMIT_S)
    return np.array(answered["courses"], float), f"{engine} {answered['version']}"


def _roadrunner(job: Mapping[str, Any]) -> tuple[Any, str]:
    import roadrunner

    runner = roadrunner.RoadRunner(job["path"])
    integrator = runner.getIntegrator()
    integrator.setValue("relative_tolerance", job["rtol"])
    integrator.setValue("absolute_tolerance", job["atol"])
    integrator.setValue("maximum_num_steps", 1_000_000)
    for name, value in job["values"].items():
        runner[name] = value
    if job["values"]:
        runner.reset()  # start amounts follow what was set
    runner.timeCourseSelections = ["time", *job["names"]]
    table = np.array(runner.simulate(times=[0.0, *job["times"]]))
    return table[1:, 1:], roadrunner.__version__


def _copasi(job: Mapping[str, Any]) -> tuple[Any, str]:
    basico: Any = import_module("basico")  # it has no types
    basico.load_model(job["path"])
    listed = basico.get_parameters()
    called = {sbml_id: name for name, sbml_id in listed["sbml_id"].items()}
    for name, value in job["values"].items():
        basico.set_parameters(called[name], exact=True, initial_value=value)
    basico.set_task_settings(
        "Time-Course",
        {
            "method": {
                "name": "Deterministic (LSODA)",
                "Relative Tolerance": job["rtol"],
                "Absolute Tolerance": job["atol"],
                "Max Internal Steps": 1_000_000,
            }
        },
    )
    columns = ["Time", *(f"Values[{called[name]}]" for name in job["names"])]
    table = basico.run_time_course_with_output(
        output_selection=columns, values=[0.0, *job["times"]], start_time=0.0
    )
    return table.to_numpy(float)[1:, 1:], basico.__version__


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    courses, version = {"roadrunner": _roadrunner, "COPASI": _copasi}[job["engine"]](job)
    return {"version": version, "courses": np.asarray(courses, float).tolist()}


if __name__ == "__main__":
    answer(_run)
