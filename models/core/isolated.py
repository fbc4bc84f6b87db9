"""Code of others run in a process of its own: what it prints, keeps or breaks stays there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class EngineFailure(Exception):
    """An engine could not read or run a file, and what it said."""


def apart(module: str, job: Mapping[str, Any], name: str, limit_s: float) -> dict[str, Any]:
    """Run ``python -m module`` with a job on its stdin; what it answers (see `answer`).

    Parameters
    ----------
    module : str
        Calls `answer` as its main program.
    job : mapping
        In JSON's types.
    name : str
        Of the engine, for messages.
    limit_s : float
        Longest time [s].

    Raises
    ------
    EngineFailure
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=str(Path(__file__).resolve().parents[2]),
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineFailure(f"{name}: not done after {limit_s:g} s") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"left with status {done.returncode}"])[-1]
        raise EngineFailure(f"{name}: {said}")
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


def answer(work: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """The other side: read the job, work, write the answer. What is printed meanwhile goes to stderr."""
    job = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # engines talk on stdout
    json.dump(work(job), out)
    out.close()
