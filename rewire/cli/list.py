"""`rewire list`: what there is."""

from __future__ import annotations

import click

from rewire.cli.main import DONE, json_option


@click.command("list")
@click.argument(
    "what", type=click.Choice(["contexts", "drugs", "findings", "rules", "observables", "parameters"])
)
@click.option(
    "--dose", metavar="DOSE", help='With drugs: what this dose leaves of each target, as in "500 nM".'
)
@click.option("--module", metavar="NAME", help="With rules and parameters: of this module only.")
@click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
@json_option
def list_verb(
    what: str, dose: str | None, module: str | None, variants: tuple[str, ...], as_json: bool
) -> int:
    """List contexts, drugs, findings, rules, observables or parameters.

    \b
    Examples:
      rewire list contexts
      rewire list drugs --dose "500 nM"
      rewire list rules --module akt
      rewire list parameters --json
    """
    from rewire.project.inventory import inventory
    from rewire.report.tables import emit

    if dose is not None and what != "drugs":
        raise click.UsageError('--dose goes with drugs: rewire list drugs --dose "500 nM"')
    if module is not None and what not in ("rules", "parameters"):
        raise click.UsageError("--module goes with rules and parameters: rewire list rules --module akt")
    emit(inventory(what, dose=dose, module=module, variants=variants), as_json)
    return DONE
