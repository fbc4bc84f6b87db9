"""What a member of the shipped ensemble gains and loses where measured points are fitted beside the findings.

python -m benchmarks.measured ../shared/data/pasmopy_breast
python -m benchmarks.measured ../shared/data/pasmopy_breast --noise
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.measured.measurements import Measurement, Measurements
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart, start
from calibration.optimize.state import Budget, Progress, Settings, State
from rewire.analysis.check.check import evaluate_all, summarize_all
from rewire.analysis.check.prior_share import load_prior
from rewire.analysis.measured.measured_points import MeasuredFit
from rewire.project.members import load_members, shipped
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.finding_summary import tallies
from rewire.report.tables import emit


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--evaluations", default=600.0, show_default=True, help="About a minute and a half on two cores."
)
@click.option("--member", default=0, show_default=True, help="Of the shipped ensemble.")
@click.option("--workers", type=int, help="Processes. [default: one a core]")
@click.option("--noise", is_flag=True, help="Only say how far replicates are apart.")
def main(folder: Path, evaluations: float, member: int, workers: int | None, noise: bool) -> None:
    """Go on from a member with the points as further terms, held to where it is; before and after."""
    made = recipe(measurements=str(folder.resolve()))
    problem = made.make()
    assert isinstance(problem, Evaluator) and problem.measured
    if noise:
        for name in sorted({p.observed.id for p in problem.measured.points}):
            sd, freedom = replicates([p for p in problem.measured.points if p.observed.id == name])
            click.echo(f"{name}: sd of ln {sd:.3f} between replicates, {freedom} degrees of freedom")
        return
    z = load_members(load_project(), None, None, None, problem.space).z[member]
    with Pool(made, workers, problem) as pool:
        kept, lowest = fitted(pool, z, evaluations)
        for when, point in (("before", z), ("after, most findings", kept), ("after, least loss", lowest)):
            far = np.sqrt(np.mean((point - z) ** 2))
            click.echo(f"\n## {when}: {far:.2f} prior standard deviations away (root mean square)\n")
            say(pool, point, problem.measured)


@dataclass
class Lowest:
    """Keeps the point with the least loss."""

    z: Vector
    loss: float = np.inf

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Look at one more round."""
        if state.z is not None and progress.loss < self.loss:
            self.z, self.loss = state.z, progress.loss


def fitted(pool: Pool, z: Vector, evaluations: float) -> tuple[Vector, Vector]:
    """A fit that begins at `z` and is pulled back to it: what a run would keep, and the least loss."""
    problem, lowest = pool.problem, Lowest(z)
    (outcome,) = pool.map([Task(z)])
    state = State(seed=0, z=z, origin=z, terms=outcome.terms, weights=problem.weights)
    state = start.note_best(state, problem, Settings())
    state = multistart.calibrate(
        pool, budget=Budget(evaluations=evaluations, members=1), keeper=lowest, state=state
    )
    return multistart.members_of(state, problem)[0].z, lowest.z


def say(pool: Pool, z: Vector, data: Measurements) -> None:
    """Findings and points at one parameter set."""
    evaluations = evaluate_all(pool, np.array([z]))
    prior = load_prior(shipped() / "prior.json")
    for tally in tallies(summarize_all(all_findings(load_project()), evaluations, prior)):
        click.echo(str(tally))
    measured = MeasuredFit.of(data, evaluations)
    assert measured is not None
    emit(measured.table("run"), as_json=False)


def replicates(points: Sequence[Measurement]) -> tuple[float, int]:
    """Standard deviation of ln(value) between points that read the same, each group brought to one scale."""
    groups = {name: i for i, name in enumerate(dict.fromkeys(p.group for p in points))}
    cells = {key: i for i, key in enumerate(dict.fromkeys((p.condition, p.time) for p in points))}
    design = np.zeros((len(points), len(groups) + len(cells)))
    for row, p in enumerate(points):
        design[row, groups[p.group]] = design[row, len(groups) + cells[p.condition, p.time]] = 1.0
    logs = np.log([p.value for p in points])
    left = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    freedom = len(points) - int(np.linalg.matrix_rank(design))
    return float(np.sqrt(left @ left / freedom)), freedom


if __name__ == "__main__":
    main()
