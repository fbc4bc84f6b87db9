"""Build the satisfying ensemble: `rewire ensemble`.

Starts from independent prior draws, one after the other, until enough of them hold enough; each such start
is a member. The run folder has everything from which an interrupted build resumes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.objective.build import findings_hash, open_pool, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget, Member, Settings, State
from calibration.storage.run_folder import Run
from models.core.errors import UserError
from models.core.files import write
from models.core.signals import stoppable
from rewire.analysis.check.check import evaluate_all, summarize_all
from rewire.analysis.check.prior_share import PriorShares, draws
from rewire.project.members import shipped
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.finding_summary import FindingSummary, tallies
from rewire.report.progress import ProgressDisplay
from rewire.report.tables import Column, Table

Say = Callable[[str], None]

LEAST = 0.98
"""Fraction of the fit findings that a member holds at the tolerance of fitting."""

CONTENT = 0.985
"""Fraction with which a start is done and polished."""

DRAWS = 48
"""Prior draws looked at for each start."""


def enough(state: State, least: float) -> list[Member]:
    """Starts that hold at least this fraction."""
    return [m for m in state.members if m.hold >= least * m.of]


def open_run(folder: Path, problem: Evaluator, seed: int, accept: bool) -> Run:
    """The run folder of the build, new or as it was left."""
    digest = findings_hash()
    if (folder / "run.json").exists():
        return Run.resume(folder, problem.space, digest, accept)
    options = {"seed": seed, "method": "gn", "findings": [], "variants": {}, "freeze": False}
    return Run.create(folder, problem.space, options, digest, {})


def only_kinetics(seed: int, settings: Settings) -> str:
    """What the shared kinetics hold alone: one start, abundances and potencies at their first guess."""
    with open_pool(freeze=True) as pool:
        state = multistart.calibrate(pool, seed, Budget(members=1), settings)
        best = state.members[0] if state.members else multistart.members_of(state, pool.problem)[0]
    return (
        f"with abundances and potencies at their first guess, one start, only kinetics fitted: "
        f"{best.hold} of {best.of} ({best.reason})"
    )


def what_fails(summaries: list[FindingSummary]) -> str:
    """The fit findings that hold in under nine tenths of the members, as a page."""
    rows = [s for s in summaries if s.use == "fit" and s.scored and s.held < 0.9]
    lines = ["# What does not hold in the shipped ensemble", "", "Written by `make ensemble`.", ""]
    lines += ["| finding | held | median margin [log2] | wanted |", "|---|---|---|---|"]
    lines += [f"| {s.id} | {s.held:.0%} | {s.margin.median:.2f} | {s.wanted} |" for s in rows]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class EnsembleOptions:
    """What to build: the options of `rewire ensemble`, by name; `minutes` are those of this call."""

    members: int = 20
    minutes: float = 600.0
    seed: int = 1
    least: float = LEAST
    prior_draws: int = 200
    work: Path = Path("runs/ensemble")
    out: Path | None = None
    accept: bool = False


def build_ensemble(options: EnsembleOptions, say: Say) -> Table:
    """Calibrate until there are enough members, and write them, the prior's margins and what fails.

    Raises
    ------
    UserError
        Where no start holds enough.
    """
    out = options.out or shipped()
    problem = recipe().make()
    assert isinstance(problem, Evaluator)
    run = open_run(options.work, problem, options.seed, options.accept)
    settings = Settings(content=CONTENT, draws=DRAWS)
    with stoppable(), Pool(recipe(), None, problem) as pool:
        run.vouch(problem, options.accept)
        good = fit_members(run, pool, options, settings)
        if not good:
            raise UserError("no start holds enough; resume with the same command, or lower --least")
        ensemble = run.ensemble(tuple(good))
        say(f"Scoring {len(good)} members and {options.prior_draws} prior draws …")
        findings = all_findings(load_project())
        points = draws(options.seed, options.prior_draws, problem.n)
        prior = PriorShares.of(problem.all, evaluate_all(pool, points))
        summaries = summarize_all(findings, evaluate_all(pool, np.array([m.z for m in good])), prior)
    ensemble.save(out, replace=True)
    prior.save(out / "prior.json")
    write(out / "FAILS.md", what_fails(summaries))
    record = {"folder": str(out), "members": len(good), "distance": ensemble.distance()}
    columns = [
        Column("folder", "folder"),
        Column("members", "members", "right"),
        Column("median pairwise distance [prior sd]", lambda r: f"{r['distance']:.2f}", "right"),
    ]
    kinetics = only_kinetics(options.seed, settings)
    footer = [*map(str, tallies(summaries)), kinetics]
    return Table("ensemble", [record], columns, extra={"only_kinetics": kinetics}, footer=footer)


def fit_members(run: Run, pool: Pool, options: EnsembleOptions, settings: Settings) -> list[Member]:
    """Starts that hold enough: as many as are wanted, or fewer where the time is up."""
    state = run.state or State(seed=options.seed)
    limit = options.minutes + state.seconds / 60.0
    with ProgressDisplay(options.minutes) as live:
        while len(enough(state, options.least)) < options.members and state.seconds < 60.0 * limit:
            before = len(state.members)
            budget = Budget(minutes=limit, members=before + 1)
            state = multistart.calibrate(pool, options.seed, budget, settings, live, run, state)
            if len(state.members) == before:
                break  # stopped by hand, or out of time
            last = state.members[-1]
            live.say(
                f"start {last.start + 1}: {last.hold} of {last.of} ({last.reason}); "
                f"{len(enough(state, options.least))} members so far"
            )
    return enough(state, options.least)[: options.members]
