"""Treatments run in a published model, in a process of its own (`calibration.external.published.runner`).

Files of others go to compilers and solvers in C++: what goes wrong there ends that process, not this one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from calibration.external.published.published_model import Handled
from calibration.external.published.treatment import PublishedTreatment
from calibration.findings.claims.observation import ABSENT
from models.core.isolated import run_isolated
from models.simulation.engine import Failure
from models.simulation.trajectory import Trajectory

LEAST = 1e-9
"""Readings in the model's units at or below this are the solver's noise."""

LIMIT_S = 600.0
"""Longest time [s] for one model."""

RUNNER = "calibration.external.published.runner"


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
    answers = run_isolated(RUNNER, job, "engine", LIMIT_S)["runs"]
    names = tuple(model.readings)
    found: dict[PublishedTreatment, Trajectory | Failure] = {}
    for (t, times), answer in zip(runs.items(), answers, strict=True):
        if isinstance(answer, str):
            found[t] = Failure(answer)
        else:
            table = np.array(answer, float).reshape(len(times), len(names))
            found[t] = Trajectory(np.array(times, float), names, table * (ABSENT / LEAST))
    return found
