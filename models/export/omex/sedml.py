"""SED-ML Level 1 Version 3: time courses under several treatments, plotted together; written and read.

libSEDML runs in a separate process, because its own libSBML conflicts with ours.
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
    """The cells of one curve: its label, and the parameters of the SBML file that are set."""

    label: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Treatments of one kind of cell; a plot for each observable, and a table.

    Attributes
    ----------
    id, title : str
    source : str
        The SBML file, relative to the SED-ML file.
    arms : sequence of Treated
    observables : sequence of (str, str)
        Parameters of the file, and their units.
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
    """A simulation in a file: `values` are the parameters that are set, `columns` the output.

    `columns` maps data generators to parameters.
    """

    id: str
    source: str
    values: Mapping[str, float]
    until_s: float
    steps: int
    columns: Mapping[str, str]


def sedml(drawings: Sequence[Drawing]) -> str:
    """The SED-ML text; equal input gives equal text.

    Raises
    ------
    UserError
        If libSEDML is not installed.
    EngineFailure
        If libSEDML finds an error, which is our bug.
    """
    _needs_libsedml()
    job = {"drawings": [asdict(drawing) for drawing in drawings]}
    return str(run_isolated("models.export.omex.sedml_isolated", job, "libSEDML", LIMIT_S)["text"])


def read(text: str, name: str) -> list[SimulationTask]:
    """The tasks of a file such as `sedml` writes; `name` is that of the file, for messages.

    The text must be free of XML entities (`models.export.omex.archive` checks that).

    Raises
    ------
    UserError
        If it is not SED-ML, or not of this kind, all at once; if libSEDML is not installed.
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
