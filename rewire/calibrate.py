"""A calibration from start to end: preview, run, findings table, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from calibration import fit, gauss_newton
from calibration.cma_fit import CmaRounds
from calibration.evaluate import Evaluator
from calibration.files import wrong
from calibration.plan import describe
from calibration.pool import Pool
from calibration.problem import Task
from calibration.run import TRACE, Run
from calibration.state import Budget, Member, Progress
from calibration.workshop import findings_hash, recipe
from rewire.check import evaluate_all, stand
from rewire.courses import drawn
from rewire.findings_table import columns
from rewire.members import ENSEMBLE, Members, shipped
from rewire.prior import Prior, draws, load_prior
from rewire.report import Report
from rewire.select import all_findings
from rewire.standing import Standing, tallies
from rewire.tables import Table
from rewire.world import World, load_world

METHODS = ("gn", "cma")
PRIOR_DRAWS = 20
"""Draws for the margins before, where none ship."""

GOOD = 0.95
"""Members of the report hold at least this fraction of what the best one holds."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """A finished calibration.

    Attributes
    ----------
    folder : Path
    standings : list of Standing
        The findings in the members that the report shows.
    members : Members
    """

    folder: Path
    standings: list[Standing]
    members: Members
    seconds: float
    evaluations: float

    @property
    def ok(self) -> bool:
        """Whether every fit finding holds."""
        return all(s.verdict == "holds" for s in self.standings if s.use == "fit" and s.scored)

    def table(self) -> Table:
        """The findings table."""
        extra = {
            "folder": str(self.folder),
            "report": str(self.folder / "report.html"),
            "members": len(self.members),
            "seconds": self.seconds,
            "evaluations": self.evaluations,
        }
        footer = [
            "",
            *map(str, tallies(self.standings)),
            f"run folder: {self.folder}",
            f"report: {self.folder / 'report.html'}",
        ]
        return Table("run", [s.record() for s in self.standings], columns(), extra=extra, footer=footer)


def fresh_folder(root: Path = Path("runs")) -> Path:
    """A folder name that is not taken: the time, and a number where two begin in one second."""
    stem = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    names = (root / (f"{stem}_{i}" if i else stem) for i in range(1000))
    return next(path for path in names if not path.exists())


def preview(
    problem: Evaluator, say: Say, minutes: float | None, evaluations: float | None, workers: int
) -> None:
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
    limits = []
    if evaluations:
        limits.append(f"{evaluations:,.0f} evaluations take about {evaluations / rate / 60:.1f} min")
    if minutes:
        limits.append(f"{minutes:g} min are about {60 * minutes * rate:,.0f} evaluations")
    say("; ".join(limits) + ". Ctrl-C stops, and --resume goes on.")


def calibrate(
    folder: Path | None = None,
    resume: Path | None = None,
    minutes: float | None = None,
    evaluations: float | None = None,
    seed: int = 1,
    method: str = "gn",
    findings: Path | None = None,
    variants: Mapping[str, str] | None = None,
    freeze: bool = False,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    say: Say | None = None,
) -> Outcome:
    """Calibrate, and report.

    Parameters
    ----------
    folder : Path, optional
        A new run folder; a fresh one under `runs` by default.
    resume : Path, optional
        Go on with this run instead; its seed, method, findings and variants count.
    minutes, evaluations : float, optional
        The budget of this call, whichever is spent first.
    freeze : bool
        Keep abundances and potencies at their first guess: only the shared kinetics are fitted.
    """
    tell: Say = say or (lambda _: None)
    if resume is not None:
        options: dict[str, Any] = Run.options_of(resume)
    else:
        options = {
            "seed": seed,
            "method": method,
            "findings": [str(findings.resolve())] if findings else [],
            "variants": dict(variants or {}),
            "freeze": freeze,
        }
    workshop = {key: options.get(key) for key in ("findings", "variants", "freeze")}
    made = recipe(**workshop)
    problem = made.make()
    assert isinstance(problem, Evaluator)
    digest = findings_hash(options["findings"])
    if resume is not None:
        run = Run.resume(resume, problem.space, digest)
    else:
        run = Run.create(folder or fresh_folder(), problem.space, options, digest, options["variants"])
    if options.get("method") not in METHODS:
        raise wrong(
            run.folder / "run.json", "options.method", repr(options.get("method")), ", ".join(METHODS)
        )
    advance = CmaRounds() if options["method"] == "cma" else gauss_newton.advance
    with Pool(made, workers, problem) as pool:
        preview(problem, tell, minutes, evaluations, max(1, pool.workers))
        before = run.state
        budget = Budget(
            minutes + (before.seconds / 60 if before else 0.0) if minutes else None,
            evaluations + (before.evaluations if before else 0.0) if evaluations else None,
        )
        state = fit.calibrate(
            pool, int(options["seed"]), budget, progress=progress, keeper=run, state=before, advance=advance
        )
        reached = fit.members_of(state, problem)
        if not reached:
            raise KeyboardInterrupt  # stopped before the first round was done: there is nothing to show
        members = good_members(reached)
        tell(f"Scoring {len(members)} members at the tolerance of verdicts …")
        told = Members(
            f"{len(members)} members of {run.folder}",
            problem.space,
            np.array([m.z for m in members]),
            None,
            dict(run.about),
        )
        world = load_world(tuple(sorted(options["variants"].items())))
        prior = known_prior(problem) or measured_prior(pool, problem, int(options["seed"]))
        findings_all = all_findings(world, Path(options["findings"][0]) if options["findings"] else None)
        standings = stand(findings_all, evaluate_all(pool, told.z), prior)
    outcome = Outcome(run.folder, standings, told, state.seconds, state.evaluations)
    run.ensemble(tuple(members)).save(run.folder / ENSEMBLE, replace=True)
    prior.save(run.folder / ENSEMBLE / "prior.json")
    tell("Drawing the report …")
    report(world, outcome, run, prior).write(run.folder / "report.html")
    return outcome


def good_members(members: Sequence[Member]) -> list[Member]:
    """Those that hold nearly as much as the best one does."""
    best = max(m.hold for m in members)
    return [m for m in members if m.hold >= GOOD * best]


def known_prior(problem: Evaluator) -> Prior | None:
    """What ships on prior draws, if it says something on every finding asked about."""
    prior = load_prior(shipped() / "prior.json")
    return prior if prior and all(prior.of_finding(f) is not None for f in problem.all) else None


def measured_prior(pool: Pool, problem: Evaluator, seed: int, count: int = PRIOR_DRAWS) -> Prior:
    """From a few draws, here and now."""
    return Prior.of(problem.all, evaluate_all(pool, draws(seed, count, problem.n)))


def report(world: World, outcome: Outcome, run: Run, prior: Prior) -> Report:
    """The page on a run."""
    about = run.about
    facts = {
        "run folder": run.folder.name,
        "started": str(about["started"]),
        "method": {"gn": "damped Gauss–Newton", "cma": "CMA-ES"}[about["options"]["method"]],
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
        f"Calibration {run.folder.name}", facts, outcome.standings, prior.margin, drawn(world, shown), rounds
    )


def replace_count(members: Members, count: int) -> Members:
    """The first `count` members, which are enough for a band."""
    return replace(members, z=members.z[:count])


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
