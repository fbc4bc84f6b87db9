"""Moves of a Markov chain over parameters in prior standard deviations; the prior is the standard normal.

A kernel asks for one point at a time and is told the likelihood there, so that the points of many chains are
evaluated side by side. All of them keep ``exp(likelihood) * normal`` as it is:

- Crank-Nicolson and elliptical slices about a reference normal. About the prior itself the likelihood alone
  decides; about a normal that knows what the findings say (`Reference.informed`) the rest of it does, and
  the chain moves as far as the findings let it.
- Differential evolution with a fixed archive: steps along differences of points that lie where the
  posterior is.
- Turns: a step in some directions or parameters at a time, each group of them with a width of its own. Where
  the findings hold a chain tight in a few dozen directions that bend, these must not hold up the rest.

Cotter 2013 (Stat Sci 28:424), Murray 2010 (AISTATS), Cui 2016 (J Comput Phys 304:109), ter Braak 2008 (Stat
Comput 18:435).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np

from calibration.problem import Mask, Vector

WIDEST = 10.0
"""Of a group's steps: from there on even its tightest directions are drawn anew from the prior."""

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
    aim, low, high, angle, bar : array (n,), float
        The ellipse that is being searched, its bracket, the angle of `asked`, and the bar to clear.
    tried, taken : int
        Points asked for; moves made.
    """

    z: Vector
    terms: Vector
    log: float
    width: float = 0.1
    widths: tuple[float, ...] = ()
    turn: int = 0
    asked: Vector | None = None
    aim: Vector | None = None
    low: float = 0.0
    high: float = 0.0
    angle: float = 0.0
    bar: float = 0.0
    tried: int = 0
    taken: int = 0


class Kernel(Protocol):
    """Asks for points and is told what they are worth."""

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        """The chain with `asked` set."""
        ...

    def tell(
        self, chain: Chain, terms: Vector, log: float, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        """The chain after the answer, and whether this was the end of an iteration."""
        ...


def _moved(chain: Chain, terms: Vector, log: float) -> Chain:
    assert chain.asked is not None
    return replace(chain, z=chain.asked, terms=terms, log=log, taken=chain.taken + 1)


def _learnt(width: float, taken: bool, tried: float, most: float) -> float:
    """Wider after a step that was taken, narrower after one that was not; ever less so."""
    rate = 1.0 / np.sqrt(1.0 + tried / 10.0)
    return float(np.clip(width * np.exp(rate * ((1.0 if taken else 0.0) - GOAL)), 1e-4, most))


@dataclass(frozen=True, slots=True)
class CrankNicolson:
    """A step towards a draw of the reference, taken or not."""

    reference: Reference

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        mean, beta = self.reference.mean, chain.width
        point = mean + np.sqrt(1.0 - beta**2) * (chain.z - mean) + beta * self.reference.away(rng)
        return replace(chain, asked=point, tried=chain.tried + 1)

    def tell(
        self, chain: Chain, terms: Vector, log: float, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        surplus = self.reference.surplus
        gain = log + surplus(chain.asked) - chain.log - surplus(chain.z)
        takes = bool(np.log(rng.uniform()) < gain)
        after = _moved(chain, terms, log) if takes else chain
        width = _learnt(chain.width, takes, chain.tried, 1.0) if learn else chain.width
        return replace(after, asked=None, width=width), True


@dataclass(frozen=True, slots=True)
class EllipticalSlice:
    """Points on an ellipse through where the chain is, until one clears the bar: every iteration moves."""

    reference: Reference

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        if chain.aim is None:
            bar = chain.log + self.reference.surplus(chain.z) + float(np.log(rng.uniform()))
            angle = float(rng.uniform(0.0, 2.0 * np.pi))
            chain = replace(
                chain,
                aim=self.reference.away(rng),
                bar=bar,
                angle=angle,
                low=angle - 2.0 * np.pi,
                high=angle,
            )
        assert chain.aim is not None
        mean = self.reference.mean
        point = mean + (chain.z - mean) * np.cos(chain.angle) + chain.aim * np.sin(chain.angle)
        return replace(chain, asked=point, tried=chain.tried + 1)

    def tell(
        self, chain: Chain, terms: Vector, log: float, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        if log + self.reference.surplus(chain.asked) > chain.bar:
            return replace(_moved(chain, terms, log), asked=None, aim=None), True
        low, high = (chain.angle, chain.high) if chain.angle < 0.0 else (chain.low, chain.angle)
        angle = float(rng.uniform(low, high))
        return replace(chain, asked=None, low=low, high=high, angle=angle), False


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

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        n = len(chain.z)
        a, b = rng.choice(len(self.archive), 2, replace=False)
        some = rng.uniform(size=n) < self.share
        step = chain.width * (self.archive[a] - self.archive[b]) + self.jitter * rng.standard_normal(n)
        return replace(chain, asked=chain.z + np.where(some, step, 0.0), tried=chain.tried + 1)

    def tell(
        self, chain: Chain, terms: Vector, log: float, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        gain = log - chain.log + 0.5 * float(chain.z @ chain.z - chain.asked @ chain.asked)
        takes = bool(np.log(rng.uniform()) < gain)
        after = _moved(chain, terms, log) if takes else chain
        width = _learnt(chain.width, takes, chain.tried, 2.0) if learn else chain.width
        return replace(after, asked=None, width=width), True


@dataclass(frozen=True, slots=True)
class Group:
    """Directions that move together, each by a Crank-Nicolson step of its own width.

    Attributes
    ----------
    basis : array (n, k)
        Orthonormal.
    scale : array (k,)
        Of a step of width one; no step is wider than one, which is a draw of the prior.
    """

    basis: Vector
    scale: Vector


@dataclass(frozen=True, slots=True)
class Turns:
    """A step in one group of directions, drawn anew each time, or in a few parameters.

    Attributes
    ----------
    groups : tuple of Group
    scale : array (n,)
        Of steps in a few parameters.
    few : int
        How many those are; one step in ``len(groups) + 1`` is of that kind.
    start : float
        Width of every group before anything is learnt.
    """

    groups: tuple[Group, ...]
    scale: Vector
    few: int = 12
    start: float = 0.3

    @classmethod
    def informed(
        cls,
        roots: Sequence[Vector],
        edges: tuple[float, ...] = (10.0, 1.0, 0.1),
        bands: tuple[float, ...] = (1.0, 0.1, 0.02),
        few: int = 12,
    ) -> Turns:
        """Groups by how much the findings say about a direction, and about a parameter.

        Directions are those of the mean information. Parameters go by the median over the points, since
        slopes are steep at one and flat at the next: what nowhere matters much can move far.

        Parameters
        ----------
        roots : sequence of array (m, n)
            Square roots of the information at some points (see `Likelihood.information`).
        edges, bands : tuple of float
            Information over prior precision that parts one group from the next; of directions, of parameters.
        """
        _, size, basis = np.linalg.svd(np.vstack(roots) / np.sqrt(len(roots)), full_matrices=True)
        gain = np.zeros(basis.shape[0])
        gain[: len(size)] = size**2
        own = np.median([(root**2).sum(0) for root in roots], axis=0)
        scale = 1.0 / np.sqrt(1.0 + own)
        groups = [Group(basis[of].T.copy(), 1.0 / np.sqrt(1.0 + gain[of])) for of in _parted(gain, edges)]
        groups += [Group(np.eye(len(own))[:, of], scale[of]) for of in _parted(own, bands)]
        return cls(tuple(groups), scale, few)

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        widths = chain.widths or (self.start,) * (len(self.groups) + 1)
        turn = int(rng.integers(len(widths)))
        if turn == len(self.groups):
            some = rng.choice(len(chain.z), min(self.few, len(chain.z)), replace=False)
            asked = chain.z.copy()
            asked[some] = _stepped(chain.z[some], widths[turn] * self.scale[some], rng)
        else:
            group = self.groups[turn]
            here = group.basis.T @ chain.z
            asked = chain.z + group.basis @ (_stepped(here, widths[turn] * group.scale, rng) - here)
        return replace(chain, asked=asked, widths=widths, turn=turn, tried=chain.tried + 1)

    def tell(
        self, chain: Chain, terms: Vector, log: float, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        takes = bool(np.log(rng.uniform()) < log - chain.log)  # the steps keep the prior as it is
        after = _moved(chain, terms, log) if takes else chain
        widths = list(chain.widths)
        if learn:
            widths[chain.turn] = _learnt(widths[chain.turn], takes, chain.tried / len(widths), WIDEST)
        return replace(after, asked=None, widths=tuple(widths)), True


def _stepped(z: Vector, width: Vector, rng: np.random.Generator) -> Vector:
    """A Crank-Nicolson step about the prior, of a width for each direction."""
    beta = np.minimum(1.0, width)
    step: Vector = np.sqrt(1.0 - beta**2) * z + beta * rng.standard_normal(len(z))
    return step


def _parted(gain: Vector, edges: Sequence[float]) -> list[Mask]:
    """Masks (n,) of what lies between one edge and the next; empty ones are left out."""
    parts = [(gain <= high) & (gain > low) for high, low in pairwise((np.inf, *edges, -1.0))]
    return [part for part in parts if part.any()]
