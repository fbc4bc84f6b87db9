"""Draw from the posterior: `rewire sample`.

Chains begin at members of the satisfying ensemble, which come from prior draws of their own and lie far
apart. The derivatives of the terms there give how fast they may move in which direction, later their draws
do, too. The run folder has every draw, and the same command resumes from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from calibration.objective.build import findings_hash, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import ChainState, SamplingPlan, begin, sample
from calibration.sample.diagnostics import Diagnostics
from calibration.sample.hmc import HMC
from calibration.storage.folder import ABOUT
from calibration.storage.posterior_folder import PosteriorRun, read_blocks
from models.core.errors import UserError
from models.core.signals import stoppable
from rewire.analysis.posterior.collected_draws import (
    SampledLikelihood,
    SampledProblem,
    collect,
    convergence_line,
    drawn,
    margins,
    sample_table,
)
from rewire.analysis.posterior.posterior import posterior
from rewire.analysis.posterior.posterior_file import NAME, shipped_posterior
from rewire.analysis.posterior.starting_points import StartingPoints
from rewire.report.posterior_page import write_page
from rewire.report.tables import Table

Say = Callable[[str], None]

STAGES = (0.05, 0.15, 0.3, 0.6, 1.0)
"""Of the warm-up: where derivatives are computed anew at the chains, and the draws until then are looked at.
Both serve from then on."""

LEAST = 200
"""Draws in a file that ships."""

FOREVER = 10**9
"""Blocks: the clock, or the goal, ends the sampling."""


def velocities(
    run: PosteriorRun,
    pool: Pool,
    likelihood: SampledLikelihood,
    stage: int,
    began: int,
    points: Vector,
    drawn: Vector | None = None,
) -> HMC:
    """From derivatives at `points`, where the chains stand as a stage begins, and where they stood before.

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
    learnt = np.array([chain.step_sizes for chain in walk.chains])
    common = tuple(np.median(learnt, axis=0).tolist())
    return replace(walk, chains=tuple(replace(chain, step_sizes=common) for chain in walk.chains))


@dataclass(frozen=True)
class SampleOptions:
    """What to draw: the options of `rewire sample`, by name; `minutes` are those of this call."""

    minutes: float = 600.0
    chains: int = 8
    warm: int = 100
    draws: int = 5
    thin: int = 1
    origin: str = "satisfying"
    joined: bool = False
    seed: int = 1
    prior_draws: int = 400
    ship: int = 400
    work: Path = Path("runs/posterior")
    out: Path | None = None
    accept: bool = False

    @property
    def saved(self) -> dict[str, object]:
        """What run.json keeps of them, on which the draws depend."""
        return {
            **{name: getattr(self, name) for name in ("seed", "chains", "warm", "draws", "thin")},
            **({} if self.origin == "satisfying" else {"origin": self.origin}),
            **({"join": True} if self.joined else {}),
        }


def sample_posterior(options: SampleOptions, say: Say) -> Table:
    """Sample until every margin has mixed or the time is up, and write the draws where they ship.

    Raises
    ------
    UserError
        Where there is no C compiler, or another run folder does not fit.
    """
    problem = recipe().make()
    assert isinstance(problem, Evaluator)
    if not problem.has_derivatives:
        raise UserError("the chains follow derivatives, which need a C compiler (cc, gcc or clang)")
    likelihood = Likelihood(problem)
    work, warm = options.work, options.warm
    stated = (options.saved, findings_hash(), problem.space.names)
    before = StartingPoints.of(problem, options.chains, options.origin, options.joined)
    new = not (work / ABOUT).exists()
    run = PosteriorRun.create(work, *stated) if new else PosteriorRun.resume(work, *stated, options.accept)
    ids = [f.id for f in problem.findings]
    with stoppable(), Pool(recipe(), None, problem) as pool:
        run.vouch(problem, options.accept)
        walk = draw_blocks(run, pool, problem, likelihood, options, before, say)
        if options.chains * options.draws * (walk.blocks - warm) < LEAST:
            return Table("sample", [], [], footer=[f"Fewer than {LEAST} draws: the same command resumes."])
        say(f"Looking at {options.prior_draws} prior draws …")
        prior = drawn(problem, pool, options.seed, options.prior_draws)
        found = collect(run, problem, likelihood, warm, prior, before)
    run.close()
    found.save(work / NAME)
    write_page(work / "report.html", *posterior(work))
    out = options.out or shipped_posterior()
    out.parent.mkdir(parents=True, exist_ok=True)
    found.thinned(options.ship).save(out)
    return sample_table(found, out, ids)


def draw_blocks(
    run: PosteriorRun,
    pool: Pool,
    problem: SampledProblem,
    likelihood: SampledLikelihood,
    options: SampleOptions,
    before: StartingPoints,
    say: Say,
) -> ChainState:
    """Where the chains stand when every margin has mixed or the time is up."""
    warm = options.warm
    ids = [f.id for f in problem.findings]
    walk = run.walk or begin(pool, likelihood, before.points, options.seed)
    end = walk.seconds + 60.0 * options.minutes

    def look(now: ChainState) -> bool:
        rate = f"block {now.blocks}, {now.evaluations:,.0f} evaluations, {now.seconds / 60.0:.0f} min"
        if now.blocks <= warm + 1 or now.blocks % 10:
            say(rate)
            return now.seconds < end
        blocks = [*before.blocks, *run.blocks(warm + 1)]
        mixing = Diagnostics.from_draws(np.concatenate([margins(problem, b.terms) for b in blocks], axis=1))
        say(f"{rate}; {convergence_line(mixing, ids)}")
        return now.seconds < end and not mixing.converged

    stops = [0, *(round(warm * share) for share in STAGES), FOREVER]
    for stage, (began, until) in enumerate(pairwise(stops)):
        if walk.blocks < until:
            points = np.array([chain.z for chain in walk.chains])
            kernel = velocities(run, pool, likelihood, stage, began, points, before.drawn)
            walk = walk if until < FOREVER else alike(walk)
            plan = SamplingPlan(warm, until - warm, options.draws, options.thin)
            walk = sample(pool, likelihood, kernel, walk, plan, run, look)
            if walk.blocks < until or walk.seconds >= end:
                break
    return walk
