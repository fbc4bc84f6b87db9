"""What a calibration is to do: one object, from the command line or a saved run to the run folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from calibration.optimize.state import Budget
from calibration.storage.run_folder import SavedRun


@dataclass(frozen=True)
class CalibrationOptions:
    """Options of a calibration; those of a resumed run are in its folder.

    Attributes
    ----------
    folder : Path, optional
        A new run folder; a fresh one under `runs` by default.
    resume : SavedRun, optional
        Resume this run instead; its seed, method, findings and variants count.
    minutes, evaluations : float, optional
        The budget of this call, whichever is spent first; with `resume` and neither of them, what is left
        of the run's own.
    seed : int
        Of the prior draws.
    method : str
        A key of `rewire.analysis.fit.method.METHODS`.
    findings : Path, optional
        Another folder of findings.
    measurements : Path, optional
        A data set that is fitted beside the findings; they are what a member is chosen by.
    variants : mapping
        Competing hypotheses by name.
    freeze : bool
        Keep abundances and potencies at their first guess: only the shared kinetics are fitted.
    lanes : int
        Starts in parallel; more than one needs Gauss-Newton.
    workers : int, optional
        Processes; with a scheduler, how many workers to wait for.
    scheduler : str, optional
        Address of a dask scheduler whose workers do the evaluations.
    accept : bool
        Resume although versions, engine or model have changed since the run was begun.
    """

    folder: Path | None = None
    resume: SavedRun | None = None
    minutes: float | None = None
    evaluations: float | None = None
    seed: int = 1
    method: str = "gn"
    findings: Path | None = None
    measurements: Path | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    freeze: bool = False
    lanes: int = 1
    workers: int | None = None
    scheduler: str | None = None
    accept: bool = False

    @cached_property
    def budget(self) -> Budget:
        """The whole budget, the part that is used up included."""
        if self.resume is not None:
            return self.resume.resumed(self.minutes, self.evaluations)
        return Budget(self.minutes, self.evaluations)

    @cached_property
    def saved(self) -> dict[str, Any]:
        """What run.json keeps of them, on which the numbers of the run depend."""
        if self.resume is not None:
            return self.resume.options
        return {
            "seed": self.seed,
            "method": self.method,
            "findings": [str(self.findings.resolve())] if self.findings else [],
            "variants": dict(self.variants),
            "freeze": self.freeze,
            **({"measurements": str(self.measurements.resolve())} if self.measurements else {}),
            **({"lanes": self.lanes} if self.lanes > 1 else {}),
        }
