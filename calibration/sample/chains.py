"""Draws from the posterior: several chains, block by block, so that a run can be stopped and resumed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.sample.kernel import Chain, Kernel, PointValue


@dataclass(frozen=True, slots=True)
class DrawBlock:
    """The draws of one block.

    Attributes
    ----------
    z : array (chains, draws, n) [prior standard deviations]
    terms : array (chains, draws, n_terms) [log2]
    log_likelihood : array (chains, draws)
    """

    z: Vector
    terms: Vector
    log_likelihood: Vector


@dataclass(frozen=True, slots=True)
class ChainState:
    """The state of all chains between two blocks.

    Attributes
    ----------
    generators : tuple of dict
        The state of each chain's own random generator.
    blocks : int
        Finished so far, warm-up included.
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
    """How many draws.

    Attributes
    ----------
    warm, keep : int
        Blocks in which step sizes are adapted, whose draws do not count; and blocks after that.
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
    """Keeps blocks and the state of the chains (a run folder, or nothing)."""

    def add(self, state: ChainState, block: DrawBlock) -> None:
        """Keep one more block, and the state of the chains after it."""
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
    state: ChainState,
    plan: SamplingPlan,
    keeper: DrawKeeper,
    more: Callable[[ChainState], bool] | None = None,
) -> ChainState:
    """Sample from `state` until the plan is done, or Ctrl-C; a block that was cut short is repeated on
    resuming.

    Parameters
    ----------
    more : callable, optional
        Asked after each block whether to continue.
    """
    try:
        while state.blocks < plan.warm + plan.keep:
            state, block = one_block(pool, likelihood, kernel, state, plan)
            keeper.add(state, block)
            if more is not None and not more(state):
                break
    except KeyboardInterrupt:
        pass
    return state


def one_block(
    pool: Pool, likelihood: Callable[[Vector], float], kernel: Kernel, state: ChainState, plan: SamplingPlan
) -> tuple[ChainState, DrawBlock]:
    """One block of every chain; the chains' points are evaluated in batches."""
    began, adapt = time.monotonic(), state.blocks < plan.warm
    chains = list(state.chains)
    generators = [_generator(own) for own in state.generators]
    kept: list[list[Chain]] = [[] for _ in chains]
    done = [0] * len(chains)
    evaluations = state.evaluations
    while running := [i for i in range(len(chains)) if len(kept[i]) < plan.draws]:
        proposing = [kernel.ask(chains[i], generators[i]) for i in running]
        wanted: Literal["log"] | None = "log" if kernel.needs_gradient else None
        outcomes = pool.map(
            [Task(c.proposal, derivatives=wanted, batch=True) for c in proposing if c.proposal is not None]
        )
        evaluations += sum(outcome.cost for outcome in outcomes)
        for i, chain, outcome in zip(running, proposing, outcomes, strict=True):
            value = PointValue(outcome.terms, likelihood(outcome.terms), outcome.derivatives, outcome.across)
            chains[i], ended = kernel.tell(chain, value, generators[i], adapt)
            done[i] += ended
            if ended and done[i] % plan.thin == 0:
                kept[i].append(chains[i])
    block = DrawBlock(
        np.array([[c.z for c in row] for row in kept]),
        np.array([[c.terms for c in row] for row in kept]),
        np.array([[c.log_likelihood for c in row] for row in kept]),
    )
    after = replace(
        state,
        chains=tuple(chains),
        generators=tuple(dict(g.bit_generator.state) for g in generators),
        blocks=state.blocks + 1,
        evaluations=evaluations,
        seconds=state.seconds + time.monotonic() - began,
    )
    return after, block


def _generator(state: dict[str, Any]) -> np.random.Generator:
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator
