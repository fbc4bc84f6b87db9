"""Polishing, the last phase of a start: findings that still fail weigh more, and the rest is held in place.

With equal weights a start ends where findings that only hold together are each a little short. With more
weight on those, and a pull back to this point instead of the prior draw, they come to hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.objective.problem import Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import start
from calibration.optimize.state import NEW_SEARCH, Settings, State

POLISHED = ", polished"


def end(state: State, pool: Pool, settings: Settings, reason: str) -> State:
    """End a start; one at which nearly all findings hold is polished first, once."""
    problem = pool.problem
    if state.pressed is not None:
        return start.finish(state, problem, reason + POLISHED)
    near = state.best_hold >= settings.near * problem.n_findings
    if state.best is None or settings.press <= 1.0 or not near or state.best_hold == problem.n_findings:
        return start.finish(state, problem, reason)
    (outcome,) = pool.map([Task(state.best)])
    return replace(
        state,
        z=state.best,
        origin=state.best,
        terms=outcome.terms,
        weights=np.where(outcome.terms < 0.0, settings.press, 1.0) * problem.weights,
        **NEW_SEARCH,
        best_loss=np.inf,
        pressed=state.evaluations,
        evaluations=state.evaluations + outcome.cost,
    )


def out_of_time(state: State, settings: Settings) -> bool:
    """Whether a start, or its polishing, has used its evaluations."""
    if state.pressed is not None:
        return state.evaluations - state.pressed >= settings.polish
    return state.evaluations - state.began[0] >= settings.most


def enough_hold(state: State, settings: Settings, n_findings: int) -> bool:
    """Whether so many findings hold that the start ends; while polishing, all of them have to."""
    share = 1.0 if state.pressed is not None else settings.content
    return state.best_hold >= share * n_findings and (share < 1.0 or state.pressed is not None)
