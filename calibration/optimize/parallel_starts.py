"""Parallel starts, for machines with more cores than one start keeps busy.

A start asks for two to four points at a time. Several of them go in step: a round is a round of each, and the
points they ask for are evaluated in one batch. Of k parallel starts, number i runs the starts i, i + k,
i + 2k and so on, and none depends on another, so a run depends on k and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import Any, Literal, TypeVar

from calibration.objective.problem import Outcome, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import gauss_newton
from calibration.optimize.state import Settings, State

BUSY = 4
"""Workers that one start keeps busy."""

T = TypeVar("T")
Round = Callable[[State, Pool, Settings], State]


class ParallelStarts:
    """A round of each of `count` starts, as one round of a run: an `advance` for `multistart.calibrate`.

    The run has the state of the best of them, and all of them in `State.lanes`.
    """

    def __init__(self, count: int, advance: Round = gauss_newton.advance) -> None:
        self.count, self.advance = count, advance

    def __call__(self, state: State, pool: Pool, settings: Settings) -> State:
        starts = state.lanes or tuple(State(state.seed, start=i) for i in range(self.count))
        starts = tuple(replace(one, seconds=state.seconds) for one in starts)
        rounds = [lambda own_pool, one=one: self.advance(one, own_pool, settings) for one in starts]
        after = run_in_step(pool, rounds)
        spent = sum(now.evaluations - was.evaluations for was, now in zip(starts, after, strict=True))
        ended = [member for now in after for member in now.members]
        after = [
            replace(now, members=(), start=was.start + (self.count if now.members else 0))
            for was, now in zip(starts, after, strict=True)
        ]
        best = max(after, key=lambda one: (one.best_hold, -one.best_loss))
        return replace(
            best,
            evaluations=state.evaluations + spent,
            seconds=state.seconds,
            members=(*state.members, *ended),
            lanes=tuple(after),
        )


Message = tuple[int, Literal["asks", "done", "failed"], Any]


class _StartPool(Pool):
    """The pool as the thread of one start sees it."""

    def __init__(self, pool: Pool, number: int, inbox: SimpleQueue[Message]) -> None:
        super().__init__(problem=pool.problem)
        self.workers, self._number, self._inbox = pool.workers, number, inbox
        self.answers: SimpleQueue[list[Outcome] | None] = SimpleQueue()

    def map(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcomes, in the order of the tasks."""
        self._inbox.put((self._number, "asks", list(tasks)))
        outcomes = self.answers.get()
        if outcomes is None:
            raise _Cancelled
        return outcomes


class _Cancelled(BaseException):
    """The result of this thread is no longer needed."""


def run_in_step(pool: Pool, works: Sequence[Callable[[Pool], T]]) -> list[T]:
    """The results of `works`, each called with a pool; what they ask for at the same time is one batch.

    All evaluations are made in the calling thread; where one is stopped or fails, all are cancelled.
    """
    inbox: SimpleQueue[Message] = SimpleQueue()
    pools = [_StartPool(pool, i, inbox) for i in range(len(works))]

    def run(i: int) -> None:
        try:
            inbox.put((i, "done", works[i](pools[i])))
        except _Cancelled:
            pass
        except BaseException as error:
            inbox.put((i, "failed", error))

    threads = [Thread(target=run, args=(i,), daemon=True) for i in range(len(works))]
    for thread in threads:
        thread.start()
    made: dict[int, T] = {}
    try:
        while len(made) < len(works):
            asked: dict[int, list[Task]] = {}
            while len(asked) + len(made) < len(works):
                i, what, it = inbox.get()
                if what == "failed":
                    raise it
                (made if what == "done" else asked)[i] = it
            order = sorted(asked)
            outcomes = iter(pool.map([task for i in order for task in asked[i]]) if order else ())
            for i in order:
                pools[i].answers.put([next(outcomes) for _ in asked[i]])
    finally:
        for own in pools:
            own.answers.put(None)
        for thread in threads:
            thread.join()
    return [made[i] for i in range(len(works))]
