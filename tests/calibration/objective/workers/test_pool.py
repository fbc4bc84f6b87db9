"""Worker processes: same answers in the same order, and none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from calibration.objective.problem import Outcome, Task
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers.pool import Pool, Recipe, cores
from calibration.optimize import multistart
from calibration.optimize.state import Budget
from models.core.errors import UserError

ROOT = Path(__file__).parents[4]
SCRIPT = """
import multiprocessing, time
from calibration.objective.workers.pool import Pool, Recipe

if __name__ == "__main__":
    with Pool(Recipe("calibration.objective.toy_problem", "inequalities"), 2):
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep(60)
"""


def test_outcomes_come_in_the_order_of_the_tasks():
    recipe = Recipe("calibration.objective.toy_problem", "inequalities", {"seed": 4})
    points = np.random.default_rng(0).normal(size=(7, 40))
    with Pool(recipe, 2) as pool:
        there = [outcome.terms for outcome in pool.map([Task(z) for z in points])]
    with Pool(problem=Inequalities(seed=4)) as pool:
        here = [outcome.terms for outcome in pool.map([Task(z) for z in points])]
    assert np.array_equal(there, here)


def test_a_mistake_in_a_worker_is_raised_here():
    with (
        Pool(Recipe("calibration.objective.toy_problem", "inequalities"), 2) as pool,
        pytest.raises(AttributeError),
    ):
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


class Deadly(Inequalities):
    """Kills the worker that evaluates it, as often as there are files to say so."""

    def __init__(self, folder: str, **options: float) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.folder, self.home = Path(folder), os.getpid()

    def evaluate_task(self, task: Task) -> Outcome:
        for path in self.folder.glob("death*"):
            try:
                path.unlink()
            except FileNotFoundError:
                continue  # another worker died of it
            os.kill(os.getpid(), signal.SIGKILL)
        return super().evaluate_task(task)


def deadly(**options: Any) -> Deadly:
    return Deadly(**options)


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Of a problem that kills workers; they find it in a module of its own."""
    (tmp_path / "deadly_problem.py").write_text(
        "import importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('told', {str(Path(__file__))!r})\n"
        "told = importlib.util.module_from_spec(spec); spec.loader.exec_module(told)\n"
        "deadly = told.deadly\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    return Recipe("deadly_problem", "deadly", {"folder": str(tmp_path), "seed": 4})


@pytest.mark.slow
def test_workers_that_die_are_replaced_and_nothing_is_lost_or_counted_twice(recipe: Recipe, tmp_path: Path):
    with Pool(problem=Inequalities(seed=4)) as pool:
        here = multistart.calibrate(pool, 7, Budget(evaluations=120))
    for i in range(2):
        (tmp_path / f"death{i}").touch()
    with Pool(recipe, 2) as pool:
        there = multistart.calibrate(pool, 7, Budget(evaluations=120))
    assert not list(tmp_path.glob("death*"))
    assert there.evaluations == here.evaluations
    assert [m.z.tobytes() for m in there.members] == [m.z.tobytes() for m in here.members]
    assert there.z is None if here.z is None else np.array_equal(there.z, here.z)


@pytest.mark.slow
def test_where_every_worker_dies_it_is_said(recipe: Recipe, tmp_path: Path):
    for i in range(40):
        (tmp_path / f"death{i}").touch()
    with Pool(recipe, 2) as pool, pytest.raises(UserError, match="workers died one after the other"):
        pool.map([Task(np.zeros(40))] * 4)


def test_a_pool_keeps_blas_to_one_thread():
    with Pool(problem=Inequalities(seed=4)):
        blas = [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]
    assert blas and set(blas) == {1}
