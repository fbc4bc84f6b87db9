"""Block updates: a step in one group of directions, or one band of parameters, at a time.

Each group has a step size of its own. Where the findings hold a chain tight in a few dozen directions that
bend, these must not hold up the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from benchmarks.kernels import ACCEPTANCE
from calibration.objective.problem import Mask, Vector
from calibration.sample.kernel import Chain, PointValue, accept, adapted

MAX_STEP = 10.0
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
    needs_gradient: ClassVar[bool] = False

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
        sizes = chain.step_sizes or (self.start,) * (len(self.groups) + 1)
        active = int(rng.integers(len(sizes)))
        if active == len(self.groups):
            some = rng.choice(len(chain.z), min(self.few, len(chain.z)), replace=False)
            proposal = chain.z.copy()
            proposal[some] = _stepped(chain.z[some], sizes[active] * self.scale[some], rng)
        else:
            group = self.groups[active]
            here = group.basis.T @ chain.z
            proposal = chain.z + group.basis @ (_stepped(here, sizes[active] * group.scale, rng) - here)
        return replace(chain, proposal=proposal, step_sizes=sizes, active=active, proposed=chain.proposed + 1)

    def tell(
        self, chain: Chain, value: PointValue, rng: np.random.Generator, adapt: bool
    ) -> tuple[Chain, bool]:
        assert chain.proposal is not None
        # the steps keep the prior as it is
        accepted = bool(np.log(rng.uniform()) < value.log_likelihood - chain.log_likelihood)
        after = accept(chain, value) if accepted else chain
        sizes = list(chain.step_sizes)
        if adapt:
            sizes[chain.active] = adapted(
                sizes[chain.active], accepted, chain.proposed / len(sizes), MAX_STEP, ACCEPTANCE
            )
        return replace(after, proposal=None, step_sizes=tuple(sizes)), True


def _stepped(z: Vector, width: Vector, rng: np.random.Generator) -> Vector:
    """A Crank-Nicolson step about the prior, of a width for each direction."""
    beta = np.minimum(1.0, width)
    step: Vector = np.sqrt(1.0 - beta**2) * z + beta * rng.standard_normal(len(z))
    return step


def _parted(gain: Vector, edges: Sequence[float]) -> list[Mask]:
    """Masks (n,) of what lies between one edge and the next; empty ones are left out."""
    parts = [(gain <= high) & (gain > low) for high, low in pairwise((np.inf, *edges, -1.0))]
    return [part for part in parts if part.any()]
