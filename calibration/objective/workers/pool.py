"""Evaluations on all cores: worker processes that each build the problem for themselves."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from threadpoolctl import threadpool_limits

from calibration.objective.problem import Outcome, Problem, Task
from calibration.objective.workers.environment import one_thread
from models.core.errors import UserError
from models.core.signals import held

log = logging.getLogger(__name__)

DEATHS = 3
"""Workers that may die one after the other without an answer in between."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a worker makes its problem: a function by name, and plain values for it."""

    module: str
    function: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Problem:
        """Build the problem here."""
        make: Callable[..., Problem] = getattr(importlib.import_module(self.module), self.function)
        return make(**self.options)


_problem: Problem | None = None  # of this worker process


def _start(recipe: Recipe | None) -> None:
    global _problem
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    one_thread()
    assert recipe is not None
    _problem = recipe.make()


def _end_with_parent() -> None:
    """A parent that is killed cannot stop its workers; they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ready(_: int) -> int:
    return os.getpid()


def _work(method: str, item: Any) -> Any:
    return getattr(_problem, method)(item)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Children inherit the mask, so that Ctrl-C cannot hit one before it has learnt to ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """The problem, here and in worker processes. The answers do not depend on the number of workers.

    Parameters
    ----------
    recipe : Recipe
        Built once here and once in each worker.
    workers : int or None
        Processes; 0 or 1 means none: all is done here. None means one a core.
    problem : Problem, optional
        The one built here already.
    """

    def __init__(
        self, recipe: Recipe | None = None, workers: int | None = None, problem: Problem | None = None
    ) -> None:
        if recipe is None:
            if problem is None:
                raise ValueError("a pool needs a recipe or a problem")
            workers = 0
        self.recipe = recipe
        self.problem: Problem = problem if problem is not None else recipe.make()  # type: ignore[union-attr]
        self.workers = cores() if workers is None else max(0, workers)
        self._executor: ProcessPoolExecutor | None = None
        self._limits: threadpool_limits | None = None

    def __enter__(self) -> Pool:
        self._limits = one_thread()
        if self.workers > 1:
            self._open()
        return self

    def _open(self) -> None:
        with _interrupts_held():
            self._executor = ProcessPoolExecutor(
                self.workers,
                multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(self.recipe,),
            )
            for started in [self._executor.submit(_ready, i) for i in range(self.workers)]:
                started.result()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        if self._limits is not None:
            self._limits.restore_original_limits()
            self._limits = None

    def map(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcomes, in the order of the tasks."""
        return list(self.each("evaluate_task", tasks))

    def each(self, method: str, items: Iterable[Any]) -> Iterator[Any]:
        """Call a method of the problem on each item; results come in order, as soon as they are there.

        Workers that die are replaced, and the tasks that they had not finished are sent again.
        """
        if self._executor is None:
            for item in items:
                with held():
                    done = getattr(self.problem, method)(item)
                yield done
            return
        work = list(items)
        waiting = [self._submit(method, item) for item in work]
        try:
            for i in range(len(work)):
                deaths = 0
                while isinstance(waiting[i].exception(), BrokenProcessPool):
                    deaths += 1
                    if deaths == DEATHS:
                        raise UserError(
                            f"{DEATHS} workers died one after the other (killed, or out of memory?). "
                            "Fewer --workers need less memory; what was saved is whole."
                        )
                    log.warning("A worker process died; it is replaced, and its work is done again.")
                    self._replace()
                    for j in range(i, len(work)):
                        if isinstance(waiting[j].exception(), BrokenProcessPool):
                            waiting[j] = self._submit(method, work[j])
                yield waiting[i].result()
        finally:
            for future in waiting:
                future.cancel()

    def _submit(self, method: str, item: Any) -> Future[Any]:
        assert self._executor is not None
        try:
            return self._executor.submit(_work, method, item)
        except BrokenProcessPool:  # a worker died between two rounds
            self._replace()
            return self._executor.submit(_work, method, item)

    def _replace(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True)  # until every question is answered or known to be lost
        self._open()
