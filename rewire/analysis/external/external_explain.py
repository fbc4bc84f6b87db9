"""What carries a finding or constraint of a third-party model, and what it trades with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from calibration.external.claim_problem import ClaimProblem, recipe
from calibration.objective.workers.pool import Pool
from models.core.errors import Mistakes
from models.kinetic_model import KineticModel
from rewire.analysis.explain.explain import carriers, explained_tables, margins_and_gradients
from rewire.analysis.external.external_members import ExternalMembers
from rewire.report.tables import Table

_NAME = re.compile(r"[A-Za-z_]\w*")


def explain_external(
    members: ExternalMembers,
    name: str,
    top: int = 12,
    say: Callable[[str], None] | None = None,
    whole: bool = False,
) -> list[Table]:
    """The same tables as of our own model; reactions stand for rules.

    Parameters
    ----------
    name : str
        Id of a fitted finding or of a constraint (FILE:LINE).
    """
    problem = ClaimProblem(members.problem)
    ids = [claim.id for claim in problem.findings]
    problems = Mistakes("FINDING")
    if name not in ids:
        problems.add("", f"no fitted finding or constraint {name!r}", allowed=ids, name=name)
    problems.raise_if_any()
    mine = ids.index(name)
    with Pool(recipe(members.texts), 1, problem) as pool:
        margins, slopes = margins_and_gradients(pool, problem, members.z, say)
    carry = carriers(
        problem.space.names, slopes[:, mine], {}, lambda names: reactions_of(members.problem.model, names)
    )
    return explained_tables(problem, mine, carry, margins, slopes, top, whole)


def reactions_of(model: KineticModel, names: Sequence[str]) -> dict[str, list[str]]:
    """Parameter → the reactions in whose rate it is, through parameters and functions that use it."""
    formulas = {**model.parameters, **dict(model.network.functions)}
    uses = {name: users_of(name, formulas) for name in names}
    found: dict[str, list[str]] = {name: [] for name in names}
    for number, reaction in enumerate(model.network.reactions, 1):
        words = set(_NAME.findall(reaction.law))
        for name in names:
            if words & uses[name]:
                found[name].append(f"reaction {number}")
    return found


def users_of(name: str, formulas: dict[str, str]) -> set[str]:
    """The name and all formulas in which it is, directly or through others."""
    users, before = {name}, 0
    while len(users) > before:
        before = len(users)
        users |= {other for other, text in formulas.items() if users & set(_NAME.findall(text))}
    return users
