"""The folder of a posterior run: cut anywhere, it goes on to the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.objective.likelihood import Likelihood
from calibration.objective.workers.pool import Pool
from calibration.sample.chains import SamplingPlan, begin, sample
from calibration.sample.hmc import HMC
from calibration.storage.posterior_folder import WALK, PosteriorRun
from models.core.errors import UserError
from tests.calibration.sample.linear import problem_of_two

ASKED = ({"seed": 3}, "abc", ("a", "b"))


def kernel(problem, likelihood):
    return HMC.informed([likelihood.information(problem.offset, problem.slopes)])


def go(folder, blocks):
    """Work in `folder` until so many blocks are there; a new run each time, as after a kill."""
    problem = problem_of_two()
    likelihood = Likelihood(problem)
    run = (
        PosteriorRun.resume(folder, *ASKED)
        if (folder / "run.json").exists()
        else PosteriorRun.create(folder, *ASKED)
    )
    with Pool(problem=problem) as pool:
        walk = run.walk or begin(pool, likelihood, np.zeros((3, 2)), seed=7)
        sample(pool, likelihood, kernel(problem, likelihood), walk, SamplingPlan(2, blocks - 2, 5, 2), run)
    found = np.concatenate([b.z for b in run.blocks()], axis=1)
    run.close()
    return found


def test_a_run_that_was_cut_resumes_to_the_bit(tmp_path):
    whole = go(tmp_path / "a", 6)
    for blocks in (1, 3, 6):
        part = go(tmp_path / "b", max(2, blocks))
    assert np.array_equal(whole, part)


def test_a_block_whose_walk_was_not_kept_is_done_again(tmp_path):
    whole = go(tmp_path / "a", 4)
    go(tmp_path / "b", 3)
    before = (tmp_path / "b" / WALK).read_bytes()
    go(tmp_path / "b", 4)
    (tmp_path / "b" / WALK).write_bytes(before)  # as if the power went between the two files
    (tmp_path / "b" / ".part-x").write_bytes(b"half")
    assert np.array_equal(whole, go(tmp_path / "b", 4))
    assert not (tmp_path / "b" / ".part-x").exists()


def test_what_findings_say_is_kept(tmp_path):
    run = PosteriorRun.create(tmp_path / "a", *ASKED)
    root = np.random.default_rng(0).normal(size=(5, 2))
    assert run.root(0) is None
    run.keep_root(0, root)
    assert np.array_equal(run.root(0), root)
    run.close()


def test_another_question_is_refused(tmp_path):
    go(tmp_path / "a", 2)
    with pytest.raises(UserError, match="options"):
        PosteriorRun.resume(tmp_path / "a", {"seed": 4}, "abc", ("a", "b"))
    with pytest.raises(UserError, match="parameters"):
        PosteriorRun.resume(tmp_path / "a", {"seed": 3}, "abc", ("a", "c"))
    with pytest.raises(UserError, match="findings have changed"):
        PosteriorRun.resume(tmp_path / "a", {"seed": 3}, "xyz", ("a", "b"))


def test_one_process_at_a_time(tmp_path):
    run = PosteriorRun.create(tmp_path / "a", *ASKED)
    with pytest.raises(UserError, match="another process"):
        PosteriorRun.resume(tmp_path / "a", *ASKED)
    run.close()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut"])
def test_a_damaged_walk_is_said_to_be_one(tmp_path, content):
    go(tmp_path / "a", 2)
    (tmp_path / "a" / WALK).write_bytes(content)
    with pytest.raises(UserError, match="damaged or foreign"):
        PosteriorRun.resume(tmp_path / "a", *ASKED)
