"""The optimiser of a run, by the options in its `run.json`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibration.optimize import gauss_newton
from calibration.optimize.cma_es import CmaRounds
from calibration.optimize.parallel_starts import ParallelStarts, Round
from models.core.files import wrong

METHODS = {"gn": "damped Gauss–Newton", "cma": "CMA-ES"}


def check_options(options: Mapping[str, Any], folder: Path) -> None:
    """Refuse options that no run of ours has."""
    method, lanes = options.get("method"), options.get("lanes", 1)
    if method not in METHODS:
        raise wrong(folder / "run.json", "options.method", repr(method), ", ".join(METHODS))
    if type(lanes) is not int or lanes < 1:
        raise wrong(folder / "run.json", "options.lanes", repr(lanes), "a whole number from 1 on")


def round_of(options: Mapping[str, Any]) -> Round:
    """One round of it."""
    if options["method"] == "cma":
        return CmaRounds()
    lanes = int(options.get("lanes", 1))
    return ParallelStarts(lanes) if lanes > 1 else gauss_newton.advance
