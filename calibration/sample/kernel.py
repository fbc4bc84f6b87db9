"""What a transition kernel is: it moves a Markov chain and leaves the posterior invariant.

Parameters are in prior standard deviations, so the prior is the standard normal and the posterior density is
proportional to ``exp(log_likelihood(z)) * exp(-|z|^2 / 2)``. Kernels have an ask-and-tell interface: each
names one point and is given the likelihood there, so that the points of many chains are evaluated in one
batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from calibration.objective.problem import Vector


@dataclass(frozen=True, slots=True)
class PointValue:
    """What is known of a point.

    Attributes
    ----------
    terms : array (n_terms,) [log2]
    log_likelihood : float
    gradient : array (n,) or None
        Of the log likelihood, for kernels that need it.
    normal : array (n,) or None
        Beyond a switch boundary, a vector across it (see `calibration.objective.switch_boundary`).
    """

    terms: Vector
    log_likelihood: float
    gradient: Vector | None = None
    normal: Vector | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The state of one chain.

    Attributes
    ----------
    z, terms : array (n,), (n_terms,)
    log_likelihood : float
        At `z`.
    step_size : float
        For kernels with one step size, adapted while the chain warms up.
    step_sizes : tuple of float
        For kernels with several: one for each metric or block.
    active : int
        Which of them is used next.
    proposal : array (n,) or None
        The point whose likelihood is awaited.
    gradient : array (n,) or None
        Of the log likelihood at `z`, where the kernel uses it.
    path : object or None
        What the kernel keeps within an iteration; None between two iterations.
    proposed, accepted : int
        Iterations (of slice sampling: points) so far, and moves made.
    """

    z: Vector
    terms: Vector
    log_likelihood: float
    step_size: float = 0.1
    step_sizes: tuple[float, ...] = ()
    active: int = 0
    proposal: Vector | None = None
    gradient: Vector | None = None
    path: object | None = None
    proposed: int = 0
    accepted: int = 0


class Kernel(Protocol):
    """Asks for the likelihood at a point and is told it."""

    @property
    def needs_gradient(self) -> bool:
        """Whether it needs the gradient of the log likelihood, too."""
        ...

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        """The chain with `proposal` set."""
        ...

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        """The chain once the value at its proposal is known, and whether this ended an iteration."""
        ...


def accept(chain: Chain, value: PointValue) -> Chain:
    """The chain moved to its proposal."""
    assert chain.proposal is not None
    return replace(
        chain,
        z=chain.proposal,
        terms=value.terms,
        log_likelihood=value.log_likelihood,
        gradient=value.gradient,
        accepted=chain.accepted + 1,
    )


def adapted(step_size: float, acceptance: float, iterations: float, most: float, target: float) -> float:
    """The next step size, by stochastic approximation with decreasing gain (Andrieu & Thoms 2008, Stat Comput
    18:343).

    ``log(step) += (acceptance - target) / sqrt(1 + iterations / 10)``, kept within 1e-4 and `most`.
    """
    rate = 1.0 / np.sqrt(1.0 + iterations / 10.0)
    return float(np.clip(step_size * np.exp(rate * (acceptance - target)), 1e-4, most))
