"""What one evaluation of all findings costs, in our engine and in others.

Every engine does the same simulations at the same tolerances: the cells settle, each distinct treatment runs
once. PyBNF and we also score the findings. Our own evaluation is timed before and after each peer, so that a
machine that slows down slows both.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import engines
from benchmarks.problems import size
from benchmarks.tasks import Work, difference, readings, work_of
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from models.export.pybnf.pybnf_text import free_id
from rewire.export.pybnf.pybnf_bundle import Options
from rewire.export.pybnf.pybnf_problem import write_pybnf
from rewire.project.project import load_project

HERE = Path(__file__).parent
OTHER_TOOLS = HERE / "other_tools"
TOOLS = ("pysb", "bionetgen", "pybnf", "roadrunner", "amici")
WIDTH = 0.1
"""Of the draws [prior standard deviations]."""

Record = dict[str, Any]


def draws(problem: Evaluator, count: int) -> list[Vector]:
    """Points near the first guess; another one each time, so that no remembered resting state helps."""
    return list(WIDTH * np.random.default_rng(0).standard_normal((count, problem.n)))


def cpu() -> float:
    """CPU seconds of this process and of those that it waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    begun, worked = time.perf_counter(), cpu()
    job()
    return time.perf_counter() - begun, cpu() - worked


def medians(times: Sequence[tuple[float, float]]) -> Record:
    """Of wall and CPU seconds."""
    return {"wall": median(t[0] for t in times), "cpu": median(t[1] for t in times)}


def ours(problem: Evaluator, points: Sequence[Vector]) -> list[tuple[float, float]]:
    """Evaluations as our optimiser asks for them."""
    return [timed(lambda z=z: problem.evaluate_task(Task(z))) for z in points]  # type: ignore[misc]


def once(problem: Evaluator, tool: str, pythons: dict[str, str], repeats: int) -> Record:
    """One peer beside us.

    Parameters
    ----------
    tool : str
        One of `TOOLS`.
    pythons : dict
        Tool to the Python of its environment.
    """
    points = draws(problem, 2 * repeats + 1)
    ours(problem, points[:1])
    before = ours(problem, points[1 : repeats + 1])
    made = {
        "pysb": _pysb,
        "bionetgen": _bionetgen,
        "pybnf": _pybnf,
        "roadrunner": _roadrunner,
        "amici": _amici,
    }[tool](problem, draws(problem, repeats + 1), pythons.get(tool, ""))
    after = ours(problem, points[repeats + 1 :])
    us = medians([*before, *after])
    species, reactions = size(problem.bench.built)
    return {
        "tool": tool,
        "species": species,
        "reactions": reactions,
        "findings": problem.n_findings,
        "treatments": len(problem.plan.times),
        "ours": us,
        **made,
        "x wall": made["wall"] / us["wall"],
        "x cpu": made["cpu"] / us["cpu"],
    }


# --- peers ------------------------------------------------------------------------------------------------
def _simulated(
    problem: Evaluator, points: Sequence[Vector], run: Callable[[Work], engines.Answer], doses: bool
) -> Record:
    works = [work_of(problem, z, doses) for z in points]
    apart = difference(readings(problem, points[0], works[0]), run(works[0]))  # also warms up
    times = [timed(lambda work=work: run(work)) for work in works[1:]]  # type: ignore[misc]
    return {**medians(times), "apart": apart}


def _pysb(problem: Evaluator, points: Sequence[Vector], _: str) -> Record:
    run, version = engines.pysb_scipy(problem.bench.built)
    return {"version": version, **_simulated(problem, points, run, False)}


def _roadrunner(problem: Evaluator, points: Sequence[Vector], _: str) -> Record:
    run, version = engines.roadrunner(problem.bench.built)
    return {"version": version, **_simulated(problem, points, run, True)}


def named(problem: Evaluator, z: Vector) -> dict[str, float]:
    """A point by PyBNF's names."""
    space = problem.space
    logs = space.centre_log10 + space.sd * z
    return {free_id(name): float(10.0**x) for name, x in zip(space.names, logs, strict=True)}


def _bionetgen(problem: Evaluator, points: Sequence[Vector], _: str) -> Record:
    with tempfile.TemporaryDirectory(prefix="rewire-") as place:
        folder = bundle_in(Path(place), problem, Options())
        run, version = engines.bionetgen(folder, named(problem, points[0]))
        times = [timed(lambda z=z: run(named(problem, z))) for z in points[1:]]  # type: ignore[misc]
    return {"version": version, **medians(times)}


def bundle_in(folder: Path, problem: Evaluator, options: Options) -> Path:
    """The problem as PyBNF reads it."""
    built, world = problem.bench.built, load_project()
    place = folder / "bundle"
    write_pybnf(place, problem.findings, world, options, built, problem.space, whole=True)
    return place


def _pybnf(problem: Evaluator, points: Sequence[Vector], python: str) -> Record:
    with tempfile.TemporaryDirectory(prefix="rewire-") as place:
        folder = bundle_in(Path(place), problem, Options())
        asked, told = Path(place) / "points.json", Path(place) / "told.json"
        asked.write_text(json.dumps([named(problem, z) for z in points]), encoding="utf-8")
        command = [
            python,
            str(OTHER_TOOLS / "in_pybnf.py"),
            "penalties",
            "rewire.conf",
            str(asked),
            str(told),
        ]
        call(command, folder)
        answer = json.loads(told.read_text(encoding="utf-8"))
    terms = problem.evaluate_task(Task(points[0])).terms
    mine, theirs = float(problem.weights @ np.maximum(0.0, -terms)), answer["points"][0]["score"]
    times = [(point["seconds"], point["cpu"]) for point in answer["points"][1:]]
    return {
        "version": answer["version"],
        "startup": answer["startup"],
        "apart": abs(mine - theirs) / max(theirs, 1e-3),
        **medians(times),
    }


def _amici(problem: Evaluator, points: Sequence[Vector], python: str) -> Record:
    works = [work_of(problem, z, doses=True) for z in points]
    with tempfile.TemporaryDirectory(prefix="rewire-") as place:
        asked, told = Path(place) / "work.json", Path(place) / "told.json"
        (Path(place) / "cells.xml").write_text(engines.without_cells(problem.bench.built), encoding="utf-8")
        asked.write_text(json.dumps([work.plain() for work in works]), encoding="utf-8")
        call(
            [python, str(OTHER_TOOLS / "in_amici.py"), "cells.xml", str(asked), str(told)],
            Path(place),
        )
        answer = json.loads(told.read_text(encoding="utf-8"))
    theirs = [np.array(table) for table in answer["readings"]]
    apart = difference(readings(problem, points[0], works[0]), theirs)
    times = list(zip(answer["wall"], answer["cpu"], strict=True))
    return {"version": answer["version"], "startup": answer["startup"], "apart": apart, **medians(times[1:])}


def environment(python: str) -> dict[str, str]:
    """Of a peer: its own programs first, one thread, and BioNetGen where PyBNF looks for it."""
    from pysb.pathfinder import get_path

    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    own["PATH"] = os.pathsep.join((str(Path(python).parent), own.get("PATH", "")))
    return {**own, **threads, "BNGPATH": str(Path(get_path("bng")).parent)}


def call(command: list[str], folder: Path) -> None:
    """Run a peer; what it says is shown only where it fails."""
    done = subprocess.run(
        command, cwd=folder, env=environment(command[0]), capture_output=True, text=True, check=False
    )
    if done.returncode:
        print((done.stdout + done.stderr)[-3000:], file=sys.stderr)
        raise RuntimeError(f"{Path(command[1]).name} left with status {done.returncode}")
