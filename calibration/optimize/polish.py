"""The last per cent of a start: what still fails is pressed, and the rest of the point stays where it is.

A start with equal weights ends leaning against a ridge: findings that only hold together are each a little
short. Held to where it is, with what fails weighing more, it is pulled over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.objective.problem import Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import start
from calibration.optimize.state import Settings, State

POLISHED = ", polished"


def end(state: State, pool: Pool, settings: Settings, reason: str) -> State:
    """Put a start aside; one that came near is polished first, once."""
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
        jac=None,
        exact=False,
        stale=False,
        jacobians=0,
        poor=0,
        paid=np.inf,
        damping=1.0,
        kicks=0,
        best_loss=np.inf,
        pressed=state.evaluations,
        evaluations=state.evaluations + outcome.cost,
    )


def overdue(state: State, settings: Settings) -> bool:
    """Whether a start has had its time, or its polishing has."""
    if state.pressed is not None:
        return state.evaluations - state.pressed >= settings.polish
    return state.evaluations - state.began[0] >= settings.most


def content(state: State, settings: Settings, n_findings: int) -> bool:
    """Whether so many hold that the time is better spent elsewhere; polishing goes for all of them."""
    share = 1.0 if state.pressed is not None else settings.content
    return state.best_hold >= share * n_findings and (share < 1.0 or state.pressed is not None)
