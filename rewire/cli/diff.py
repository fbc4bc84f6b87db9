"""`rewire diff`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, folder, json_option, variant_option
from rewire.report.console import talk


@click.command("diff")
@click.argument("a", type=folder)
@click.argument("b", type=folder)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@click.option("--all", "everything", is_flag=True, help="Also show what did not change.")
@variant_option
@json_option
def diff_verb(
    a: Path, b: Path, members: int, everything: bool, variants: tuple[str, ...], as_json: bool
) -> int:
    """What changed from A to B: run folders, ensembles, or answers of `rewire check --json`.

    To compare two versions of the model, compare their answers.

    \b
    Examples:
      rewire diff runs/A runs/B
      rewire diff before.json after.json
      rewire diff models/ensembles/satisfying runs/A --json
    """
    from rewire.analysis.check.diff import diff
    from rewire.report.tables import emit

    emit(diff(a, b, members, variants, everything, say=talk().print), as_json)
    return DONE
