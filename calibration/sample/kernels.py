"""Moves of a Markov chain over parameters in prior standard deviations; the prior is the standard normal.

A kernel asks for one point at a time and is told the likelihood there, so that the points of many chains are
evaluated side by side. All of them keep ``exp(likelihood) * normal`` as it is:

- Crank-Nicolson and elliptical slices about a reference normal. About the prior itself the likelihood alone
  decides; about a normal that knows what the findings say (`Reference.informed`) the rest of it does, and
  the chain moves as far as the findings let it.
- Differential evolution with a fixed archive: steps along differences of points that lie where the
  posterior is.
- Turns and trajectories, in files of their own (`calibration.sample.block_updates`,
  `calibration.sample.hmc`).

Cotter 2013 (Stat Sci 28:424), Murray 2010 (AISTATS), Cui 2016 (J Comput Phys 304:109), ter Braak 2008 (Stat
Comput 18:435).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from calibration.objective.problem import Vector

GOAL = 0.25
"""Share of Crank-Nicolson and of evolution steps that should be taken, while the width is being learnt."""


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
class PointValue:
    """What a point is worth: terms (n_terms,), log likelihood, its slope (n,) for kernels that need it.

    Beyond a wall `across` is what is across it (see `calibration.objective.switch_boundary`).
    """

    terms: Vector
    log: float
    slope: Vector | None = None
    across: Vector | None = None


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse that is being searched: its other axis, the bracket, the angle, and the bar to clear."""

    aim: Vector
    low: float
    high: float
    angle: float
    bar: float


@dataclass(frozen=True, slots=True)
class Flight:
    """A trajectory under way: where it is, how it moves, steps left and their size, energy at its start.

    `beyond` counts steps one after the other that ended beyond a wall; a blind one heeds no slope.
    """

    z: Vector
    slope: Vector
    momentum: Vector
    left: int
    step: float
    energy: float
    beyond: int = 0
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Where one chain stands.

    Attributes
    ----------
    z, terms : array (n,), (n_terms,)
    log : float
        Log likelihood at `z`.
    width : float
        Of the steps, learnt while the chain warms up.
    widths : tuple of float
        The same of each group of directions, where they take turns.
    turn : int
        The group that moves.
    asked : array (n,) or None
        The point whose likelihood is awaited.
    slope : array (n,) or None
        Of the log likelihood at `z`, where the kernel uses it.
    way : Ellipse, Flight or None
        What is under way, between two iterations nothing.
    tried, taken : int
        Points (of flights: flights) tried; moves made.
    """

    z: Vector
    terms: Vector
    log: float
    width: float = 0.1
    widths: tuple[float, ...] = ()
    turn: int = 0
    asked: Vector | None = None
    slope: Vector | None = None
    way: Ellipse | Flight | None = None
    tried: int = 0
    taken: int = 0


class Kernel(Protocol):
    """Asks for points and is told what they are worth."""

    @property
    def slopes(self) -> bool:
        """Whether it needs slopes."""
        ...

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        """The chain with `asked` set."""
        ...

    def tell(
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        """The chain after the answer, and whether this was the end of an iteration."""
        ...


def moved(chain: Chain, answer: PointValue) -> Chain:
    """The chain at the point it asked about."""
    assert chain.asked is not None
    here = replace(chain, z=chain.asked, terms=answer.terms, log=answer.log, slope=answer.slope)
    return replace(here, taken=chain.taken + 1)


def learnt(width: float, taken: float, tried: float, most: float, goal: float = GOAL) -> float:
    """Wider after a step that was (probably) taken, narrower after one that was not; ever less so."""
    rate = 1.0 / np.sqrt(1.0 + tried / 10.0)
    return float(np.clip(width * np.exp(rate * (taken - goal)), 1e-4, most))


@dataclass(frozen=True, slots=True)
class CrankNicolson:
    """A step towards a draw of the reference, taken or not."""

    reference: Reference
    slopes: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        mean, beta = self.reference.mean, chain.width
        point = mean + np.sqrt(1.0 - beta**2) * (chain.z - mean) + beta * self.reference.away(rng)
        return replace(chain, asked=point, tried=chain.tried + 1)

    def tell(
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        surplus = self.reference.surplus
        gain = answer.log + surplus(chain.asked) - chain.log - surplus(chain.z)
        takes = bool(np.log(rng.uniform()) < gain)
        after = moved(chain, answer) if takes else chain
        width = learnt(chain.width, takes, chain.tried, 1.0) if learn else chain.width
        return replace(after, asked=None, width=width), True


@dataclass(frozen=True, slots=True)
class EllipticalSlice:
    """Points on an ellipse through where the chain is, until one clears the bar: every iteration moves."""

    reference: Reference
    slopes: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        way = chain.way
        if not isinstance(way, Ellipse):
            bar = chain.log + self.reference.surplus(chain.z) + float(np.log(rng.uniform()))
            angle = float(rng.uniform(0.0, 2.0 * np.pi))
            way = Ellipse(self.reference.away(rng), angle - 2.0 * np.pi, angle, angle, bar)
        mean = self.reference.mean
        point = mean + (chain.z - mean) * np.cos(way.angle) + way.aim * np.sin(way.angle)
        return replace(chain, asked=point, way=way, tried=chain.tried + 1)

    def tell(
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        assert isinstance(chain.way, Ellipse)
        way = chain.way
        if answer.log + self.reference.surplus(chain.asked) > way.bar:
            return replace(moved(chain, answer), asked=None, way=None), True
        low, high = (way.angle, way.high) if way.angle < 0.0 else (way.low, way.angle)
        angle = float(rng.uniform(low, high))
        return replace(chain, asked=None, way=replace(way, low=low, high=high, angle=angle)), False


@dataclass(frozen=True, slots=True)
class Evolution:
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
    slopes: ClassVar[bool] = False

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        n = len(chain.z)
        a, b = rng.choice(len(self.archive), 2, replace=False)
        some = rng.uniform(size=n) < self.share
        step = chain.width * (self.archive[a] - self.archive[b]) + self.jitter * rng.standard_normal(n)
        return replace(chain, asked=chain.z + np.where(some, step, 0.0), tried=chain.tried + 1)

    def tell(
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        gain = answer.log - chain.log + 0.5 * float(chain.z @ chain.z - chain.asked @ chain.asked)
        takes = bool(np.log(rng.uniform()) < gain)
        after = moved(chain, answer) if takes else chain
        width = learnt(chain.width, takes, chain.tried, 2.0) if learn else chain.width
        return replace(after, asked=None, width=width), True
