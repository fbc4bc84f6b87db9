"""The likelihood is a probability, kernels leave the posterior as it is, a walk can be cut anywhere."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from calibration.objective.likelihood import RANGE_NOISE, Likelihood, probability
from calibration.objective.workers.pool import Pool
from calibration.sample.block_updates import BlockUpdates
from calibration.sample.chains import ChainState, DrawBlock, SamplingPlan, begin, one_block, sample
from calibration.sample.hmc import BOLD, CAUTION, HMC, LOST, MILD, PRIOR_DRAWS
from calibration.sample.kernels import Chain, CrankNicolson, EllipticalSlice, Evolution, PointValue, Reference
from tests.calibration.sample.linear import Linear, problem_of_two


class Kept:
    def __init__(self):
        self.walks, self.blocks = [], []

    def add(self, walk, block):
        self.walks.append(walk)
        self.blocks.append(block)

    def z(self, warm):
        return np.concatenate([b.z for b in self.blocks[warm:]], axis=1)


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


def moments_on_a_grid(problem: Linear, likelihood: Likelihood) -> tuple[np.ndarray, np.ndarray]:
    axis = np.linspace(-6, 6, 241)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    log = np.array([likelihood(problem.slopes @ z + problem.offset) for z in points])
    weight = np.exp(log - 0.5 * (points**2).sum(1))
    weight /= weight.sum()
    mean = weight @ points
    return mean, (points - mean).T @ (weight[:, None] * (points - mean))


def kernels(problem: Linear, likelihood: Likelihood):
    mean = np.array([0.5, 0.5])
    root = likelihood.information(problem.slopes @ mean + problem.offset, problem.slopes)
    informed, prior = Reference.informed(mean, root, 0.0), Reference.prior(2)
    archive = np.random.default_rng(5).standard_normal((30, 2))
    return {
        "crank-nicolson": CrankNicolson(prior),
        "crank-nicolson, informed": CrankNicolson(informed),
        "slices": EllipticalSlice(prior),
        "slices, informed": EllipticalSlice(informed),
        "evolution": Evolution(archive, share=0.7),
        "turns": BlockUpdates.informed([root], (1.0,), (1.0,), few=1),
        "trajectories": HMC.informed([root]),
    }


@pytest.mark.parametrize(
    "name",
    [
        "crank-nicolson",
        "crank-nicolson, informed",
        "slices",
        "slices, informed",
        "evolution",
        "turns",
        "trajectories",
    ],
)
def test_every_kernel_has_the_moments_of_the_grid(name):
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    mean, cov = moments_on_a_grid(problem, likelihood)
    kept = Kept()
    with Pool(problem=problem) as pool:
        walk = begin(pool, likelihood, np.random.default_rng(1).normal(size=(4, 2)), seed=2)
        plan = SamplingPlan(warm=4, keep=20, draws=50, thin=4)
        sample(pool, likelihood, kernels(problem, likelihood)[name], walk, plan, kept)
    z = kept.z(4).reshape(-1, 2)
    assert z.mean(0) == pytest.approx(mean, abs=0.1)
    assert np.cov(z.T) == pytest.approx(cov, abs=0.13)


def test_turns_take_every_direction_and_every_parameter_and_keep_the_prior():
    """Groups and bands part the space; where the findings say nothing, draws are those of the prior."""
    rng = np.random.default_rng(3)
    roots = [rng.normal(size=(4, 6)) * [5.0, 2.0, 1.0, 0.3, 0.1, 0.0] for _ in range(3)]
    turns = BlockUpdates.informed(roots, few=2)
    every = np.hstack([group.basis for group in turns.groups])
    assert every @ every.T == pytest.approx(2.0 * np.eye(6))  # once as directions, once as parameters
    assert all(
        group.basis.T @ group.basis == pytest.approx(np.eye(len(group.scale))) for group in turns.groups
    )
    assert turns.scale[0] < turns.scale[2] < turns.scale[5] == 1.0
    chain, draws = Chain(np.zeros(6), np.zeros(1), 0.0), []
    for _ in range(6000):
        chain, _ = turns.tell(turns.ask(chain, rng), PointValue(np.zeros(1), 0.0), rng, learn=True)
        draws.append(chain.z)
    assert (
        chain.taken == chain.tried == 6000
    )  # with nothing to learn from findings widths grow to the prior's
    assert np.mean(draws, axis=0) == pytest.approx(np.zeros(6), abs=0.1)
    assert np.cov(np.transpose(draws)) == pytest.approx(np.eye(6), abs=0.12)


def test_slopes_of_the_likelihood_are_its_differences():
    likelihood, step = Likelihood(LAID), 1e-6
    for terms in np.random.default_rng(0).normal(0, 0.5, (20, 5)):
        told = likelihood.gradient(terms)
        seen = [(likelihood(terms + step * e) - likelihood(terms - step * e)) / (2 * step) for e in np.eye(5)]
        assert told == pytest.approx(seen, rel=1e-4, abs=1e-6)


def test_trajectories_need_no_exact_slopes():
    """With slopes that are wrong fewer trajectories are taken, and the posterior stays what it is."""
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
        walk = begin(pool, likelihood, np.zeros((4, 2)), seed=2)
        kernel = HMC((np.eye(2),), start=0.4)
        walk = sample(pool, likelihood, kernel, walk, SamplingPlan(warm=4, keep=30, draws=50, thin=1), kept)
    assert all(0.1 * c.tried < c.taken < c.tried for c in walk.chains)
    z = kept.z(4).reshape(-1, 2)
    assert z.mean(0) == pytest.approx(mean, abs=0.1)
    assert np.cov(z.T) == pytest.approx(cov, abs=0.13)


def beyond_a_wall(z, tilt):
    """A likelihood that falls off a cliff, of which no slope warns, and a guess at the wall's direction."""
    if z[0] + 0.3 * z[1] ** 2 < 0.4:
        return PointValue(np.zeros(1), -0.5 * float(z[1]), np.array([0.0, -0.5]))
    return PointValue(np.zeros(1), -300.0, np.array([0.0, -0.5]), np.array([1.0, tilt * np.sin(3.0 * z[1])]))


@pytest.mark.parametrize("tilt", [0.0, 0.6, 3.0])
def test_walls_are_reflected_at_and_change_no_moment(tilt):
    """Whatever is taken for the wall's direction; and with a good one more trajectories are taken."""
    axis = np.linspace(-6, 6, 801)
    a, b = np.meshgrid(axis, axis, indexing="ij")
    weight = np.where(a + 0.3 * b**2 < 0.4, np.exp(-0.5 * (a**2 + b**2) - 0.5 * b), 0.0)
    weight /= weight.sum()
    mean = np.array([(weight * a).sum(), (weight * b).sum()])
    cov = [
        [(weight * (x - i) * (y - j)).sum() for y, j in ((a, mean[0]), (b, mean[1]))]
        for x, i in ((a, mean[0]), (b, mean[1]))
    ]
    taken = {}
    for told in (True, False):
        rng, kernel = np.random.default_rng(7), HMC((np.eye(2),), least=4, most=8, start=0.35)
        first = beyond_a_wall(np.array([-1.0, 0.0]), tilt)
        chain = Chain(np.array([-1.0, 0.0]), first.terms, first.log, slope=first.slope)
        draws = []
        while chain.tried < 12_000:
            chain = kernel.ask(chain, rng)
            answer = beyond_a_wall(chain.asked, tilt)
            chain, ended = kernel.tell(chain, answer if told else replace(answer, across=None), rng, False)
            draws += [chain.z] if ended else []
        assert np.mean(draws, axis=0) == pytest.approx(mean, abs=0.05)
        assert np.cov(np.transpose(draws)) == pytest.approx(np.array(cov), abs=0.06)
        taken[told] = chain.taken
    assert tilt > 0.0 or taken[True] > 1.2 * taken[False]


def test_a_trajectory_off_a_cliff_is_given_up_and_not_taken(monkeypatch):
    monkeypatch.setattr("calibration.sample.hmc.BLIND", 0.0)
    rng = np.random.default_rng(0)
    kernel = HMC((np.eye(2),), least=5, most=5)
    chain, ended = Chain(np.zeros(2), np.zeros(1), 0.0), False
    chain, _ = kernel.tell(kernel.ask(chain, rng), PointValue(np.zeros(1), 0.0, np.zeros(2)), rng, learn=True)
    asked = 0
    while not ended:
        chain, asked = kernel.ask(chain, rng), asked + 1
        chain, ended = kernel.tell(chain, PointValue(np.zeros(1), -2 * LOST, np.zeros(2)), rng, learn=True)
    assert asked == 1 and chain.taken == 0 and chain.tried == 1 and np.array_equal(chain.z, np.zeros(2))
    assert chain.widths[0] < kernel.start


def test_a_chain_leaves_a_peak_too_narrow_for_its_steps(monkeypatch):
    """A thousandth of a step wide, and steep: where every slope is heeded in full it stays for ever."""

    def peak(z):
        near = float(z @ z) / (2 * 1e-4**2)
        return PointValue(np.zeros(1), 4.0 * np.exp(-near), -4.0 * np.exp(-near) * z / 1e-4**2)

    def stays():
        rng, kernel, start = np.random.default_rng(3), HMC((np.eye(4),), start=0.4), np.full(4, 6e-5)
        chain = Chain(start, np.zeros(1), peak(start).log, slope=peak(start).slope)
        while chain.tried < 1500 and not chain.taken:
            chain = kernel.ask(chain, rng)
            chain, _ = kernel.tell(chain, peak(chain.asked), rng, learn=False)
        return not chain.taken

    assert not stays()
    monkeypatch.setattr("calibration.sample.hmc.BLIND", 0.0)
    monkeypatch.setattr("calibration.sample.hmc.STEEP", np.inf)
    assert stays()


def test_bold_velocities_are_not_those_of_the_one_steep_point_and_careful_ones_are():
    gentle, steep = np.diag([1.0, 0.1]), np.diag([1000.0, 0.1])
    even, odd = HMC.informed([gentle] * 16), HMC.informed([gentle] * 15 + [steep])
    careful, bold, *_ = (new[0, 0] / old[0, 0] for new, old in zip(odd.roots, even.roots, strict=True))
    wanted = [(1 + CAUTION) ** -0.5, *[(1 + MILD) ** -0.5] * BOLD]
    assert [root[0, 0] for root in even.roots] == pytest.approx(wanted)
    assert careful < 0.02 and 0.6 < bold < 1.0


def test_bold_velocities_are_as_wide_as_what_was_drawn():
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_normal([3.0, 0.0], [[4.0, 1.9], [1.9, 1.0]], size=4000)
    before, after = HMC.informed([np.eye(2)]), HMC.informed([np.eye(2)], drawn)
    own = len(drawn) / (len(drawn) + PRIOR_DRAWS * drawn.shape[1])
    wanted = own * np.cov(drawn.T) + (1.0 - own) * before.roots[1] @ before.roots[1].T
    assert after.roots[1] @ after.roots[1].T == pytest.approx(wanted)
    assert np.array_equal(after.roots[0], before.roots[0])


def test_velocities_take_turns_and_learn_apart():
    rng = np.random.default_rng(0)
    kernel = HMC((np.eye(2), 100.0 * np.eye(2)), least=2, most=2)
    chain, turns = Chain(np.zeros(2), np.zeros(1), 0.0), []
    chain, _ = kernel.tell(kernel.ask(chain, rng), PointValue(np.zeros(1), 0.0, np.zeros(2)), rng, learn=True)
    while chain.tried < 40:
        before = chain.tried
        chain = kernel.ask(chain, rng)
        slope = np.zeros(2)  # the normal itself
        chain, _ = kernel.tell(chain, PointValue(np.zeros(1), 0.0, slope), rng, learn=True)
        if chain.tried > before:
            turns.append(chain.turn)
    assert turns[:4] == [1, 0, 1, 0]
    assert chain.widths[0] > kernel.start and chain.widths[1] < 0.5 * kernel.start


def test_a_reference_has_the_covariance_that_it_says():
    root = np.array([[2.0, 0.0, 0.0], [0.5, 1.0, 0.0]])
    reference = Reference.informed(np.zeros(3), root, 0.0, share=1.0)
    rng = np.random.default_rng(0)
    draws = np.array([reference.away(rng) for _ in range(40000)])
    wanted = np.linalg.inv(np.eye(3) + root.T @ root)
    assert np.cov(draws.T) == pytest.approx(wanted, abs=0.02)
    z = rng.normal(size=3)
    assert reference.surplus(z) == pytest.approx(0.5 * z @ root.T @ root @ z)


def test_a_walk_that_was_cut_goes_on_to_the_bit():
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    kernel = EllipticalSlice(Reference.prior(2))
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
        walk = begin(pool, Likelihood(problem), np.zeros((2, 2)), seed=7)
        _, block = one_block(
            pool, Likelihood(problem), CrankNicolson(Reference.prior(2)), walk, SamplingPlan(0, 1, 10, 1)
        )
    assert isinstance(walk, ChainState) and isinstance(block, DrawBlock)
    assert not np.array_equal(block.z[0], block.z[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["slices", "crank-nicolson, informed", "trajectories"])
def test_ranks_of_true_rates_are_uniform(name):
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
        reference = Reference.prior(n)
        if "informed" in name:
            reference = Reference.informed(
                np.zeros(n), likelihood.information(problem.offset, problem.slopes), 0.0
            )
        kernel = EllipticalSlice(reference) if name == "slices" else CrankNicolson(reference)
        if name == "trajectories":
            kernel = HMC((np.eye(n), 0.5 * np.eye(n)))
        kept = Kept()
        with Pool(problem=problem) as pool:
            walk = begin(pool, likelihood, [rng.standard_normal(n)], seed=world)
            sample(
                pool,
                likelihood,
                kernel,
                walk,
                SamplingPlan(
                    warm=2, keep=1, draws=draws, thin={"slices": 25, "trajectories": 10}.get(name, 60)
                ),
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
