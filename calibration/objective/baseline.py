"""Untreated cells: whether they look like cells, before any finding of theirs counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from calibration.objective.problem import WORST
from models.cells.plausible_ranges import PlausibleRange, PlausibleRanges
from models.simulation.engine import Failure
from models.simulation.simulator import Trajectory

ABSENT = 1e-6  # [copies/cell] below which a protein is not there, and its fraction is not asked about


@dataclass(frozen=True, slots=True)
class Baseline:
    """The untreated cells of one context.

    Attributes
    ----------
    fractions : dict
        "observable/per" -> value at rest [1].
    reasons : tuple of str
        What is out of range; empty where the cells are plausible.
    """

    context: str
    fractions: Mapping[str, float]
    reasons: tuple[str, ...] = ()

    @property
    def plausible(self) -> bool:
        """Whether findings in these cells count."""
        return not self.reasons


def fraction(course: Trajectory, band: PlausibleRange, time: float) -> float:
    """The phosphorylated fraction at `time` [s]; nan where the protein is absent."""
    whole = course.at(band.per, time)
    return course.at(band.observable, time) / whole if whole > ABSENT else math.nan


def ends_of(bands: Mapping[str, PlausibleRange]) -> Iterator[tuple[PlausibleRange, float, float]]:
    """Both ends of every range, lower first, with sign 1 and -1; ends at 0 and 1 are left out."""
    for band in bands.values():
        yield from ((band, end, sign) for end, sign in ((band.lo, 1.0), (band.hi, -1.0)) if 0.0 < end < 1.0)


def range_terms(course: Trajectory | Failure, bands: Mapping[str, PlausibleRange]) -> list[float]:
    """Margins [log2] to the ends of every range at rest, in the order of `ends_of`."""
    worst = WORST if isinstance(course, Failure) else -WORST
    terms: list[float] = []
    for band, end, sign in ends_of(bands):
        value = math.nan if isinstance(course, Failure) else fraction(course, band, 0.0)
        margin = sign * math.log2(max(value, 1e-12) / end) if math.isfinite(value) else worst
        terms.append(min(max(margin, WORST), -WORST))
    return terms


def baseline(
    context: str, course: Trajectory | Failure, bands: Mapping[str, PlausibleRange], told: PlausibleRanges
) -> Baseline:
    """Ranges at rest and at the end of `course`, and the drift of all totals between."""
    if isinstance(course, Failure):
        return Baseline(context, {}, (f"untreated cells cannot be simulated: {course.reason}",))
    end = float(course.times[-1])
    reasons = []
    for key, band in bands.items():
        for time, when in ((0.0, "at rest"), (end, f"after {end / 3600:g} h untreated")):
            value = fraction(course, band, time)
            if not band.lo <= value <= band.hi and math.isfinite(value):
                reasons.append(f"{key} is {value:.3g} {when}, plausible: {band.lo:g} to {band.hi:g}")
                break
    for name in course.names:
        if name[0] == "t" and name[1:2].isupper():
            begin = course.at(name, 0.0)
            drift = abs(course.at(name, end) - begin) / begin if begin > ABSENT else 0.0
            if drift > told.drift:
                reasons.append(f"{name} drifts by {drift:.2%} in {end / 3600:g} h untreated")
    fractions = {key: fraction(course, band, 0.0) for key, band in bands.items()}
    return Baseline(context, fractions, tuple(reasons))
