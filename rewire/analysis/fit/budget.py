"""What a calibration may use, and what that will cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task
from calibration.objective.simulation_plan import describe
from calibration.optimize.state import Budget, State
from calibration.storage.run_folder import SavedRun

Say = Callable[[str], None]


def target(resume: Path | None, minutes: float | None, evaluations: float | None) -> Budget:
    """The whole budget, the part that is used up included, so that an interrupted run comes to the same end.

    Given a budget, a resumed run gets that much more; given none, it uses up what it was given before.
    """
    if resume is None:
        return Budget(minutes, evaluations)
    return SavedRun.read(resume).resumed(minutes, evaluations)


def preview(problem: Evaluator, say: Say, budget: Budget, state: State | None, workers: int) -> None:
    """What the run will cost, from one evaluation that is timed."""
    start = np.zeros(problem.n)
    problem.evaluate_task(Task(start))  # makes and compiles the networks
    began = time.perf_counter()
    problem.evaluate_task(Task(start))
    each = time.perf_counter() - began
    counts = describe(problem.plan)
    say(
        f"{problem.n_findings} fit findings, {problem.n} parameters, {counts['arms']} treatments in "
        f"{counts['contexts']} cell contexts; one evaluation takes {1e3 * each:.0f} ms, {workers} at a time."
    )
    rate = workers / each
    done = state or State(0)
    limits = []
    if budget.evaluations:
        left = max(0.0, budget.evaluations - done.evaluations)
        limits.append(f"{left:,.0f} evaluations take about {left / rate / 60:.1f} min")
    if budget.minutes:
        left = max(0.0, budget.minutes - done.seconds / 60)
        limits.append(f"{left:.3g} min are about {60 * left * rate:,.0f} evaluations")
    say("; ".join(limits) + ". Ctrl-C stops, and --resume continues.")
