"""The likelihood is a probability, HMC leaves the posterior invariant, a run can be cut anywhere."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from calibration.objective.likelihood import RANGE_NOISE, Likelihood, probability
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import ChainState, DrawBlock, SamplingPlan, begin, one_block, sample
from calibration.sample.hmc import DIVERGENCE, HMC, NARROW, PRIOR_DRAWS, WIDE, WIDE_METRICS
from calibration.sample.kernel import Chain, PointValue
from tests.calibration.sample.linear import (
    Kept,
    has_the_moments_of_the_grid,
    moments_on_a_grid,
    problem_of_two,
    ranks_of_true_rates_are_uniform,
)

LAID = SimpleNamespace(
    n_terms=5,
    findings=[SimpleNamespace(trust="strong"), SimpleNamespace(trust="weak")],
    rows=[slice(0, 1), slice(1, 4)],
    range_rows={"mcf7": slice(4, 5)},
)
margins = st.lists(st.floats(-6, 6), min_size=5, max_size=5).map(np.array)


@given(margins)
def test_a_report_has_the_probability_that_the_docs_say(terms):
    told = np.exp(Likelihood(LAID, noise=0.25).reports(terms))
    one = 0.98 * norm.cdf(terms[0] / 0.25) + 0.01
    three = 0.75 * np.prod(norm.cdf(terms[1:4] / 0.25)) + 0.125
    assert told == pytest.approx([one, three, norm.cdf(terms[4] / RANGE_NOISE)], rel=1e-9, abs=1e-300)
    assert np.all((told >= 0) & (told <= 1))
    alone = [probability(terms[:1], "strong"), probability(terms[1:4], "weak")]
    assert told[:2] == pytest.approx(alone, rel=1e-9)


@given(margins, st.integers(0, 4), st.floats(0, 3))
def test_more_margin_is_never_less_likely(terms, which, more):
    likelihood = Likelihood(LAID)
    better = terms.copy()
    better[which] += more
    assert likelihood(better) >= likelihood(terms) - 1e-12


def test_information_is_that_of_the_reports():
    """The Fisher information is the slope of the probability, squared, over its variance."""
    rng = np.random.default_rng(0)
    terms, jac, step = rng.normal(0, 0.2, 5), rng.normal(size=(5, 3)), 1e-6
    likelihood = Likelihood(LAID)
    p = np.exp(likelihood.reports(terms))
    slope = np.array([(np.exp(likelihood.reports(terms + step * jac[:, j])) - p) / step for j in range(3)]).T
    wanted = slope / np.sqrt(p * (1 - p))[:, None]
    told = likelihood.information(terms, jac)
    assert np.abs(told[:2]) == pytest.approx(np.abs(wanted[:2]), rel=1e-3)


def test_a_point_far_off_is_a_value():
    likelihood = Likelihood(LAID)
    worst = np.full(5, -6.0)
    assert np.isfinite(likelihood(worst)) and np.all(
        np.isfinite(likelihood.information(worst, np.ones((5, 2))))
    )


def test_hmc_has_the_moments_of_the_grid():
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    root = likelihood.information(problem.slopes @ [0.5, 0.5] + problem.offset, problem.slopes)
    has_the_moments_of_the_grid(HMC.informed([root]), problem, likelihood)


def test_derivatives_of_the_likelihood_are_its_differences():
    likelihood, step = Likelihood(LAID), 1e-6
    for terms in np.random.default_rng(0).normal(0, 0.5, (20, 5)):
        told = likelihood.gradient(terms)
        seen = [(likelihood(terms + step * e) - likelihood(terms - step * e)) / (2 * step) for e in np.eye(5)]
        assert told == pytest.approx(seen, rel=1e-4, abs=1e-6)


def test_hmc_needs_no_exact_gradient():
    """With gradients that are wrong fewer paths are accepted, and the posterior stays what it is."""
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    mean, cov = moments_on_a_grid(problem, likelihood)
    right = problem.evaluate_task

    def wrong(task):
        found = right(task)
        return (
            replace(found, derivatives=0.6 * found.derivatives + np.sin(task.z))
            if task.derivatives
            else found
        )

    problem.evaluate_task = wrong
    kept = Kept()
    with Pool(problem=problem) as pool:
        state = begin(pool, likelihood, np.zeros((4, 2)), seed=2)
        kernel = HMC((np.eye(2),), initial_step=0.4)
        state = sample(pool, likelihood, kernel, state, SamplingPlan(warm=4, keep=30, draws=50, thin=1), kept)
    assert all(0.1 * c.proposed < c.accepted < c.proposed for c in state.chains)
    z = kept.z(4).reshape(-1, 2)
    assert z.mean(0) == pytest.approx(mean, abs=0.1)
    assert np.cov(z.T) == pytest.approx(cov, abs=0.13)


def beyond_a_boundary(z, tilt):
    """A likelihood that falls off a cliff, of which no gradient warns, and a guess at the normal."""
    if z[0] + 0.3 * z[1] ** 2 < 0.4:
        return PointValue(np.zeros(1), -0.5 * float(z[1]), np.array([0.0, -0.5]))
    return PointValue(np.zeros(1), -300.0, np.array([0.0, -0.5]), np.array([1.0, tilt * np.sin(3.0 * z[1])]))


@pytest.mark.parametrize("tilt", [0.0, 0.6, 3.0])
def test_reflection_at_boundaries_changes_no_moment(tilt):
    """Whatever is taken for the normal; and with a good one more paths are accepted."""
    axis = np.linspace(-6, 6, 801)
    a, b = np.meshgrid(axis, axis, indexing="ij")
    weight = np.where(a + 0.3 * b**2 < 0.4, np.exp(-0.5 * (a**2 + b**2) - 0.5 * b), 0.0)
    weight /= weight.sum()
    mean = np.array([(weight * a).sum(), (weight * b).sum()])
    cov = [
        [(weight * (x - i) * (y - j)).sum() for y, j in ((a, mean[0]), (b, mean[1]))]
        for x, i in ((a, mean[0]), (b, mean[1]))
    ]
    accepted = {}
    for reflect in (True, False):
        rng, kernel = np.random.default_rng(7), HMC((np.eye(2),), min_steps=4, max_steps=8, initial_step=0.35)
        first = beyond_a_boundary(np.array([-1.0, 0.0]), tilt)
        chain = Chain(np.array([-1.0, 0.0]), first.terms, first.log_likelihood, gradient=first.gradient)
        draws = []
        while chain.proposed < 12_000:
            chain = kernel.ask(chain, rng)
            value = beyond_a_boundary(chain.proposal, tilt)
            chain, ended = kernel.tell(chain, value if reflect else replace(value, normal=None), rng, False)
            draws += [chain.z] if ended else []
        assert np.mean(draws, axis=0) == pytest.approx(mean, abs=0.05)
        assert np.cov(np.transpose(draws)) == pytest.approx(np.array(cov), abs=0.06)
        accepted[reflect] = chain.accepted
    assert tilt > 0.0 or accepted[True] > 1.2 * accepted[False]


def test_a_divergent_path_is_abandoned_and_rejected(monkeypatch):
    monkeypatch.setattr("calibration.sample.hmc.RANDOM_WALK_SHARE", 0.0)
    rng = np.random.default_rng(0)
    kernel = HMC((np.eye(2),), min_steps=5, max_steps=5)
    chain, ended = Chain(np.zeros(2), np.zeros(1), 0.0), False
    chain, _ = kernel.tell(kernel.ask(chain, rng), PointValue(np.zeros(1), 0.0, np.zeros(2)), rng, adapt=True)
    asked = 0
    while not ended:
        chain, asked = kernel.ask(chain, rng), asked + 1
        chain, ended = kernel.tell(
            chain, PointValue(np.zeros(1), -2 * DIVERGENCE, np.zeros(2)), rng, adapt=True
        )
    assert asked == 1 and chain.accepted == 0 and chain.proposed == 1 and np.array_equal(chain.z, np.zeros(2))
    assert chain.step_sizes[0] < kernel.initial_step


def test_a_chain_leaves_a_peak_too_narrow_for_its_steps(monkeypatch):
    """A thousandth of a step wide, and steep: where every gradient counts in full it stays for ever."""

    def peak(z):
        near = float(z @ z) / (2 * 1e-4**2)
        return PointValue(np.zeros(1), 4.0 * np.exp(-near), -4.0 * np.exp(-near) * z / 1e-4**2)

    def stays():
        rng, kernel, start = np.random.default_rng(3), HMC((np.eye(4),), initial_step=0.4), np.full(4, 6e-5)
        chain = Chain(start, np.zeros(1), peak(start).log_likelihood, gradient=peak(start).gradient)
        while chain.proposed < 1500 and not chain.accepted:
            chain = kernel.ask(chain, rng)
            chain, _ = kernel.tell(chain, peak(chain.proposal), rng, adapt=False)
        return not chain.accepted

    assert not stays()
    monkeypatch.setattr("calibration.sample.hmc.RANDOM_WALK_SHARE", 0.0)
    monkeypatch.setattr("calibration.sample.hmc.MAX_FORCE", np.inf)
    assert stays()


def test_the_wide_metric_is_not_that_of_the_one_steep_point_and_the_narrow_one_is():
    gentle, steep = np.diag([1.0, 0.1]), np.diag([1000.0, 0.1])
    even, odd = HMC.informed([gentle] * 16), HMC.informed([gentle] * 15 + [steep])
    narrow, wide, *_ = (new[0, 0] / old[0, 0] for new, old in zip(odd.roots, even.roots, strict=True))
    wanted = [(1 + NARROW) ** -0.5, *[(1 + WIDE) ** -0.5] * WIDE_METRICS]
    assert [root[0, 0] for root in even.roots] == pytest.approx(wanted)
    assert narrow < 0.02 and 0.6 < wide < 1.0


def test_the_wide_metric_is_as_wide_as_the_draws():
    rng = np.random.default_rng(0)
    draws = rng.multivariate_normal([3.0, 0.0], [[4.0, 1.9], [1.9, 1.0]], size=4000)
    before, after = HMC.informed([np.eye(2)]), HMC.informed([np.eye(2)], draws)
    own = len(draws) / (len(draws) + PRIOR_DRAWS * draws.shape[1])
    wanted = own * np.cov(draws.T) + (1.0 - own) * before.roots[1] @ before.roots[1].T
    assert after.roots[1] @ after.roots[1].T == pytest.approx(wanted)
    assert np.array_equal(after.roots[0], before.roots[0])


def test_metrics_are_used_in_turn_and_adapt_their_own_step_size():
    rng = np.random.default_rng(0)
    kernel = HMC((np.eye(2), 100.0 * np.eye(2)), min_steps=2, max_steps=2)
    chain, order = Chain(np.zeros(2), np.zeros(1), 0.0), []
    chain, _ = kernel.tell(kernel.ask(chain, rng), PointValue(np.zeros(1), 0.0, np.zeros(2)), rng, adapt=True)
    while chain.proposed < 40:
        before = chain.proposed
        chain = kernel.ask(chain, rng)
        slope = np.zeros(2)  # the normal itself
        chain, _ = kernel.tell(chain, PointValue(np.zeros(1), 0.0, slope), rng, adapt=True)
        if chain.proposed > before:
            order.append(chain.active)
    assert order[:4] == [1, 0, 1, 0]
    assert chain.step_sizes[0] > kernel.initial_step and chain.step_sizes[1] < 0.5 * kernel.initial_step


def test_a_run_that_was_cut_resumes_to_the_bit():
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    kernel = HMC((np.eye(2),))
    with Pool(problem=problem) as pool:
        start = begin(pool, likelihood, np.zeros((3, 2)), seed=7)
        whole, part, rest = Kept(), Kept(), Kept()
        sample(pool, likelihood, kernel, start, SamplingPlan(2, 4, 10, 2), whole)
        middle = sample(pool, likelihood, kernel, start, SamplingPlan(2, 1, 10, 2), part)
        sample(pool, likelihood, kernel, middle, SamplingPlan(2, 4, 10, 2), rest)
    assert np.array_equal(whole.z(0), np.concatenate([part.z(0), rest.z(0)], axis=1))


def test_chains_have_streams_of_their_own():
    problem = problem_of_two()
    with Pool(problem=problem) as pool:
        state = begin(pool, Likelihood(problem), np.zeros((2, 2)), seed=7)
        _, block = one_block(pool, Likelihood(problem), HMC((np.eye(2),)), state, SamplingPlan(0, 1, 10, 1))
    assert isinstance(state, ChainState) and isinstance(block, DrawBlock)
    assert not np.array_equal(block.z[0], block.z[1])


@pytest.mark.slow
def test_ranks_of_true_rates_are_uniform():
    ranks_of_true_rates_are_uniform(lambda problem, _: HMC((np.eye(problem.n), 0.5 * np.eye(problem.n))), 10)
