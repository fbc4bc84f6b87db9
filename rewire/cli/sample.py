"""`rewire sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rewire.cli.main import DONE, external_options, folder, json_option, refuse, work_options
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
@external_options()
@click.option("--run", "from_run", type=folder, help="A run of a third-party model, in place of these.")
@work_options("runs/posterior", "the file that ships")
@json_option
def sample_verb(
    model: Path | None,
    findings: Path | None,
    free: Path | None,
    from_run: Path | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Draw from the posterior by chains of Hamiltonian Monte Carlo; `rewire posterior` prints the draws.

    Ends when the chains have converged or the time is up. Takes hours, and overwrites the shipped file
    unless --out names another one. Ctrl-C stops, and the same command resumes.

    \b
    Examples:
      rewire sample --out my_posterior.nc
      rewire sample --origin posterior --warmup 60 --work runs/a --out a.nc
      rewire sample --origin runs/a --join --warmup 25 --work runs/b --out b.nc
      rewire sample --run runs/theirs --work runs/theirs_posterior; rewire posterior runs/theirs_posterior
    """
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.analysis.external.external_posterior import sample_external
    from rewire.analysis.posterior.sample_posterior import SampleOptions, sample_posterior
    from rewire.report.tables import emit

    wanted = SampleOptions(**options)
    if is_about_external(model, from_run):
        refuse("a third-party model", {"--origin": wanted.origin != "satisfying", "--join": wanted.joined})
        opened = open_external(model, findings, free, from_run, wanted.chains, talk().print)
        emit(sample_external(opened, wanted, lambda line: talk().print(line, markup=False)), as_json)
        return DONE
    refuse("our own model", {"--findings": findings, "--free": free, "--run": from_run})
    emit(sample_posterior(wanted, lambda line: talk().print(line, markup=False)), as_json)
    return DONE
