"""Ways to sample, on the real problem: the same chains from the same points, equal evaluations.

python -m benchmarks.samplers --work runs/posterior --evaluations 3000

Begins where the chains of a posterior run ended (`make posterior`), so that all are near the posterior; its
derivatives inform the kernels, and its draws are the archive of differential evolution. All kernels use the
batch evaluator; what an evaluation and one with a gradient cost is counted as `make bench` prints it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np

from benchmarks.block_updates import BlockUpdates
from benchmarks.kernels import CrankNicolson, DifferentialEvolution, EllipticalSlice, Reference
from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import Vector
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import ChainState, DrawBlock, SamplingPlan, begin, one_block
from calibration.sample.diagnostics import Diagnostics
from calibration.sample.hmc import HMC
from calibration.sample.kernel import Chain, Kernel, PointValue
from calibration.storage.posterior_folder import read_blocks, read_root, read_walk
from rewire.analysis.posterior.collected_draws import margins

WARM = 0.4
"""Share of the evaluations in which step sizes are adapted."""


ARCHIVE = 2400
"""Draws of the run that inform the kernels."""


@dataclass(frozen=True, slots=True)
class WithoutReflection(HMC):
    """Paths that are not reflected at switch boundaries."""

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        return HMC.tell(self, chain, replace(value, normal=None), rng, adapt)


def kernels(roots: Sequence[Vector], mean: Vector, archive: Vector) -> dict[str, Kernel]:
    """What is compared."""
    n, root = len(mean), np.vstack(roots) / np.sqrt(len(roots))
    both = HMC.informed(roots, archive)
    narrow, wide, *_ = (HMC((root,)) for root in both.roots)
    return {
        "Crank-Nicolson": CrankNicolson(Reference.prior(n)),
        "Crank-Nicolson, informed": CrankNicolson(Reference.informed(mean, root)),
        "elliptical slices": EllipticalSlice(Reference.prior(n)),
        "elliptical slices, informed": EllipticalSlice(Reference.informed(mean, root)),
        "differential evolution": DifferentialEvolution(archive),
        "block updates": BlockUpdates.informed(roots),
        "HMC, narrow": narrow,
        "HMC, wide": wide,
        "HMC, without reflection": WithoutReflection(both.roots),
        "HMC (default)": both,
    }


def measure(
    pool: Pool, likelihood: Likelihood, kernel: Kernel, points: Vector, evaluations: int
) -> tuple[Diagnostics, float, float, float]:
    """After the warm-up: diagnostics of the margins, evaluations, CPU seconds, and mean squared jump."""
    problem = pool.problem
    assert isinstance(problem, Evaluator)
    walk: ChainState = begin(pool, likelihood, points, seed=5)
    each = max(1, int(evaluations * WARM / len(points)))
    every = SamplingPlan(warm=1, keep=0, draws=1, thin=1)
    while walk.evaluations < each * len(points):
        walk, _ = one_block(pool, likelihood, kernel, walk, every)
    blocks: list[DrawBlock] = []
    began, clock, wall = walk.evaluations, time.process_time(), walk.seconds
    while walk.evaluations < evaluations:
        walk, block = one_block(pool, likelihood, kernel, walk, SamplingPlan(warm=0, keep=1, draws=1, thin=1))
        blocks.append(block)
    z = np.concatenate([b.z for b in blocks], axis=1)
    mixing = Diagnostics.from_draws(margins(problem, np.concatenate([b.terms for b in blocks], axis=1)))
    own = time.process_time() - clock
    cpu = own + (walk.seconds - wall) * (pool.workers if pool.workers > 1 else 0)
    used = walk.evaluations - began
    return mixing, used, cpu, float((np.diff(z, axis=1) ** 2).sum()) / used


@click.command()
@click.option("--work", default=Path("runs/posterior"), show_default=True, type=click.Path(path_type=Path))
@click.option("--evaluations", default=3000, show_default=True, type=click.IntRange(100))
@click.option("--chains", default=8, show_default=True, type=click.IntRange(2))
@click.option("--only", multiple=True, help="Only kernels whose name holds this; repeatable.")
def main(work: Path, evaluations: int, chains: int, only: tuple[str, ...]) -> None:
    """Effective draws of the findings' margins for each evaluation and CPU second."""
    problem = recipe().make()
    assert isinstance(problem, Evaluator)
    likelihood = Likelihood(problem)
    with Pool(recipe(), None, problem) as pool:
        walk = read_walk(work)
        if walk is None:
            raise click.UsageError(f"{work} holds no chains; `make posterior` makes them")
        here = np.array([c.z for c in walk.chains])
        archive = np.concatenate([b.z for b in read_blocks(work, 1, walk.blocks)], axis=1)
        archive = archive.reshape(-1, problem.n)
        archive = archive[:: max(1, len(archive) // ARCHIVE)]
        count = len(list(work.glob("root-*.npz")))
        roots = [root for i in range(len(here), count) if (root := read_root(work, i)) is not None]
        click.echo(
            "| kernel | effective draws, median | fewest | evaluations for one, median | "
            "CPU s for one, median | slowest | squared jump for one |\n|---|---|---|---|---|---|---|"
        )
        for name, kernel in kernels(roots, here.mean(0), archive).items():
            if only and not any(part in name for part in only):
                continue
            mixing, used, cpu, jump = measure(pool, likelihood, kernel, here[:chains], evaluations)
            middle, least = float(np.nanmedian(mixing.bulk)), float(np.nanmin(mixing.bulk))
            click.echo(
                f"| {name} | {middle:.0f} | {least:.0f} | {used / middle:.0f} "
                f"| {cpu / middle:.1f} | {cpu / least:.1f} | {jump:.2f} |"
            )


if __name__ == "__main__":
    main()
