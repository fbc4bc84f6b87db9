"""Multistart calibration: rounds of an optimiser from independent prior draws, until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from calibration.objective.problem import Problem
from calibration.objective.workers.pool import Pool
from calibration.optimize import gauss_newton, start
from calibration.optimize.state import Budget, Member, Progress, Settings, State, StateKeeper


def progress_of(state: State, problem: Problem, settings: Settings, phase: str) -> Progress:
    """The state of a run, as a display shows it."""
    hold, loss = 0, float("nan")
    if state.terms is not None and state.z is not None and state.origin is not None:
        hold = int(problem.holds(state.terms).sum())
        loss = settings.loss(state.terms, state.z - state.origin, problem.weights)
    best = max([state.best_hold, *(m.hold for m in state.members)])
    return Progress(
        state.start,
        hold,
        best,
        problem.n_findings,
        state.evaluations,
        loss,
        state.seconds,
        len(state.members),
        phase,
    )


def calibrate(
    pool: Pool,
    seed: int = 0,
    budget: Budget | None = None,
    settings: Settings | None = None,
    progress: Callable[[Progress], None] | None = None,
    keeper: StateKeeper | None = None,
    state: State | None = None,
    advance: Callable[[State, Pool, Settings], State] = gauss_newton.advance,
) -> State:
    """Calibrate until the budget is spent, or Ctrl-C.

    Parameters
    ----------
    pool : Pool
        Entered already.
    state : State, optional
        To resume from; its seed counts.
    advance : callable
        One round of the method.

    Returns
    -------
    State
        May hold a start that was cut short, which `members_of` counts as well.
    """
    budget = budget or Budget(members=1)
    settings = settings or Settings()
    state = state or State(seed=seed)
    clock = time.monotonic() - state.seconds
    try:
        while not budget.spent(state):
            before = len(state.members)
            state = replace(advance(state, pool, settings), seconds=time.monotonic() - clock)
            phase = "start done" if len(state.members) > before else "fitting"
            now = progress_of(state, pool.problem, settings, phase)
            if keeper is not None:
                keeper.save(state, now)
            if progress is not None:
                progress(now)
    except KeyboardInterrupt:
        pass  # what was reached is kept; the round that was cut short is repeated on resuming
    if keeper is not None:
        keeper.save(state, progress_of(state, pool.problem, settings, "stopped"), force=True)
    return state


def members_of(state: State, problem: Problem) -> tuple[Member, ...]:
    """The members, with all starts that are under way."""
    under_way = [replace(one, members=()) for one in state.lanes or (state,)]
    cut = [member for one in under_way for member in start.finish(one, problem, "budget spent").members]
    return (*state.members, *cut)
