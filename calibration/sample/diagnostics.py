"""Whether chains have come together, and how many independent draws theirs are worth.

Rank-normalised split R-hat and effective sample sizes of bulk and tails: Vehtari 2021, Bayesian Anal 16:667.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from arviz_stats.base.array import array_stats

from calibration.objective.problem import Vector

R_HAT, DRAWS = 1.05, 400.0
"""Below, and at least: what every finding's margin should reach."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Of several quantities (k,).

    Attributes
    ----------
    r_hat : array (k,)
        Near 1 where chains agree; nan where a quantity never changed.
    bulk : array (k,)
        Effective draws.
    """

    r_hat: Vector
    bulk: Vector

    @classmethod
    def of(cls, draws: Vector) -> Diagnostics:
        """Of draws (chains, draws, k)."""
        chains, count, k = draws.shape
        if count < 4 or chains < 2:
            return cls(np.full(k, np.nan), np.full(k, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            r_hat = array_stats.rhat(draws, chain_axis=0, draw_axis=1)  # type: ignore[no-untyped-call]
            bulk = array_stats.ess(draws, chain_axis=0, draw_axis=1)  # type: ignore[no-untyped-call]
        return cls(np.asarray(r_hat), np.asarray(bulk))

    @property
    def reached(self) -> bool:
        """Whether all quantities that change are where they should be."""
        moves = np.isfinite(self.r_hat)
        return bool(moves.any() and np.all(self.r_hat[moves] < R_HAT) and np.all(self.bulk[moves] >= DRAWS))
