"""Mechanisms are read and checked; taking one out is told apart from needing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool
from calibration.storage.journal import Journal
from models.core.errors import UserError
from rewire.analysis.knockouts.knockouts import FORMAT, KnockoutVerdict, majority, refit
from rewire.analysis.knockouts.mechanisms import Mechanism


@dataclass
class One:
    verdict: str


@dataclass
class Many:
    scores: dict[str, One] = field(default_factory=dict)


def test_majority():
    told = [Many({"a": One("holds"), "b": One("holds")}), Many({"a": One("holds"), "b": One("fails")})]
    assert majority(told) == {"a"}


def test_only_what_no_refit_rescues_is_needed():
    v = KnockoutVerdict(Mechanism("m", "x", {}, ()), ("a", "b"), ("a",), ("a", "c"), (), 2)
    assert v.confirmed == ("a",) and v.not_evidence == ("c",)
    unasked = KnockoutVerdict(Mechanism("m", "x", {}, ()), ("a",), None, ("a",), (), 0)
    assert unasked.confirmed == () and unasked.not_evidence == ()


def opened(path: Path, question) -> Journal:
    return Journal(path, "file of knock-outs", FORMAT, question, name="mechanism")


def test_an_interrupted_command_resumes_and_a_foreign_file_is_refused(tmp_path: Path):
    path = tmp_path / "kept.json"
    kept = opened(path, {"refits": 1})
    verdict = KnockoutVerdict(Mechanism("m", "x", {"r": 0.0}, ("S01",)), ("a",), ("a",), ("a", "c"), (), 1)
    kept.add("m", verdict.record())
    with pytest.raises(UserError, match="another process works on this file of knock-outs"):
        opened(path, {"refits": 1})
    kept.close()
    again = opened(path, {"refits": 1})
    assert again.records == kept.records and again.records["m"]["need_it"] == ["a"]
    again.close()
    with pytest.raises(UserError, match="delete this one"):
        opened(path, {"refits": 2})
    path.write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        opened(path, {"refits": 1})


def test_half_a_refit_is_none():
    class Stopped(Inequalities):
        def evaluate_task(self, task):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
            return super().evaluate_task(task)

    problem = Stopped(100, 150, seed=2, bend=1.0)
    problem.left = 60
    with Pool(problem=problem) as pool, pytest.raises(KeyboardInterrupt):
        refit(pool, problem, np.zeros(100), minutes=5.0)
