"""Hamiltonian Monte Carlo (Neal 2011, Handbook of MCMC, ch. 5), with reflection at switch boundaries.

The potential is the negative log posterior, ``U(z) = -log L(z) + |z|^2 / 2``, the kinetic energy ``|p|^2 /
2``. With a square root R of the inverse mass matrix (symmetric) and step size e, one leapfrog step is

    p <- p - e/2 R grad U(z),    z <- z + e R p,    p <- p - e/2 R grad U(z),

and the end of a path is accepted with probability ``min(1, exp(H(start) - H(end)))``, ``H = U + |p|^2 / 2``.

The gradient need not be exact: with any vector field in place of ``grad U`` the step preserves volume and is
reversible, and the acceptance uses the likelihood itself. The same holds for a reflection of the momentum at
a point beyond a switch boundary, ``p <- p - 2 (p.n / n.n) n``, whatever normal n is taken for that point
(Mohasel Afshar & Domke 2015, NIPS 28).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calibration.objective.problem import Vector
from calibration.sample.kernel import Chain, PointValue, accept, adapted

ACCEPTANCE = 0.45
"""Target acceptance while step sizes are adapted. On the real problem half of the rejected paths end where a
finding cannot be evaluated, and no shorter step would save them."""

NARROW, WIDE = 8.0, 4.0
"""Factors on the information of the findings in the two kinds of metrics: its mean over points, and a mean of
logarithms. Some points are much steeper than those that were looked at."""

PRIOR_DRAWS = 2.0
"""Weight of the expected covariance beside that of draws: as so many draws for each parameter."""

WIDE_METRICS = 5
"""Paths with the wide metric for one with the narrow metric."""

DIVERGENCE = 30.0
"""Energy error at which a path is abandoned: it would be accepted once in 10^13 times."""

MAX_REFLECTIONS = 3
"""Consecutive steps that may end beyond a switch boundary."""

STEP_FACTORS, SHORT_FACTORS = (0.7, 1.25), (0.05, 0.7)
"""Ranges of random factors on the step size; now and then short ones, with which chains leave tight places.
"""

SHORT_SHARE = 0.2
"""Share of paths with short steps."""

RANDOM_WALK_SHARE = 0.25
"""Share of paths that are one step without a gradient: the way out of peaks too narrow for leapfrog steps."""

MAX_FORCE = 3.0
"""Forces are scaled down to this many times the root mean square of a standard normal gradient."""

MAX_STEP = 1.0

BOX = 15.0
"""Prior standard deviations beyond which nothing is evaluated: such a point is never accepted."""


@dataclass(frozen=True, slots=True)
class LeapfrogPath:
    """A path under way.

    Attributes
    ----------
    z, gradient, momentum : array (n,)
        Position, gradient of the log likelihood there, momentum.
    steps_left : int
    step : float
        Step size of this path.
    energy : float
        ``-H`` at its start.
    reflections : int
        Consecutive steps that ended beyond a switch boundary.
    random_walk : bool
        Whether it is one step that no gradient changes.
    """

    z: Vector
    gradient: Vector
    momentum: Vector
    steps_left: int
    step: float
    energy: float
    reflections: int = 0
    random_walk: bool = False


@dataclass(frozen=True, slots=True)
class HMC:
    """Leapfrog paths of random length and step size, accepted or rejected at their end.

    Attributes
    ----------
    roots : tuple of array (n, n)
        Symmetric square roots of inverse mass matrices (metrics), used in turn, each with a step size of its
        own.
    min_steps, max_steps : int
        Leapfrog steps of a path; those that end beyond a switch boundary do not count.
    initial_step : float
        Step size before adaptation.
    """

    roots: tuple[Vector, ...]
    min_steps: int = 6
    max_steps: int = 12
    initial_step: float = 0.15
    needs_gradient: ClassVar[bool] = True

    @classmethod
    def informed(cls, information: Sequence[Vector], draws: Vector | None = None) -> HMC:
        """With one narrow metric and `WIDE_METRICS` wide ones, from the Fisher information J at some points.

        Narrow: ``(I + 8 mean(J))^-1``. The few points beside a switch, where gradients are a hundred times as
        large, dominate this mean: chains never get stuck, but are slow along some directions.
        Wide: ``exp(-mean(log(I + 4 J)))``, and the more draws there are, the more their covariance instead.

        Parameters
        ----------
        information : sequence of array (m, n)
            Square roots r of J, ``J = r' r`` (see `Likelihood.information`).
        draws : array (draws, n), optional
            What chains have drawn so far.
        """
        one = np.eye(information[0].shape[1])
        mean = np.mean([root.T @ root for root in information], axis=0)
        logs = np.mean([_apply(one + WIDE * root.T @ root, np.log) for root in information], axis=0)
        wide = _apply(logs, lambda size: np.exp(-size))
        if draws is not None and len(draws) > 1:
            own = len(draws) / (len(draws) + PRIOR_DRAWS * len(one))
            wide = own * np.cov(draws.T) + (1.0 - own) * wide
        narrow = _apply(one + NARROW * mean, np.reciprocal)
        return cls((_apply(narrow, np.sqrt), *[_apply(wide, np.sqrt)] * WIDE_METRICS))

    def _step_sizes(self, chain: Chain) -> tuple[float, ...]:
        return chain.step_sizes or (self.initial_step,) * len(self.roots)

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        """Half a step of the momentum and a step of the position, which is the next point to evaluate."""
        if chain.gradient is None:  # a chain begins with the gradient at its first point
            return replace(chain, proposal=chain.z)
        path = chain.path if isinstance(chain.path, LeapfrogPath) else self._new_path(chain, rng)
        root = self.roots[chain.active]
        path = replace(path, momentum=path.momentum + _half_kick(path, root, path.gradient, path.z))
        proposal = np.clip(path.z + path.step * (root @ path.momentum), -BOX, BOX)
        return replace(chain, proposal=proposal, path=path)

    def _new_path(self, chain: Chain, rng: np.random.Generator) -> LeapfrogPath:
        assert chain.gradient is not None
        momentum = rng.standard_normal(len(chain.z))
        energy = chain.log_likelihood - 0.5 * float(chain.z @ chain.z + momentum @ momentum)
        random_walk = bool(rng.uniform() < RANDOM_WALK_SHARE)
        steps = 1 if random_walk else int(rng.integers(self.min_steps, self.max_steps + 1))
        factors = SHORT_FACTORS if rng.uniform() < SHORT_SHARE else STEP_FACTORS
        step = self._step_sizes(chain)[chain.active] * float(np.exp(rng.uniform(*np.log(factors))))
        return LeapfrogPath(chain.z, chain.gradient, momentum, steps, step, energy, random_walk=random_walk)

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        """The second half step of the momentum; at the end of a path, accept or reject."""
        assert chain.proposal is not None
        assert value.gradient is not None
        path = chain.path
        if not isinstance(path, LeapfrogPath):
            return replace(chain, gradient=value.gradient, proposal=None), False
        z = chain.proposal
        root = self.roots[chain.active]
        momentum = path.momentum + _half_kick(path, root, value.gradient, z)
        gain = value.log_likelihood - 0.5 * float(z @ z + momentum @ momentum) - path.energy
        reflections = 0
        if value.normal is not None:
            momentum, reflections = _reflected(momentum, root.T @ value.normal), path.reflections + 1
        left = path.steps_left - (not reflections)
        if reflections <= MAX_REFLECTIONS if reflections else left and gain > -DIVERGENCE:
            path = replace(
                path,
                z=z,
                gradient=value.gradient,
                momentum=momentum,
                steps_left=left,
                reflections=reflections,
            )
            return replace(chain, proposal=None, path=path), False
        probability = 0.0 if left else float(np.exp(min(0.0, gain)))
        after = accept(chain, value) if rng.uniform() < probability else chain
        sizes = list(self._step_sizes(chain))
        if adapt and not path.random_walk:
            own = chain.proposed / len(sizes)
            sizes[chain.active] = adapted(sizes[chain.active], probability, own, MAX_STEP, ACCEPTANCE)
        active = (chain.active + 1) % len(sizes)
        after = replace(after, proposal=None, path=None, step_sizes=tuple(sizes), active=active)
        return replace(after, proposed=chain.proposed + 1), True


def _half_kick(path: LeapfrogPath, root: Vector, gradient: Vector, z: Vector) -> Vector:
    """``-e/2 R grad U(z)``, with large forces scaled down to `MAX_FORCE`."""
    if path.random_walk:
        return np.zeros(root.shape[1])
    force = root.T @ (gradient - z)
    size = float(np.linalg.norm(force)) / (MAX_FORCE * np.sqrt(len(force)))
    return np.asarray(0.5 * path.step * force / max(size, 1.0))


def _reflected(momentum: Vector, normal: Vector) -> Vector:
    """A momentum reflected at a plane."""
    size = float(normal @ normal)
    return momentum - 2.0 * (momentum @ normal) / size * normal if size > 0.0 else -momentum


def _apply(symmetric: Vector, function: Callable[[Vector], Vector]) -> Vector:
    """A function of a symmetric matrix (n, n)."""
    size, basis = np.linalg.eigh(symmetric)
    return np.asarray((basis * function(size)) @ basis.T)
