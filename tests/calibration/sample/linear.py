"""A problem whose posterior can be had otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import Outcome


@dataclass
class Linear:
    """Terms that are linear in the parameters: a problem whose posterior can be had otherwise."""

    slopes: np.ndarray
    offset: np.ndarray

    def __post_init__(self):
        self.n_terms, self.n = self.slopes.shape
        self.n_findings, self.has_derivatives = self.n_terms, True
        self.scopes = [("shared",)] * self.n
        self.weights = np.ones(self.n_terms)
        self.findings = [SimpleNamespace(trust="fair")] * self.n_terms
        self.rows = [slice(i, i + 1) for i in range(self.n_terms)]
        self.range_rows = {}

    def evaluate_task(self, task):
        terms = self.slopes @ task.z + self.offset
        if task.derivatives == "log":
            return Outcome(terms, derivatives=Likelihood(self).gradient(terms) @ self.slopes)
        return Outcome(terms, derivatives=self.slopes if task.derivatives else None)

    def holds(self, terms):
        return terms >= 0.0


def problem_of_two() -> Linear:
    return Linear(np.array([[1.0, 0.5], [-0.3, 1.0], [0.8, -0.8]]), np.array([-0.4, 0.1, 0.3]))
