"""One engine on one SBML text, in a process of its own.

``python -m rewire.audit.engines.worker`` reads a job as JSON from stdin and writes what it finds as JSON
lines, each as soon as it is there: what was found stays found when the process is ended. What an engine
prints goes to stderr.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

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
            apart = np.abs(course[after] - course[-1]).max(axis=0)
            if (apart <= STILL * peak).all():
                return 10.0**k, True
        if runner.steps > MOST_STEPS if runner.steps is not None else process_time() - begun > MOST_S:
            break
        last = end
    return max(last, at_least) or 1.0, False


def work(job: Mapping[str, Any], tell: Any) -> None:
    """Do a job, and tell each thing as it is found."""
    runner: Runner = RUNNERS[job["engine"]](job["path"], job["names"])
    tell({"is": "loaded", "version": runner.version, "names": runner.names, "moieties": runner.moieties})
    scale, until, rests = job["scale"], job["until"], job["rests"]
    if scale is None:
        scale = float(np.abs(runner.run([0.0, 1e-6], LOOKED, 1.0)[0]).max(initial=0.0)) or 1.0
    if rests is None:
        found, rests = time_to_rest(runner, scale, job["at_least"])
        until = until or found
    times = grid(until)
    tell({"is": "times", "until": until, "rests": rests, "times": times, "scale": scale})
    for rtol in job["rtols"]:
        try:
            course = runner.run(times, rtol, scale)
        except Exception as error:
            tell({"is": "failed", "rtol": rtol, "reason": " ".join(str(error).split())[:300]})
            continue
        tell({"is": "course", "rtol": rtol, "values": course.tolist()})
    if isinstance(runner, BngsimRunner):
        values = [[[v.real, v.imag] for v in state] for state in runner.rates(scale, until)]
        tell({"is": "rates", "values": values})
    if not job["steady"]:
        return
    state, why = runner.steady(scale, until)
    tell({"is": "steady", "state": None if state is None else state.tolist(), "reason": why})
    tell({"is": "moieties", "count": runner.moieties})


def _main() -> None:
    job = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # engines talk on stdout
    resource.setrlimit(resource.RLIMIT_CPU, (int(job["limit_s"]) + 1, int(job["limit_s"]) + 2))

    def tell(found: Mapping[str, Any]) -> None:
        answer.write(json.dumps(found) + "\n")
        answer.flush()

    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        path = Path(folder) / "model.xml"
        path.write_text(job["text"], encoding="utf-8")
        try:
            work({**job, "path": str(path)}, tell)
        except Exception as error:
            tell({"is": "broken", "reason": " ".join(f"{error}".split())[:300] or type(error).__name__})
    answer.close()


if __name__ == "__main__":
    _main()
