"""Whether chains have converged, and how many independent draws theirs amount to.

Chains are split in halves and draws replaced by normal scores of their ranks. With the variance W within and
B / N between the M half-chains of N draws,

    R-hat = sqrt((N - 1) / N + B / (N W)),    ESS = M N / (1 + 2 sum_t rho_t),

where rho_t is the autocorrelation at lag t over all chains, summed until it is lost in noise (Geyer's initial
monotone sequence). R-hat is the larger of those of the draws and of their distances from the median (Vehtari
et al. 2021, Bayesian Anal 16:667).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from arviz_stats.base.array import array_stats

from calibration.objective.problem import Vector

R_HAT, DRAWS = 1.05, 400.0
"""R-hat below, and effective draws at least: what every finding's margin should reach."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Of several quantities (k,).

    Attributes
    ----------
    r_hat : array (k,)
        Near 1 where chains agree; nan where a quantity never changed.
    bulk : array (k,)
        Bulk effective sample size.
    """

    r_hat: Vector
    bulk: Vector

    @classmethod
    def from_draws(cls, draws: Vector) -> Diagnostics:
        """Of draws (chains, draws, k)."""
        chains, count, k = draws.shape
        if count < 4 or chains < 2:
            return cls(np.full(k, np.nan), np.full(k, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            r_hat = array_stats.rhat(draws, chain_axis=0, draw_axis=1)  # type: ignore[no-untyped-call]
            bulk = array_stats.ess(draws, chain_axis=0, draw_axis=1)  # type: ignore[no-untyped-call]
        return cls(np.asarray(r_hat), np.asarray(bulk))

    @property
    def converged(self) -> bool:
        """Whether all quantities that change meet both limits."""
        known = np.isfinite(self.r_hat)
        return bool(known.any() and np.all(self.r_hat[known] < R_HAT) and np.all(self.bulk[known] >= DRAWS))
