"""Steady states: integrate until nothing moves, show that nothing does, and polish with Newton's method.

An integrator at a loose tolerance leaves a residue in the fast reactions, so its own end is never quite
steady, and under that residue a slow protein may still drift. The first step of Newton's method tells how far
the steady state still is, and the next ones reach it to rounding: the state then depends neither on the
tolerance nor on the way there.

With dx/dt = f(x) and its Jacobian J, each step solves (1/h - J) move = f(x) for a long time h. That is
Newton's method for f(x) = 0 up to 1/h, and an implicit Euler step, so that totals of molecules are kept, for
which J is singular (pseudo-transient continuation; Kelley & Keyes 1998, SIAM J Numer Anal 35:508).
"""

from __future__ import annotations

import numpy as np

from models.simulation.engine import Array, Engine, Failure

BOUND = 1e-6
"""A steady state changes by less than this fraction in an hour: max |dx/dt| x 1 h / (|x| + `FLOOR`)."""

FLOOR = 1.0
"""Amount [copies/cell] below which changes are counted absolutely."""

NEAR = 0.02
"""Where the first Newton step moves an amount by more than this fraction, integration goes on."""

FIRST_SPAN = 40 * 86400.0
SPANS = 5
"""Each span is four times the last, so a cell has 40 days x (4^5 - 1)/3, 37 years, to settle."""

_LONG = 1e8
"""Newton's steps are implicit Euler steps over this time [s], which keep the totals of all molecules."""


def restlessness(engine: Engine, state: Array) -> float:
    """The largest fraction by which an amount of `state` (n_species,) would change in an hour."""
    return float(np.max(np.abs(engine.slopes(state)) * 3600.0 / (np.abs(state) + FLOOR), initial=0.0))


def settle(engine: Engine, start: Array, rtol: float, atol: float) -> Array | Failure:
    """The steady state reached from `start` [copies/cell], (n_species,), at the engine's parameters."""
    state, span = start, FIRST_SPAN
    for _ in range(SPANS):
        run = engine.run(state, (0.0, span), rtol, atol)
        if isinstance(run, Failure):
            return Failure(f"pre-equilibration: {run.reason}")
        state = run.state
        rest = polish(engine, state)
        if rest is not None:
            return rest
        span *= 4.0
    return Failure(
        f"pre-equilibration: not settled, still changing by {restlessness(engine, state):.2g} an hour"
    )


def polish(engine: Engine, state: Array) -> Array | None:
    """Newton's method from an almost steady state; None where the steady state turns out not to be near."""
    near, unit = state, np.eye(len(state)) / _LONG
    for step in range(8):
        try:
            move = np.linalg.solve(unit - engine.jacobian(near), engine.slopes(near))
        except np.linalg.LinAlgError:  # singular
            return None
        size = float(np.max(np.abs(move) / (np.abs(near) + FLOOR), initial=0.0))
        if not size < (NEAR if step == 0 else NEAR / 4):
            return None
        near = np.maximum(near + move, 0.0)
        if size < 1e-6:  # the error is squared in each step
            break
    return near if restlessness(engine, near) < BOUND else None
