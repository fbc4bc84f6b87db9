"""A third-party problem with parameter sets of it: from its files, or from a run folder of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.external.external_folder import KEY, is_external, problem_of
from calibration.external.problem import ExternalProblem, make
from calibration.objective.problem import Vector
from calibration.storage.run_folder import SavedRun
from models.core import files
from models.core.errors import Mistakes, UserError
from rewire.analysis.external.external_sources import sources

FITS = "fits.csv"
"""In a run folder: every member, polished, best first."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class ExternalMembers:
    """What a question about a third-party model is asked of.

    Attributes
    ----------
    texts : mapping
        Plain values from which workers make the problem again.
    z : array (n_members, n) [prior standard deviations]
        Best first; the centre of the prior where there is no run.
    label : str
        What they are, for people.
    folder : Path or None
        The run folder.
    """

    texts: Mapping[str, Any]
    problem: ExternalProblem
    z: Vector
    label: str
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.z)

    @property
    def values(self) -> list[dict[str, float]]:
        """Parameters by name of each member, with those that the problem holds at another value."""
        problem = self.problem
        return [{**problem.free.fixed, **problem.space.values(z)} for z in self.z]


def is_about_external(model: Path | None, run: Path | None) -> bool:
    """Whether a command is about a third-party model: its file, or a run folder of it."""
    return model is not None or (run is not None and is_external(run))


def open_external(
    model: Path | None = None,
    findings: Path | None = None,
    free: Path | None = None,
    run: Path | None = None,
    count: int = 20,
    say: Say | None = None,
) -> ExternalMembers:
    """Open a third-party problem.

    Parameters
    ----------
    model, findings, free : Path, optional
        As for `rewire.analysis.external.calibrate_external.calibrate_external`.
    run : Path, optional
        A run folder, in place of these.
    count : int
        At most so many members.

    Raises
    ------
    UserError
        With all that is wrong with the files.
    """
    if run is not None:
        if model is not None or findings is not None or free is not None:
            raise UserError("a run folder keeps its model and findings: give it, or --model, not both")
        return _of_run(run, count)
    if model is None or findings is None:
        raise UserError("a model needs --findings: a folder of .toml, .prop or .exp files")
    texts = sources(model, findings, free, say or (lambda _: None))
    problem = make(**texts)
    return ExternalMembers(texts, problem, np.zeros((1, problem.n)), f"the prior's centre in {model.name}")


def _of_run(folder: Path, count: int) -> ExternalMembers:
    saved = SavedRun.read(folder)
    problem = problem_of(saved.options, folder)
    fitted = (folder / FITS).is_file()
    found = _fitted(folder / FITS, problem) if fitted else [m.z for m in saved.state.members]
    if not found:
        raise files.wrong(folder, "", "no start has ended yet", advice="Resume the run first.")
    label = f"the best {min(count, len(found))} of {len(found)} members of {folder}"
    return ExternalMembers(saved.options[KEY], problem, np.array(found[:count]), label, folder)


def _fitted(path: Path, problem: ExternalProblem) -> list[Vector]:
    """The members of `fits.csv`, in its order."""
    head, rows = files.read_table(path, "run folder", ["start", "objective", "as_pybnf_counts", "hold"])
    problems, found = Mistakes(str(path)), []
    if head[4:] != list(problem.space.names):
        problems.add("line 1", ", ".join(head[4:]), allowed=", ".join(problem.space.names))
        problems.raise_if_any()
    for number, row in enumerate(rows, 2):
        try:
            z = problem.space.point(dict(zip(head[4:], map(float, row[4:]), strict=True)))
        except ValueError as error:
            problems.add(f"line {number}", str(error))
            continue
        if not np.isfinite(z).all():
            problems.add(f"line {number}", "has values that the prior excludes")
        found.append(z)
    problems.raise_if_any()
    return found
