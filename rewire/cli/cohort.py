"""`rewire cohort`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, ensemble_option, json_option
from rewire.report.console import talk


@click.command("cohort")
@click.option("--cells", type=click.IntRange(2), help="Virtual cells. [default: as stated in each finding]")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--members",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Members whose kinetics the cells have.",
)
@ensemble_option
@json_option
def cohort_verb(cells: int | None, seed: int, members: int, ensemble: Path | None, as_json: bool) -> int:
    """Score the findings about populations on virtual cells, and show which source of variance matters.

    Exit status 1 if a fit finding does not hold with everything varying together.

    \b
    Examples:
      rewire cohort
      rewire cohort --cells 1000 --seed 2 --json
    """
    from rewire.analysis.populations.cohort import ALL, PAIRS, cohort_table
    from rewire.report.tables import emit

    table = cohort_table(ensemble, cells, seed, members, talk().print)
    emit(table, as_json)
    fit = [r for r in table.records if r["use"] == "fit" and r["source"] in (ALL, PAIRS)]
    return DONE if all(r["verdict"] == "holds" for r in fit) else FAILED
