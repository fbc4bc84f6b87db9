"""What the findings told about each rate: how much they narrowed it, and which of them did.

A posterior without one finding is that with it, each draw weighed by one over the probability of that
finding's report. Where leaving a finding out would change a rate's mean and spread by more than chance, the
finding told something about the rate; how much is the information gained [nats], as between two normals.
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
    told : array (findings, n) [nats]
        What each finding adds to what all others say about a rate.
    draws : array (findings,)
        Effective draws without the finding: few where the others leave it open.
    """

    mean: Vector
    sd: Vector
    told: Vector
    draws: Vector

    @classmethod
    def of(cls, z: Vector, log: Vector) -> InformationGain:
        """Of draws (m, n) and the log likelihoods (m, findings) of the reports there."""
        weights = np.exp(log.min(0) - log)
        weights /= weights.sum(0)
        mean, var = z.mean(0), z.var(0)
        without = weights.T @ z
        spread = np.maximum(weights.T @ z**2 - without**2, 1e-12)
        now = np.maximum(var, 1e-12)
        told = 0.5 * (np.log(spread / now) + (now + (mean - without) ** 2) / spread - 1.0)
        return cls(mean, np.sqrt(var), told, 1.0 / (weights**2).sum(0))

    def by(self, rate: int, chance: float, most: int = 3) -> list[int]:
        """The findings that told most about a rate, and more than `chance` [nats]."""
        order = np.argsort(-self.told[:, rate], kind="stable")[:most]
        return [int(f) for f in order if self.told[f, rate] > max(LEAST, chance)]
