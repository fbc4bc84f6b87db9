"""A problem whose posterior is known otherwise, and what every kernel must do on it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom

from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import Outcome
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import SamplingPlan, begin, sample


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


class Kept:
    """A keeper of draws that only remembers them."""

    def __init__(self):
        self.states, self.blocks = [], []

    def add(self, state, block):
        self.states.append(state)
        self.blocks.append(block)

    def z(self, warm):
        return np.concatenate([b.z for b in self.blocks[warm:]], axis=1)


def moments_on_a_grid(problem: Linear, likelihood: Likelihood) -> tuple[np.ndarray, np.ndarray]:
    axis = np.linspace(-6, 6, 241)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    log = np.array([likelihood(problem.slopes @ z + problem.offset) for z in points])
    weight = np.exp(log - 0.5 * (points**2).sum(1))
    weight /= weight.sum()
    mean = weight @ points
    return mean, (points - mean).T @ (weight[:, None] * (points - mean))


def has_the_moments_of_the_grid(kernel, problem, likelihood):
    mean, cov = moments_on_a_grid(problem, likelihood)
    kept = Kept()
    with Pool(problem=problem) as pool:
        start = begin(pool, likelihood, np.random.default_rng(1).normal(size=(4, 2)), seed=2)
        sample(pool, likelihood, kernel, start, SamplingPlan(warm=4, keep=20, draws=50, thin=4), kept)
    z = kept.z(4).reshape(-1, 2)
    assert z.mean(0) == pytest.approx(mean, abs=0.1)
    assert np.cov(z.T) == pytest.approx(cov, abs=0.13)


def ranks_of_true_rates_are_uniform(kernel_for, thin):
    """Simulation-based calibration: rates from the prior, reports from the rates, the rank of the rates."""
    rng = np.random.default_rng(11)
    n, m, worlds, draws = 3, 6, 200, 19
    slopes, ranks, covered = rng.normal(size=(m, n)), [], 0
    for world in range(worlds):
        truth = rng.standard_normal(n)
        offset = rng.normal(0, 0.5, m)
        problem = Linear(slopes, offset)
        p = np.exp(Likelihood(problem).reports(slopes @ truth + offset))
        says = np.where(rng.uniform(size=m) < p, 1.0, -1.0)  # a claim that was not seen is its opposite
        problem = Linear(says[:, None] * slopes, says * offset)
        likelihood = Likelihood(problem)
        kernel = kernel_for(problem, likelihood)
        kept = Kept()
        with Pool(problem=problem) as pool:
            state = begin(pool, likelihood, [rng.standard_normal(n)], seed=world)
            sample(
                pool,
                likelihood,
                kernel,
                state,
                SamplingPlan(warm=2, keep=1, draws=draws, thin=thin),
                kept,
            )
        z = kept.z(2)[0]
        ranks.append((z < truth).sum(0))
        margin = problem.slopes @ truth + problem.offset
        low, high = np.quantile(z @ problem.slopes.T + problem.offset, [0.1, 0.9], axis=0)
        covered += int(np.sum((low <= margin) & (margin <= high)))
    bins = [np.histogram(row, bins=4, range=(0, draws + 1))[0] for row in np.array(ranks).T]
    low, high = binom.ppf([0.0005, 0.9995], worlds, 0.25)
    assert np.all((bins >= low) & (bins <= high)), bins
    # the ends of the interval lie 2.8 of 20 from either side: that is where a tenth of 19 draws is
    assert covered / (worlds * m) == pytest.approx(0.72, abs=0.05)
