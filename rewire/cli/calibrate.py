"""`rewire calibrate`."""

from __future__ import annotations

from pathlib import Path

import click

from rewire.cli.main import DONE, json_option
from rewire.report.console import talk


@click.command("calibrate")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after so long. [default: 5; with --resume: the rest of the budget]",
)
@click.option(
    "--evaluations", type=click.FloatRange(min=0, min_open=True), help="Stop after so many evaluations."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the prior draws.")
@click.option(
    "--method",
    type=click.Choice(["gn", "cma"]),
    default="gn",
    show_default=True,
    help="Gauss-Newton or CMA-ES.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="A new run folder. [default: a fresh one in runs/]"
)
@click.option("--resume", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Resume a run.")
@click.option("--findings", type=click.Path(exists=True, path_type=Path), help="Another folder of findings.")
@click.option(
    "--measurements",
    type=click.Path(exists=True, path_type=Path),
    help="Fit measured points, too (docs/measurements.md).",
)
@click.option(
    "--freeze", is_flag=True, help="Fit only the shared kinetics; abundances stay at their first guess."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes; with --scheduler, workers to wait for. [default: one per core; 1]",
)
@click.option(
    "--parallel-starts",
    "lanes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Parallel starts: one for every two to four processes.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A dask scheduler, whose workers do the evaluations (docs/cluster.md).",
)
@click.option(
    "--accept-changes",
    "accept",
    is_flag=True,
    help="Resume a run although versions, engine or model have changed.",
)
@click.option(
    "--variant", "variants", metavar="NAME=CHOICE", multiple=True, help="A competing hypothesis; repeatable."
)
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A third-party model: .bngl, .net, .xml, .sbml; or .py, which is run (docs/any-model.md).",
)
@click.option(
    "--free",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Free parameters of --model. [default: free.toml beside the findings or the model]",
)
@json_option
def calibrate_verb(
    minutes: float | None,
    evaluations: float | None,
    seed: int,
    method: str,
    out: Path | None,
    resume: Path | None,
    findings: Path | None,
    measurements: Path | None,
    freeze: bool,
    workers: int | None,
    lanes: int,
    scheduler: str | None,
    accept: bool,
    variants: tuple[str, ...],
    model: Path | None,
    free: Path | None,
    as_json: bool,
) -> int:
    """Calibrate the model to the findings, from independent prior draws.

    Ends with the findings table, a run folder and its report.html. Ctrl-C and SIGTERM stop cleanly; --resume
    continues, also after a crash, to the end of the run's budget, or by the one given now. A run with a given
    number of --evaluations ends at the same members, to the bit, however often it was interrupted.

    \b
    Examples:
      rewire calibrate --minutes 5
      rewire calibrate --evaluations 20000 --seed 7 --out runs/seven
      rewire calibrate --resume runs/seven
      rewire calibrate --resume runs/seven --minutes 10
      rewire calibrate --parallel-starts 8 --workers 16
      rewire calibrate --minutes 60 --scheduler tls://head:8786 --workers 64
      rewire calibrate --model theirs.bngl --findings theirs/
    """
    from calibration.external.external_folder import is_external
    from calibration.storage.run_folder import SavedRun
    from rewire.analysis.fit.calibrate import calibrate
    from rewire.analysis.fit.options import CalibrationOptions
    from rewire.project.project import parse_variants
    from rewire.report.progress import ProgressDisplay
    from rewire.report.tables import emit

    if out is not None and resume is not None:
        raise click.UsageError("--out names a new run and --resume an old one: give one of them")
    if accept and resume is None:
        raise click.UsageError("--accept-changes goes with --resume")
    if lanes > 1 and method == "cma":
        raise click.UsageError("--parallel-starts goes with --method gn: a generation of CMA-ES is parallel")
    if resume is None and minutes is None and evaluations is None:
        minutes = 5.0
    options = CalibrationOptions(
        out,
        SavedRun.read(resume) if resume else None,
        minutes,
        evaluations,
        seed,
        method,
        findings,
        measurements,
        dict(parse_variants(variants)),
        freeze,
        lanes,
        workers,
        scheduler,
        accept,
    )
    budget = options.budget
    if model is not None or (resume is not None and is_external(resume)):
        if measurements:
            raise click.UsageError("--model takes measured points as .exp files: --measurements is for ours")
        if freeze or variants or (model is not None and resume is not None):
            raise click.UsageError("--model goes without --freeze, --variant and --resume")
        from rewire.analysis.external.calibrate_external import calibrate_external

        with ProgressDisplay(budget.minutes, budget.evaluations) as live:
            fitted = calibrate_external(
                model, findings, free, out, resume, minutes, evaluations, seed, method, workers, live,
                live.say, scheduler, accept, lanes,
            )  # fmt: skip
        emit(fitted.table(), as_json)
        return DONE
    if free is not None:
        raise click.UsageError("--free goes with --model")
    with ProgressDisplay(budget.minutes, budget.evaluations) as live:
        done = calibrate(options, live, live.say)
    emit(done.table(), as_json)
    if done.measured and not as_json:
        click.echo()
        emit(done.measured.table("run"), as_json)
    talk().print(f"Done. Open {done.folder / 'report.html'}; the members are in {done.folder / 'ensemble'}.")
    return DONE
