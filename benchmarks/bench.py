"""What an evaluation costs and how that grows: `make bench`. Ratios, side by side in one run, on one core.

Every repeat stands at another draw near the first guess, so that no remembered resting state flatters it, and
the things compared take turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits

from calibration.objective.build import make
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from models.simulation.simulator import Simulator
from rewire.project.project import load_project

REPEATS = 7
WIDTH = 0.1
"""Of the draws [prior standard deviations]."""


def in_turn(jobs: Sequence[Callable[[Vector], object]], points: Sequence[Vector]) -> list[float]:
    """Median seconds of each job, all jobs at each point in turn; the first point only warms up."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for point in points:
        for job, own in zip(jobs, seconds, strict=True):
            start = time.perf_counter()
            job(point)
            own.append(time.perf_counter() - start)
    return [median(own[1:]) for own in seconds]


def points(problem: Evaluator) -> list[Vector]:
    """Draws (REPEATS + 1) near the first guess."""
    return list(WIDTH * np.random.default_rng(0).standard_normal((REPEATS + 1, problem.n)))


def fresh(whole: bool = False) -> Simulator:
    """A bench that remembers no resting state of another job."""
    world = load_project()
    return Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, whole=whole)


def evaluation(problem: Evaluator) -> Callable[[Vector], object]:
    """One evaluation of all its fit findings, as the optimiser asks for it."""
    return lambda z: problem.evaluate_task(Task(z))


def with_derivatives(problem: Evaluator, of: Literal["log", "terms"]) -> Callable[[Vector], object]:
    """The same with derivatives by all parameters, from one run back."""
    return lambda z: problem.evaluate_task(Task(z, derivatives=of))


def in_batch(problem: Evaluator) -> Callable[[Vector], object]:
    """Terms as a sampler asks for them."""
    return lambda z: problem.evaluate_task(Task(z, batch=True))


def runs_of(problem: Evaluator) -> int:
    """Integrations of one evaluation, settling included."""
    before = problem.bench.runs
    problem.evaluate_task(Task(np.full(problem.n, 0.01)))
    return problem.bench.runs - before


def whole_against_cut(problem: Evaluator) -> tuple[float, float]:
    """Seconds of one evaluation's simulations on cut and on whole networks."""
    jobs = []
    for whole in (False, True):
        bench = fresh(whole)
        jobs.append(lambda z, bench=bench: bench.run(problem.plan.times, problem.space.values(z)))
    cut, full = in_turn(jobs, points(problem))
    return cut, full


def main() -> None:
    """Print the table."""
    with threadpool_limits(1):
        problem = make()
        arms, contexts = len(problem.plan.times), load_project().contexts
        (once,) = in_turn([evaluation(problem)], points(problem))
        runs = runs_of(problem)
        print(f"one evaluation of all {problem.n_findings} fit findings: {1e3 * once:.0f} ms on one core")
        print(f"  {arms} treatments, {runs} integrations with settling, {1e3 * once / runs:.2f} ms each")
        cut, full = whole_against_cut(problem)
        per = [1e3 * seconds / runs for seconds in (full, cut)]
        print(f"  {per[0]:.2f} ms a run on whole networks, {per[1]:.2f} on cut ones: x {full / cut:.2f}")

        if problem.has_derivatives:
            jobs = [evaluation(problem), with_derivatives(problem, "terms")]
            jobs += [in_batch(problem), with_derivatives(problem, "log")]
            plain, terms, all_at_once, log = in_turn(jobs, points(problem))
            print(f"  with derivatives of all margins by {problem.n} parameters: x {terms / plain:.2f}")
            print(f"  all arms in a batch, as a sampler asks for them: x {all_at_once / plain:.2f}")
            print(f"    with the gradient of the log likelihood: x {log / plain:.2f}")

        print("findings, at the same treatments (each finding repeated):")
        jobs, labels = [], []
        for times in (1, 2, 4):
            many = Evaluator(
                fresh(), contexts, problem.space, problem.all * times, problem.told, problem.fixed
            )
            jobs.append(evaluation(many))
            labels.append(f"{many.n_findings} findings, {len(many.plan.times)} treatments")
        seconds = in_turn(jobs, points(problem))
        for label, value in zip(labels, seconds, strict=True):
            print(f"  {label}: x {value / seconds[0]:.2f}")

        print("distinct treatments:")
        jobs, labels = [], []
        for share in (0.25, 0.5, 1.0):
            some = problem.findings[: int(share * problem.n_findings)]
            part = Evaluator(fresh(), contexts, problem.space, some, problem.told, problem.fixed)
            jobs.append(evaluation(part))
            labels.append(len(part.plan.times))
        seconds = in_turn(jobs, points(problem))
        for count, value in zip(labels, seconds, strict=True):
            print(f"  x {count / labels[-1]:.2f} treatments ({count}): x {value / seconds[-1]:.2f} time")


if __name__ == "__main__":
    main()
