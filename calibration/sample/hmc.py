"""Trajectories that follow the slope of the posterior: far steps in all parameters at once.

Hamiltonian Monte Carlo (Neal 2011, Handbook of MCMC, ch. 5). Slopes need not be exact: whatever they are,
steps keep volume and can be gone back, and the energies that decide are those of the likelihood itself. The
same is true of a reflection at a point beyond a wall, whatever the wall's direction there (Mohasel Afshar &
Domke 2015, NIPS 28; of what is across a wall only the point may decide).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calibration.objective.problem import Vector
from calibration.sample.kernels import Chain, Flight, PointValue, learnt, moved

GOAL = 0.45
"""Share of trajectories that should be taken, while the step is being learnt. On the real problem half of the
others are lost where a finding stops being evaluable, and no shorter step would save them."""

CAUTION, MILD = 8.0, 4.0
"""How much more the findings are taken to say than they do where one looks, by their mean and by a mean of
logarithms: slopes are steep in places."""

PRIOR_DRAWS = 2.0
"""As so many draws a parameter counts what was expected of a direction before there were any."""

BOLD = 5
"""Bold trajectories for a careful one."""

LOST = 30.0
"""A trajectory is given up where its energy is off by this: it would be taken once in 10^13 times."""

LINGERS = 3
"""Steps one after the other that may end beyond a wall."""

SIZES, SHORT = (0.7, 1.25), (0.05, 0.7)
"""Lengths of steps beside what was learnt; now and then short, by which chains leave a tight place."""

SELDOM = 0.2
"""How often they are short."""

BLIND = 0.25
"""How often a trajectory is one step that no slope moves: out of a peak too narrow for others."""

STEEP = 3.0
"""How much steeper than in the mean a slope may be and count in full."""

WIDEST = 1.0

FAR = 15.0
"""Prior standard deviations from where on nothing is evaluated: such a point is never taken."""


@dataclass(frozen=True, slots=True)
class HMC:
    """Leapfrog steps along the slope, as many and as long as chance has it, taken or not at their end.

    Attributes
    ----------
    roots : tuple of array (n, n)
        What a velocity of one is in each direction: roots of covariances that are expected. They take turns,
        each with steps of a length of its own.
    least, most : int
        Steps of a trajectory; those that end beyond a wall do not count.
    start : float
        Length of a step before anything is learnt.
    """

    roots: tuple[Vector, ...]
    least: int = 6
    most: int = 12
    start: float = 0.15
    slopes: ClassVar[bool] = True

    @classmethod
    def informed(cls, seen: Sequence[Vector], drawn: Vector | None = None) -> HMC:
        """Careful velocities and bold ones in turn.

        Careful ones are as wide as prior and mean information leave each direction. A few points beside a
        switch, where slopes are a hundred times as steep, make the mean: chains never stick, but take long
        along some directions. Bold ones are by a mean of logarithms, and, the more draws there are, as wide
        as these are.

        Parameters
        ----------
        seen : sequence of array (m, n)
            Square roots of the information at some points (see `Likelihood.information`).
        drawn : array (draws, n), optional
            What chains have drawn so far.
        """
        one = np.eye(seen[0].shape[1])
        mean = np.mean([root.T @ root for root in seen], axis=0)
        logs = np.mean([_mapped(one + MILD * root.T @ root, np.log) for root in seen], axis=0)
        bold = _mapped(logs, lambda size: np.exp(-size))
        if drawn is not None and len(drawn) > 1:
            own = len(drawn) / (len(drawn) + PRIOR_DRAWS * len(one))
            bold = own * np.cov(drawn.T) + (1.0 - own) * bold
        careful = _mapped(one + CAUTION * mean, np.reciprocal)
        return cls((_mapped(careful, np.sqrt), *[_mapped(bold, np.sqrt)] * BOLD))

    @property
    def _new(self) -> tuple[float, ...]:
        return (self.start,) * len(self.roots)

    def ask(self, chain: Chain, rng: np.random.Generator) -> Chain:
        if chain.slope is None:  # a chain begins with a look at where it stands
            return replace(chain, asked=chain.z)
        flight = chain.way
        if not isinstance(flight, Flight):
            flight = self._off(chain, rng)
        root = self.roots[chain.turn]
        flight = replace(flight, momentum=flight.momentum + _push(flight, root, flight.slope, flight.z))
        asked = np.clip(flight.z + flight.step * (root @ flight.momentum), -FAR, FAR)
        return replace(chain, asked=asked, way=flight)

    def _off(self, chain: Chain, rng: np.random.Generator) -> Flight:
        assert chain.slope is not None
        width = (chain.widths or self._new)[chain.turn]
        momentum = rng.standard_normal(len(chain.z))
        energy = chain.log - 0.5 * float(chain.z @ chain.z + momentum @ momentum)
        blind = bool(rng.uniform() < BLIND)
        steps = 1 if blind else int(rng.integers(self.least, self.most + 1))
        sizes = SHORT if rng.uniform() < SELDOM else SIZES
        size = width * float(np.exp(rng.uniform(*np.log(sizes))))
        return Flight(chain.z, chain.slope, momentum, steps, size, energy, blind=blind)

    def tell(
        self, chain: Chain, answer: PointValue, rng: np.random.Generator, learn: bool
    ) -> tuple[Chain, bool]:
        assert chain.asked is not None
        assert answer.slope is not None
        flight = chain.way
        if not isinstance(flight, Flight):
            return replace(chain, slope=answer.slope, asked=None), False
        z = chain.asked
        root = self.roots[chain.turn]
        momentum = flight.momentum + _push(flight, root, answer.slope, z)
        gain = answer.log - 0.5 * float(z @ z + momentum @ momentum) - flight.energy
        beyond = 0
        if answer.across is not None:
            momentum, beyond = _reflected(momentum, root.T @ answer.across), flight.beyond + 1
        left = flight.left - (not beyond)
        if beyond <= LINGERS if beyond else left and gain > -LOST:
            flight = replace(flight, z=z, slope=answer.slope, momentum=momentum, left=left, beyond=beyond)
            return replace(chain, asked=None, way=flight), False
        odds = 0.0 if left else float(np.exp(min(0.0, gain)))
        after = moved(chain, answer) if rng.uniform() < odds else chain
        widths = list(chain.widths or self._new)
        if learn and not flight.blind:
            mine = chain.tried / len(widths)
            widths[chain.turn] = learnt(widths[chain.turn], odds, mine, WIDEST, GOAL)
        turn = (chain.turn + 1) % len(widths)
        after = replace(after, asked=None, way=None, widths=tuple(widths), turn=turn)
        return replace(after, tried=chain.tried + 1), True


def _push(flight: Flight, root: Vector, slope: Vector, z: Vector) -> Vector:
    """Half a step's change of momentum; a slope that is steep beyond measure counts for less."""
    if flight.blind:
        return np.zeros(root.shape[1])
    force = root.T @ (slope - z)
    size = float(np.linalg.norm(force)) / (STEEP * np.sqrt(len(force)))
    return np.asarray(0.5 * flight.step * force / max(size, 1.0))


def _reflected(momentum: Vector, across: Vector) -> Vector:
    """A momentum after it met a wall."""
    size = float(across @ across)
    return momentum - 2.0 * (momentum @ across) / size * across if size > 0.0 else -momentum


def _mapped(symmetric: Vector, function: Callable[[Vector], Vector]) -> Vector:
    """A function of a symmetric matrix (n, n)."""
    size, basis = np.linalg.eigh(symmetric)
    return np.asarray((basis * function(size)) @ basis.T)
