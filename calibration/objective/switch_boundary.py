"""Where untreated cells switch: a cliff of the likelihood of which no gradient warns.

A positive feedback loop has two steady states. A parameter set at which untreated cells latch on is nearly
impossible, and a step before it, where they linger and do not, nothing is wrong: the likelihood falls off a
cliff at a surface that most far trajectories of a sampler meet. Near that surface, a saddle-node bifurcation,
the time t that cells linger before they switch grows as the inverse square root of the distance to it
(Strogatz, Nonlinear Dynamics and Chaos, 2nd ed. 2015, section 4.3). So d(t)/d(parameters) is normal to the
surface; with the fraction r(t, parameters) that switches, it is -(dr/d(parameters)) / (dr/dt), and so has the
direction of the gradient of log r where r changes fastest: `BatchSimulator.onset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calibration.objective.problem import Mask, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calibration.objective.layout import Layout
    from models.simulation.arm_batch import ArmBatch

DEEP = -0.5
"""Margin [log2] of a range of untreated cells below which they are impossible: a probability of 10^-23."""


class SwitchBoundary:
    """For the terms of one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._ranges = np.array([row for rows in layout.range_rows.values() for row in _span(rows)], np.intp)
        self._depends: dict[str, Mask] = {}
        for context, own in layout.range_rows.items():
            depends = np.zeros(layout.n_terms, dtype=bool)
            depends[own] = True
            for rows, arms in zip(layout.rows, layout.plan.arms, strict=True):
                depends[rows] |= any(arm.context == context for arm in arms)
            self._depends[context] = depends

    def at(self, batch: ArmBatch, terms: Vector, values: Mapping[str, float]) -> tuple[Vector | None, Mask]:
        """The normal (n,) of the boundary that this point lies beyond, and the terms (n_terms,) void there.

        Void are those of all cells that are impossible. None, and nothing, where it lies beyond no boundary.

        Parameters
        ----------
        batch : ArmBatch
            As its last run, at `values`, left it.
        """
        space, void = self.layout.space, np.zeros(len(terms), dtype=bool)
        deep = self._ranges[terms[self._ranges] < DEEP]
        across, tried = None, set()
        for row in deep[np.argsort(terms[deep])]:
            context, band, _ = self.layout.range_of(int(row))
            if across is None and (context, band.observable) not in tried:
                tried.add((context, band.observable))
                arm = batch.arms.index(self.layout.plan.rests[context])
                across = batch.onset(arm, band.observable, band.per, values, space.names)
            void |= self._depends[context]
        if across is None:
            return None, np.zeros(len(terms), dtype=bool)
        return across * space.sd, void


def _span(rows: slice) -> range:
    return range(rows.start, rows.stop)
