"""`rewire simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rewire.cli.main import DONE, FAILED, external_options, json_option, refuse
from rewire.report.console import talk

if TYPE_CHECKING:
    from rewire.analysis.simulate.ensemble_band import EnsembleBand


@click.command("simulate")
@click.argument("context", metavar="CONTEXT|ARM")
@click.option(
    "--treat",
    "treat",
    metavar="NAME=DOSE[@START[..END]]",
    multiple=True,
    help="A drug or ligand; repeatable.",
)
@click.option(
    "--gene", "genes", metavar="NAME=CHANGE", multiple=True, help='Such as "GRB10=knock-out"; repeatable.'
)
@click.option("--until", default="72 h", show_default=True, help="How long.")
@click.option("--medium", metavar="NAME", help="Medium from time 0 on.")
@click.option("--grown-in", metavar="NAME", help="Medium of the steady state before treatment.")
@click.option("--starve", metavar="TIME", help='Without serum before time 0, such as "16 h".')
@click.option(
    "--observable", "observables", metavar="NAME", multiple=True, help="An observable to show; repeatable."
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    help="Plot to a PNG, SVG or PDF file, with the range of the ensemble.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write every member to a CSV or Parquet file.")
@click.option(
    "--ensemble",
    type=click.Path(path_type=Path),
    help="An ensemble or run folder, also of a third-party model; the shipped one by default.",
)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
@external_options()
@json_option
def simulate_verb(
    context: str,
    treat: tuple[str, ...],
    genes: tuple[str, ...],
    until: str,
    medium: str | None,
    grown_in: str | None,
    starve: str | None,
    observables: tuple[str, ...],
    plot: Path | None,
    out: Path | None,
    ensemble: Path | None,
    members: int,
    variants: tuple[str, ...],
    model: Path | None,
    findings: Path | None,
    free: Path | None,
    as_json: bool,
) -> int:
    """Simulate a treatment of CONTEXT with the members of an ensemble.

    Of a third-party model (--model with --findings, or --ensemble with a run folder of it), simulate ARM as
    its findings define it.

    \b
    Examples:
      rewire simulate mcf7 --treat "rapamycin=20 nM" --until 24h
      rewire simulate mda_mb_468 --treat "BEZ235=300 nM" --treat "reparixin=1 uM@24 h" --plot il8.png
      rewire simulate mef --starve 16h --treat "insulin=100 nM" --gene "GRB10=knock-out" --out mef.parquet
      rewire simulate drug --ensemble runs/theirs --observable pERK
    """
    from rewire.analysis.external.external_members import is_about_external, open_external
    from rewire.analysis.external.external_simulate import simulate_external
    from rewire.analysis.simulate.ensemble_band import simulate

    say = talk().print
    if is_about_external(model, ensemble):
        named = {"--treat": treat, "--gene": genes, "--medium": medium, "--grown-in": grown_in}
        refuse("a third-party model", named | {"--starve": starve, "--variant": variants})
        opened = open_external(model, findings, free, ensemble, members, say)
        say(f"Simulating with {opened.label} …")
        band = simulate_external(opened, context, observables)
        return _show(band, plot, out, as_json)
    refuse("our own model", {"--findings": findings, "--free": free})
    band = simulate(
        context,
        treat,
        until,
        observables,
        genes=genes,
        ensemble=ensemble,
        members=members,
        variants=variants,
        say=say,
        medium=medium,
        grown_in=grown_in,
        starve=starve,
    )
    return _show(band, plot, out, as_json)


def _show(band: EnsembleBand, plot: Path | None, out: Path | None, as_json: bool) -> int:
    """Write what was asked for, and print the table."""
    from rewire.analysis.simulate.seed_courses import table_of, write_plot, write_trajectories
    from rewire.report.tables import emit

    for path, write in ((out, write_trajectories), (plot, write_plot)):
        if path is not None:
            write(band, path)
            talk().print(f"written: {path}")
    emit(table_of(band, None if as_json else 13), as_json)
    return FAILED if len(band.failures) == len(band.copies) else DONE
