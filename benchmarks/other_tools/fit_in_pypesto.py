"""PyPESTO's CMA-ES on our evaluations; run by the Python that has pyPESTO (`pip install "pypesto[cma]"`).

python fit_in_pypesto.py SPEC TRACE

SPEC is JSON: `serve`, the command that answers evaluations (`benchmarks/serve.py`), `starts`, a prior draw
for each core, `box`, `seconds` and `cores`. PyPESTO has no words for the findings, so it gets our loss as a
function. TRACE takes a line of JSON for each new best point of each start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

STARTING = 60.0
"""Time [s] that the processes which answer may take to start; what comes after the time is not counted."""


class Asked:
    """The loss, from a process of its own in each process of pyPESTO; every new best point is noted."""

    def __init__(self, command: list[str], trace: str, begun: float) -> None:
        self.command, self.trace, self.begun = command, trace, begun
        self.server: Any = None
        self.best, self.count = float("inf"), 0

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "server": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __call__(self, x: Any) -> float:
        if self.server is None:
            pipe = subprocess.PIPE
            self.server = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True)
            self.server.stdout.readline()
            self.say(ready=True)
            self.server.stdin.write(json.dumps(list(x)) + "\n")
        self.server.stdin.write(json.dumps(list(x)) + "\n")
        self.server.stdin.flush()
        loss, hold = json.loads(self.server.stdout.readline())
        self.count += 1
        if loss < self.best:
            self.best = loss
            self.say(score=loss, hold=hold, z=list(map(float, x)))
        return float(loss)

    def say(self, **what: Any) -> None:
        """A line of the trace; lines are short enough to be written whole by several processes."""
        now = {"seconds": time.time() - self.begun, "clock": time.time()}
        line = json.dumps({**now, "process": os.getpid(), "evaluations": self.count, **what}) + "\n"
        with Path(self.trace).open("a", encoding="utf-8") as out:
            out.write(line)


def main() -> None:
    """Fit until the time is up."""
    import pypesto
    from pypesto import optimize
    from pypesto.engine import MultiProcessEngine, SingleCoreEngine

    asked, trace = json.loads(sys.argv[1]), sys.argv[2]
    Path(trace).write_text("", encoding="utf-8")
    starts = np.array(asked["starts"])
    asker = Asked(asked["serve"], trace, time.time())
    box = np.full(starts.shape[1], asked["box"])
    problem = pypesto.Problem(pypesto.Objective(fun=asker), lb=-box, ub=box, x_guesses=starts)
    # the sd of the first generation as in our own CMA-ES: 0.5 prior standard deviations
    optimizer = optimize.CmaOptimizer(
        par_sigma0=0.5 / (2.0 * asked["box"]),
        options={
            "popsize": 20,
            "maxiter": 10**9,
            "timeout": asked["seconds"] + STARTING,
            "verbose": -9,
            "verb_log": 0,
        },
    )
    engine = MultiProcessEngine(n_procs=asked["cores"]) if asked["cores"] > 1 else SingleCoreEngine()
    optimize.minimize(
        problem,
        optimizer,
        n_starts=asked["cores"],
        engine=engine,
        progress_bar=False,
        filename=None,
    )
    asker.say(end=True)


if __name__ == "__main__":
    main()
