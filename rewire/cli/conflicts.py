"""`rewire conflicts`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rewire.cli.main import (
    DONE,
    FAILED,
    ensemble_option,
    external_options,
    folder,
    json_option,
    refuse,
    variant_option,
)
from rewire.report.console import talk

if TYPE_CHECKING:
    from rewire.report.tables import Table


@click.command("conflicts")
@click.option("--add", metavar="FINDING", multiple=True, help="Also test this finding or row; repeatable.")
@click.option(
    "--only", metavar="FINDING", multiple=True, help="Only conflicts that contain this one; repeatable."
)
@click.option(
    "--evaluations",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="For each attempt to satisfy a set of findings.",
)
@click.option(
    "--most",
    type=click.FloatRange(0, min_open=True),
    default=400.0,
    show_default=True,
    help="Largest number of evaluations for one question.",
)
@click.option(
    "--change",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Hypotheses changed at once to resolve a conflict; 0: none.",
)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True, help="Known points.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for results; an interrupted run resumes from it.",
)
@click.option("--findings", type=folder, help="Another folder of findings.")
@external_options(findings=False)
@ensemble_option
@variant_option
@json_option
def conflicts_verb(
    add: tuple[str, ...],
    only: tuple[str, ...],
    evaluations: float,
    most: float,
    change: int,
    members: int,
    seed: int,
    keep: Path | None,
    findings: Path | None,
    model: Path | None,
    free: Path | None,
    ensemble: Path | None,
    variants: tuple[str, ...],
    as_json: bool,
) -> int:
    """Which findings cannot hold together, and under which other hypothesis would they?

    Asks whether each fit finding that fails, and each finding of a known conflict between papers, can hold
    together with everything that is fitted. If no point is found, a minimal conflicting set is shown: with
    any one of its findings left out, a point was found. For a third-party model (--model with --findings, or
    --ensemble with a run folder of it) the failing findings, or those of --only, are tested.
    Exit status 1 if a conflict is among fit findings.

    \b
    Examples:
      rewire conflicts --keep conflicts.json
      rewire conflicts --only X28 --change 2
      rewire conflicts --add X18 --evaluations 2000 --json
      rewire conflicts --variant sin1=akt_activates
    """
    from calibration.optimize.joint_feasibility import SearchEffort
    from rewire.analysis.conflicts.conflicts import conflicts
    from rewire.analysis.conflicts.inquiry import InquiryOptions
    from rewire.analysis.external.external_conflicts import conflicts_external
    from rewire.analysis.external.external_members import is_about_external, open_external

    effort = SearchEffort(evaluations, seed=seed, most=most)
    if is_about_external(model, ensemble):
        refuse("a third-party model", {"--add": add, "--keep": keep, "--variant": variants})
        opened = open_external(model, findings, free, ensemble, members, talk().print)
        return _emit(conflicts_external(opened, only, effort, talk().print), as_json)
    refuse("our own model", {"--free": free})
    order = InquiryOptions(add, only, variants, findings, ensemble, members, effort, change)
    table = conflicts(order, keep, say=talk().print)
    return _emit(table, as_json)


def _emit(table: Table, as_json: bool) -> int:
    """Print it; 1 where a conflict is among fit findings."""
    from rewire.report.tables import emit

    emit(table, as_json)
    fit = [r for r in table.records if r["core"] and all(part["use"] == "fit" for part in r["core"])]
    return FAILED if fit else DONE
