"""A calibration from start to end: preview, run, findings table, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.build import findings_hash, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import multistart
from calibration.optimize.parallel_starts import BUSY
from calibration.optimize.state import Member, Progress
from calibration.storage.run_folder import TRACE, Run
from models.core.files import new_folder, sweep
from models.core.signals import stoppable, terminated
from rewire.analysis.check.check import evaluate_all, summarize_all
from rewire.analysis.check.prior_share import PriorShares, draws, load_prior
from rewire.analysis.fit.budget import preview
from rewire.analysis.fit.method import METHODS, check_options, round_of
from rewire.analysis.fit.options import CalibrationOptions
from rewire.analysis.measured.measured_points import MeasuredFit
from rewire.analysis.simulate.seed_courses import drawn
from rewire.project.members import ENSEMBLE, Members, shipped
from rewire.project.project import Project, load_project
from rewire.project.selections import all_findings, refuse_frozen
from rewire.report.finding_summary import FindingSummary, tallies
from rewire.report.findings_table import columns
from rewire.report.run_report import Report
from rewire.report.tables import Table

PRIOR_DRAWS = 20
"""Draws for the margins before, where none ship."""

GOOD = 0.95
"""Members of the report hold at least this fraction of what the best one holds."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class CalibrationOutcome:
    """A finished calibration.

    Attributes
    ----------
    folder : Path
    summaries : list of FindingSummary
        The findings in the members that the report shows.
    members : Members
    measured : MeasuredFit or None
        Measured points, where they were fitted, too.
    """

    folder: Path
    summaries: list[FindingSummary]
    members: Members
    seconds: float
    evaluations: float
    measured: MeasuredFit | None = None

    @property
    def ok(self) -> bool:
        """Whether every fit finding holds."""
        return all(s.verdict == "holds" for s in self.summaries if s.use == "fit" and s.scored)

    def table(self) -> Table:
        """The findings table."""
        extra: dict[str, Any] = {
            "folder": str(self.folder),
            "report": str(self.folder / "report.html"),
            "members": len(self.members),
            "seconds": self.seconds,
            "evaluations": self.evaluations,
        }
        if self.measured:
            extra["measurements"] = self.measured.record()
        footer = [
            "",
            *map(str, tallies(self.summaries)),
            f"run folder: {self.folder}",
            f"report: {self.folder / 'report.html'}",
        ]
        return Table("run", [s.record() for s in self.summaries], columns(), extra=extra, footer=footer)


def fresh_folder(root: Path = Path("runs")) -> Path:
    """A folder name that is not taken: the time, and a number where two begin in one second."""
    stem = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    names = (root / (f"{stem}_{i}" if i else stem) for i in range(1000))
    return next(path for path in names if not path.exists())


def open_pool(made: Recipe, problem: Evaluator, workers: int | None, scheduler: str | None, say: Say) -> Pool:
    """Processes here, or the workers of a dask scheduler."""
    if scheduler is None:
        return Pool(made, workers, problem)
    from calibration.objective.workers.dask_cluster import ClusterPool

    return ClusterPool(made, scheduler, workers or 1, problem, say)


def calibrate(
    options: CalibrationOptions,
    progress: Callable[[Progress], None] | None = None,
    say: Say = lambda _: None,
) -> CalibrationOutcome:
    """Calibrate, and report.

    Parameters
    ----------
    progress : callable, optional
        Called after every round.
    say : callable, optional
        Called with lines for people.
    """
    if options.scheduler is not None:
        from calibration.objective.workers.dask_cluster import certified

        certified(options.scheduler)  # before anything is built or written
    with stoppable():
        return _calibrate(options, progress, say)


def _calibrate(
    options: CalibrationOptions, progress: Callable[[Progress], None] | None, say: Say
) -> CalibrationOutcome:
    saved, resume = options.saved, options.resume
    check_options(saved, resume.folder if resume else Path())
    made = recipe(**{key: saved.get(key) for key in ("findings", "variants", "freeze", "measurements")})
    problem = made.make()
    assert isinstance(problem, Evaluator)
    refuse_frozen(problem.all, saved["findings"])
    digest = findings_hash(saved["findings"], problem.measured.files if problem.measured else ())
    run = None
    where = options.folder or fresh_folder()
    try:
        if resume is not None:
            run = Run.resume(resume.folder, problem.space, digest, options.accept)
            run.grant(options.budget)
        else:
            new_folder(where, "run")
        with open_pool(made, problem, options.workers, options.scheduler, say) as pool:
            if run is None:  # only now: where no worker answers, nothing is left behind
                run = Run.create(where, problem.space, saved, digest, saved["variants"], options.budget)
            return _fit_and_report(run, problem, options, pool, progress, say)
    finally:
        if run is not None:
            run.close()


def _fit_and_report(
    run: Run,
    problem: Evaluator,
    options: CalibrationOptions,
    pool: Pool,
    progress: Callable[[Progress], None] | None,
    say: Say,
) -> CalibrationOutcome:
    saved, budget = options.saved, options.budget
    seed = int(saved["seed"])
    preview(problem, say, budget, run.state, max(1, pool.workers))
    if saved["method"] == "gn" and problem.has_derivatives and pool.workers > BUSY * saved.get("lanes", 1):
        say(f"One start keeps {BUSY} of {pool.workers} processes busy; see --parallel-starts.")
    if problem.measured:
        say(f"Beside them {len(problem.measured.points)} measured points: {problem.measured.title}.")
    run.vouch(problem, options.accept)
    state = multistart.calibrate(
        pool, seed, budget, progress=progress, keeper=run, state=run.state, advance=round_of(saved)
    )
    reached = multistart.members_of(state, problem)
    if terminated():
        say(f"Stopped; `rewire calibrate --resume {run.folder}` resumes it.")
    if not reached or terminated():
        raise KeyboardInterrupt  # before the first round was done there is nothing to show
    members = good_members(reached)
    say(f"Scoring {len(members)} members at the tolerance of verdicts …")
    shown = Members(
        f"{len(members)} members of {run.folder}",
        problem.space,
        np.array([m.z for m in members]),
        None,
        dict(run.about),
    )
    world = load_project(tuple(sorted(saved["variants"].items())))
    prior = known_prior(problem) or measured_prior(pool, problem, seed)
    findings_all = all_findings(world, Path(saved["findings"][0]) if saved["findings"] else None)
    evaluations = evaluate_all(pool, shown.z)
    summaries = summarize_all(findings_all, evaluations, prior)
    measured = MeasuredFit.of(problem.measured, evaluations)
    outcome = CalibrationOutcome(run.folder, summaries, shown, state.seconds, state.evaluations, measured)
    _save_ensemble(run, members, prior)
    say("Drawing the report …")
    report(world, outcome, run, prior).write(run.folder / "report.html")
    return outcome


def _save_ensemble(run: Run, members: Sequence[Member], prior: PriorShares) -> None:
    """Write the run's ensemble anew, over whatever a process that was killed here has left of it."""
    folder = run.folder / ENSEMBLE
    for name in (
        "ensemble.json",
        "members.csv",
        "prior.json",
    ):  # the one that is looked for first is removed first
        (folder / name).unlink(missing_ok=True)
    sweep(folder)
    run.ensemble(tuple(members)).save(folder)
    prior.save(folder / "prior.json")


def good_members(members: Sequence[Member]) -> list[Member]:
    """Those that hold nearly as much as the best one does."""
    best = max(m.hold for m in members)
    return [m for m in members if m.hold >= GOOD * best]


def known_prior(problem: Evaluator) -> PriorShares | None:
    """What ships on prior draws, if it covers every finding of the problem."""
    prior = load_prior(shipped() / "prior.json")
    return prior if prior and all(prior.of_finding(f) is not None for f in problem.all) else None


def measured_prior(pool: Pool, problem: Evaluator, seed: int, count: int = PRIOR_DRAWS) -> PriorShares:
    """From a few draws, here and now."""
    return PriorShares.of(problem.all, evaluate_all(pool, draws(seed, count, problem.n)))


def report(world: Project, outcome: CalibrationOutcome, run: Run, prior: PriorShares) -> Report:
    """The page on a run."""
    about = run.about
    facts = {
        "run folder": run.folder.name,
        "started": str(about["started"]),
        "method": METHODS[about["options"]["method"]],
        "seed": str(about["options"]["seed"]),
        "effort": f"{outcome.seconds / 60:.1f} min, {outcome.evaluations:,.0f} evaluations",
        "members shown": f"{len(outcome.members)}, which hold at least {GOOD:.0%} of what the best one does",
        "prior draws": str(prior.draws),
        "findings": f"hash {about['findings']}",
        "variants": ", ".join(f"{k} = {v}" for k, v in world.built.variants.items()),
        "versions": ", ".join(f"{k} {v}" for k, v in about["versions"].items()),
    }
    rounds = [{name: _number(value) for name, value in zip(TRACE, row, strict=True)} for row in run.trace]
    shown = replace_count(outcome.members, 20)
    return Report(
        f"Calibration {run.folder.name}", facts, outcome.summaries, prior.margin, drawn(world, shown), rounds
    )


def replace_count(members: Members, count: int) -> Members:
    """The first `count` members, which are enough for a band."""
    return replace(members, z=members.z[:count])


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
