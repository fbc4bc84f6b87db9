"""SED-ML Level 1 Version 3: time courses under several treatments, drawn side by side, written and read.

libSEDML works in a process of its own: it brings a libSBML along, and the two cannot be in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from models.core.errors import Mistake, UserError
from models.core.isolated import run_isolated
from models.engines.sbml_engines import Array, SbmlRun, simulate_runs

RUN_LIMIT_S = 900.0
"""Longest time [s] that all tasks may take."""

LIMIT_S = 60.0
"""Longest time [s] that reading or writing may take."""

TOLERANCE = 1e-10
"""Relative, and absolute [copies/cell]."""


@dataclass(frozen=True, slots=True)
class Treated:
    """One curve's cells: what it is called, and the parameters of the SBML file that are set."""

    label: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Treatments of one kind of cell side by side; a picture for each observable, and a table.

    Attributes
    ----------
    id, title : str
    source : str
        The SBML file, as seen from the SED-ML file.
    arms : sequence of Treated
    observables : sequence of (str, str)
        Parameters of the file, and their units for people.
    until_s : float
    steps : int
    """

    id: str
    title: str
    source: str
    arms: Sequence[Treated]
    observables: Sequence[tuple[str, str]]
    until_s: float
    steps: int


@dataclass(frozen=True, slots=True)
class SimulationTask:
    """A simulation that a file asks for.

    Attributes
    ----------
    id : str
    source : str
    values : dict
        Parameters that are set.
    until_s : float
    steps : int
    columns : dict
        Data generator → parameter that it shows.
    """

    id: str
    source: str
    values: Mapping[str, float]
    until_s: float
    steps: int
    columns: Mapping[str, str]


def sedml(drawings: Sequence[Drawing]) -> str:
    """The text; equal input gives equal text.

    Raises
    ------
    UserError
        Where libSEDML is not installed.
    EngineFailure
        Where it finds an error: our bug.
    """
    _needs_libsedml()
    job = {"drawings": [asdict(drawing) for drawing in drawings]}
    return str(run_isolated("models.export.omex.sedml_isolated", job, "libSEDML", LIMIT_S)["text"])


def read(text: str, name: str) -> list[SimulationTask]:
    """The tasks of a file that `sedml` wrote, or one like it.

    Parameters
    ----------
    text : str
        XML that holds no entities (`models.export.omex.archive` has seen to that).
    name : str
        Of the file, for messages.

    Raises
    ------
    UserError
        For what is no SED-ML, or not of this kind, all at once; where libSEDML is not installed.
    """
    _needs_libsedml()
    job = {"text": text, "name": name}
    answer = run_isolated("models.export.omex.sedml_isolated", job, "libSEDML", LIMIT_S)
    if answer["problems"]:
        raise UserError([Mistake(**problem) for problem in answer["problems"]])
    return [SimulationTask(**task) for task in answer["tasks"]]


def _needs_libsedml() -> None:
    if find_spec("libsedml") is None:
        raise UserError("libSEDML is not installed; pip install python-libsedml")


def run_tasks(folder: Path, tasks: Sequence[SimulationTask]) -> tuple[list[Array], str]:
    """Run tasks in libRoadRunner, in another process.

    Parameters
    ----------
    folder : Path
        With the model files, by the names that the tasks give them.
    tasks : sequence of SimulationTask

    Returns
    -------
    list of array (n_times, n_columns)
        For each task its columns, at ``steps + 1`` times from 0 to its end.
    str
        The engine's version.

    Raises
    ------
    EngineFailure
    """
    runs = [
        SbmlRun(
            folder / task.source,
            np.linspace(0.0, task.until_s, task.steps + 1).tolist(),
            list(task.columns.values()),
            task.values,
            TOLERANCE,
            TOLERANCE,
        )
        for task in tasks
    ]
    return simulate_runs("roadrunner", runs, RUN_LIMIT_S)
