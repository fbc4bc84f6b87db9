"""Draws from the posterior: chains side by side, block by block, that can be stopped after any block."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.sample.kernels import Chain, Kernel, PointValue


@dataclass(frozen=True, slots=True)
class DrawBlock:
    """What the chains brought in one go.

    Attributes
    ----------
    z : array (chains, draws, n) [prior standard deviations]
    terms : array (chains, draws, n_terms) [log2]
    log : array (chains, draws)
        Log likelihood.
    """

    z: Vector
    terms: Vector
    log: Vector


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where all chains stand between two blocks.

    Attributes
    ----------
    generators : tuple of dict
        The state of each chain's own random generator.
    blocks : int
        How many were finished, warm-up included.
    evaluations, seconds : float
        Spent so far.
    """

    chains: tuple[Chain, ...]
    generators: tuple[dict[str, Any], ...]
    blocks: int = 0
    evaluations: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How far the chains go.

    Attributes
    ----------
    warm, keep : int
        Blocks in which step widths are learnt, whose draws do not count; and blocks after that.
    draws : int
        Kept in a block, of each chain.
    thin : int
        Iterations for each draw that is kept.
    """

    warm: int = 20
    keep: int = 80
    draws: int = 25
    thin: int = 10


class DrawKeeper(Protocol):
    """Keeps blocks and where the chains stand (a run folder, or nothing)."""

    def add(self, walk: ChainState, block: DrawBlock) -> None:
        """Keep one more block, and that the chains go on from `walk`."""
        ...


def begin(
    pool: Pool, likelihood: Callable[[Vector], float], points: Iterable[Vector], seed: int
) -> ChainState:
    """One chain from each point, each with a random stream of its own."""
    here = [np.asarray(z) for z in points]
    outcomes = pool.map([Task(z, batch=True) for z in here])
    chains = tuple(Chain(z, o.terms, likelihood(o.terms)) for z, o in zip(here, outcomes, strict=True))
    streams = np.random.SeedSequence(seed).spawn(len(chains))
    generators = tuple(dict(np.random.default_rng(stream).bit_generator.state) for stream in streams)
    return ChainState(chains, generators, evaluations=float(len(chains)))


def sample(
    pool: Pool,
    likelihood: Callable[[Vector], float],
    kernel: Kernel,
    walk: ChainState,
    plan: SamplingPlan,
    keeper: DrawKeeper,
    more: Callable[[ChainState], bool] | None = None,
) -> ChainState:
    """Go on from `walk` until the plan is done, or Ctrl-C: then the block that was cut short is done anew.

    Parameters
    ----------
    more : callable, optional
        Asked after each block whether to go on.
    """
    try:
        while walk.blocks < plan.warm + plan.keep:
            walk, block = one_block(pool, likelihood, kernel, walk, plan)
            keeper.add(walk, block)
            if more is not None and not more(walk):
                break
    except KeyboardInterrupt:
        pass
    return walk


def one_block(
    pool: Pool, likelihood: Callable[[Vector], float], kernel: Kernel, walk: ChainState, plan: SamplingPlan
) -> tuple[ChainState, DrawBlock]:
    """One block of every chain; a chain that is ahead waits for the others."""
    began, learn = time.monotonic(), walk.blocks < plan.warm
    chains = list(walk.chains)
    generators = [_generator(state) for state in walk.generators]
    kept: list[list[Chain]] = [[] for _ in chains]
    done = [0] * len(chains)
    evaluations = walk.evaluations
    while running := [i for i in range(len(chains)) if len(kept[i]) < plan.draws]:
        asked = [kernel.ask(chains[i], generators[i]) for i in running]
        wanted: Literal["log"] | None = "log" if kernel.slopes else None
        outcomes = pool.map(
            [Task(c.asked, derivatives=wanted, batch=True) for c in asked if c.asked is not None]
        )
        evaluations += sum(outcome.cost for outcome in outcomes)
        for i, chain, outcome in zip(running, asked, outcomes, strict=True):
            answer = PointValue(outcome.terms, likelihood(outcome.terms), outcome.derivatives, outcome.across)
            chains[i], ended = kernel.tell(chain, answer, generators[i], learn)
            done[i] += ended
            if ended and done[i] % plan.thin == 0:
                kept[i].append(chains[i])
    block = DrawBlock(
        np.array([[c.z for c in row] for row in kept]),
        np.array([[c.terms for c in row] for row in kept]),
        np.array([[c.log for c in row] for row in kept]),
    )
    after = replace(
        walk,
        chains=tuple(chains),
        generators=tuple(dict(g.bit_generator.state) for g in generators),
        blocks=walk.blocks + 1,
        evaluations=evaluations,
        seconds=walk.seconds + time.monotonic() - began,
    )
    return after, block


def _generator(state: dict[str, Any]) -> np.random.Generator:
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator
