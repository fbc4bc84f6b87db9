"""Findings to the smallest set of simulations: every distinct treatment once, sampled wherever needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from calibration.objective.problem import SHARED, Scope
from models.cells.context import Context
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

FINEST = 30.0  # [s] shortest step of a window
PER_WINDOW = 40  # samples of a window, evenly spread in the logarithm of time


class Asks(Protocol):
    """What the plan needs of a finding."""

    def requests(self) -> Sequence[tuple[Arm, Iterable[float], Iterable[tuple[float, float]]]]:
        """Arms with the times [s] at which they are read, and the windows in which they are followed."""
        ...


def window(start: float, end: float) -> list[float]:
    """Times [s] at which a course is followed from `start` to `end`: dense at first, as responses are."""
    span = end - start
    if span <= FINEST:
        return [start, end]
    steps = np.geomspace(FINEST, span, PER_WINDOW)
    return [start, *(start + steps).tolist()[:-1], end]


def untreated(context: Context) -> Arm:
    """Cells left alone in the medium they grow in, which is not renewed."""
    return Arm("untreated", context.name, context.medium, False, (), (Segment(0.0, context.medium),))


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What has to be simulated.

    Attributes
    ----------
    times : dict of Arm to tuple of float [s]
        Every distinct arm once, with its sample times.
    arms : tuple of frozenset of Arm
        The arms that each finding reads, in the order of the findings.
    rests : dict of str to Arm
        The untreated arm of each context that is used.
    beside : frozenset of Arm
        The arms of what is no finding.
    """

    times: dict[Arm, tuple[float, ...]]
    arms: tuple[frozenset[Arm], ...]
    rests: dict[str, Arm]
    beside: frozenset[Arm] = frozenset()

    def touched(self, scope: Scope) -> frozenset[Arm]:
        """The arms whose course changes with a parameter of that scope."""
        if scope == SHARED:
            return frozenset(self.times)
        kind, name = scope
        if kind == "context":
            return frozenset(arm for arm in self.times if arm.context == name)
        return frozenset(arm for arm in self.times if name in arm.drugs)


def plan(
    findings: Iterable[Asks],
    contexts: Mapping[str, Context],
    rest_until: float = 0.0,
    beside: Iterable[Asks] = (),
) -> SimulationPlan:
    """Gather what `findings` ask for.

    Parameters
    ----------
    rest_until : float [s]
        How long untreated cells are followed; 0 looks at them at rest only.
    beside : iterable of Asks
        What else is simulated and is no finding.
    """
    times: dict[Arm, set[float]] = {}
    arms: list[frozenset[Arm]] = []
    for finding in findings:
        own = set()
        for arm, exact, windows in finding.requests():
            wanted = times.setdefault(arm, {0.0})
            wanted.update(float(t) for t in exact)
            for start, end in windows:
                wanted.update(window(float(start), float(end)))
            own.add(arm)
        arms.append(frozenset(own))
    others = set()
    for other in beside:
        for arm, exact, _ in other.requests():
            others.add(arm)
            times.setdefault(arm, {0.0}).update(float(t) for t in exact)
    used = sorted({arm.context for arm in times})
    rests = {name: untreated(contexts[name]) for name in used}
    for arm in rests.values():
        times.setdefault(arm, {0.0}).update({0.0, rest_until} if rest_until else {0.0})
    sampled = {arm: tuple(sorted(t)) for arm, t in times.items()}
    return SimulationPlan(sampled, tuple(arms), rests, frozenset(others))


def describe(made: SimulationPlan) -> dict[str, Any]:
    """Counts, for a cost preview."""
    return {
        "findings": len(made.arms),
        "arms": len(made.times),
        "settled": len({arm.rest_key for arm in made.times}),
        "contexts": len(made.rests),
    }
