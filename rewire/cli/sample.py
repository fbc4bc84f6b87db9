"""`rewire sample`."""

from __future__ import annotations

from typing import Any

import click

from rewire.cli.main import DONE, json_option, work_options
from rewire.report.console import talk


@click.command("sample")
@click.option("--chains", default=8, show_default=True, type=click.IntRange(4))
@click.option(
    "--warmup",
    "warm",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Blocks of the warm-up, which do not count.",
)
@click.option("--draws", default=5, show_default=True, type=click.IntRange(1), help="Per chain and block.")
@click.option("--thin", default=1, show_default=True, type=click.IntRange(1), help="Trajectories per draw.")
@click.option(
    "--origin",
    default="satisfying",
    show_default=True,
    help='Begin at members that lie far apart ("satisfying"), or where the chains of the file that ships '
    '("posterior") or of another run (its folder) ended.',
)
@click.option("--join", "joined", is_flag=True, help="Also count the draws of that other run.")
@click.option("--prior-draws", default=400, show_default=True, type=click.IntRange(1))
@click.option("--ship", default=400, show_default=True, type=click.IntRange(200), help="Draws in the file.")
@work_options("runs/posterior", "the file that ships")
@json_option
def sample_verb(as_json: bool, **options: Any) -> int:
    """Draw from the posterior by chains of Hamiltonian Monte Carlo; `rewire posterior` prints the draws.

    Ends when the chains have converged or the time is up. Takes hours, and overwrites the shipped file
    unless --out names another one. Ctrl-C stops, and the same command resumes.

    \b
    Examples:
      rewire sample --out my_posterior.nc
      rewire sample --origin posterior --warmup 60 --work runs/a --out a.nc
      rewire sample --origin runs/a --join --warmup 25 --work runs/b --out b.nc
    """
    from rewire.analysis.posterior.sample_posterior import SampleOptions, sample_posterior
    from rewire.report.tables import emit

    run = SampleOptions(**options)
    emit(sample_posterior(run, lambda line: talk().print(line, markup=False)), as_json)
    return DONE
