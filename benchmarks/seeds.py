"""Does a calibration from the prior get there? Three seeds, up to fifteen minutes each, all cores.

python -m benchmarks.seeds
"""

from __future__ import annotations

import click
import numpy as np

from calibration.objective.build import open_pool
from calibration.optimize.multistart import calibrate, members_of
from calibration.optimize.state import Budget, Progress
from rewire.analysis.check.check import evaluate_all, summarize_all
from rewire.analysis.check.prior_share import load_prior
from rewire.project.members import shipped
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.finding_summary import tallies

MARK = 0.9


@click.command()
@click.option("--minutes", default=15.0, show_default=True)
@click.option("--seeds", default=3, show_default=True, help="How many; 101, 102, …")
@click.option("--starts", default=2, show_default=True, help="Starts after which a seed is done early.")
def main(minutes: float, seeds: int, starts: int) -> None:
    """When nine tenths of the fit findings held, and what the best point holds as a verdict."""
    findings = all_findings(load_project())
    prior = load_prior(shipped() / "prior.json")
    click.echo(
        "| seed | 90 % after [s] | ended after [min] | best point: fit | informative |\n|---|---|---|---|---|"
    )
    with open_pool() as pool:
        for seed in range(101, 101 + seeds):
            trace: list[Progress] = []
            state = calibrate(pool, seed, Budget(minutes=minutes, members=starts), progress=trace.append)
            best = max(members_of(state, pool.problem), key=lambda member: member.hold)
            fit, informative, *_ = tallies(
                summarize_all(findings, evaluate_all(pool, np.array([best.z])), prior)
            )
            at = [p.seconds for p in trace if p.best_hold >= MARK * p.of]
            cells = [
                str(seed),
                f"{at[0]:.0f}" if at else "–",
                f"{trace[-1].seconds / 60:.1f}",
                f"{fit.count} of {fit.of} ({fit.count / fit.of:.0%})",
                f"{informative.count} of {informative.of} ({informative.count / informative.of:.0%})",
            ]
            click.echo(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
