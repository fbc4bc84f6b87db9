"""`rewire validate`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
from click.core import ParameterSource

from rewire.cli.main import DONE, ensemble_option, folder, json_option
from rewire.report.console import talk

REFITTING = ("only", "refits", "evaluations", "minutes", "keep")
"""Options that mean nothing without --by."""

SHIPPED = ("ensemble", "members", "frozen")
"""Options that mean nothing with it: a refit never begins at members."""


@click.command("validate")
@click.option(
    "--by",
    type=click.Choice(["finding", "paper", "context", "folds"]),
    help="Leave out one after the other, and refit. [default: validation rows, no refit]",
)
@click.option("--only", metavar="NAME", multiple=True, help="Leave out only this one; repeatable.")
@click.option(
    "--refits", type=click.IntRange(1), default=2, show_default=True, help="Refits for each that is left out."
)
@click.option(
    "--evaluations",
    type=click.FloatRange(0, min_open=True),
    help="Of each refit. [default: 600, or what --minutes allows]",
)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Of each refit.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the prior draws.")
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for results. [default: one in runs/, named after the question]",
)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True, help="Without --by.")
@click.option("--frozen", is_flag=True, help="Score the frozen rows, which are never fitted. Without --by.")
@click.option("--findings", type=folder, help="Another folder of findings.")
@click.option("--workers", type=click.IntRange(1), help="Processes. [default: one per core]")
@ensemble_option
@json_option
@click.pass_context
def validate_verb(
    ctx: click.Context,
    by: str | None,
    only: tuple[str, ...],
    refits: int,
    evaluations: float | None,
    minutes: float | None,
    seed: int,
    keep: Path | None,
    members: int,
    frozen: bool,
    findings: Path | None,
    workers: int | None,
    ensemble: Path | None,
    as_json: bool,
) -> int:
    """Score predictions of findings that the model was not fitted to, compared with the prior.

    Without --by the validation rows, in an ensemble; with --frozen the frozen ones. With --by, each finding,
    paper or context is left out in turn, or with "folds" a fifth of the papers of all fit and validation
    rows, and predicted by refits without it, which begin at prior draws. These are points that hold the
    other findings, not a posterior. Ctrl-C stops, and the same command resumes (docs/validation.md).

    \b
    Examples:
      rewire validate
      rewire validate --by context --only du145 --refits 1
      rewire validate --by finding --only S07 --only S12 --evaluations 900
      rewire validate --by paper --json
      rewire validate --by folds
    """
    from rewire.analysis.validation.holdout import By
    from rewire.analysis.validation.leave_out import RefitEffort
    from rewire.analysis.validation.validate import validate
    from rewire.report.tables import emit

    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    unused = [f"--{name}" for name in (REFITTING if by is None else SHIPPED) if name in given]
    if unused:
        raise click.UsageError(f"{' and '.join(unused)}: only {'with' if by is None else 'without'} --by")
    if evaluations is None and minutes is None:
        evaluations = RefitEffort().evaluations
    effort = RefitEffort(refits, evaluations, minutes, seed)
    done = validate(
        cast(By | None, by),
        only,
        effort,
        keep,
        ensemble,
        members,
        findings,
        workers,
        talk().print,
        "frozen" if frozen else "validation",
    )
    emit(done, as_json)
    return DONE
