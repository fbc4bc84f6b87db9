"""One start: its prior draw, the best point so far, polishing, and its end as a member.

With equal weights a start ends where findings that only hold together are each a little short. So one at
which nearly all findings hold is polished: those that fail get more weight, and the pull is to this point
instead of the prior draw, so that the rest stays in place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.objective.problem import Problem, Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.gauss_newton_step import BOX
from calibration.optimize.state import NEW_SEARCH, Member, Settings, State

POLISHED = ", polished"


def draw(seed: int, start: int, count: int, n: int) -> Vector:
    """Prior draws (count, n) of one start; each start has its own random stream."""
    return np.clip(np.random.default_rng([seed, start]).standard_normal((count, n)), -BOX, BOX)


def begin(state: State, pool: Pool, settings: Settings) -> State:
    """The next start: the best of a few prior draws."""
    problem = pool.problem
    points = draw(state.seed, state.start, settings.draws, problem.n)
    outcomes = pool.map([Task(z) for z in points])
    losses = [settings.loss(o.terms, np.zeros(problem.n), problem.weights) for o in outcomes]
    i = int(np.argmin(losses))
    new = replace(
        state,
        z=points[i],
        origin=points[i],
        history=(),
        terms=outcomes[i].terms,
        **NEW_SEARCH,
        weights=problem.weights,
        best=None,
        best_hold=-1,
        best_loss=np.inf,
        pressed=None,
        began=(state.evaluations, state.seconds),
        evaluations=state.evaluations + sum(o.cost for o in outcomes),
    )
    return note_best(new, problem, settings)


def note_best(state: State, problem: Problem, settings: Settings) -> State:
    """Keep the point if more findings hold than at the best so far, or as many at a lower loss."""
    assert state.z is not None and state.terms is not None and state.origin is not None
    hold = int(problem.holds(state.terms).sum())
    loss = settings.loss(state.terms, state.z - state.origin, problem.weights)
    if (hold, -loss) > (state.best_hold, -state.best_loss):
        return replace(state, best=state.z, best_hold=hold, best_loss=loss)
    return state


def done(state: State, settings: Settings) -> bool:
    """Whether every term holds with some margin."""
    return state.terms is not None and bool(np.all(state.terms >= settings.enough))


def finish(state: State, problem: Problem, reason: str) -> State:
    """Store the best point of this start as a member and prepare the next."""
    if state.best is None:
        return state
    member = Member(
        state.start,
        state.best,
        state.best_hold,
        problem.n_findings,
        state.evaluations - state.began[0],
        state.seconds - state.began[1],
        reason,
    )
    return replace(
        state,
        start=state.start + 1,
        z=None,
        terms=None,
        jac=None,
        weights=None,
        best=None,
        best_hold=-1,
        best_loss=np.inf,
        pressed=None,
        members=(*state.members, member),
    )


def end(state: State, pool: Pool, settings: Settings, reason: str) -> State:
    """End a start; one at which nearly all findings hold is polished first, once."""
    problem = pool.problem
    if state.pressed is not None:
        return finish(state, problem, reason + POLISHED)
    near = state.best_hold >= settings.near * problem.n_findings
    if state.best is None or settings.press <= 1.0 or not near or state.best_hold == problem.n_findings:
        return finish(state, problem, reason)
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
