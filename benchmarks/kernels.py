"""Kernels that were compared with Hamiltonian Monte Carlo and that no verb uses (see `samplers.md`).

- Crank-Nicolson and elliptical slices about a reference normal. About the prior itself the likelihood alone
  decides; about a normal that has seen the findings (`Reference.informed`) the rest of it does, and the chain
  moves as far as the findings let it. Cotter 2013 (Stat Sci 28:424), Murray 2010 (AISTATS), Cui 2016 (J
  Comput Phys 304:109).
- Differential evolution with a fixed archive: steps along differences of points that lie where the posterior
  is. ter Braak 2008 (Stat Comput 18:435).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calibration.objective.problem import Vector
from calibration.sample.kernel import Chain, PointValue, accept, adapted

ACCEPTANCE = 0.25
"""Target acceptance of Crank-Nicolson and differential evolution while step sizes are adapted."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The normal ``N(mean, I - basis diag(gain / (1 + gain)) basis')``.

    Attributes
    ----------
    mean : array (n,)
    basis : array (n, k)
        Orthonormal directions that the findings say something about.
    gain : array (k,)
        How much sharper than the prior: information over prior precision.
    """

    mean: Vector
    basis: Vector
    gain: Vector

    @classmethod
    def prior(cls, n: int) -> Reference:
        """The prior itself."""
        return cls(np.zeros(n), np.zeros((n, 0)), np.zeros(0))

    @classmethod
    def informed(cls, mean: Vector, root: Vector, least: float = 0.1, share: float = 0.3) -> Reference:
        """From a square root (m, n) of the information (see `Likelihood.information`).

        Parameters
        ----------
        share : float
            Of the information that is used: a reference with lighter tails than the posterior holds chains
            fast where they come into its tails.
        least : float
            Directions that gain less than this are left to the prior.
        """
        _, size, basis = np.linalg.svd(np.sqrt(share) * root, full_matrices=False)
        keep = size**2 > least
        return cls(mean, basis[keep].T.copy(), size[keep] ** 2)

    def away(self, rng: np.random.Generator) -> Vector:
        """A draw (n,), less the mean."""
        noise = rng.standard_normal(len(self.mean))
        return noise - self.basis @ ((1.0 - 1.0 / np.sqrt(1.0 + self.gain)) * (self.basis.T @ noise))

    def surplus(self, z: Vector) -> float:
        """Log of prior over reference at `z`, up to a constant."""
        away = z - self.mean
        return float(0.5 * (away @ away + self.gain @ (self.basis.T @ away) ** 2 - z @ z))


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse that is being searched: its other axis, the bracket, the angle, and the level to exceed."""

    axis: Vector
    low: float
    high: float
    angle: float
    level: float


@dataclass(frozen=True, slots=True)
class CrankNicolson:
    """A step towards a draw of the reference, taken or not."""

    reference: Reference
    needs_gradient: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        mean, beta = self.reference.mean, chain.step_size
        point = mean + np.sqrt(1.0 - beta**2) * (chain.z - mean) + beta * self.reference.away(rng)
        return replace(chain, proposal=point, proposed=chain.proposed + 1)

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        assert chain.proposal is not None
        surplus = self.reference.surplus
        gain = value.log_likelihood + surplus(chain.proposal) - chain.log_likelihood - surplus(chain.z)
        accepted = bool(np.log(rng.uniform()) < gain)
        after = accept(chain, value) if accepted else chain
        step_size = (
            adapted(chain.step_size, accepted, chain.proposed, 1.0, ACCEPTANCE) if adapt else chain.step_size
        )
        return replace(after, proposal=None, step_size=step_size), True


@dataclass(frozen=True, slots=True)
class EllipticalSlice:
    """Points on an ellipse through the chain's own, until one is above the level; every iteration moves."""

    reference: Reference
    needs_gradient: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        ellipse = chain.path
        if not isinstance(ellipse, Ellipse):
            level = chain.log_likelihood + self.reference.surplus(chain.z) + float(np.log(rng.uniform()))
            angle = float(rng.uniform(0.0, 2.0 * np.pi))
            ellipse = Ellipse(self.reference.away(rng), angle - 2.0 * np.pi, angle, angle, level)
        mean = self.reference.mean
        point = mean + (chain.z - mean) * np.cos(ellipse.angle) + ellipse.axis * np.sin(ellipse.angle)
        return replace(chain, proposal=point, path=ellipse, proposed=chain.proposed + 1)

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        assert chain.proposal is not None
        assert isinstance(chain.path, Ellipse)
        ellipse = chain.path
        if value.log_likelihood + self.reference.surplus(chain.proposal) > ellipse.level:
            return replace(accept(chain, value), proposal=None, path=None), True
        low, high = (ellipse.angle, ellipse.high) if ellipse.angle < 0.0 else (ellipse.low, ellipse.angle)
        angle = float(rng.uniform(low, high))
        return replace(chain, proposal=None, path=replace(ellipse, low=low, high=high, angle=angle)), False


@dataclass(frozen=True, slots=True)
class DifferentialEvolution:
    """A step along the difference of two points of an archive, in some of the parameters at a time.

    Attributes
    ----------
    archive : array (m, n)
        Never changed, so the steps are symmetric.
    share : float
        Of the parameters that a step changes.
    jitter : float
        Of a normal step beside the difference.
    """

    archive: Vector
    share: float = 0.3
    jitter: float = 0.02
    needs_gradient: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        n = len(chain.z)
        a, b = rng.choice(len(self.archive), 2, replace=False)
        some = rng.uniform(size=n) < self.share
        step = chain.step_size * (self.archive[a] - self.archive[b]) + self.jitter * rng.standard_normal(n)
        return replace(chain, proposal=chain.z + np.where(some, step, 0.0), proposed=chain.proposed + 1)

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        assert chain.proposal is not None
        gain = (
            value.log_likelihood
            - chain.log_likelihood
            + 0.5 * float(chain.z @ chain.z - chain.proposal @ chain.proposal)
        )
        accepted = bool(np.log(rng.uniform()) < gain)
        after = accept(chain, value) if accepted else chain
        step_size = (
            adapted(chain.step_size, accepted, chain.proposed, 2.0, ACCEPTANCE) if adapt else chain.step_size
        )
        return replace(after, proposal=None, step_size=step_size), True
