"""Starts side by side, for machines with more cores than one start keeps busy.

A start asks for two to four points at a time. Several of them go in step: a round is a round of each, and
what they ask for on the way is evaluated together. Lane i of k has the starts i, i + k, i + 2k and so on, and
starts know nothing of each other, so a run depends on the number of lanes, and still on nothing else.
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
    """A round of each of so many starts, as one round of a run (`fit.calibrate`'s `advance`).

    Where the run stands, apart from its lanes, is where the best of them does.
    """

    def __init__(self, count: int, advance: Round = gauss_newton.advance) -> None:
        self.count, self.advance = count, advance

    def __call__(self, state: State, pool: Pool, settings: Settings) -> State:
        lanes = state.lanes or tuple(State(state.seed, start=i) for i in range(self.count))
        lanes = tuple(replace(lane, seconds=state.seconds) for lane in lanes)
        rounds = [lambda side, lane=lane: self.advance(lane, side, settings) for lane in lanes]
        after = in_step(pool, rounds)
        spent = sum(now.evaluations - was.evaluations for was, now in zip(lanes, after, strict=True))
        ended = [member for now in after for member in now.members]
        after = [
            replace(now, members=(), start=was.start + (self.count if now.members else 0))
            for was, now in zip(lanes, after, strict=True)
        ]
        best = max(after, key=lambda lane: (lane.best_hold, -lane.best_loss))
        return replace(
            best,
            evaluations=state.evaluations + spent,
            seconds=state.seconds,
            members=(*state.members, *ended),
            lanes=tuple(after),
        )


Said = tuple[int, Literal["asks", "done", "failed"], Any]


class _Side(Pool):
    """The pool as one of several threads sees it."""

    def __init__(self, pool: Pool, number: int, inbox: SimpleQueue[Said]) -> None:
        super().__init__(problem=pool.problem)
        self.workers, self._number, self._inbox = pool.workers, number, inbox
        self.answers: SimpleQueue[list[Outcome] | None] = SimpleQueue()

    def map(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcomes, in the order of the tasks."""
        self._inbox.put((self._number, "asks", list(tasks)))
        outcomes = self.answers.get()
        if outcomes is None:
            raise _Over
        return outcomes


class _Over(BaseException):
    """Nobody waits for this thread any more."""


def in_step(pool: Pool, works: Sequence[Callable[[Pool], T]]) -> list[T]:
    """What each of `works` makes of a pool; what they ask it for at the same time is evaluated at once.

    All evaluations are made here, in the thread that calls; where one is stopped or fails, all are given up.
    """
    inbox: SimpleQueue[Said] = SimpleQueue()
    sides = [_Side(pool, i, inbox) for i in range(len(works))]

    def run(i: int) -> None:
        try:
            inbox.put((i, "done", works[i](sides[i])))
        except _Over:
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
                sides[i].answers.put([next(outcomes) for _ in asked[i]])
    finally:
        for side in sides:
            side.answers.put(None)
        for thread in threads:
            thread.join()
    return [made[i] for i in range(len(works))]
