"""An SBML file run by an engine that is not ours, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.isolated import EngineFailure, run_isolated, serve
from models.engines.copasi_model import CopasiModel
from models.engines.roadrunner_model import RoadRunnerModel

__all__ = ["ATOL", "ENGINES", "LIMIT_S", "RTOL", "EngineFailure", "available", "simulate"]

Array = NDArray[np.float64]

ENGINES = {"roadrunner": "roadrunner", "COPASI": "COPASI"}
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
    answered = run_isolated("models.engines.sbml_engines", job, engine, LIMIT_S)
    return np.array(answered["courses"], float), f"{engine} {answered['version']}"


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    times, names = [0.0, *job["times"]], job["names"]
    if job["engine"] == "COPASI":
        copasi = CopasiModel(Path(job["path"]).read_text(encoding="utf-8"))
        copasi.set(job["values"])
        courses = copasi.simulate(times, names, job["rtol"], job["atol"])
        return {"version": copasi.version, "courses": courses[1:].tolist()}
    model = RoadRunnerModel(job["path"])
    model.tolerances(job["rtol"], job["atol"])
    if job["values"]:
        model.restart(job["values"])
    return {"version": model.version, "courses": model.simulate(times, names)[1:].tolist()}


if __name__ == "__main__":
    serve(_run)
