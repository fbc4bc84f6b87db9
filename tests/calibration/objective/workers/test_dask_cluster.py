"""Workers of a scheduler answer as local processes do, also where some of them die."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.objective.problem import Task
from calibration.objective.toy_problem import Inequalities
from calibration.objective.workers import dask_cluster
from calibration.objective.workers.dask_cluster import (
    Chunk,
    ClusterPool,
    WorkerJob,
    checked,
    chunks,
    run_chunk,
)
from calibration.objective.workers.environment import probe, record
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize import multistart
from calibration.optimize.state import Budget, State
from models.core.errors import UserError

OPTIONS = {"n": 40, "n_terms": 90, "seed": 4, "bend": 2.0}
RECIPE = Recipe("calibration.objective.toy_problem", "inequalities", OPTIONS)


@given(st.integers(0, 2000), st.integers(0, 300))
def test_chunks_are_everything_once_in_order_and_end_small(count: int, workers: int):
    cut = list(chunks(count, workers))
    assert [i for part in cut for i in part] == list(range(count))
    sizes = [len(part) for part in cut]
    assert sizes == sorted(sizes, reverse=True)
    assert not cut or sizes[-1] == 1
    assert len(cut) <= 2 * max(1, workers) * (2 + np.log2(count + 1))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tls://head.example:8786", "tcp://[::1]:1"])
def test_addresses_that_are_safe(address: str):
    assert checked(address) == address
    assert checked("localhost:8786") == "tcp://localhost:8786"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://head:8786", "has to be tls://"),
        ("10.0.0.1:8786", "has to be tls://"),
        ("tcp://localhost.example.org:1", "has to be tls://"),
        ("head", "allowed"),
        ("http://localhost:1", "allowed"),
        ("tcp://localhost", "allowed"),
        ("tcp://localhost:x", "allowed"),
        ("tls://[", "allowed"),
    ],
)
def test_addresses_that_are_not(address: str, words: str):
    with pytest.raises(UserError, match=words):
        ClusterPool(RECIPE, address, problem=Inequalities())


def test_without_dask_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UserError, match="cluster"), ClusterPool(RECIPE, "localhost:1"):
        pass


def errand(asked: str, surroundings: dict[str, Any]) -> WorkerJob:
    return WorkerJob(RECIPE, asked, surroundings, "evaluate_task")


def test_a_worker_builds_once_and_refuses_where_its_numbers_are_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dask_cluster, "_problems", {})
    problem = Inequalities(**OPTIONS)  # type: ignore[arg-type]
    tasks = Chunk((Task(np.zeros(40)), Task(np.ones(40))))
    done = run_chunk(errand(probe(problem), record()), tasks)
    assert [o.terms.tobytes() for o in done.items] == [
        problem.evaluate_task(task).terms.tobytes() for task in tasks.items
    ]
    (built,) = dask_cluster._problems.values()
    run_chunk(errand(probe(problem), record()), tasks)
    assert list(dask_cluster._problems.values()) == [built]
    other = record()
    other["numbers"]["engine"] = "steam"
    with pytest.raises(UserError, match="engine was steam") as refused:
        run_chunk(errand("0123", other), tasks)
    assert "same installation" in str(refused.value)


# --- with a scheduler -----------------------------------------------------------------------------------


@pytest.fixture
def local() -> Iterator[Any]:
    """A scheduler with two workers on this machine; a nanny replaces a worker that dies."""
    import distributed

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made


def go(pool: Pool, evaluations: float = 500) -> State:
    with pool:
        return multistart.calibrate(pool, 7, Budget(evaluations=evaluations))


def same(one: State, other: State) -> bool:
    pairs = [(one.z, other.z), *((a.z, b.z) for a, b in zip(one.members, other.members, strict=True))]
    return one.evaluations == other.evaluations and all(
        (a is None and b is None) or np.array_equal(a, b) for a, b in pairs
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("slopes", "seconds"), [(False, 0.01), (True, 0.05)])
def test_workers_that_die_change_nothing(local: Any, slopes: bool, seconds: float):
    options = OPTIONS | {"slopes": slopes}
    here = go(Pool(problem=Inequalities(**options)))  # type: ignore[arg-type]
    slow = Recipe("calibration.objective.toy_problem", "inequalities", options | {"seconds": seconds})
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        rng = np.random.default_rng(0)
        while len(killed) < 8 and not over.wait(1.5):
            pids = [worker.pid for worker in local.workers.values() if worker.pid]
            if pids:
                killed.append(int(rng.choice(pids)))
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        there = go(ClusterPool(slow, local.scheduler_address, 2))
    finally:
        over.set()
        killer.join()
    assert killed and same(here, there)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mistakes_come_back_as_they_are(local: Any):
    with ClusterPool(RECIPE, local.scheduler_address) as pool:
        assert pool.map([]) == []
        with pytest.raises(AttributeError):
            list(pool.each("no_such_method", [1, 2, 3]))
        assert len(pool.map([Task(np.zeros(40))] * 5)) == 5


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_it_waits_for_workers_and_says_so():
    import distributed

    said: list[str] = []
    with distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as made:
        pool = ClusterPool(RECIPE, made.scheduler_address, 1, say=said.append)
        threading.Timer(1.0, lambda: made.scale(1)).start()
        with pool:
            assert pool.workers == 1
            terms = pool.map([Task(np.zeros(40))])[0].terms
    assert len(said) == 1 and said[0].startswith("0 workers")
    assert np.array_equal(terms, Inequalities(**OPTIONS).evaluate_task(Task(np.zeros(40))).terms)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_workers_with_several_threads_are_refused():
    import distributed

    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as made:
        pool = ClusterPool(RECIPE, made.scheduler_address)
        with pytest.raises(UserError, match="--nthreads 1"), pool:
            pass


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_goes_away_is_said(monkeypatch: pytest.MonkeyPatch):
    import distributed

    monkeypatch.setattr(dask_cluster, "PATIENCE", 2.0)
    slow = Recipe("calibration.objective.toy_problem", "inequalities", OPTIONS | {"seconds": 0.05})
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as made:
        address = made.scheduler_address
        with ClusterPool(slow, address) as pool, pytest.raises(UserError, match="is gone"):
            threading.Timer(1.0, made.close).start()
            multistart.calibrate(pool, 7, Budget(minutes=0.3))
    time.sleep(0.5)
    with pytest.raises(UserError, match="no scheduler answers"), ClusterPool(RECIPE, address):
        pass
