"""A finding: one published claim about cells, typed, with its source, ready to be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.core.units import format_time
from models.treatments.arm import Arm

if TYPE_CHECKING:
    from calibration.findings.claims.observation import ClaimMargins, Observation

TRUSTS = ("weak", "fair", "strong")
"""How sure it is that the claim is right."""

USES = ("fit", "validation", "frozen")
"""Fitted; not fitted yet; never fitted and never used to choose a rule, a prior or a threshold."""
"""Fitted, or only looked at afterwards."""


class SampleRequest(NamedTuple):
    """What a finding needs of one arm.

    Attributes
    ----------
    arm : Arm
    times : array (n,) [s]
        Rising, each read exactly; all within the horizon that is needed.
    windows : list of (start, end) [s]
        Stretches that must be sampled densely.
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
    def reading(self) -> str:
        """What is read, e.g. "pAKT_S473/tAKT"."""
        return f"{self.observable}/{self.per}" if self.per else self.observable

    def label(self, beside: Point | None = None) -> str:
        """In words; `beside` is the point compared with, and what is the same in both is left out."""
        other = beside is not None and beside.reading == self.reading
        where = self.arm.name
        if beside is not None and beside.arm.context != self.arm.context:
            where += f" ({self.arm.context})"
        if self.against is not None:
            where += f" against {self.against.name}"
        return f"{'' if other else self.reading + ' in '}{where} at {format_time(self.time)}"


@dataclass(frozen=True, slots=True)
class Course:
    """A time course: an observable of an arm; in units of that in the arm `against` where one is named."""

    arm: Arm
    observable: str
    per: str | None = None
    against: Arm | None = None

    @property
    def label(self) -> str:
        """In words."""
        reading = f"{self.observable}/{self.per}" if self.per else self.observable
        beside = f" against {self.against.name}" if self.against else ""
        return f"{reading} in {self.arm.name}{beside}"

    def at(self, time: float) -> Point:
        """Its point at `time` [s]."""
        return Point(self.arm, time, self.observable, self.per, self.against)


class Claim(Protocol):
    """What every kind of finding can do (`calibration/findings/claims/kinds.py`)."""

    @property
    def about(self) -> str:
        """What it speaks of, where `wanted` does not say so."""
        ...

    @property
    def wanted(self) -> str:
        """What must be seen, in words."""
        ...

    @property
    def terms(self) -> tuple[str, ...]:
        """Each elementary inequality in words; `ClaimMargins.parts` has one margin for each, in this
        order.
        """
        ...

    def requests(self) -> list[SampleRequest]:
        """What it needs to see."""
        ...

    def score(self, seen: Observation) -> ClaimMargins:
        """Margins. Pure: the same trajectories give the same marks."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where a claim was published, and where in it it was read."""

    citation: str
    where: str = ""
    doi: str = ""
    pmid: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim in one context.

    Attributes
    ----------
    id : str
        Unique over all files; `<id>@<context>` where a finding is made in several contexts.
    row : str
        The row of the list of findings that it stands for.
    says : str
        The claim in one sentence.
    kind : str
    claim : Claim or None
        None where the model cannot say it; then `cannot` gives the reason.
    stated : str
        The inequality in words, for a claim that the model cannot say.
    context : str
        Where nothing else is said by an arm.
    trust, use : str
    source : Source
    file : str
    fate_known : bool
        Whether it was known, when the frozen set was chosen, that the model holds or fails it.
    conflict : str
        The known conflict of the literature that it is part of.
    informative : bool
        False where it is nearly true by construction.
    why : str
        Why it is not informative, or where a threshold comes from that is easier than the rule.
    note : str
    wanted : str
        What must be seen, in words, e.g. ">= 1.5 x vehicle at 24 h".
    terms : tuple (n_parts,) of str
        Its elementary inequalities in words; none where the model cannot say it.
    """

    id: str
    row: str
    says: str
    kind: str
    claim: Claim | None
    context: str
    trust: str
    use: str
    source: Source
    file: str = ""
    cannot: str = ""
    stated: str = ""
    conflict: str = ""
    informative: bool = True
    fate_known: bool = False
    why: str = ""
    note: str = ""
    wanted: str = field(init=False, repr=False, compare=False, default="")
    terms: tuple[str, ...] = field(init=False, repr=False, compare=False, default=())
    _requests: tuple[SampleRequest, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        # a fit asks for these at every evaluation
        if self.claim is not None:
            object.__setattr__(self, "wanted", self.claim.wanted)
            object.__setattr__(self, "terms", self.claim.terms)
            object.__setattr__(self, "_requests", tuple(merge(self.claim.requests())))
        else:
            object.__setattr__(self, "wanted", self.stated)

    @property
    def n_parts(self) -> int:
        """How many margins its score has."""
        return len(self.terms)

    @property
    def is_cohort(self) -> bool:
        """Whether it speaks of a population: scored by `score_cohort`, and no term of a fit."""
        return self.kind == "cohort"

    def requests(self) -> list[SampleRequest]:
        """What it needs, one entry per distinct arm."""
        return list(self._requests)

    @property
    def arms(self) -> frozenset[Arm]:
        """The arms that it reads."""
        return frozenset(r.arm for r in self._requests)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts whose baseline it depends on."""
        return tuple(sorted({arm.context for arm in self.arms})) or ((self.context,) if self.context else ())


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
