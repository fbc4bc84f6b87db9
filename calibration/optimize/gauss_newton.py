"""Damped Gauss-Newton on the findings' margins m(z), with hinge residuals ``max(0, target - m(z))``.

One round: the step of `gauss_newton_step` for several dampings, evaluated in one batch, and the best is
taken. Where the problem gives derivatives (`has_derivatives`), each evaluation brings the Jacobian J at
its point. Where it does not, a Jacobian by differences costs as much as thirty rounds, so it is kept and
corrected by every step d, also by failed ones (Broyden 1965, Math Comput 19:577):

    J <- J + (m(z + d) - m(z) - J d) d' / (d' d),

and only after a few rounds with little gain it is computed anew. Where a good Jacobian does not help, the
start has stalled: terms that fail are reweighted, or the point is perturbed; in the end the start is stored
as a member and the next one begins at a new draw of the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calibration.objective.problem import SHARED, WORST, Mask, Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize import polish, start
from calibration.optimize.gauss_newton_step import BOX, hinge_step
from calibration.optimize.state import Settings, State

MIN_GAIN = 0.005  # fraction of the loss by which a step must lower it
MAX_DERIVATIVE = 10.0  # [log2 per prior standard deviation] at which derivatives are cut off
SHAKES = 8  # random points in one perturbation
FAR_OFF = "far off"  # why a start ended at which too few findings held
PAIR = (0.3, 3.0)  # factors on the damping that suffice while every step brings a Jacobian and a gain


def jacobian(
    pool: Pool,
    z: Vector,
    terms: Vector,
    old: Vector | None,
    only: Mask,
    stride: float,
    columns: Sequence[int] | None = None,
) -> tuple[Vector, float]:
    """The Jacobian (n_terms, n) and its cost: from the problem, or by forward differences of `stride`.

    Rows not in `only`, and columns not in `columns`, are those of `old`.
    """
    problem = pool.problem
    if problem.has_derivatives:
        (outcome,) = pool.map([Task(z, only=only, derivatives="terms")])
        assert outcome.derivatives is not None
        jac = np.zeros((problem.n_terms, problem.n)) if old is None else old.copy()
        jac[only] = _capped(outcome.derivatives[only])
        return jac, outcome.cost
    steps = np.where(z + stride > BOX, -stride, stride)
    chosen = range(problem.n) if columns is None else columns
    order = sorted(chosen, key=lambda i: (problem.scopes[i] == SHARED, problem.scopes[i], i))
    tasks = []
    for i in order:
        moved = z.copy()
        moved[i] += steps[i]
        tasks.append(Task(moved, None if problem.scopes[i] == SHARED else z, problem.scopes[i], only))
    jac = np.zeros((problem.n_terms, problem.n)) if old is None else old.copy()
    cost = 0.0
    for i, outcome in zip(order, pool.map(tasks), strict=True):
        # Where a switch flips or a run fails the difference is huge; cut off, it still gives the direction.
        jac[only, i] = _capped((outcome.terms[only] - terms[only]) / steps[i])
        cost += outcome.cost
    return jac, cost


def _capped(derivatives: Vector) -> Vector:
    return np.clip(np.nan_to_num(derivatives), -MAX_DERIVATIVE, MAX_DERIVATIVE)


def advance(state: State, pool: Pool, settings: Settings) -> State:
    """One round of one start."""
    problem, loss = pool.problem, settings.loss
    derivatives = problem.has_derivatives
    settings = settings.with_derivatives() if derivatives else settings
    if state.z is None:
        return start.begin(state, pool, settings)
    if start.done(state, settings):
        return start.finish(state, problem, "every finding holds")
    if state.evaluations - state.began[0] >= settings.trial and (
        state.best_hold < settings.promise * problem.n_findings
    ):
        return start.finish(state, problem, FAR_OFF)
    if polish.out_of_time(state, settings):
        return polish.end(state, pool, settings, "long enough")
    if polish.enough_hold(state, settings, problem.n_findings):
        return polish.end(state, pool, settings, "enough findings hold")
    z, terms, weights, origin = state.z, state.terms, state.weights, state.origin
    assert terms is not None and weights is not None and origin is not None
    if state.jac is None or state.stale:
        only, columns = _to_renew(state, settings)
        jac, cost = jacobian(pool, z, terms, state.jac, only, settings.stride, columns)
        state = replace(
            state,
            jac=jac,
            exact=True,
            stale=False,
            jacobians=state.jacobians + 1,
            poor=state.poor if derivatives else 0,
            paid=loss(terms, z - origin, weights),
            evaluations=state.evaluations + cost,
        )
    assert state.jac is not None
    jac = state.jac
    now = loss(terms, z - origin, weights)
    factors = PAIR if derivatives and state.poor == 0 else settings.dampings
    dampings = [state.damping * factor for factor in factors]
    steps = [hinge_step(terms, jac, z, origin, weights, loss, damping) for damping in dampings]
    outcomes = pool.map([Task(z + step, derivatives="terms" if derivatives else None) for step in steps])
    losses = [loss(o.terms, z + step - origin, weights) for o, step in zip(outcomes, steps, strict=True)]
    state = replace(state, evaluations=state.evaluations + sum(o.cost for o in outcomes))
    i = int(np.argmin(losses))
    gain = (now - losses[i]) / max(now - loss.lost(terms, weights), 1e-12)
    if gain > MIN_GAIN:
        new = outcomes[i].derivatives
        jac = _capped(new) if new is not None else _broyden(jac, steps[i], outcomes[i].terms - terms)
        state = replace(
            state,
            z=z + steps[i],
            terms=outcomes[i].terms,
            jac=jac,
            exact=derivatives,
            damping=float(np.clip(dampings[i], 1e-3, 1e3)),
            poor=0 if gain > settings.slow else state.poor + 1,
        )
        state = start.note_best(state, problem, settings)
    else:
        if not derivatives:
            # the shortest step comes last and counts most
            for step, outcome in zip(steps, outcomes, strict=True):
                jac = _broyden(jac, step, outcome.terms - terms)
        state = replace(state, jac=jac, damping=min(3.0 * state.damping, 1e3), poor=state.poor + 1)
    if state.poor < settings.lessons:
        return state
    reached = min(now, losses[i])
    paid = (state.paid - reached) / max(state.paid - loss.lost(terms, weights), 1e-12)
    if derivatives or state.exact or paid < settings.slow:
        return _kick(state, pool, settings)
    return replace(state, stale=True)


def _to_renew(state: State, settings: Settings) -> tuple[Mask, list[int] | None]:
    """Rows and columns of a new Jacobian: all at first and every so often, else those that matter now."""
    assert state.terms is not None
    if state.jac is None:
        return np.ones(len(state.terms), dtype=bool), None
    only = (state.terms < settings.loss.target + settings.watch) & (state.terms > WORST)
    if state.jacobians % settings.every == 0:
        return only, None
    size = np.linalg.norm(state.jac[only], axis=0)
    return only, np.argsort(-size, kind="stable")[: int(np.ceil(settings.share * len(size)))].tolist()


def _broyden(jac: Vector, step: Vector, change: Vector) -> Vector:
    """Broyden's update: the smallest change of `jac` with which it predicts the `change` after `step`."""
    return np.asarray(jac + np.outer(change - jac @ step, step) / max(float(step @ step), 1e-12))


def _kick(state: State, pool: Pool, settings: Settings) -> State:
    """A stalled start: reweight or perturb; after a few such kicks, or where all hold already, end it.

    In turn: near misses weigh more and distant ones less (so that few fail by far, rather than many by a
    little), and a random perturbation of the best point so far (which also leads away from a switch).
    """
    problem = pool.problem
    if state.kicks >= settings.kicks or state.best_hold == problem.n_findings:
        return polish.end(state, pool, settings, "stalled")
    assert state.terms is not None and state.best is not None and state.origin is not None
    origin = state.origin
    fresh = replace(state, kicks=state.kicks + 1, poor=0, paid=np.inf, damping=1.0)
    if state.kicks % 2 == 0:
        gap = np.maximum(0.0, settings.loss.target - state.terms)
        factor = np.clip(0.6 / (0.1 + gap), 0.1, 4.0)
        weights = np.where(state.terms < 0.0, problem.weights * factor, problem.weights)
        return replace(fresh, weights=weights, stale=not state.exact)
    noise = np.random.default_rng([state.seed, state.start, state.kicks]).standard_normal((SHAKES, problem.n))
    points = np.clip(state.best + settings.shake * noise, -BOX, BOX)
    outcomes = pool.map([Task(z) for z in points])
    losses = [
        settings.loss(o.terms, z - origin, problem.weights) for o, z in zip(outcomes, points, strict=True)
    ]
    i = int(np.argmin(losses))
    cost = sum(o.cost for o in outcomes)
    return replace(
        fresh,
        z=points[i],
        terms=outcomes[i].terms,
        weights=problem.weights,
        exact=False,
        stale=True,
        jacobians=0,
        evaluations=state.evaluations + cost,
    )
