"""Moves that take turns: a step in one group of directions, or one band of parameters, at a time.

Each group has a width of its own. Where the findings hold a chain tight in a few dozen directions that bend,
these must not hold up the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from calibration.objective.problem import Mask, Vector
from calibration.sample.kernels import Chain, PointValue, learnt, moved

WIDEST = 10.0
"""Of a group's steps: from there on even its tightest directions are drawn anew from the prior."""


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
class BlockUpdates:
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
    slopes: ClassVar[bool] = False

    @classmethod
    def informed(
        cls,
        roots: Sequence[Vector],
        edges: tuple[float, ...] = (10.0, 1.0, 0.1),
        bands: tuple[float, ...] = (1.0, 0.1, 0.02),
        few: int = 12,
    ) -> BlockUpdates:
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
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        takes = bool(np.log(rng.uniform()) < answer.log - chain.log)  # the steps keep the prior as it is
        after = moved(chain, answer) if takes else chain
        widths = list(chain.widths)
        if learn:
            widths[chain.turn] = learnt(widths[chain.turn], takes, chain.tried / len(widths), WIDEST)
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
