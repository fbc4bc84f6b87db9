"""`rewire simulate`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, FAILED, json_option
from rewire.report.console import talk


@click.command("simulate")
@click.argument("context")
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
    help="An ensemble or run folder; the shipped one by default.",
)
@click.option("--members", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
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
    as_json: bool,
) -> int:
    """Simulate a treatment of CONTEXT with the members of an ensemble.

    \b
    Examples:
      rewire simulate mcf7 --treat "rapamycin=20 nM" --until 24h
      rewire simulate mda_mb_468 --treat "BEZ235=300 nM" --treat "reparixin=1 uM@24 h" --plot il8.png
      rewire simulate mef --starve 16h --treat "insulin=100 nM" --gene "GRB10=knock-out" --out mef.parquet
    """
    from rewire.analysis.simulate.ensemble_band import simulate
    from rewire.analysis.simulate.seed_courses import table_of, write_plot, write_trajectories
    from rewire.report.tables import emit

    say = talk().print
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
    for path, write in ((out, write_trajectories), (plot, write_plot)):
        if path is not None:
            write(band, path)
            say(f"written: {path}")
    emit(table_of(band, None if as_json else 13), as_json)
    return FAILED if len(band.failures) == len(band.copies) else DONE
