"""PyBNF from the inside; run by the Python that has PyBNF, in the folder of a bundle.

python in_pybnf.py fit rewire.conf SECONDS TRACE
    PyBNF's own fit; every new best point is noted with its time.
python in_pybnf.py penalties rewire.conf POINTS OUT
    What PyBNF charges for each line at given points, and how long each evaluation takes.

Needs nothing but PyBNF, and changes nothing of what it computes. TRACE is JSON lines; POINTS is a JSON list
of {PyBNF's name: value}; OUT is JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

STARTING = 1800.0
"""Longest time [s] until the first result."""


def fit(conf: str, seconds: float, trace: str) -> None:
    """Run PyBNF on `conf` for so many seconds of search.

    The clock begins with the first result: until then its workers still load and compile.
    """
    from pybnf import pset
    from pybnf import pybnf as program
    from pybnf.algorithms.base import Algorithm
    from pybnf.budget import FitBudget

    begun = time.monotonic()
    out = Path(trace).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 (open until the process ends)
    state: dict[str, Any] = {"best": float("inf"), "count": 0, "start": None}
    add, run = pset.Trajectory.add, Algorithm.run

    def noted_add(self: Any, point: Any, score: float, *rest: Any, **named: Any) -> Any:
        state["count"] += 1
        if state["start"] is None:
            state["start"] = time.monotonic()
            say(startup=state["start"] - begun)
            state["budget"].limit = state["budget"].elapsed() + seconds
        if score < state["best"]:
            state["best"] = score
            say(score=float(score), point={name: point[name] for name in point.keys()})  # noqa: SIM118
        return add(self, point, score, *rest, **named)

    def noted_run(self: Any, *rest: Any, **named: Any) -> Any:
        self.budget = state["budget"] = FitBudget(seconds + STARTING)
        try:
            return run(self, *rest, **named)
        finally:
            say(end=True)

    def say(**what: Any) -> None:
        after = time.monotonic() - (state["start"] or begun)
        out.write(
            json.dumps({"seconds": after, "clock": time.time(), "evaluations": state["count"], **what}) + "\n"
        )

    pset.Trajectory.add, Algorithm.run = noted_add, noted_run  # type: ignore[method-assign]
    sys.argv = ["pybnf", "-o", "-c", conf]
    program.main()


def penalties(conf: str, points: str, out: str) -> None:
    """Charge each line of the .prop files at each point, in the order of the files."""
    from pybnf import pybnf as program
    from pybnf.algorithms import core
    from pybnf.pset import PSet

    sys.argv = ["pybnf", "-o", "-c", conf]
    begun = time.perf_counter()
    arguments = program._build_arg_parser().parse_args()
    config = program.load_config(conf)
    program._initialize_random_seed(config)
    program._prepare_run_directories(config, arguments)
    algorithm = program._create_algorithm(config)
    startup = time.perf_counter() - begun
    answers = []
    for number, values in enumerate(json.loads(Path(points).read_text(encoding="utf-8"))):
        point = PSet(
            [variable.set_value(values[variable.name], reflect=False) for variable in config.variables]
        )
        point.name = f"point_{number}"
        begun, worked = time.perf_counter(), time.process_time()
        job = core.Job(
            algorithm.model_list,
            point,
            point.name,
            algorithm.sim_dir,
            config.config["wall_time_sim"],
            None,
            None,
            {},
            delete_folder=True,
        )
        result = core.run_job(job, True, algorithm.failed_logs_dir)
        if isinstance(result, core.FailedSimulation):
            answers.append({"failed": True})
            continue
        score = algorithm.objective.evaluate_multiple(
            result.simdata, algorithm.exp_data, result.pset, config.constraints
        )
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
        charged = {
            group.base_suffix: [float(c.penalty(result.simdata)) for c in group.constraints]
            for group in config.constraints
        }
        enforced = {
            group.base_suffix: [len(c._penalty_intervals(result.simdata)) for c in group.constraints]
            for group in config.constraints
        }
        answers.append(
            {"score": float(score), "seconds": seconds, "cpu": cpu, "charged": charged, "enforced": enforced}
        )
    version = f"PyBNF {metadata.version('pybnf')}, bngsim {metadata.version('bngsim')}"
    told = {"version": version, "startup": startup, "points": answers}
    Path(out).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "fit":
        fit(arguments[0], float(arguments[1]), arguments[2])
    else:
        penalties(*arguments)
