"""The kernels that HMC is compared with leave the posterior invariant, too."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.block_updates import BlockUpdates
from benchmarks.kernels import CrankNicolson, DifferentialEvolution, EllipticalSlice, Reference
from calibration.objective.likelihood import Likelihood
from calibration.sample.kernel import Chain, PointValue
from tests.calibration.sample.linear import (
    Linear,
    has_the_moments_of_the_grid,
    problem_of_two,
    ranks_of_true_rates_are_uniform,
)

NAMES = (
    *("crank-nicolson", "crank-nicolson, informed", "slices", "slices, informed"),
    *("evolution", "block updates"),
)


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
        "evolution": DifferentialEvolution(archive, share=0.7),
        "block updates": BlockUpdates.informed([root], (1.0,), (1.0,), few=1),
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_kernel_has_the_moments_of_the_grid(name):
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    has_the_moments_of_the_grid(kernels(problem, likelihood)[name], problem, likelihood)


def test_block_updates_take_every_direction_and_every_parameter_and_keep_the_prior():
    """Groups and bands part the space; where the findings say nothing, draws are those of the prior."""
    rng = np.random.default_rng(3)
    roots = [rng.normal(size=(4, 6)) * [5.0, 2.0, 1.0, 0.3, 0.1, 0.0] for _ in range(3)]
    updates = BlockUpdates.informed(roots, few=2)
    every = np.hstack([group.basis for group in updates.groups])
    assert every @ every.T == pytest.approx(2.0 * np.eye(6))  # once as directions, once as parameters
    assert all(
        group.basis.T @ group.basis == pytest.approx(np.eye(len(group.scale))) for group in updates.groups
    )
    assert updates.scale[0] < updates.scale[2] < updates.scale[5] == 1.0
    chain, draws = Chain(np.zeros(6), np.zeros(1), 0.0), []
    for _ in range(6000):
        chain, _ = updates.tell(updates.ask(chain, rng), PointValue(np.zeros(1), 0.0), rng, adapt=True)
        draws.append(chain.z)
    # with nothing to learn from findings step sizes grow to the prior's
    assert chain.accepted == chain.proposed == 6000
    assert np.mean(draws, axis=0) == pytest.approx(np.zeros(6), abs=0.1)
    assert np.cov(np.transpose(draws)) == pytest.approx(np.eye(6), abs=0.12)


def test_a_reference_has_the_covariance_that_it_says():
    root = np.array([[2.0, 0.0, 0.0], [0.5, 1.0, 0.0]])
    reference = Reference.informed(np.zeros(3), root, 0.0, share=1.0)
    rng = np.random.default_rng(0)
    draws = np.array([reference.away(rng) for _ in range(40000)])
    wanted = np.linalg.inv(np.eye(3) + root.T @ root)
    assert np.cov(draws.T) == pytest.approx(wanted, abs=0.02)
    z = rng.normal(size=3)
    assert reference.surplus(z) == pytest.approx(0.5 * z @ root.T @ root @ z)


def slices(problem, likelihood):
    return EllipticalSlice(Reference.prior(problem.n))


def informed(problem, likelihood):
    root = likelihood.information(problem.offset, problem.slopes)
    return CrankNicolson(Reference.informed(np.zeros(problem.n), root, 0.0))


@pytest.mark.slow
@pytest.mark.parametrize(("kernel_for", "thin"), [(slices, 25), (informed, 60)])
def test_ranks_of_true_rates_are_uniform(kernel_for, thin):
    ranks_of_true_rates_are_uniform(kernel_for, thin)
