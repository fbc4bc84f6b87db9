"""Code of others run in a process of its own: what it prints, changes or breaks stays there.

The parent calls `run_isolated` or `stream_isolated` with a module; the module's main program calls `serve`.
The job goes in as JSON on stdin, each record comes back as a line of JSON as soon as it is there.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
"""Folder of the packages."""

Job = Mapping[str, Any]


class EngineFailure(Exception):
    """An engine could not read or run a file, and what it wrote about that."""


def run_isolated(module: str, job: Job, name: str, limit_s: float) -> dict[str, Any]:
    """Run ``python -m module`` with a job; the record that it answers.

    Parameters
    ----------
    module : str
        Calls `serve` as its main program.
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
    records, broken = stream_isolated([sys.executable, "-m", module], job, limit_s)
    if broken:
        raise EngineFailure(f"{name}: {broken}")
    answer: dict[str, Any] = records[-1]
    return answer


def stream_isolated(
    command: Sequence[str],
    job: Job,
    limit_s: float,
    cpu_s: int | None = None,
    env: Mapping[str, str] | None = None,
) -> tuple[list[Any], str]:
    """Every record that a command wrote before it ended, and why it ended early; "" where it did not.

    Parameters
    ----------
    limit_s : float
        Longest time [s].
    cpu_s : int, optional
        Longest time of one core [s].
    env : mapping, optional
        The environment; this one's by default.
    """
    broken = ""
    try:
        done = subprocess.run(
            list(command),
            input=json.dumps({**job, "cpu_s": cpu_s}).encode(),
            capture_output=True,
            cwd=ROOT,
            env=env,
            timeout=limit_s,
            check=False,
        )
        text = done.stdout
        if cpu_s is not None and done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            broken = f"not done after {cpu_s} s of one core"
        elif done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            broken = lines[-1][:400] if lines else f"left with status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        text, broken = error.stdout or b"", f"not done after {limit_s:g} s"
    except OSError as error:
        return [], f"{command[0]}: {error.strerror}"
    whole = text.decode(errors="replace").split("\n")[:-1]
    return [json.loads(line) for line in whole if line], broken


def serve(work: Callable[[Job], Mapping[str, Any] | Iterable[Any]]) -> None:
    """The other side: read the job, work, write the record or records. What is printed goes to stderr."""
    job = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # engines print to stdout
    if job.get("cpu_s") is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_s"] + 1, job["cpu_s"] + 2))
    found = work(job)
    for record in [found] if isinstance(found, Mapping) else found:
        out.write(json.dumps(record) + "\n")
        out.flush()
    out.close()
