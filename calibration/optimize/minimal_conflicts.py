"""Which findings cannot hold together? Minimal conflicting sets by search; not a proof.

A conflict is a set of findings for which no point was found at which all hold, while for the rest of it,
whichever of them is left out, one was (an irreducible infeasible subset). Known points answer for all that
holds at them. The set is grown: a point for the finding in question, then the worst of what fails there, and
so on, until a search fails. Then what is not needed for the failure is removed in halves, those with the
largest margins first (as QuickXplain does: Junker 2004, AAAI-04:167).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.objective.problem import Vector
from calibration.objective.recorded_subset import failing, margins
from calibration.optimize.joint_feasibility import SETTINGS, Search

GROWTH = (1, 1, 1, *(2,) * 5, *(4,) * 5, *(8,) * 20)
"""How many findings are added to a set in each round; after that the answer is "open"."""

CLOSE = 0.05
"""A set whose total shortfall [log2] came below this is tried up to `PATIENCE` times more."""

PATIENCE = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ConflictAnswer:
    """The answer to one question.

    Attributes
    ----------
    verdict : str
        "together": a point was found; "conflict"; or "open": neither, within the effort allowed.
    core : tuple of int
        The findings of the conflict, or those that were tried last.
    z : array (n,) or None
        A point at which all hold; for a conflict, the one with the least shortfall.
    margins : array (n_core,) [log2]
        Of `core` at `z`; empty where no search was needed.
    evaluations : float
        For `core` alone.
    starts : int
        Searches for `core`, each from another point.
    spent : float
        For the whole question, in evaluations of the whole problem.
    """

    verdict: str
    core: tuple[int, ...]
    z: Vector | None
    margins: Vector
    evaluations: float = 0.0
    starts: int = 0
    spent: float = 0.0


def find_conflict(
    search: Search,
    finding: int,
    base: Sequence[int],
    keep: Sequence[int] = (),
    suspects: Collection[int] = (),
    say: Say | None = None,
) -> ConflictAnswer:
    """Can `finding` hold with all of `base`, and if no point is found, which of them exclude it?

    Parameters
    ----------
    keep : sequence of int
        Findings of `base` that a conflict should contain if possible.
    suspects : collection of int
        Findings of `base` that are tried before others: only the order depends on them.
    """
    say = say or (lambda line: None)
    rest = np.array([i for i in base if i != finding], dtype=int)
    whole = [finding, *rest.tolist()]
    if (z := search.feasible_point(whole)) is not None:
        return _answer(search, "together", whole, z)
    wanted = [finding, *(i for i in keep if i != finding)]
    prefer = tuple(wanted)
    first: list[Vector] = []
    for more in GROWTH:
        say(f"looking for a point for {len(wanted)}")
        z = search.attempt(wanted, first)
        if refuted := z is None:
            core = shrink(search, wanted, prefer, say)
            if not _minimal(search, core):
                return _answer(search, "open", core, None)
            z = _again(search, core)
            if z is None:
                return _answer(search, "conflict", core, None)
        assert z is not None
        first = [z]
        terms = search.evaluate_point(z)
        left = rest[failing(terms, search.needs[rest])]
        if len(left) == 0 and search.feasible_point(whole) is not None:
            return _answer(search, "together", whole, z)
        if search.exhausted:
            break
        if not refuted:  # else the same set again, from the new point
            last = np.array([int(i) not in suspects for i in left])
            order = np.lexsort((margins(terms, search.needs[left]), last))
            wanted += [i for i in left[order].tolist() if i not in wanted][:more]
    return _answer(search, "open", wanted, None)


def _minimal(search: Search, core: Sequence[int]) -> bool:
    """Whether a point is known for all that is left without any one of them."""
    rests = ([j for j in core if j != i] for i in core)
    return all(not rest or search.feasible_point(rest) is not None for rest in rests)


def _again(search: Search, core: Sequence[int]) -> Vector | None:
    """Once more, from points at which all but one hold; and more often where the shortfall is small."""
    known = [search.feasible_point([j for j in core if j != i]) for i in core if len(core) > 1]
    first = [z for z in known if z is not None]
    enough = max(1, -(-len(first) // search.effort.tries))
    for done in range(enough + PATIENCE):
        if done >= enough and search.attempts(core).least > CLOSE:
            return None
        if (z := search.attempt(core, first)) is not None:
            return z
    return None


def shrink(
    search: Search, wanted: Sequence[int], prefer: Sequence[int] = (), say: Say | None = None
) -> list[int]:
    """A part of `wanted` for which no point was found, though one was with any of it left out.

    Where the effort is used up, the rest is not made smaller.

    Parameters
    ----------
    wanted : sequence of int
        A set for which no point was found.
    prefer : sequence of int
        Findings that are left out last.
    """
    core = list(wanted)
    room = _room(search, core)
    order = sorted((i for i in core if i not in prefer), key=lambda i: -room[i])
    spare = [i for i in order if room[i] >= SETTINGS.loss.target]
    groups = [group for group in (spare, order[len(spare) :], *([i] for i in prefer)) if group]
    while groups and not search.exhausted:
        group = groups.pop(0)
        rest = [i for i in core if i not in group]
        if say and rest and search.feasible_point(rest) is None:
            say(f"none for {len(core)}; looking for one for {len(rest)} of them")
        if rest and search.attempt(rest) is None:
            core = rest
        elif len(group) > 1:
            half = len(group) // 2
            groups = [group[:half], group[half:], *groups]
    return core


def _room(search: Search, core: Sequence[int]) -> dict[int, float]:
    """Margin of each finding at the point with the least shortfall."""
    return dict(zip(sorted(core), search.attempts(core).margins.tolist(), strict=True))


def _answer(search: Search, verdict: str, core: Sequence[int], z: Vector | None) -> ConflictAnswer:
    tried = search.attempts(core)
    return ConflictAnswer(
        verdict,
        tuple(sorted(core)),
        tried.z if z is None else z,
        tried.margins,
        tried.evaluations,
        tried.starts,
        search.spent,
    )
