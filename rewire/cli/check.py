"""`rewire check`, `coverage`, `explain` and `diff`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, json_option
from rewire.report.console import talk

folder = click.Path(exists=True, path_type=Path)
variant_option = click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
ensemble_option = click.option(
    "--ensemble", type=folder, help="An ensemble or run folder; the shipped one by default."
)


@click.command("check")
@click.argument("contexts", metavar="[CONTEXT]...", nargs=-1)
@click.option("--finding", "ids", metavar="ID", multiple=True, help="Only this finding or row; repeatable.")
@click.option("--findings", "findings", type=folder, help="Score another folder of findings.")
@click.option(
    "--members", type=click.IntRange(1), default=20, show_default=True, help="The same ones every time."
)
@click.option("--changed", is_flag=True, help="Show only what changed since the last check.")
@click.option("--measurements", type=folder, help="Look at measured points, too (docs/measurements.md).")
@click.option("--model", type=folder, help="Score a published model instead: its SBML, with --mapping.")
@click.option("--mapping", type=folder, help="What in that model stands for what (docs/published-models.md).")
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
    ensemble: Path | None,
    variants: tuple[str, ...],
    as_json: bool,
) -> int:
    """Do the findings hold in the ensemble, and what changed since the last check?

    Exit status 1 where a fit finding does not hold.

    \b
    Examples:
      rewire check
      rewire check mcf7 du145
      rewire check --finding S07 --json
      rewire check --findings my_findings/
      rewire check --model model.xml --mapping examples/published/sonntag_2012.toml
    """
    from rewire.analysis.check.check import check
    from rewire.report.tables import emit

    if model or mapping:
        from rewire.analysis.external.published_models import check_mapped

        if not (model and mapping):
            raise click.UsageError("--model and --mapping go together")
        if changed or measurements or ensemble or variants:
            raise click.UsageError("--model goes with CONTEXT, --finding, --findings and --json only")
        mapped = check_mapped(model, mapping, contexts, ids, findings, say=talk().print)
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


@click.command("coverage")
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@ensemble_option
@json_option
def coverage_verb(members: int, ensemble: Path | None, as_json: bool) -> int:
    """Each statement of the seed papers with its findings and their verdicts.

    Exit status 1 where a statement has neither a finding nor a decision.

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


@click.command("explain")
@click.argument("finding")
@click.option("--members", type=click.IntRange(1), default=3, show_default=True, help="More take longer.")
@click.option("--top", type=click.IntRange(1), default=12, show_default=True, help="Rows of each table.")
@ensemble_option
@variant_option
@json_option
def explain_verb(
    finding: str, members: int, top: int, ensemble: Path | None, variants: tuple[str, ...], as_json: bool
) -> int:
    """Which rates and rules carry FINDING, and which findings it trades with.

    From the members' margin Jacobians: what one prior standard deviation of a rate does to the margin,
    and what raising the margin of FINDING does to the margins of the others.

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


@click.command("diff")
@click.argument("a", type=folder)
@click.argument("b", type=folder)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@click.option("--all", "everything", is_flag=True, help="Show what did not move, too.")
@variant_option
@json_option
def diff_verb(
    a: Path, b: Path, members: int, everything: bool, variants: tuple[str, ...], as_json: bool
) -> int:
    """What moved from A to B: run folders, ensembles, or what `rewire check --json` printed.

    Two versions of the model are compared through what each of them prints.

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
