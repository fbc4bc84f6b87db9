"""Our own fit as a peer among peers: `python -m benchmarks.fit_ours SPEC TRACE`.

SPEC is JSON: problem, contexts, seed, seconds, cores and method ("gauss-newton" or "cma-es"). TRACE takes a
line of JSON for each new best point.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import cma_es, gauss_newton
from calibration.optimize.multistart import calibrate
from calibration.optimize.state import Budget, Progress, State

METHODS = {"gauss-newton": lambda: gauss_newton.advance, "cma-es": cma_es.CmaRounds}


class Notes:
    """Writes a line for each new best point; a `calibration.optimize.state.StateKeeper`."""

    def __init__(self, trace: Path) -> None:
        self.out = trace.open("w", encoding="utf-8", buffering=1)
        self.begun = time.monotonic()
        self.last: bytes = b""

    def start(self) -> None:
        """The search begins."""
        self.say(startup=time.monotonic() - self.begun)
        self.begun = time.monotonic()

    def say(self, **what: Any) -> None:
        """One line."""
        now = {"seconds": time.monotonic() - self.begun, "clock": time.time()}
        self.out.write(json.dumps({**now, **what}) + "\n")

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Note the best point of the start that is under way, or of the one that has just ended."""
        best = state.best if state.best is not None else state.members[-1].z if state.members else None
        if best is not None and best.tobytes() != self.last:
            self.last = best.tobytes()
            self.say(evaluations=state.evaluations, z=np.asarray(best).tolist())


def main() -> None:
    """Fit."""
    asked = json.loads(sys.argv[1])
    notes = Notes(Path(sys.argv[2]))
    options = {"problem": asked["problem"], "contexts": asked["contexts"], "mapped": True}
    with Pool(Recipe("benchmarks.problems", "make", options), asked["cores"]) as pool:
        notes.start()
        budget = Budget(minutes=asked["seconds"] / 60.0)
        state = calibrate(pool, asked["seed"], budget, keeper=notes, advance=METHODS[asked["method"]]())
    notes.say(end=True, evaluations=state.evaluations)


if __name__ == "__main__":
    main()
