"""`rewire sample` of a third-party problem: chains of Hamiltonian Monte Carlo, kept as those of our model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from scipy.special import ndtri

from calibration.external.external_folder import digest
from calibration.external.free_parameters import ParameterPrior
from calibration.external.posterior_problem import PosteriorProblem, recipe
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.start import draw
from calibration.sample.diagnostics import Diagnostics
from calibration.sample.draws import Draws
from calibration.storage.folder import ABOUT
from calibration.storage.posterior_folder import PosteriorRun
from models.core.errors import UserError
from models.core.signals import stoppable
from rewire.analysis.external.external_members import ExternalMembers
from rewire.analysis.posterior.collected_draws import drawn, margins, sample_table
from rewire.analysis.posterior.posterior_file import NAME
from rewire.analysis.posterior.sample_posterior import LEAST, SampleOptions, draw_blocks
from rewire.analysis.posterior.starting_points import StartingPoints
from rewire.report.tables import Table

START_STREAM = 10**6 + 1
"""Of the prior draws among which chains without members begin."""

QUANTILES = 2001
"""Of a prior, from which its mean and standard deviation are found."""

Say = Callable[[str], None]


def sample_external(members: ExternalMembers, options: SampleOptions, say: Say) -> Table:
    """Sample until every margin has mixed or the time is up; the same command resumes.

    Raises
    ------
    UserError
        Where there are no derivatives, or the run folder does not fit.
    """
    problem = PosteriorProblem(members.problem)
    if not problem.has_derivatives:
        raise UserError(
            "the chains follow derivatives, which there are not: they need a C compiler (cc, gcc or clang) "
            "and a network that the batch engine can run; the log says which is missing"
        )
    work = options.work
    stated = (options.saved, digest(members.texts), list(problem.space.names))
    new = not (work / ABOUT).exists()
    run = PosteriorRun.create(work, *stated) if new else PosteriorRun.resume(work, *stated, options.accept)
    ids = [claim.id for claim in problem.findings]
    before = starting_points(members, problem, options)
    with stoppable(), Pool(recipe(members.texts), 1, problem) as pool:
        run.vouch(problem, options.accept)
        walk = draw_blocks(run, pool, problem, problem, options, before, say)
        if options.chains * options.draws * (walk.blocks - options.warm) < LEAST:
            run.close()
            return Table("sample", [], [], footer=[f"Fewer than {LEAST} draws: the same command resumes."])
        say(f"Looking at {options.prior_draws} prior draws …")
        prior = drawn(problem, pool, options.seed, options.prior_draws)
    found = collect_external(run, problem, options.warm, prior)
    run.close()
    found.save(work / NAME)
    if options.out is not None:
        found.thinned(options.ship).save(options.out)
    return sample_table(found, options.out or work / NAME, ids)


def starting_points(
    members: ExternalMembers, problem: PosteriorProblem, options: SampleOptions
) -> StartingPoints:
    """The members of a run in turn, each a little off; without a run, the likeliest of some prior draws."""
    noise = draw(options.seed, START_STREAM, options.chains * 8, problem.n)
    if members.folder is not None:
        turns = [members.z[i % len(members)] for i in range(options.chains)]
        return StartingPoints(np.array(turns) + 0.1 * noise[: options.chains])
    likely = np.argsort([-problem(problem.evaluate_task(Task(z)).terms) for z in noise], kind="stable")
    return StartingPoints(noise[likely[: options.chains]])


def on_scale(prior: ParameterPrior, z: Vector) -> Vector:
    """The parameter on the scale of its prior (decimal logarithm, or itself), standardised by the prior."""
    middle, width = moments(prior)
    return np.asarray((_inner(prior, z) - middle) / width)


def moments(prior: ParameterPrior) -> tuple[float, float]:
    """Mean and standard deviation of a prior, on its scale."""
    quantiles = (np.arange(QUANTILES) + 0.5) / QUANTILES
    inner = _inner(prior, np.asarray(ndtri(quantiles)))
    return float(inner.mean()), float(inner.std())


def _inner(prior: ParameterPrior, z: Vector) -> Vector:
    values = np.array([prior.value(float(x)) for x in z.ravel()]).reshape(z.shape)
    return np.log10(values) if prior.log else values


def collect_external(
    run: PosteriorRun, problem: PosteriorProblem, warm: int, prior: tuple[Vector, Vector]
) -> Draws:
    """All draws after the warm-up. `z` of the file is standardised on each prior's own scale."""
    blocks = list(run.blocks(warm + 1))
    z = np.concatenate([b.z for b in blocks], axis=1)
    terms = np.concatenate([b.terms for b in blocks], axis=1)
    margin = margins(problem, terms)
    mixing = Diagnostics.from_draws(margin)
    priors, walk = problem.space.priors, run.walk
    assert walk is not None
    centre, sd = np.array([moments(p) for p in priors]).T
    ids = tuple(claim.id for claim in problem.findings)

    def standard(points: Vector) -> Vector:
        return np.stack([on_scale(p, points[..., i]) for i, p in enumerate(priors)], -1)

    return Draws(
        tuple(problem.space.names),
        tuple("as in the model" if p.log else "as in the model, not log10" for p in priors),
        centre,
        sd,
        ids,
        ids,
        standard(z),
        margin,
        np.apply_along_axis(problem.reports, 2, terms),
        standard(prior[0]),
        prior[1],
        mixing.r_hat,
        mixing.bulk,
        {
            "ensemble": "posterior",
            "model": problem.whole.model.name,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": run.about["options"]["seed"],
            "findings_hash": run.about["findings"],
            "evaluations": walk.evaluations,
            "hours": walk.seconds / 3600.0,
            "warm_up_blocks": warm,
            "draws_of_whole_chains": z.shape[0] * z.shape[1],
        },
    )
