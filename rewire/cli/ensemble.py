"""`rewire ensemble`."""

from __future__ import annotations

from typing import Any

import click

from rewire.cli.main import DONE, json_option, work_options
from rewire.report.console import talk


@click.command("ensemble")
@click.option("--members", default=20, show_default=True, type=click.IntRange(1), help="Number of members.")
@click.option(
    "--least",
    default=0.98,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Fraction of the fit findings that must hold in a member.",
)
@click.option(
    "--prior-draws",
    default=200,
    show_default=True,
    type=click.IntRange(1),
    help="For the margins before any fit.",
)
@work_options("runs/ensemble", "the folder that ships")
@json_option
def ensemble_verb(as_json: bool, **options: Any) -> int:
    """Build the satisfying ensemble: starts from prior draws, until there are enough members.

    Takes hours, and overwrites the shipped ensemble unless --out names another folder. Ctrl-C stops, and
    the same command resumes.

    \b
    Examples:
      rewire ensemble --out my_ensemble
      rewire ensemble --members 5 --minutes 60 --work runs/five --out five
    """
    from rewire.analysis.fit.build_ensemble import EnsembleOptions, build_ensemble
    from rewire.report.tables import emit

    emit(build_ensemble(EnsembleOptions(**options), talk().print), as_json)
    return DONE
