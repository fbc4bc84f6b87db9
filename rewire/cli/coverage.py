"""`rewire coverage`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, ensemble_option, json_option
from rewire.report.console import talk


@click.command("coverage")
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@ensemble_option
@json_option
def coverage_verb(members: int, ensemble: Path | None, as_json: bool) -> int:
    """Each statement of the seed papers with its findings and their verdicts.

    Exit status 1 if a statement has neither a finding nor a decision.

    \b
    Examples:
      rewire coverage
      rewire coverage --json
    """
    from rewire.analysis.coverage.coverage import coverage_table
    from rewire.report.tables import emit

    table, missing = coverage_table(ensemble, members, say=talk().print)
    emit(table, as_json)
    return FAILED if missing else DONE
