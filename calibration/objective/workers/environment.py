"""What the bits of a run depend on beside its seed: recorded when it begins, compared when it resumes.

Two kinds of difference. What changes the numbers on one machine (a package, the engine's backend, the
streams of the generators, the model itself) is refused: half a run of each would be neither. What differs
between machines (the processor, the kernels that BLAS chooses for it, Python) is a warning and is recorded,
since a run that moves to another node has to resume.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from calibration.objective.problem import Problem, Task
from models.core import files
from models.simulation.codegen.compile import compiler, widest

PROBES = 2
"""Points at which the problem is evaluated when a run begins and whenever it resumes."""

PROBE_WIDTH = 0.1  # [prior standard deviations] of the points but the first, which is the first guess


def one_thread() -> threadpool_limits:
    """Keep BLAS to one thread, on whose number the bits of a product depend; restored by whoever asks."""
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own, which must be there to be limited

    return threadpool_limits(1)


def record(seed: int = 0) -> dict[str, Any]:
    """What matters, as plain values; within `one_thread`."""
    blas = [
        {"library": info["internal_api"], "version": str(info.get("version")), "threads": info["num_threads"]}
        for info in threadpool_info()
        if info["user_api"] == "blas"
    ]
    kernels = sorted({str(i.get("architecture")) for i in threadpool_info() if i["user_api"] == "blas"})
    versions = files.versions()
    return {
        "numbers": {
            "versions": {name: v for name, v in versions.items() if name != "python"},
            "engine": "compiled" if compiler() else "interpreted",
            "blas": sorted(blas, key=str),
            "generators": generators(seed),
        },
        "machine": {
            "python": versions["python"],
            "system": f"{platform.system()} {platform.machine()}",
            "blas kernels": ", ".join(kernels),
            "numbers at once": widest()[0],
        },
    }


def generators(seed: int) -> dict[str, str]:
    """The streams that a calibration draws from, each made anew from its key, and what they give.

    No generator outlives a round but that of CMA-ES, whose place in its stream follows from the losses that
    the checkpoint holds. So the seed, the start and the kicks of a checkpoint are the state of every
    generator, as long as numpy makes the same numbers of the same key; that is what is compared.
    """
    keys = {"start": [seed, 0], "kick": [seed, 0, 1], "generation": [seed, 0, 1]}
    found = {"kind": type(np.random.default_rng(0).bit_generator).__name__}
    for name, key in keys.items():
        found[name] = _hash(np.random.default_rng(key).standard_normal(64))
    return found


def probe(problem: Problem, derivatives: Literal["log"] | None = None) -> str:
    """A hash of the problem's answers at a few points: the model, the findings and the engine in one.

    Parameters
    ----------
    derivatives : "log" or None
        As tasks ask for them: these come by another engine.
    """
    points = PROBE_WIDTH * np.random.default_rng(0).standard_normal((PROBES, problem.n))
    points[0] = 0.0
    return _hash(*(problem.evaluate_task(Task(z, derivatives=derivatives)).terms for z in points))


def _hash(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def differences(then: Mapping[str, Any], now: Mapping[str, Any], place: str = "") -> list[str]:
    """One line for each value that is another one now."""
    lines = []
    for name in sorted(then.keys() | now.keys()):
        old, new = then.get(name), now.get(name)
        where = f"{place}{name}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += differences(old, new, f"{where} ")
        elif old != new:
            lines.append(f"{where} was {_said(old)}, is {_said(new)}")
    return lines


def _said(value: Any) -> str:
    return "not recorded" if value is None else str(value)
