"""`rewire check`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, ensemble_option, folder, json_option, refuse, variant_option
from rewire.report.console import talk


@click.command("check")
@click.argument("contexts", metavar="[CONTEXT]...", nargs=-1)
@click.option("--finding", "ids", metavar="ID", multiple=True, help="Only this finding or row; repeatable.")
@click.option("--findings", "findings", type=folder, help="Score another folder of findings.")
@click.option(
    "--members", type=click.IntRange(1), default=20, show_default=True, help="The same ones every time."
)
@click.option("--changed", is_flag=True, help="Show only what changed since the last check.")
@click.option("--measurements", type=folder, help="Compare with measured points, too (docs/measurements.md).")
@click.option("--model", type=folder, help="Score a published model instead: its SBML, with --mapping.")
@click.option("--mapping", type=folder, help="Mapping of its names onto ours (docs/published-models.md).")
@click.option("--free", type=folder, help="What is free in --model, where its own --findings are scored.")
@ensemble_option
@variant_option
@json_option
def check_verb(
    contexts: tuple[str, ...],
    ids: tuple[str, ...],
    findings: Path | None,
    members: int,
    changed: bool,
    measurements: Path | None,
    model: Path | None,
    mapping: Path | None,
    free: Path | None,
    ensemble: Path | None,
    variants: tuple[str, ...],
    as_json: bool,
) -> int:
    """Do the findings hold in the ensemble, and what changed since the last check?

    Exit status 1 if a fit finding does not hold.

    \b
    Examples:
      rewire check
      rewire check mcf7 du145
      rewire check --finding S07 --json
      rewire check --findings my_findings/
      rewire check --model model.xml --mapping examples/published/sonntag_2012.toml
      rewire check --model theirs.bngl --findings theirs/
      rewire check --ensemble runs/theirs
    """
    from rewire.analysis.check.check import check
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.report.tables import emit

    if model is not None and mapping is None and findings is None:
        raise click.UsageError("--model goes with --mapping (our findings) or --findings (its own)")
    if mapping is None and is_about_external(model, ensemble):
        from rewire.analysis.external.external_check import check_external

        wrong = {"CONTEXT": contexts, "--changed": changed, "--measurements": measurements}
        refuse("a third-party model", wrong | {"--variant": variants})
        opened = open_external(model, findings, free, ensemble, members, talk().print)
        table, ok = check_external(opened, ids)
        emit(table, as_json)
        return DONE if ok else FAILED
    refuse("our own model", {"--free": free})
    if model or mapping:
        from rewire.analysis.external.published_models import check_published

        if not (model and mapping):
            raise click.UsageError("--mapping goes with --model")
        if changed or measurements or ensemble or variants:
            raise click.UsageError("--model goes with CONTEXT, --finding, --findings and --json only")
        mapped = check_published(model, mapping, contexts, ids, findings, say=talk().print)
        emit(mapped.table(), as_json)
        return DONE if mapped.ok else FAILED
    done = check(
        contexts, ids, findings, ensemble, members, variants, say=talk().print, measurements=measurements
    )
    emit(done.table(changed), as_json)
    if done.measured and not as_json:
        click.echo()
        emit(done.measured.table("check"), as_json)
    if not as_json and changed and not done.changed:
        talk().print("Nothing changed since the last check.")
    return DONE if done.ok else FAILED
