"""`rewire explain`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, ensemble_option, json_option, variant_option
from rewire.report.console import talk


@click.command("explain")
@click.argument("finding")
@click.option(
    "--members", type=click.IntRange(1), default=3, show_default=True, help="Members used; more take longer."
)
@click.option("--top", type=click.IntRange(1), default=12, show_default=True, help="Rows of each table.")
@ensemble_option
@variant_option
@json_option
def explain_verb(
    finding: str, members: int, top: int, ensemble: Path | None, variants: tuple[str, ...], as_json: bool
) -> int:
    """Which rates and rules FINDING depends on, and which findings oppose it.

    From the members' margin Jacobians: the effect of one prior standard deviation of a rate on the margin,
    and the effect of a larger margin of FINDING on the margins of the others.

    \b
    Examples:
      rewire explain S07_rapamycin_raises_irs1@mcf7
      rewire explain S22 --members 5
    """
    from rewire.analysis.explain.explain import explain
    from rewire.report.tables import emit

    for number, table in enumerate(
        explain(finding, ensemble, members, top, variants, say=talk().print, whole=as_json)
    ):
        if number and not as_json:
            click.echo()
        emit(table, as_json)
    return DONE
