"""The draws of a posterior run, all together: as they are saved, and as `rewire sample` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from calibration.objective.evaluator import Evaluator
from calibration.objective.likelihood import NOISE, RANGE_NOISE, TRUST, Likelihood
from calibration.objective.problem import Problem, Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.start import draw
from calibration.sample.diagnostics import DRAWS, R_HAT, Diagnostics
from calibration.sample.draws import Draws
from calibration.storage.posterior_folder import PosteriorRun
from rewire.analysis.posterior.starting_points import StartingPoints
from rewire.report.tables import Column, Table

PRIOR_STREAM = 10**6
"""Of the prior draws, so that they are none of those that starts of a calibration begin with."""


class Claims(Protocol):
    """Anything with an id (see `calibration.findings.claims.finding.Finding`)."""

    @property
    def id(self) -> str: ...


class SampledProblem(Problem, Protocol):
    """A problem of which chains are drawn: each finding has some of its terms."""

    @property
    def findings(self) -> Sequence[Claims]: ...
    @property
    def rows(self) -> Sequence[slice]: ...


class SampledLikelihood(Protocol):
    """The log likelihood, given the terms of a point (see `calibration.objective.likelihood`)."""

    def __call__(self, terms: Vector) -> float: ...
    def information(self, terms: Vector, jac: Vector) -> Vector: ...


def margins(problem: SampledProblem, terms: Vector) -> Vector:
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
    mixing = Diagnostics.from_draws(margin)
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


def drawn(problem: SampledProblem, pool: Pool, seed: int, count: int) -> tuple[Vector, Vector]:
    """Prior draws (count, n) and the margins (count, findings) there."""
    z = draw(seed, PRIOR_STREAM, count, problem.n)
    return z, margins(problem, np.array([o.terms for o in pool.map([Task(point) for point in z])]))


def convergence_line(mixing: Diagnostics, ids: Sequence[str]) -> str:
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


def sample_table(found: Draws, out: Path, ids: Sequence[str]) -> Table:
    """What was drawn, in one record."""
    evaluations, effective = float(found.about["evaluations"]), float(np.nanmin(found.bulk))
    median = float(np.nanmedian(found.bulk))
    record = {
        "file": str(out),
        "chains": found.z.shape[0],
        "draws": found.z.shape[1],
        "evaluations": evaluations,
        "hours": found.about["hours"],
        "effective": effective,
        "reached": found.diagnostics.converged,
    }
    columns = [
        Column("file", "file"),
        *(Column(name, name, "right") for name in ("chains", "draws", "evaluations", "hours")),
        Column("effective draws, fewest", "effective", "right"),
    ]
    footer = [
        f"{convergence_line(found.diagnostics, ids)}",
        f"{evaluations / effective:,.0f} evaluations for each effective draw of the slowest margin, "
        f"{evaluations / median:,.0f} of the median one",
    ]
    if not found.diagnostics.converged:
        footer.append(
            f"NOT a posterior yet: every margin should have R-hat < {R_HAT} and {DRAWS:.0f} effective draws. "
            "Resume with the same command."
        )
    return Table("sample", [record], columns, footer=footer)
