"""`rewire audit`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, MISUSE, json_option
from rewire.report.console import talk


@click.command("audit")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--html", type=click.Path(path_type=Path), help="Also write a self-contained page.")
@click.option("--table", is_flag=True, help="One line per file, as Markdown.")
@click.option(
    "--until",
    metavar="TIME",
    type=click.FloatRange(0.0, 1e12, min_open=True),
    help="How long to simulate, in the model's time; by default to the steady state.",
)
@click.option("--engines/--no-engines", default=True, show_default=True, help="Whether to simulate.")
@click.option("--ignore-fast", is_flag=True, help="Read fast reactions as ordinary ones.")
@json_option
def audit_verb(
    paths: tuple[Path, ...],
    html: Path | None,
    table: bool,
    until: float | None,
    engines: bool,
    ignore_fast: bool,
    as_json: bool,
) -> int:
    """A test report for kinetic models: SBML, BNGL, BioNetGen networks, or PySB modules, which are run.

    Units, mass and moieties, dead and duplicate reactions, unreachable species, unused parameters, undefined
    amounts, annotation, stiffness, steady state, negative amounts, agreement of engines and sensitivity to
    tolerance: a score for each, and what to fix. Exit status 1 if there is an error, 2 if a file
    cannot be read or has unsupported features.

    \b
    Examples:
      rewire audit model.xml
      rewire audit model.bngl --html report.html
      rewire audit *.xml --table
    """
    from models.core.errors import UserError
    from rewire.audit.page import write_page
    from rewire.audit.score import audit_all
    from rewire.audit.show import many, markdown, one, to_json
    from rewire.report.tables import emit

    if as_json and table:
        raise click.UsageError("--json and --table are two forms of one answer; choose one")
    if html is not None and not html.parent.is_dir():
        raise UserError(f"{html}: the folder {html.parent} is not there")
    mistakes: list[UserError] = []

    def refuse(error: UserError) -> None:
        mistakes.append(error)
        if len(paths) > 1:
            for problem in error.problems:
                talk().print(f"error: {problem}", markup=False, style="red")

    say = lambda line: talk().print(line, markup=False)  # noqa: E731
    options = {"until": until, "engines": engines, "ignore_fast": ignore_fast}
    audits = list(audit_all(paths, say, refuse, **options))
    if len(mistakes) == len(paths) == 1:
        raise mistakes[0]
    if html is not None:
        write_page(html, audits)
    if as_json:
        sys.stdout.write(to_json(audits))
    elif table:
        sys.stdout.write(markdown(many(audits)))
    else:
        emit(one(audits[0]) if len(audits) == 1 else many(audits), as_json=False)
    if mistakes:
        return MISUSE
    return FAILED if any(audit.count("error") for audit in audits) else DONE
