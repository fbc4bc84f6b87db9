"""The last per cent of a start: what still fails is pressed, and the rest of the point stays where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration import fit
from calibration.pool import Pool
from calibration.problem import Task
from calibration.state import Budget, Member, State

POLISHED = ", polished"


def polish(pool: Pool, member: Member, press: float = 4.0, evaluations: float = 400.0) -> Member:
    """Go on from where a start ended, held to that point, with what fails weighing `press` times as much.

    Findings that only hold together are pulled over the ridge that a start with equal weights leans against.

    Returns
    -------
    Member
        The best point, which holds at least as much; its reason says that it was polished.
    """
    problem = pool.problem
    (outcome,) = pool.map([Task(member.z)])
    state = State(
        seed=member.start,
        z=member.z,
        origin=member.z,
        terms=outcome.terms,
        weights=np.where(outcome.terms < 0.0, press, 1.0) * problem.weights,
        best=member.z,
        best_hold=member.hold,
    )
    state = fit.calibrate(pool, budget=Budget(evaluations=evaluations, members=1), state=state)
    best = max(fit.members_of(state, problem), key=lambda one: one.hold)
    return replace(
        member,
        z=best.z,
        hold=best.hold,
        evaluations=member.evaluations + state.evaluations,
        seconds=member.seconds + state.seconds,
        reason=member.reason + POLISHED,
    )
