"""Draw from the posterior: `make posterior`.

Chains begin at members of the satisfying ensemble, which come from prior draws of their own and lie far
apart. The terms' slopes there say how fast they may move in which direction, later their draws do, too. The
run folder keeps every draw; the same command goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from calibration.objective.build import findings_hash, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.likelihood import NOISE, RANGE_NOISE, TRUST, Likelihood
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.start import draw
from calibration.sample.chains import ChainState, SamplingPlan, begin, sample
from calibration.sample.diagnostics import DRAWS, R_HAT, Diagnostics
from calibration.sample.draws import Draws
from calibration.sample.hmc import HMC
from calibration.storage.folder import ABOUT
from calibration.storage.posterior_folder import PosteriorRun, read_blocks
from models.core.signals import stoppable
from rewire.analysis.posterior.posterior import posterior
from rewire.analysis.posterior.posterior_file import NAME, shipped_posterior
from rewire.analysis.posterior.starting_points import StartingPoints
from rewire.cli.main import run as run_command
from rewire.report.console import talk
from rewire.report.posterior_page import write_page

STAGES = (0.05, 0.15, 0.3, 0.6, 1.0)
"""Of the warm-up: where the chains look at their slopes, and back at their draws, anew. What was seen serves
from then on."""

LEAST = 200
"""Draws in a file that ships."""

FOREVER = 10**9
"""Blocks: the clock, or the goal, ends the sampling."""

PRIOR_STREAM = 10**6
"""Of the prior draws, so that they are none of those that starts of a calibration begin with."""


def margins(problem: Evaluator, terms: Vector) -> Vector:
    """The margin (..., findings) [log2] of each finding: that of its worst part."""
    return np.stack([terms[..., rows].min(-1) for rows in problem.rows], -1)


def units(problem: Evaluator) -> list[str]:
    """Unit of each free parameter; of a potency, the shift itself is what is drawn."""
    rates = problem.bench.built.rates
    other = {"context": "copies/cell", "drug": "decades"}
    return [
        rates[name].unit if scope[0] == "shared" else other[scope[0]]
        for name, scope in zip(problem.space.names, problem.space.scope, strict=True)
    ]


def velocities(
    run: PosteriorRun,
    pool: Pool,
    likelihood: Likelihood,
    stage: int,
    began: int,
    points: Vector,
    drawn: Vector | None = None,
) -> HMC:
    """From slopes at `points`, where the chains stand as a stage begins, and where they stood before.

    From their draws, too: those of another run, and of the second half of the blocks until then, `began` of
    them. Where they were as the run began does not count once there is more.
    """
    here = range(stage * len(points), (stage + 1) * len(points))
    stood = [(number, z) for number, z in zip(here, points, strict=True) if run.root(number) is None]
    outcomes = pool.map([Task(z, derivatives="terms") for _, z in stood])
    for (number, _), outcome in zip(stood, outcomes, strict=True):
        assert outcome.derivatives is not None
        run.keep_root(number, likelihood.information(outcome.terms, outcome.derivatives))
    seen = range(len(points) if stage else 0, here.stop)
    roots = [root for number in seen if (root := run.root(number)) is not None]
    own = [block.z.reshape(-1, points.shape[1]) for block in read_blocks(run.folder, began // 2 + 1, began)]
    own += [drawn] if drawn is not None else []
    return HMC.informed(roots, np.concatenate(own) if own else None)


def alike(walk: ChainState) -> ChainState:
    """Steps of one length in all chains: one that learnt it in a tight place should leave that behind."""
    learnt = np.array([chain.widths for chain in walk.chains])
    common = tuple(np.median(learnt, axis=0).tolist())
    return replace(walk, chains=tuple(replace(chain, widths=common) for chain in walk.chains))


def collect(
    run: PosteriorRun,
    problem: Evaluator,
    likelihood: Likelihood,
    warm: int,
    prior: tuple[Vector, Vector],
    origin: StartingPoints,
) -> Draws:
    """All draws after the warm-up, and those of the run before."""
    blocks = [*origin.blocks, *run.blocks(warm + 1)]
    z = np.concatenate([b.z for b in blocks], axis=1)
    terms = np.concatenate([b.terms for b in blocks], axis=1)
    margin = margins(problem, terms)
    log = np.apply_along_axis(likelihood.reports, 2, terms)
    mixing = Diagnostics.of(margin)
    walk = run.walk
    assert walk is not None
    ranges = [
        f"range {name} {i}"
        for name, rows in problem.range_rows.items()
        for i in range(rows.stop - rows.start)
    ]
    space = problem.space
    return Draws(
        tuple(space.names),
        tuple(units(problem)),
        space.centre_log10,
        space.sd,
        tuple(f.id for f in problem.findings),
        (*(f.id for f in problem.findings), *ranges),
        z,
        margin,
        log,
        *prior,
        mixing.r_hat,
        mixing.bulk,
        {
            "ensemble": "posterior",
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": run.about["options"]["seed"],
            "findings_hash": run.about["findings"],
            "evaluations": origin.evaluations + walk.evaluations,
            "hours": (origin.seconds + walk.seconds) / 3600.0,
            "warm_up_blocks": warm,
            "draws_of_whole_chains": z.shape[0] * z.shape[1],
            "noise_log2": NOISE,
            "range_noise_log2": RANGE_NOISE,
            **{f"trust_{name}": value for name, value in TRUST.items()},
        },
    )


def drawn(problem: Evaluator, pool: Pool, seed: int, count: int) -> tuple[Vector, Vector]:
    """Prior draws (count, n) and the margins (count, findings) there."""
    z = draw(seed, PRIOR_STREAM, count, problem.n)
    return z, margins(problem, np.array([o.terms for o in pool.map([Task(point) for point in z])]))


def said(mixing: Diagnostics, ids: Sequence[str]) -> str:
    """How far the chains are, in one line."""
    if not np.isfinite(mixing.r_hat).any():
        return "too few draws to tell"
    worst, fewest = int(np.nanargmax(mixing.r_hat)), int(np.nanargmin(mixing.bulk))
    return (
        f"R-hat of margins: largest {mixing.r_hat[worst]:.2f} ({ids[worst]}), "
        f"{np.mean(mixing.r_hat < R_HAT):.0%} under {R_HAT}; "
        f"effective draws: fewest {mixing.bulk[fewest]:.0f} ({ids[fewest]}), "
        f"median {np.nanmedian(mixing.bulk):.0f}"
    )


@click.command()
@click.option("--minutes", default=600.0, show_default=True, type=click.FloatRange(0, min_open=True))
@click.option("--chains", default=8, show_default=True, type=click.IntRange(4))
@click.option(
    "--warm", default=100, show_default=True, type=click.IntRange(1), help="Blocks that do not count."
)
@click.option("--draws", default=5, show_default=True, type=click.IntRange(1), help="Of a chain, in a block.")
@click.option("--thin", default=1, show_default=True, type=click.IntRange(1), help="Trajectories for a draw.")
@click.option(
    "--origin",
    default="satisfying",
    show_default=True,
    help='Begin at members that lie far apart ("satisfying"), or where the chains of the file that ships '
    '("posterior") or of another run (its folder) ended.',
)
@click.option("--join", "joined", is_flag=True, help="Count the draws of that other run, too.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--prior-draws", default=400, show_default=True, type=click.IntRange(1))
@click.option("--ship", default=400, show_default=True, type=click.IntRange(LEAST), help="Draws in the file.")
@click.option("--work", default=Path("runs/posterior"), show_default=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="[default: the file that ships]")
@click.option(
    "--accept-changes", "accept", is_flag=True, help="Go on although versions or model have changed."
)
def main(
    minutes: float,
    chains: int,
    warm: int,
    draws: int,
    thin: int,
    origin: str,
    joined: bool,
    seed: int,
    prior_draws: int,
    ship: int,
    work: Path,
    out: Path | None,
    accept: bool,
) -> None:
    """Sample until every margin has mixed or the time is up, and write the draws where they ship."""
    say = talk().print
    problem = recipe().make()
    assert isinstance(problem, Evaluator)
    if not problem.has_derivatives:
        raise click.UsageError("the chains follow slopes, and these need a C compiler (cc, gcc or clang)")
    likelihood = Likelihood(problem)
    options: dict[str, object] = {"seed": seed, "chains": chains, "warm": warm, "draws": draws, "thin": thin}
    options |= {} if origin == "satisfying" else {"origin": origin}
    options |= {"join": True} if joined else {}
    stated = (options, findings_hash(), problem.space.names)
    before = StartingPoints.of(problem, chains, origin, joined)
    new = not (work / ABOUT).exists()
    run = PosteriorRun.create(work, *stated) if new else PosteriorRun.resume(work, *stated, accept)
    ids = [f.id for f in problem.findings]
    with stoppable(), Pool(recipe(), None, problem) as pool:
        run.vouch(problem, accept)
        walk = run.walk or begin(pool, likelihood, before.points, seed)
        end = walk.seconds + 60.0 * minutes

        def look(now: ChainState) -> bool:
            rate = f"block {now.blocks}, {now.evaluations:,.0f} evaluations, {now.seconds / 60.0:.0f} min"
            if now.blocks <= warm + 1 or now.blocks % 10:
                say(rate, markup=False)
                return now.seconds < end
            blocks = [*before.blocks, *run.blocks(warm + 1)]
            kept = np.concatenate([margins(problem, b.terms) for b in blocks], axis=1)
            mixing = Diagnostics.of(kept)
            say(f"{rate}; {said(mixing, ids)}", markup=False)
            return now.seconds < end and not mixing.reached

        stops = [0, *(round(warm * share) for share in STAGES), FOREVER]
        for stage, (began, until) in enumerate(pairwise(stops)):
            if walk.blocks < until:
                points = np.array([chain.z for chain in walk.chains])
                kernel = velocities(run, pool, likelihood, stage, began, points, before.drawn)
                walk = walk if until < FOREVER else alike(walk)
                plan = SamplingPlan(warm, until - warm, draws, thin)
                walk = sample(pool, likelihood, kernel, walk, plan, run, look)
                if walk.blocks < until or walk.seconds >= end:
                    break
        if chains * draws * (walk.blocks - warm) < LEAST:
            say(f"Fewer than {LEAST} draws so far; the same command goes on.")
            return
        say(f"Looking at {prior_draws} prior draws …")
        found = collect(run, problem, likelihood, warm, drawn(problem, pool, seed, prior_draws), before)
    run.close()
    found.save(work / NAME)
    write_page(work / "report.html", *posterior(work))
    out = out or shipped_posterior()
    out.parent.mkdir(parents=True, exist_ok=True)
    found.thinned(ship).save(out)
    click.echo(f"{found.z.shape[0]} chains of {found.z.shape[1]} draws; {said(found.mixing, ids)}")
    effective = float(np.nanmin(found.bulk))
    evaluations = float(found.about["evaluations"])
    click.echo(
        f"{evaluations:,.0f} evaluations in {found.about['hours']:.1f} h: "
        f"{evaluations / effective:,.0f} for each effective draw of the slowest margin, "
        f"{evaluations / float(np.nanmedian(found.bulk)):,.0f} of the median one"
    )
    if not found.mixing.reached:
        click.echo(
            f"NOT a posterior yet: every margin should have R-hat < {R_HAT} and {DRAWS:.0f} effective draws. "
            "Go on with the same command."
        )


if __name__ == "__main__":
    run_command(command=main, name="python -m rewire.analysis.posterior.build_posterior")
