"""Findings made from known rates of the real model in one cell, reduced to a few free rates: the true margins
and rates lie where a posterior says (simulation-based calibration; Talts 2018, arXiv:1804.06788)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.kernels import EllipticalSlice, Reference
from calibration.objective.build import make
from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import SHARED, Outcome, Task
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import SamplingPlan, begin, sample
from calibration.sample.hmc import HMC

FINDINGS = (
    "S50_t308_needs_pdk1",
    "S18_rapamycin_spares_mtorc2_at_first@mcf7",
    "S07_rapamycin_raises_irs1@mcf7",
    "S11_everolimus_raises_tumour_akt",
)
FREE = (
    "pdk1_phosphorylates_akt_t308_kact",
    "socs_degrades_irs1_kdeg",
    "s6k_phosphorylates_irs1_s636_kact",
    "sin1_t86p_mtorc2_x",
)
WORLDS, DRAWS = 80, 19


class Reduced:
    """The real problem, few rates free; each finding asks whether more is seen than at the first guess."""

    def __init__(self):
        self.whole = make(ids=FINDINGS)
        self.at = [self.whole.space.names.index(name) for name in FREE]
        self.n, self.scopes = len(FREE), [SHARED] * len(FREE)
        self.rows = [slice(i, i + 1) for i in range(len(FINDINGS))]
        self.n_terms = self.n_findings = len(FINDINGS)
        self.has_derivatives = False
        self.weights, self.range_rows = np.ones(self.n_terms), {}
        self.findings = [SimpleNamespace(trust="fair")] * self.n_terms
        self.says, self.middle = np.ones(self.n_terms), 0.0
        self.middle = self.margins(np.zeros(self.n))

    def at_point(self, z, slopes=None):
        point = np.zeros(self.whole.n)
        point[self.at] = z
        return self.whole.evaluate_task(Task(point, derivatives=slopes))

    def margins(self, z):
        return self.at_point(z).terms[: self.n_terms] - self.middle

    def evaluate_task(self, task):
        found = self.at_point(task.z, "terms" if task.derivatives else None)
        terms = self.says * (found.terms[: self.n_terms] - self.middle)
        if not task.derivatives:
            return Outcome(terms)
        jac = found.derivatives[: self.n_terms, self.at]
        return Outcome(terms, derivatives=(Likelihood(self).gradient(terms) * self.says) @ jac)

    def holds(self, terms):
        return terms >= 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernel", "thin"),
    [(EllipticalSlice(Reference.prior(len(FREE))), 5), (HMC((np.eye(len(FREE)),)), 1)],
    ids=["slices", "hmc"],
)
def test_true_rates_and_margins_lie_where_the_posterior_says(kernel, thin):
    rng = np.random.default_rng(3)
    problem = Reduced()
    likelihood = Likelihood(problem)
    ranks, covered = [], 0
    with Pool(problem=problem) as pool:
        for world in range(WORLDS):
            truth = rng.standard_normal(problem.n)
            margin = problem.margins(truth)
            seen = rng.uniform(size=problem.n_terms) < np.exp(likelihood.reports(margin))
            problem.says = np.where(seen, 1.0, -1.0)  # what was not seen is reported as the opposite
            blocks = []
            keeper = SimpleNamespace(add=lambda _, block, blocks=blocks: blocks.append(block))
            walk = begin(pool, likelihood, [rng.standard_normal(problem.n)], seed=world)
            sample(
                pool, likelihood, kernel, walk, SamplingPlan(warm=1, keep=1, draws=DRAWS, thin=thin), keeper
            )
            z, terms = blocks[1].z[0], blocks[1].terms[0] * problem.says
            ranks.append((z < truth).sum(0))
            low, high = np.quantile(terms, [0.1, 0.9], axis=0)
            covered += int(np.sum((low <= margin) & (margin <= high)))
    bins = [np.histogram(row, bins=4, range=(0, DRAWS + 1))[0] for row in np.array(ranks).T]
    low, high = binom.ppf([0.0005, 0.9995], WORLDS, 0.25)
    assert np.all((bins >= low) & (bins <= high)), bins
    # the ends of the interval lie 2.8 of 20 from either side: that is where a tenth of 19 draws is
    share = covered / (WORLDS * problem.n_terms)
    assert share == pytest.approx(0.72, abs=0.08), share
