"""Fits beside each other: run one, keep what it cost, and score its best points with our evaluator."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.once import HERE, OTHER_TOOLS, bundle_in, environment
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from calibration.optimize import start
from calibration.optimize.gauss_newton_step import BOX
from models.export.pybnf.pybnf_text import free_id
from rewire.export.pybnf.pybnf_bundle import Options

OURS = {"rewire": "gauss-newton", "rewire-cma": "cma-es"}
PYBNF = {"pybnf-cmaes": "cmaes", "pybnf-de": "de", "pybnf-ss": "ss"}
POPULATION = {"cmaes": 20, "de": 60, "ss": 10}
"""Of PyBNF's searches; scatter search begins with 10 n points and evaluates n (n - 1) a round."""

TOOLS = (*OURS, *PYBNF, "pypesto-cma")
POINTS = 80
"""Best points of a fit that are scored."""

POLL = 0.5  # [s] between two looks at the CPU time
GRACE = 120.0  # [s] after its time in which a tool may end by itself

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Race:
    """What all tools are given."""

    problem: str
    contexts: tuple[str, ...]
    minutes: float
    cores: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a tool did: lines of its trace, and (clock, CPU seconds) on the way."""

    lines: list[Record]
    used: list[tuple[float, float]]
    status: int


def race(tool: str, asked: Race, problem: Evaluator, pythons: Mapping[str, str]) -> Record:
    """Run one tool and score its points.

    Parameters
    ----------
    tool : str
        One of `TOOLS`.
    problem : Evaluator
        The mapped findings; scores every tool's points.
    pythons : mapping
        "pybnf" and "pypesto" to the Python of their environments.
    """
    folder = Path(tempfile.mkdtemp(prefix="rewire-"))
    try:
        trace = folder / "trace.jsonl"
        if tool in OURS:
            command, place, own = _ours(tool, asked, trace), HERE.parent, dict(os.environ)
        elif tool in PYBNF:
            command, place, own = _pybnf(tool, asked, problem, folder, trace, pythons["pybnf"])
        else:
            command, place = _pypesto(asked, problem, trace, pythons["pypesto"]), HERE.parent
            own = environment(pythons["pypesto"])
        done = watched(command, place, own, trace, 60.0 * asked.minutes)
        return {
            "tool": tool,
            **asdict(asked),
            **scored(done, problem, 60.0 * asked.minutes),
            "status": done.status,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ours(tool: str, asked: Race, trace: Path) -> list[str]:
    spec = {
        "problem": asked.problem,
        "contexts": asked.contexts,
        "seed": asked.seed,
        "seconds": 60.0 * asked.minutes,
        "cores": asked.cores,
        "method": OURS[tool],
    }
    return [sys.executable, "-m", "benchmarks.fit_ours", json.dumps(spec), str(trace)]


def _pybnf(
    tool: str, asked: Race, problem: Evaluator, folder: Path, trace: Path, python: str
) -> tuple[list[str], Path, dict[str, str]]:
    method = PYBNF[tool]
    options = Options(
        method=method, population=POPULATION[method], cores=asked.cores, seed=asked.seed, iterations=10**6
    )
    place = bundle_in(folder, problem, options)
    seconds = str(60.0 * asked.minutes)
    command = [python, str(OTHER_TOOLS / "in_pybnf.py"), "fit", "rewire.conf", seconds, str(trace)]
    return command, place, environment(python)


def _pypesto(asked: Race, problem: Evaluator, trace: Path, python: str) -> list[str]:
    spec = {"problem": asked.problem, "contexts": asked.contexts}
    told = {
        "serve": [sys.executable, "-m", "benchmarks.serve", json.dumps(spec)],
        "starts": start.draw(asked.seed, 0, asked.cores, problem.n).tolist(),
        "box": BOX,
        "seconds": 60.0 * asked.minutes,
        "cores": asked.cores,
    }
    return [python, str(OTHER_TOOLS / "fit_in_pypesto.py"), json.dumps(told), str(trace)]


# --- a process and its cost -------------------------------------------------------------------------------
def watched(command: Sequence[str], folder: Path, own: Mapping[str, str], trace: Path, seconds: float) -> Run:
    """Run a command in a session of its own until it ends, or `GRACE` after its time."""
    used: list[tuple[float, float]] = []
    gone: dict[int, float] = {}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(own), stdout=said, stderr=said, start_new_session=True
        )
        try:
            while process.poll() is None:
                used.append((time.time(), tree_cpu(process.pid, gone)))
                begun = next((line["clock"] for line in lines_of(trace) if _begins(line)), None)
                if begun is not None and time.time() > begun + seconds + GRACE:
                    break
                time.sleep(POLL)
        finally:
            if process.poll() is None:
                _stop(process)
        if process.returncode not in (0, -signal.SIGTERM):
            said.seek(0)
            print(said.read()[-2000:].decode(errors="replace"), file=sys.stderr)
    return Run(lines_of(trace), used, process.returncode)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a tool and all that it started."""
    for sign, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, sign)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def tree_cpu(pid: int, seen: dict[int, float]) -> float:
    """CPU seconds of a process and all below it so far; `seen` keeps those that have ended."""
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            try:
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return sum(seen.values())


def lines_of(trace: Path) -> list[Record]:
    """The whole lines of a trace."""
    if not trace.exists():
        return []
    text = trace.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _begins(line: Record) -> bool:
    return "startup" in line or "ready" in line


# --- scores -----------------------------------------------------------------------------------------------
def scored(done: Run, problem: Evaluator, seconds: float) -> Record:
    """The best points over time: findings that hold, what PyBNF would charge, wall and CPU seconds.

    The clock begins when the last of a tool's processes is ready; what comes after its time does not count.
    """
    begun = max((line["clock"] for line in done.lines if _begins(line)), default=float("nan"))
    clocks, cpus = zip(*done.used, strict=True) if done.used else ((0.0,), (0.0,))
    last = begun + seconds
    own = [line for line in done.lines if ("z" in line or "point" in line) and line["clock"] <= last]
    points = []
    for line in _thinned(own):
        terms = problem.evaluate_task(Task(position(line, problem))).terms
        points.append(
            {
                "wall": max(0.0, line["clock"] - begun),
                "cpu": float(np.interp(line["clock"], clocks, cpus) - np.interp(begun, clocks, cpus)),
                "hold": int(problem.holds(terms).sum()),
                "penalty": float(problem.weights @ np.maximum(0.0, -terms)),
                "score": line.get("score"),
                "evaluations": line["evaluations"],
            }
        )
    counts: dict[int, float] = {}
    for line in done.lines:
        counts[line.get("process", 0)] = max(
            counts.get(line.get("process", 0), 0.0), line.get("evaluations", 0)
        )
    return {
        "of": problem.n_findings,
        "startup": begun - clocks[0],
        "evaluations": sum(counts.values()),
        "cpu": float(np.interp(last, clocks, cpus) - np.interp(begun, clocks, cpus)),
        "points": points,
    }


def _thinned(lines: list[Record]) -> list[Record]:
    """At most `POINTS` of them, with the first and the last."""
    if len(lines) <= POINTS:
        return lines
    return [lines[round(i)] for i in np.linspace(0, len(lines) - 1, POINTS)]


def position(line: Record, problem: Evaluator) -> Vector:
    """The point of a line in prior standard deviations."""
    if "z" in line:
        return np.array(line["z"], float)
    space = problem.space
    logs = np.log10([line["point"][free_id(name)] for name in space.names])
    place: Vector = (logs - space.centre_log10) / space.sd
    return place


def machine() -> dict[str, Any]:
    """What the numbers were taken on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown",
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
        "bngsim": metadata.version("bngsim"),
    }
