"""One engine on one SBML text, in a process of its own.

Each thing is written as soon as it is there: what was found stays found when the process is ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from time import process_time
from typing import Any

import numpy as np

from models.core.isolated import serve
from rewire.audit.engines.runners import LEAST, LOOKED, RUNNERS, BngsimRunner, Runner

DECADES = tuple(range(-2, 9))
"""Powers of ten [the model's unit of time] at which it is looked whether a model rests."""

MOST_STEPS = 5_000
"""Steps that a run may take for an even longer one to be tried."""

MOST_S = 2.0
"""The same [s], where an engine does not count its steps."""

STILL = 1e-3
"""At rest, nothing changes by more than this part of its peak over a decade of time."""


def grid(until: float) -> list[float]:
    """Times that see what is fast and what is slow, and hit no round number, where events are."""
    slow = (np.arange(24) + 0.37) / 24 * until
    fast = until * np.logspace(-5, -1.5, 24) * 1.0137
    return [0.0, *np.unique(np.r_[fast, slow, until * 1.0000017]).tolist()]


def time_to_rest(runner: Runner, scale: float, at_least: float) -> tuple[float, bool]:
    """The decade of time after which nothing moves, and whether there is one.

    Found by runs that are ever longer, until one shows rest over its last decade, fails, or takes more steps
    (or time) than `MOST_STEPS` (`MOST_S`); then the longest one before that counts.
    """
    last = 0.0
    for end in (10.0**k for k in DECADES if k >= 2):
        times = [0.0, *(10.0**k for k in np.linspace(-3, math.log10(end), 40))]
        begun = process_time()
        try:
            course = runner.run(times, LOOKED, scale)
        except Exception:  # engines raise what they like
            break
        if not np.isfinite(course).all():
            break
        peak = np.maximum(np.abs(course).max(axis=0), LEAST * scale)
        for k in DECADES:
            after = [i for i, t in enumerate(times) if t >= 10.0**k]
            if 10.0 ** (k + 1) > end or 10.0**k < at_least or not after:
                continue
            distance = np.abs(course[after] - course[-1]).max(axis=0)
            if (distance <= STILL * peak).all():
                return 10.0**k, True
        if runner.steps > MOST_STEPS if runner.steps is not None else process_time() - begun > MOST_S:
            break
        last = end
    return max(last, at_least) or 1.0, False


def work(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Do a job, and yield each thing as it is found."""
    try:
        yield from _look(job)
    except Exception as error:
        reason = " ".join(f"{error}".split())[:300] or type(error).__name__
        yield {"is": "broken", "reason": reason}


def _look(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    runner: Runner = RUNNERS[job["engine"]](job["text"], job["names"])
    version = f"{job['engine']} {runner.version}"
    yield {"is": "loaded", "version": version, "names": runner.names, "moieties": runner.moieties}
    scale, until, rests = job["scale"], job["until"], job["rests"]
    if scale is None:
        scale = float(np.abs(runner.run([0.0, 1e-6], LOOKED, 1.0)[0]).max(initial=0.0)) or 1.0
    if rests is None:
        found, rests = time_to_rest(runner, scale, job["at_least"])
        until = until or found
    times = grid(until)
    yield {"is": "times", "until": until, "rests": rests, "times": times, "scale": scale}
    for rtol in job["rtols"]:
        try:
            course = runner.run(times, rtol, scale)
        except Exception as error:
            yield {"is": "failed", "rtol": rtol, "reason": " ".join(str(error).split())[:300]}
            continue
        yield {"is": "course", "rtol": rtol, "values": course.tolist()}
    if isinstance(runner, BngsimRunner):
        values = [[[v.real, v.imag] for v in state] for state in runner.rates(scale, until)]
        yield {"is": "rates", "values": values}
    if not job["steady"]:
        return
    state, why = runner.steady(scale, until)
    yield {"is": "steady", "state": None if state is None else state.tolist(), "reason": why}
    yield {"is": "moieties", "count": runner.moieties}


if __name__ == "__main__":
    serve(work)
