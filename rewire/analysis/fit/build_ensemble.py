"""Rebuild the satisfying ensemble that ships: `make ensemble`.

Starts from independent prior draws, one after the other, until enough of them hold enough; each such start
is a member. The run folder keeps everything, so that an interrupted build
goes on where it was.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from calibration.objective.build import findings_hash, open_pool, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget, Member, Settings, State
from calibration.storage.run_folder import Run
from models.core.files import write
from models.core.signals import stoppable
from rewire.analysis.check.check import evaluate_all, stand
from rewire.analysis.check.prior_share import PriorShares, draws
from rewire.project.members import shipped
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.console import talk
from rewire.report.finding_summary import FindingSummary, tallies
from rewire.report.progress import ProgressDisplay

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


def frozen(seed: int, settings: Settings) -> str:
    """What the shared kinetics hold alone: one start, abundances and potencies at their first guess."""
    with open_pool(freeze=True) as pool:
        state = multistart.calibrate(pool, seed, Budget(members=1), settings)
        best = state.members[0] if state.members else multistart.members_of(state, pool.problem)[0]
    return (
        f"with abundances and potencies at their first guess, one start, only kinetics fitted: "
        f"{best.hold} of {best.of} ({best.reason})"
    )


def what_fails(standings: list[FindingSummary]) -> str:
    """The fit findings that hold in under nine tenths of the members, as a page."""
    rows = [s for s in standings if s.use == "fit" and s.scored and s.held < 0.9]
    lines = ["# What does not hold in the shipped ensemble", "", "Written by `make ensemble`.", ""]
    lines += ["| finding | held | median margin [log2] | wanted |", "|---|---|---|---|"]
    lines += [f"| {s.id} | {s.held:.0%} | {s.margin.median:.2f} | {s.wanted} |" for s in rows]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--members", default=20, show_default=True, type=click.IntRange(1))
@click.option("--minutes", default=600.0, show_default=True, type=click.FloatRange(0, min_open=True))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--least", default=LEAST, show_default=True, type=click.FloatRange(0, 1))
@click.option("--prior-draws", default=200, show_default=True, type=click.IntRange(1))
@click.option("--work", default=Path("runs/ensemble"), show_default=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="[default: the folder that ships]")
@click.option(
    "--accept-changes", "accept", is_flag=True, help="Go on although versions or model have changed."
)
def main(
    members: int,
    minutes: float,
    seed: int,
    least: float,
    prior_draws: int,
    work: Path,
    out: Path | None,
    accept: bool,
) -> None:
    """Calibrate until there are enough members, and write them where they ship."""
    out = out or shipped()
    problem = recipe().make()
    assert isinstance(problem, Evaluator)
    run = open_run(work, problem, seed, accept)
    state = run.state or State(seed=seed)
    settings = Settings(content=CONTENT, draws=DRAWS)
    with stoppable(), ProgressDisplay(minutes) as live, Pool(recipe(), None, problem) as pool:
        run.vouch(problem, accept)
        limit = minutes + state.seconds / 60.0
        while len(enough(state, least)) < members and state.seconds < 60.0 * limit:
            before = len(state.members)
            budget = Budget(minutes=limit, members=before + 1)
            state = multistart.calibrate(pool, seed, budget, settings, live, run, state)
            if len(state.members) == before:
                break  # stopped by hand, or out of time
            last = state.members[-1]
            live.say(
                f"start {last.start + 1}: {last.hold} of {last.of} ({last.reason}); "
                f"{len(enough(state, least))} members so far"
            )
        good = enough(state, least)[:members]
        if not good:
            raise click.ClickException("no start holds enough; go on with the same command, or lower --least")
        ensemble = run.ensemble(tuple(good))
        talk().print(f"Scoring {len(good)} members and {prior_draws} prior draws …")
        findings = all_findings(load_project())
        prior = PriorShares.of(problem.all, evaluate_all(pool, draws(seed, prior_draws, problem.n)))
        standings = stand(findings, evaluate_all(pool, np.array([m.z for m in good])), prior)
    ensemble.save(out, replace=True)
    prior.save(out / "prior.json")
    write(out / "FAILS.md", what_fails(standings))
    for tally in tallies(standings):
        click.echo(tally)
    click.echo(f"median pairwise distance: {ensemble.distance():.2f} prior standard deviations")
    click.echo(frozen(seed, settings))


if __name__ == "__main__":
    main()
