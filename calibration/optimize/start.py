"""One start: its prior draw, the best point so far, and its end as a member."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.objective.problem import Problem, Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.gauss_newton_step import BOX
from calibration.optimize.state import NEW_SEARCH, Member, Settings, State


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
