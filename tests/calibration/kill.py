"""Run a calibration in processes that are killed again and again: `python kill.py FOLDER METHOD KIND SEED`.

Each process is forked from this one, which has imported everything and done nothing, goes on with the run in
FOLDER and is killed: at a random moment (`time`), at a random file operation in the folder (`file`), or with
half of a file written (`half`). Prints the number of kills when a process has come to the end alive.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import calibration.storage.checkpoint
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.cma_es import CmaRounds
from calibration.optimize.gauss_newton import advance
from calibration.optimize.state import Budget
from calibration.storage.run_folder import Run

N = 40
SPACE = SimpleNamespace(
    names=[f"rate_{i}" for i in range(N)], centre_log10=np.linspace(-6, 2, N), sd=np.full(N, 0.5)
)
BUDGET = {
    "gn": Budget(evaluations=900),
    "slopes": Budget(evaluations=900),
    "cma": Budget(evaluations=700),
}


def calibrate(folder: Path, method: str) -> None:
    """Begin or go on, to the end."""
    if (folder / "run.json").exists():
        run = Run.resume(folder, SPACE, "abc")
    else:
        run = Run.create(folder, SPACE, {"seed": 5}, "abc", {}, BUDGET[method])
    rounds = CmaRounds() if method == "cma" else advance
    with Pool(problem=Inequalities(N, 90, seed=4, bend=2.0, slopes=method == "slopes")) as pool:
        run.vouch(pool.problem)
        multistart.calibrate(pool, 5, run.budget, keeper=run, state=run.state, advance=rounds)
    run.close()


def end() -> None:
    """As the kernel ends a process that is out of memory: nothing is flushed, no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


def at_operation(folder: Path, left: int) -> None:
    """Be killed just before one of the next operations on a file in the folder."""

    def seen(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("open", "os.rename", "os.remove", "os.chmod") and str(folder) in str(args[0]):
            left -= 1
            if left < 0:
                end()

    sys.addaudithook(seen)


def at_half(left: int) -> None:
    """Be killed when half of one of the next files is on the disk."""
    opened = os.fdopen

    def half(handle: int, mode: str) -> object:
        nonlocal left
        left -= 1
        if left >= 0:
            return opened(handle, mode)

        def write(data: bytes) -> None:
            os.write(handle, data[: len(data) // 2])
            os.fsync(handle)
            end()

        return _Half(write)

    os.fdopen = half  # type: ignore[assignment]


class _Half:
    """A file that can be written to once, by half."""

    def __init__(self, write: object) -> None:
        self.write = write

    def __enter__(self) -> _Half:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def main() -> None:
    """Kill until one comes through."""
    folder, method, kind = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    rng = np.random.default_rng(int(sys.argv[4]))
    calibration.storage.checkpoint.EVERY = 0.0  # a checkpoint a round: as much writing as can be
    kills = 0
    while True:
        patience = rng.uniform(0.0, 0.25)
        count = int(rng.integers(0, 80 if kind == "file" else 25))
        child = os.fork()
        if child == 0:
            if kind == "file":
                at_operation(folder, count)
            elif kind == "half":
                at_half(count)
            try:
                calibrate(folder, method)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if kind == "time":
            time.sleep(patience)
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            break
        kills += 1
    print(kills)
    sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main()
