"""Treatments run in a published model, in a process of its own (`calibration.external.published.runner`).

Files of others go to compilers and solvers in C++: what goes wrong there ends that process, not this one.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from calibration.external.published.published_model import Handled
from calibration.external.published.treatment import PublishedTreatment
from calibration.findings.claims.observation import ABSENT
from models.engines.sbml_engines import EngineFailure
from models.simulation.engine import Failure
from models.simulation.trajectory import Trajectory

LEAST = 1e-9
"""Readings in the model's units at or below this are the solver's noise."""

LIMIT_S = 600.0
"""Longest time [s] for one model."""


def simulate(
    model: Handled,
    second: float,
    runs: Mapping[PublishedTreatment, Sequence[float]],
    rest_s: float = math.inf,
    cycle_s: float = 0.0,
) -> dict[PublishedTreatment, Trajectory | Failure]:
    """Every treatment at its times.

    Parameters
    ----------
    model : Handled
    second : float
        Seconds in one unit of the model's time.
    runs : mapping of PublishedTreatment to sequence of float [s]
        Rising times from 0.
    rest_s : float [s]
        How long cells are followed before they count as untreated; infinite: until nothing moves.
    cycle_s : float [s]
        Over so much time cells are begun that never rest, and averaged; 0 where cells rest.

    Raises
    ------
    EngineFailure
        Where the engine cannot read the model, or takes too long.
    """
    rests = list(dict.fromkeys(t.rest for t in runs))
    job = {
        "text": model.text,
        "second": second,
        "least": LEAST,
        "rest": None if math.isinf(rest_s) else rest_s,
        "cycle": cycle_s,
        "readings": list(model.readings.values()),
        "names": list(model.readings),
        "inputs": dict(model.inputs),
        "factors": dict(model.factors),
        "rests": [asdict(rest) for rest in rests],
        "runs": [
            {
                "rest": rests.index(t.rest),
                "stretches": [asdict(s) for s in t.stretches],
                "times": [float(x) for x in times],
            }
            for t, times in runs.items()
        ],
    }
    names = tuple(model.readings)
    found: dict[PublishedTreatment, Trajectory | Failure] = {}
    for (t, times), told in zip(runs.items(), _ask(job), strict=True):
        if isinstance(told, str):
            found[t] = Failure(told)
        else:
            table = np.array(told, float).reshape(len(times), len(names))
            found[t] = Trajectory(np.array(times, float), names, table * (ABSENT / LEAST))
    return found


def _ask(job: Mapping[str, Any]) -> list[Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "calibration.external.published.runner"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=Path(__file__).resolve().parents[3],
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineFailure(f"not done after {LIMIT_S:g} s") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"left with status {done.returncode}"])[-1]
        raise EngineFailure(said[:400])
    answers: list[Any] = json.loads(done.stdout)
    return answers
