"""`rewire export`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, ensemble_option, folder, json_option, refuse, variant_option
from rewire.export.formats import ALL, EACH, FORMS, ExportRequest, check_options, export, known_form
from rewire.report.console import talk


def _formats() -> str:
    wide = max(map(len, FORMS))
    return "\b\nFormats:\n" + "\n".join(f"  {name:<{wide}}  {form.says}" for name, form in FORMS.items())


@click.command("export", epilog=_formats())
@click.argument("form", metavar="FORMAT")
@click.argument("cells", metavar="[CONTEXT]", required=False)
@click.option("--context", metavar="NAME", help="The context, as an option.")
@click.option("--out", type=click.Path(path_type=Path), help="The file or folder; named after the cells.")
@click.option(
    "--treat",
    "treat",
    metavar="NAME=DOSE[@START[..END]]",
    multiple=True,
    help="A drug or ligand; repeatable. Its schedule becomes events or actions.",
)
@click.option(
    "--findings", is_flag=True, help="Every treatment of the findings in these cells, instead of one."
)
@click.option(
    "--gene", "genes", metavar="NAME=CHANGE", multiple=True, help='Such as "GRB10=knock-out"; repeatable.'
)
@click.option("--medium", metavar="NAME", help="Medium from time 0 on.")
@click.option("--grown-in", metavar="NAME", help="Medium of the steady state before treatment.")
@click.option("--starve", metavar="TIME", help='Without serum before time 0, such as "16 h".')
@click.option(
    "--member",
    metavar="best|median|N",
    default="best",
    show_default=True,
    help="best (most findings hold), median (nearest to all others), or a number from 0.",
)
@click.option(
    "--steady-state/--initial-amounts",
    "settled",
    default=True,
    show_default=True,
    help="Start from the steady state, or from the initial amounts.",
)
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Run the file in other engines and compare every observable with ours.",
)
@click.option("--created", metavar="YYYY-MM-DD", default="", help="Date in the file; today by default.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--model",
    type=folder,
    help="A third-party model: it is written at its run's best values, or at the centre of its prior.",
)
@click.option("--problem", type=folder, help="The folder of findings of --model (docs/any-model.md).")
@click.option("--free", type=folder, help="What is free in --model.")
@ensemble_option
@variant_option
@json_option
def export_verb(
    form: str,
    cells: str | None,
    context: str | None,
    out: Path | None,
    treat: tuple[str, ...],
    findings: bool,
    genes: tuple[str, ...],
    medium: str | None,
    grown_in: str | None,
    starve: str | None,
    member: str,
    settled: bool,
    verify: bool,
    created: str,
    force: bool,
    model: Path | None,
    problem: Path | None,
    free: Path | None,
    ensemble: Path | None,
    variants: tuple[str, ...],
    as_json: bool,
) -> int:
    """Write the model of CONTEXT with one member's parameters in another FORMAT.

    The file is run in other engines before it is written; their largest difference from our own simulation is
    printed and stored beside it. With "all" as CONTEXT, if the format accepts it, the file has no cells, and
    a table beside it has the parameters of every context and member; with "each" there is a folder with a
    file for every context. Exit status 1 if an engine does not agree.

    \b
    Examples:
      rewire export sbml mcf7
      rewire export sbml mda_mb_468 --treat "BEZ235=300 nM" --treat "reparixin=1 uM@24 h" --out bez.xml
      rewire export sbml all --out cells.xml
      rewire export sbml each --member median --out cells
      rewire export bngl mcf7 --findings --out mcf7.bngl
      rewire export ensemble --out members.parquet
      rewire export sbml --ensemble runs/theirs --out theirs.xml
      rewire export net --model theirs.bngl --problem theirs/ --out theirs.net
    """
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.export.each import export_each
    from rewire.export.proven_sbml import table
    from rewire.report.tables import emit

    if cells and context:
        raise click.UsageError("name the cells once: rewire export sbml mcf7")
    chosen, given = cells or context or "", _given()
    if is_about_external(model, ensemble):
        from rewire.export.third_party import FORMATS, export_external

        wrong = {f"--{name}": True for name in given if name != "member"}
        refuse("a third-party model", wrong | {"CONTEXT": chosen, "--variant": variants})
        opened = open_external(model, problem, free, ensemble, 1_000_000, talk().print)
        place = out or Path(f"{Path(opened.problem.model.name).stem}_fitted{FORMATS.get(form, '')}")
        made = export_external(opened, form, place, member, verify, force)
        emit(table([made]), as_json)
        return DONE if made.ok else FAILED
    refuse("our own model", {"--problem": problem, "--free": free})
    kind = known_form(form)
    check_options(form, chosen, given)
    plain = {"medium": medium, "grown_in": grown_in, "starve": starve}
    request = ExportRequest(
        form,
        out or Path("cells" if chosen == EACH else f"{_stem(form, chosen)}{kind.suffix}"),
        chosen,
        treat,
        genes,
        variants,
        member,
        {name: value for name, value in plain.items() if value is not None},
        ensemble,
        findings,
        settled,
        created,
        verify,
        force,
        talk().print,
    )
    done = list(export_each(request)) if chosen == EACH else [export(request)]
    emit(table(done), as_json)
    return DONE if all(each.ok for each in done) else FAILED


def _stem(form: str, chosen: str) -> str:
    """What a file without a name is called."""
    return "cells" if chosen == ALL else chosen or form


_EVERYWHERE = frozenset(
    {
        "form",
        "cells",
        "context",
        "out",
        "verify",
        "force",
        "ensemble",
        "variants",
        "as_json",
        "model",
        "problem",
        "free",
    }
)
_NAMES = {"genes": "gene", "grown_in": "grown-in"}


def _given() -> list[str]:
    """The options on the command line that not every format takes."""
    context = click.get_current_context()
    line = click.core.ParameterSource.COMMANDLINE
    named = [name for name in context.params if context.get_parameter_source(name) == line]
    return [_NAMES.get(name, name) for name in named if name not in _EVERYWHERE]
