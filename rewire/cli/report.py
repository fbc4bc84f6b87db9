"""`rewire report`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, external_options, json_option, refuse
from rewire.report.console import talk


@click.command("report")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), default=Path("report.html"), show_default=True)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@external_options()
@json_option
def report_verb(
    folder: Path | None,
    out: Path,
    members: int,
    model: Path | None,
    findings: Path | None,
    free: Path | None,
    as_json: bool,
) -> int:
    """Write one self-contained page on an ensemble or run FOLDER; the shipped ensemble by default.

    FOLDER may be a run of a third-party model; such a model without a run is --model with --findings.

    \b
    Examples:
      rewire report
      rewire report runs/seven --out seven.html
    """
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.analysis.external.external_report import external_page
    from rewire.analysis.report.ensemble_page import page
    from rewire.report.tables import Column, Table, emit

    if is_about_external(model, folder):
        record = external_page(open_external(model, findings, free, folder, members, talk().print), out)
    else:
        refuse("our own model", {"--findings": findings, "--free": free})
        record = page(folder, out, members, talk().print)
    columns = [
        Column("file", "file"),
        Column("members", "members", "right"),
        Column("fit findings hold", "hold", "right"),
    ]
    emit(Table("report", [record], columns), as_json)
    return DONE if record["hold"] == record["of"] else FAILED
