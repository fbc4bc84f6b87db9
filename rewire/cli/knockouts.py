"""`rewire knockouts`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, ensemble_option, json_option
from rewire.report.console import talk


@click.command("knockouts")
@click.argument("mechanisms", metavar="[MECHANISM]...", nargs=-1)
@click.option(
    "--refits",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Number of members to refit; 0: none.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    default=0.5,
    show_default=True,
    help="For each refit.",
)
@click.option("--members", type=click.IntRange(1), default=10, show_default=True)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for results; an interrupted run resumes from it.",
)
@ensemble_option
@json_option
def knockouts_verb(
    mechanisms: tuple[str, ...],
    refits: int,
    minutes: float,
    members: int,
    keep: Path | None,
    ensemble: Path | None,
    as_json: bool,
) -> int:
    """Remove mechanisms: (a) which findings fail, (b) which still fail after a refit. (b) need the mechanism.

    \b
    Examples:
      rewire knockouts
      rewire knockouts s6k_sin1 foxo_receptors --refits 4 --minutes 2
      rewire knockouts --refits 0 --json
    """
    from rewire.analysis.knockouts.knockouts import knockouts
    from rewire.report.tables import emit

    emit(knockouts(mechanisms, ensemble, members, refits, minutes, keep=keep, say=talk().print), as_json)
    return DONE
