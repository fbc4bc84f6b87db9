"""Measured points: values of the model against measured ones, with noise and unknown scales.

Each point is two terms of a fit, one for either sign of its residual, whose shortfalls below the target are
the residual. One noise standard deviation is `STEP` log2 wide, so that the loss is linear from two of them
on: one bad blot lane does not outweigh the rest.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.findings.claims.observation import ABSENT
from calibration.findings.claims.points import SampleRequest
from calibration.objective.measured.residual_terms import terms_of
from calibration.objective.measured.scaling import Groups, best_scales, residuals
from calibration.objective.problem import Vector
from models.simulation.engine import Failure
from models.simulation.simulator import Trajectory
from models.treatments.arm import Arm

PRESS = 5.0
"""Weight of a point by itself: a nat of its log likelihood costs as much as a nat of a finding (0.055)."""

Courses = Mapping[Arm, Trajectory | Failure]


@dataclass(frozen=True, slots=True)
class MeasuredObservable:
    """An observable with its noise model.

    Attributes
    ----------
    id : str
    observable, per : str
        Observables of the model; `per` is the one to divide by, or empty.
    log : bool
        Whether noise is normal in the natural logarithm.
    scaled, shifted : bool
        Whether there is an unknown scale factor, an unknown offset.
    """

    id: str
    observable: str
    per: str = ""
    log: bool = False
    scaled: bool = False
    shifted: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured number.

    Attributes
    ----------
    observed : MeasuredObservable
    condition : str
        The name of its arm.
    arm : Arm
    time : float [s]
    value : float
    noise : float
        Standard deviation, of the natural logarithm where noise is normal in that.
    group : str
        Points of one group share scale and offset.
    line : int
        Line in its file.
    """

    observed: MeasuredObservable
    condition: str
    arm: Arm
    time: float
    value: float
    noise: float
    group: str
    line: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The fit of all points at one parameter set.

    Attributes
    ----------
    predicted : array (n_points,)
        In the unit of the measurement; nan where it could not be simulated.
    residuals : array (n_points,) [noise standard deviations]
    scale, offset : array (n_groups,)
    """

    predicted: Vector
    residuals: Vector
    scale: Vector
    offset: Vector


@dataclass(frozen=True, eq=False)
class Measurements:
    """All points of a data set.

    Attributes
    ----------
    points : tuple (n_points,) of Measurement
    title : str
    files : tuple of Path
        The files that were read.
    left_out : dict of str to str
        Names of rows that were left out, and why.
    times : dict of Arm to tuple of float [s]
        Times to simulate.
    names : tuple (n_groups,) of str
    weights : array (2 * n_points,)
        Of the terms: the points of one time course (one group in one condition) weigh as the parts of one
        finding do.
    """

    points: tuple[Measurement, ...]
    title: str = ""
    files: tuple[Path, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    times: dict[Arm, tuple[float, ...]] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    groups: Groups = field(init=False)
    weights: Vector = field(init=False)
    _y: Vector = field(init=False)
    _noise: Vector = field(init=False)
    _reads: dict[tuple[Arm, str, str], NDArray[np.intp]] = field(init=False)

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        times: dict[Arm, set[float]] = {}
        first: dict[str, MeasuredObservable] = {}
        reads: dict[tuple[Arm, str, str], list[int]] = {}
        for i, p in enumerate(self.points):
            times.setdefault(p.arm, {0.0}).add(p.time)
            first.setdefault(p.group, p.observed)
            reads.setdefault((p.arm, p.observed.observable, p.observed.per), []).append(i)
        put("times", {arm: tuple(sorted(at)) for arm, at in times.items()})
        put("names", tuple(first))
        place = {name: i for i, name in enumerate(first)}
        index = np.array([place[p.group] for p in self.points], np.intp)
        kinds = [(o.log, o.scaled, o.shifted) for o in first.values()]
        put("groups", Groups(index, *np.array(kinds, bool).reshape(-1, 3).T))
        courses = [(p.group, p.observed, p.condition) for p in self.points]
        many = Counter(courses)
        put("weights", np.repeat([PRESS / math.sqrt(many[course]) for course in courses], 2))
        put("_y", np.array([p.value for p in self.points]))
        put("_noise", np.array([p.noise for p in self.points]))
        put("_reads", {key: np.array(rows, np.intp) for key, rows in reads.items()})

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts that were measured."""
        return tuple(sorted({arm.context for arm in self.times}))

    def requests(self) -> list[SampleRequest]:
        """What must be simulated, as for findings."""
        return [SampleRequest(arm, np.array(at), []) for arm, at in self.times.items()]

    def model_values(self, courses: Courses) -> Vector:
        """Values of the model (n_points,) [copies/cell]; nan where they could not be simulated."""
        x = np.full(len(self.points), np.nan)
        for (arm, observable, per), rows in self._reads.items():
            course = courses[arm]
            if isinstance(course, Failure):
                continue
            at = np.array([self.points[i].time for i in rows])
            x[rows] = np.interp(at, course.times, course.of(observable))
            if per:
                whole = np.interp(at, course.times, course.of(per))
                x[rows] = np.where(whole > ABSENT, x[rows] / np.where(whole > ABSENT, whole, 1.0), np.nan)
        return np.where(self.groups.log[self.groups.index] & (x <= ABSENT), np.nan, x)

    def fit(self, courses: Courses) -> Fitted:
        """Best scales and offsets, and the residuals with them."""
        x, index = self.model_values(courses), self.groups.index
        scale, offset = best_scales(self.groups, x, self._y, self._noise)
        predicted = scale[index] * x + offset[index]
        rest = residuals(self.groups, predicted, self._y, self._noise)
        return Fitted(predicted, rest, scale, offset)

    def terms(self, courses: Courses) -> Vector:
        """Two terms a point (2 * n_points,) [log2]: one for a value too high, one for a value too low."""
        return terms_of(self.fit(courses).residuals)
