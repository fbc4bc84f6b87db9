"""What distribution costs: `python -m benchmarks.cluster`. The same rounds here, in processes and on dask.

An evaluation pretends to take 100 ms (it sleeps, so that a busy machine does not matter); rounds have the
shapes of a calibration: steps side by side that bring slopes, those of several starts, steps without slopes,
and a Jacobian by differences. The ways take turns. With `--messages`, the sizes of what is sent and shared
for the real problem; with `--lanes`, fits on up to 16 processes that sleep.
"""

from __future__ import annotations

import argparse
import math
import pickle
import time
from statistics import median
from typing import Any, Literal

import numpy as np

from calibration.objective.problem import Task
from calibration.objective.workers.dask_cluster import Chunk, ClusterPool, WorkerJob, chunks
from calibration.objective.workers.environment import probe, record
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import multistart
from calibration.optimize.parallel_starts import ParallelStarts
from calibration.optimize.state import Budget

Slopes = Literal["terms"] | None

EACH = 0.1  # [s] an evaluation
SHAPES: dict[str, tuple[int, Slopes]] = {
    "steps with slopes": (4, "terms"),
    "steps with slopes, of four starts": (16, "terms"),
    "steps": (6, None),
    "Jacobian by differences": (60, None),
}
SIZE = {"n": 235, "n_terms": 580, "slopes": True}  # that of the real problem
CROWDS = ((1, 1), (4, 1), (8, 1), (8, 4), (16, 1), (16, 8))
"""Processes and lanes."""

REPEATS = 5
WORKERS = (1, 2)


def seconds_of(pool: Pool, count: int, slopes: Slopes) -> float:
    """Median seconds of a round of so many evaluations."""
    points = np.random.default_rng(0).standard_normal((count, pool.problem.n))
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        pool.map([Task(z, derivatives=slopes) for z in points])
        took.append(time.perf_counter() - began)
    return median(took)


def overhead() -> None:
    """Rounds of 100 ms evaluations, against what they must take."""
    from distributed import LocalCluster

    start: Any = LocalCluster
    recipe = Recipe("calibration.objective.toy_problem", "inequalities", SIZE | {"seconds": EACH})
    for workers in WORKERS:
        with (
            start(n_workers=workers, threads_per_worker=1, dashboard_address=None) as made,
            Pool(recipe, workers) as local,
            ClusterPool(recipe, made.scheduler_address, workers) as far,
        ):
            for pool in (local, far):
                pool.map([Task(np.zeros(235))] * (2 * workers))  # each builds its problem
            for shape, (count, slopes) in SHAPES.items():
                least = EACH * math.ceil(count / workers)
                here, there = (seconds_of(pool, count, slopes) for pool in (local, far))
                print(
                    f"{workers} workers, {shape} ({count}): {least:.2f} s at least, processes {here:.3f} s, "
                    f"dask {there:.3f} s: x {there / here:.3f}"
                )


def scaling() -> None:
    """The real problem on one process and on two."""
    from calibration.objective.build import recipe

    made = recipe()
    points = 0.1 * np.random.default_rng(0).standard_normal((24, made.make().n))
    answers, rates = [], []
    for workers in WORKERS:
        with Pool(made, workers) as pool:
            pool.map([Task(z) for z in points[: 2 * workers]])  # networks are compiled or loaded
            began = time.perf_counter()
            answers.append([outcome.terms.tobytes() for outcome in pool.map([Task(z) for z in points])])
            rates.append(len(points) / (time.perf_counter() - began))
    print(f"real problem: {', '.join(f'{r:.1f}' for r in rates)} evaluations/s on {WORKERS} processes: ")
    print(f"  x {rates[-1] / rates[0]:.2f}; the same bits: {answers[0] == answers[-1]}")


def abreast(each: float = 0.5) -> None:
    """Evaluations a second of a fit by processes and lanes, an evaluation with slopes taking so long."""
    alone = 0.0
    for workers, lanes in CROWDS:
        recipe = Recipe(
            "calibration.objective.toy_problem", "inequalities", SIZE | {"bend": 2.0, "seconds": each}
        )
        with Pool(recipe, workers) as pool:
            budget = Budget(evaluations=60.0 * workers)
            state = multistart.calibrate(pool, 1, budget, advance=ParallelStarts(lanes))
        rate = state.evaluations / state.seconds
        alone = alone or rate
        print(f"{workers} processes, {lanes} lanes: {rate:.1f} evaluations/s, x {rate / alone:.1f}")


def messages() -> None:
    """Bytes of what travels, for the real problem."""
    from calibration.objective.build import recipe
    from calibration.objective.problem import SHARED
    from models.network import SHIPPED, cache_dir

    made = recipe()
    problem = made.make()
    z, only = np.random.default_rng(0).standard_normal(problem.n), np.ones(problem.n_terms, dtype=bool)
    errand = WorkerJob(made, probe(problem), record(), "evaluate_task")
    outcome = problem.evaluate_task(Task(z))
    columns = [
        Task(z + i, None if problem.scopes[i] == SHARED else z, problem.scopes[i], only)
        for i in range(problem.n)
    ]
    print(f"{problem.n} parameters, {problem.n_terms} terms")
    print(f"recipe {size(made)}, errand with what the bits depend on {size(errand)}")
    print(f"a step {size(Chunk((Task(z),)))}, an outcome {size(Chunk((outcome,)))}")
    for workers in (2, 100, 600):
        cut = [Chunk(tuple(columns[i] for i in part)) for part in chunks(problem.n, workers)]
        sent = sum(len(pickle.dumps(part)) + len(pickle.dumps(errand)) for part in cut)
        print(f"a Jacobian for {workers} workers: {len(cut)} messages, {sent / 1e6:.2f} MB sent")
    for name, folder in (("networks that ship", SHIPPED), ("compiled networks", cache_dir("compiled"))):
        found = [path for path in folder.rglob("*") if path.is_file()]
        print(f"{name}: {len(found)} files, {sum(p.stat().st_size for p in found) / 1e6:.1f} MB")


def size(what: object) -> str:
    """As it would be sent."""
    return f"{len(pickle.dumps(what)):,} bytes"


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", action="store_true", help="sizes for the real problem")
    parser.add_argument("--lanes", action="store_true", help="fits on up to 16 processes that sleep")
    parser.add_argument("--scaling", action="store_true", help="the real problem on one and two processes")
    asked = parser.parse_args()
    if asked.messages:
        messages()
    if asked.scaling:
        scaling()
    if asked.lanes:
        abreast()
    if not (asked.messages or asked.scaling or asked.lanes):
        overhead()


if __name__ == "__main__":
    main()
