"""Where untreated cells switch: walls of the likelihood that no slope warns of.

The IL-8 loop has two resting states. A parameter set at which untreated cells latch on is nearly impossible,
and a step before it, where they linger and do not, nothing is wrong: the likelihood falls off a cliff at a
surface that most far trajectories of a sampler meet. What tells where the surface runs is how cells come to
rest beyond it: the later they switch the nearer it is. What changes the moment at which they do the most is
across it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calibration.objective.problem import Mask, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calibration.objective.evaluator import Evaluator
    from models.simulation.batch import BatchSimulator

DEEP = -0.5
"""Margin [log2] of a range of untreated cells below which they are impossible: a probability of 10^-23."""


class SwitchBoundary:
    """For one problem.

    Parameters
    ----------
    problem : Evaluator
    """

    def __init__(self, problem: Evaluator) -> None:
        self.problem = problem
        self._ranges = np.array([row for rows in problem.range_rows.values() for row in _span(rows)], np.intp)
        self._hangs: dict[str, Mask] = {}
        for context, own in problem.range_rows.items():
            hangs = np.zeros(problem.n_terms, dtype=bool)
            hangs[own] = True
            for rows, arms in zip(problem.rows, problem.plan.arms, strict=True):
                hangs[rows] |= any(arm.context == context for arm in arms)
            self._hangs[context] = hangs

    def at(
        self, abreast: BatchSimulator, terms: Vector, values: Mapping[str, float]
    ) -> tuple[Vector | None, Mask]:
        """What is across the wall that this point lies beyond (n,), and the terms (n_terms,) void there.

        Void are those of all cells that are impossible. None, and nothing, where it lies beyond no wall.

        Parameters
        ----------
        abreast : BatchSimulator
            As its last run, at `values`, left it.
        """
        space, void = self.problem.space, np.zeros(len(terms), dtype=bool)
        deep = self._ranges[terms[self._ranges] < DEEP]
        across, tried = None, set()
        for row in deep[np.argsort(terms[deep])]:
            context, band, _ = self.problem.range_of(int(row))
            if across is None and (context, band.observable) not in tried:
                tried.add((context, band.observable))
                arm = abreast.arms.index(self.problem.plan.rests[context])
                across = abreast.onset(arm, band.observable, band.per, values, space.names)
            void |= self._hangs[context]
        if across is None:
            return None, np.zeros(len(terms), dtype=bool)
        return across * space.sd, void


def _span(rows: slice) -> range:
    return range(rows.start, rows.stop)
