"""Worker processes: same answers in the same order, and none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from calibration.pool import Pool, Recipe, cores
from calibration.problem import Task
from calibration.trial import Inequalities

ROOT = Path(__file__).parents[2]
SCRIPT = """
import multiprocessing, time
from calibration.pool import Pool, Recipe

if __name__ == "__main__":
    with Pool(Recipe("calibration.trial", "inequalities"), 2):
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep(60)
"""


def test_outcomes_come_in_the_order_of_the_tasks():
    recipe = Recipe("calibration.trial", "inequalities", {"seed": 4})
    points = np.random.default_rng(0).normal(size=(7, 40))
    with Pool(recipe, 2) as pool:
        there = [outcome.terms for outcome in pool.map([Task(z) for z in points])]
    with Pool(problem=Inequalities(seed=4)) as pool:
        here = [outcome.terms for outcome in pool.map([Task(z) for z in points])]
    assert np.array_equal(there, here)


def test_a_mistake_in_a_worker_is_raised_here():
    with Pool(Recipe("calibration.trial", "inequalities"), 2) as pool, pytest.raises(AttributeError):
        list(pool.each("no_such_method", [1, 2, 3]))


def test_a_pool_needs_something_to_work_on():
    with pytest.raises(ValueError, match="recipe"):
        Pool()
    assert cores() >= 1


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed():
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    with child.stdout:
        workers = [int(pid) for pid in child.stdout.readline().split()]
    assert len(workers) == 2
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=5)
    end = time.monotonic() + 5.0
    while time.monotonic() < end and any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
