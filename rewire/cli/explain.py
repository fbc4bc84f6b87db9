"""`rewire explain`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, ensemble_option, external_options, json_option, refuse, variant_option
from rewire.report.console import talk


@click.command("explain")
@click.argument("finding")
@click.option(
    "--members", type=click.IntRange(1), default=3, show_default=True, help="Members used; more take longer."
)
@click.option("--top", type=click.IntRange(1), default=12, show_default=True, help="Rows of each table.")
@ensemble_option
@variant_option
@external_options()
@json_option
def explain_verb(
    finding: str,
    members: int,
    top: int,
    ensemble: Path | None,
    variants: tuple[str, ...],
    model: Path | None,
    findings: Path | None,
    free: Path | None,
    as_json: bool,
) -> int:
    """Which rates and rules FINDING depends on, and which findings oppose it.

    From the members' margin Jacobians: the effect of one prior standard deviation of a rate on the margin,
    and the effect of a larger margin of FINDING on the margins of the others.
    For a third-party model (--model with --findings, or --ensemble with a run folder of it), FINDING may be a
    constraint such as NAME.prop:3; its derivatives are those of its term in the objective.

    \b
    Examples:
      rewire explain S07_rapamycin_raises_irs1@mcf7
      rewire explain S22 --members 5
      rewire explain raf.prop:3 --ensemble runs/raf
    """
    from rewire.analysis.explain.explain import explain
    from rewire.analysis.external.external_explain import explain_external
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.report.tables import emit

    say = talk().print
    if is_about_external(model, ensemble):
        refuse("a third-party model", {"--variant": variants})
        opened = open_external(model, findings, free, ensemble, members, say)
        tables = explain_external(opened, finding, top, say, as_json)
    else:
        refuse("our own model", {"--findings": findings, "--free": free})
        tables = explain(finding, ensemble, members, top, variants, say=say, whole=as_json)
    for number, table in enumerate(tables):
        if number and not as_json:
            click.echo()
        emit(table, as_json)
    return DONE
