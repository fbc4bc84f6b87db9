"""What a claim reads: points and time courses of simulated arms, and what must be simulated for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.core.units import format_time
from models.treatments.arm import Arm


class SampleRequest(NamedTuple):
    """What must be simulated of one arm.

    Attributes
    ----------
    arm : Arm
    times : array (n,) [s]
        Rising, each read exactly; all within the horizon that is needed.
    windows : list of (start, end) [s]
        Intervals that must be sampled densely.
    """

    arm: Arm
    times: NDArray[np.float64]
    windows: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Point:
    """One number: an observable of an arm at a time [s].

    Divided by the observable `per`, and by the same in the arm `against` at that time, where they are named.
    """

    arm: Arm
    time: float
    observable: str
    per: str | None = None
    against: Arm | None = None

    @property
    def quantity(self) -> str:
        """The observable or ratio, e.g. "pAKT_S473/tAKT"."""
        return f"{self.observable}/{self.per}" if self.per else self.observable

    def label(self, reference: Point | None = None) -> str:
        """As text; `reference` is the point it is compared with, and what is the same in both is left out."""
        other = reference is not None and reference.quantity == self.quantity
        where = self.arm.name
        if reference is not None and reference.arm.context != self.arm.context:
            where += f" ({self.arm.context})"
        if self.against is not None:
            where += f" against {self.against.name}"
        return f"{'' if other else self.quantity + ' in '}{where} at {format_time(self.time)}"


@dataclass(frozen=True, slots=True)
class Course:
    """A time course: an observable of an arm, relative to that in the arm `against` where one is named."""

    arm: Arm
    observable: str
    per: str | None = None
    against: Arm | None = None

    @property
    def label(self) -> str:
        """As text."""
        against = f" against {self.against.name}" if self.against else ""
        return f"{self.at(0.0).quantity} in {self.arm.name}{against}"

    def at(self, time: float) -> Point:
        """Its point at `time` [s]."""
        return Point(self.arm, time, self.observable, self.per, self.against)


def point_requests(points: Sequence[Point]) -> list[SampleRequest]:
    """Requests for single times."""
    arms = [(arm, p.time) for p in points for arm in (p.arm, p.against) if arm is not None]
    return [SampleRequest(arm, np.array([time]), []) for arm, time in arms]


def course_requests(
    course: Course, start: float, end: float, times: Sequence[float] = ()
) -> list[SampleRequest]:
    """Requests for a window [s] of a course and further single times."""
    exact = np.unique([start, end, *times])
    return [
        SampleRequest(arm, exact, [(start, end)]) for arm in (course.arm, course.against) if arm is not None
    ]


def merge(requests: Sequence[SampleRequest]) -> list[SampleRequest]:
    """One request per distinct arm."""
    times: dict[Arm, list[float]] = {}
    windows: dict[Arm, list[tuple[float, float]]] = {}
    for arm, exact, dense in requests:
        times.setdefault(arm, []).extend(exact.tolist())
        known = windows.setdefault(arm, [])
        known += [w for w in dense if w not in known]
    return [SampleRequest(arm, np.unique(times[arm]), windows[arm]) for arm in times]
