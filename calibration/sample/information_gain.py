"""What each finding adds to what all others say about each rate, in units of information.

The posterior without finding f needs no sampling of its own: each draw z_i of the posterior gets the weight
``w_i ~ 1 / L_f(z_i)``, one over the likelihood of that finding (importance weights, as in leave-one-out
cross-validation: Gelfand et al. 1992; Vehtari et al. 2017, Stat Comput 27:1413). The information gain [nats]
about a rate is the Kullback-Leibler divergence of the posterior from that without the finding, both taken as
normal:

    KL = 1/2 (ln(v_without / v) + (v + (m - m_without)^2) / v_without - 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.objective.problem import Vector

LEAST = 0.02
"""Information [nats] below which nothing is claimed: a shift by a fifth of a standard deviation."""


@dataclass(frozen=True, slots=True)
class InformationGain:
    """Of each rate (n,) and finding (findings,).

    Attributes
    ----------
    mean, sd : array (n,) [prior standard deviations]
        Of the posterior.
    nats : array (findings, n)
        Information gain about each rate by each finding.
    draws : array (findings,)
        Effective draws without the finding, ``1 / sum(w^2)``: few where the others leave it open.
    """

    mean: Vector
    sd: Vector
    nats: Vector
    draws: Vector

    @classmethod
    def from_draws(cls, z: Vector, log_likelihood: Vector) -> InformationGain:
        """Of draws (m, n) and the log likelihoods (m, findings) of the findings there."""
        weights = np.exp(log_likelihood.min(0) - log_likelihood)
        weights /= weights.sum(0)
        mean, var = z.mean(0), z.var(0)
        without = weights.T @ z
        spread = np.maximum(weights.T @ z**2 - without**2, 1e-12)
        now = np.maximum(var, 1e-12)
        nats = 0.5 * (np.log(spread / now) + (now + (mean - without) ** 2) / spread - 1.0)
        return cls(mean, np.sqrt(var), nats, 1.0 / (weights**2).sum(0))

    def top_findings(self, rate: int, chance: float, most: int = 3) -> list[int]:
        """The findings with the largest information gain about a rate, and more than `chance` [nats]."""
        order = np.argsort(-self.nats[:, rate], kind="stable")[:most]
        return [int(f) for f in order if self.nats[f, rate] > max(LEAST, chance)]
