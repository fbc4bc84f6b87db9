"""Calibrate a model of others: its file, a folder of findings, and what is free."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calibration.external.evaluated import Evaluated
from calibration.external.external_folder import KEY, ExternalRun, digest, problem_of
from calibration.external.least_squares import polish
from calibration.external.problem import ExternalProblem, make, recipe
from calibration.objective.problem import Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget, Progress
from calibration.storage.run_folder import Run
from models.core import files
from models.core.errors import UserError
from models.core.signals import stoppable, terminated
from rewire.analysis.external.external_sources import sources
from rewire.analysis.external.external_table import ExternalOutcome
from rewire.analysis.fit.budget import target
from rewire.analysis.fit.calibrate import fresh_folder
from rewire.analysis.fit.method import check_options, round_of

POLISHED = 5
"""Members that are polished."""

POLISH = 400
"""Evaluations for each of them."""

Say = Callable[[str], None]


def calibrate_external(
    model: Path | None = None,
    findings: Path | None = None,
    free: Path | None = None,
    folder: Path | None = None,
    resume: Path | None = None,
    minutes: float | None = None,
    evaluations: float | None = None,
    seed: int = 1,
    method: str = "gn",
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    say: Say | None = None,
    scheduler: str | None = None,
    accept: bool = False,
    lanes: int = 1,
) -> ExternalOutcome:
    """Calibrate a model of others.

    Parameters
    ----------
    model : Path
        .bngl, .net, .xml or .sbml; or .py, a PySB module, which is run.
    findings : Path
        A folder of .toml (arms and findings), .prop (BPSL constraints) and .exp (measured points) files.
    free : Path, optional
        What is free, and the priors; by default `free.toml` beside the findings or the model.
    folder, resume, minutes, evaluations, seed, method, workers, scheduler, accept, lanes
        As for `rewire.analysis.fit.calibrate.calibrate`.
    """
    tell: Say = say or (lambda _: None)
    with stoppable():
        budget = target(resume, minutes, evaluations)
        if resume is not None:
            options = Run.options_of(resume)
            problem = problem_of(options, resume)
            check_options(options, resume)
            run = ExternalRun.resume(resume, problem.space, digest(options[KEY]), accept)
            run.grant(budget)
        else:
            if model is None or findings is None:
                raise UserError("a model needs --findings: a folder of .toml, .prop or .exp files")
            texts = sources(model, findings, free, tell)
            options = {"seed": seed, "method": method, KEY: texts, **({"lanes": lanes} if lanes > 1 else {})}
            problem = make(**texts)
            check_options(options, folder or Path())
            where = folder or fresh_folder()
            run = ExternalRun.create(where, problem.space, options, digest(texts), {}, budget)
        try:
            return _fit(
                run,
                problem,
                budget,
                _pool(options, problem, workers, scheduler, tell),
                progress,
                tell,
                accept,
            )
        finally:
            run.close()


def _pool(
    options: Mapping[str, Any], problem: ExternalProblem, workers: int | None, scheduler: str | None, say: Say
) -> Pool:
    made = recipe(options[KEY])
    if scheduler is None:
        return Pool(made, workers, problem)
    from calibration.objective.workers.dask_cluster import ClusterPool

    return ClusterPool(made, scheduler, workers or 1, problem, say)


def _fit(
    run: Run,
    problem: ExternalProblem,
    budget: Budget,
    pool: Pool,
    progress: Callable[[Progress], None] | None,
    tell: Say,
    accept: bool,
) -> ExternalOutcome:
    for line in preamble(problem):
        tell(line)
    options = run.about["options"]
    with pool:
        run.vouch(problem, accept)
        state = multistart.calibrate(
            pool, int(options["seed"]), budget, problem.settings, progress, run, run.state, round_of(options)
        )
        if terminated():
            tell(f"Stopped; `rewire calibrate --resume {run.folder}` goes on.")
        members = multistart.members_of(state, problem)
        if not members or terminated():
            raise KeyboardInterrupt  # before the first round was done there is nothing to show
        tell("Polishing the best members …")
        fits, spent = finish(problem, [m.z for m in members])
    outcome = ExternalOutcome(run.folder, problem, fits, state.seconds, state.evaluations + spent)
    _write(outcome)
    return outcome


def preamble(problem: ExternalProblem) -> list[str]:
    """What is to be fitted, and what of the files is not as it was meant."""
    counts = [
        f"{len(problem.fit)} findings" if problem.fit else "",
        f"{len(problem.constraints)} constraints" if problem.constraints else "",
        f"{len(problem.points)} measured points" if problem.points else "",
    ]
    size = f"{len(problem.model.species)} species, {problem.n} free parameters, {len(problem.arms)} arms"
    lines = [f"{problem.model.name}: {size}; {', '.join(c for c in counts if c)}."]
    lines += list(problem.model.notes)
    lines += [f"In PyBNF, without a word, {name} is {said}." for name, said in problem.overlooked.items()]
    return lines


def finish(
    problem: ExternalProblem, points: Sequence[Vector]
) -> tuple[list[tuple[int, Vector, Evaluated]], int]:
    """All members, best first, the best of them polished; and the evaluations that this took."""
    found = [(i, z, problem.evaluate(z)) for i, z in enumerate(points)]
    found.sort(key=lambda fit: rank(problem, fit[2]))
    spent = len(found)
    if problem.constraints or problem.points:
        for k, (i, z, before) in enumerate(found[:POLISHED]):
            better, count = polish(problem, z, POLISH)
            after = problem.evaluate(better)
            spent += count
            # a verdict is not given up for a gain that nobody sees
            if after.objective < before.objective and after.hold >= before.hold:
                found[k] = (i, better, after)
        found.sort(key=lambda fit: rank(problem, fit[2]))
    return found, spent


def rank(problem: ExternalProblem, seen: Evaluated) -> tuple[float, float]:
    """Lower is better: the objective where there is one, and the number of what is lost."""
    lost = float(len(seen.scores) + len(seen.judged) - seen.hold)
    measured = problem.constraints or problem.points
    return (seen.objective, lost) if measured else (lost, seen.objective)


def _write(outcome: ExternalOutcome) -> None:
    head = ["start", "objective", "as_pybnf_counts", "hold", *outcome.problem.space.names]
    rows = [
        [
            i,
            float(seen.objective),
            float(seen.pybnf),
            seen.hold,
            *outcome.problem.space.values(np.asarray(z)).values(),
        ]
        for i, z, seen in outcome.fits
    ]
    files.write(outcome.folder / "fits.csv", files.table(head, rows))
