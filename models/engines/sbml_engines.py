"""An SBML file run by an engine that is not ours, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.isolated import EngineFailure, run_isolated, serve
from models.engines.copasi_model import CopasiModel
from models.engines.roadrunner_model import RoadRunnerModel

__all__ = [
    "ATOL",
    "ENGINES",
    "LIMIT_S",
    "RTOL",
    "EngineFailure",
    "SbmlRun",
    "available",
    "simulate",
    "simulate_runs",
]

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
    run = SbmlRun(path, [0.0, *times], names, values or {}, rtol, atol)
    (table,), version = simulate_runs(engine, [run], LIMIT_S)
    return table[1:], version


@dataclass(frozen=True)
class SbmlRun:
    """A file and what is done with it; as in `simulate`, but `times` begin with 0."""

    path: Path
    times: Sequence[float]
    names: Sequence[str]
    values: Mapping[str, float]
    rtol: float = RTOL
    atol: float = ATOL


def simulate_runs(engine: str, runs: Sequence[SbmlRun], limit_s: float) -> tuple[list[Array], str]:
    """Run files in one other process: for each run an array (n_times, n_names), and the engine's version.

    Each file is loaded once. Raises `EngineFailure`.
    """
    plain = [{**vars(run), "path": str(run.path.resolve()), "values": dict(run.values)} for run in runs]
    job = {"engine": engine, "runs": plain}
    answer = run_isolated("models.engines.sbml_engines", job, engine, limit_s)
    return [np.array(table, float) for table in answer["courses"]], f"{engine} {answer['version']}"


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    course = {"COPASI": _in_copasi, "roadrunner": _in_roadrunner}[job["engine"]]
    loaded: dict[str, Any] = {}
    tables = [course(loaded, run).tolist() for run in job["runs"]]
    return {"version": next(iter(loaded.values())).version if loaded else "", "courses": tables}


def _in_copasi(loaded: dict[str, Any], run: Mapping[str, Any]) -> Array:
    model = loaded[run["path"]] = CopasiModel(Path(run["path"]).read_text(encoding="utf-8"))
    model.set(run["values"])
    return model.simulate(run["times"], run["names"], run["rtol"], run["atol"])


def _in_roadrunner(loaded: dict[str, Any], run: Mapping[str, Any]) -> Array:
    model = loaded[run["path"]] = loaded.get(run["path"]) or RoadRunnerModel(run["path"])
    model.tolerances(run["rtol"], run["atol"])
    before = dict(zip(run["values"], model.values([*run["values"]]).tolist(), strict=True))
    model.restart(run["values"])
    table: Array = model.simulate(run["times"], run["names"])
    model.restart(before)
    return table


if __name__ == "__main__":
    serve(_run)
