"""Findings scored on a published model: they hold, they fail, or why they cannot be evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from calibration.external.published.engine import simulate
from calibration.external.published.published_model import SPECIES, Handled, Published
from calibration.external.published.translation import Translation
from calibration.external.published.treatment import Lacks, Obstacle, PublishedTreatment, apart, treatment
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.points import Course, Point
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.score import Score, score
from calibration.objective.simulation_plan import window
from models.simulation.engine import Failure
from models.simulation.trajectory import Trajectory
from models.treatments.arm import Arm, Vocabulary


@dataclass(frozen=True, slots=True)
class PublishedVerdict:
    """What a published model says about one finding.

    Attributes
    ----------
    finding : Finding
    score : Score
        `parts` has margins of the inequalities that can be read, even where the whole cannot.
    lacks : str
        What keeps it from being evaluated; empty where it holds or fails.
    within : bool
        Whether it reads no further than the model was compared with data.
    """

    finding: Finding
    score: Score
    lacks: Lacks | None
    within: bool

    @property
    def parts(self) -> tuple[int, int]:
        """Elementary inequalities that hold, and those that can be read."""
        read = [part for part in self.score.parts if not math.isnan(part)]
        return sum(part >= 0.0 for part in read), len(read)


def handles(published: Published, own: Translation) -> Handled:
    """The model with everything that the mapping reads, sets and turns."""
    kinds = {thing.id: thing.kind for thing in published.things.values()}
    turned = [name for name in own.turned if kinds[name] != SPECIES]
    return published.handled(own.observables, own.inputs, turned)


def verdicts(
    findings: Sequence[Finding], published: Published, own: Translation, words: Vocabulary
) -> list[PublishedVerdict]:
    """Each finding, in order; every distinct treatment is simulated once.

    Raises
    ------
    EngineFailure
        Where the engine cannot run the model at all.
    """
    asked = [f for f in findings if not _population(f)]
    told = {arm: treatment(arm, own, words) for f in asked for arm in f.arms}
    runs: dict[PublishedTreatment, set[float]] = {}
    for finding in asked:
        for request in finding.requests():
            made = told[request.arm]
            if isinstance(made, PublishedTreatment):
                times = runs.setdefault(made, {0.0})
                times.update(request.times.tolist())
                times.update(t for start, end in request.windows for t in window(start, end))
    courses = simulate(
        handles(published, own),
        own.second,
        {t: sorted(times) for t, times in runs.items()},
        own.rest,
        own.cycle,
    )
    seen: dict[Arm, Trajectory | Failure] = {
        arm: courses[made] if isinstance(made, PublishedTreatment) else Failure(made.says)
        for arm, made in told.items()
    }
    return [_verdict(finding, own, words, told, seen) for finding in findings]


def _verdict(
    finding: Finding,
    own: Translation,
    words: Vocabulary,
    told: Mapping[Arm, PublishedTreatment | Obstacle],
    seen: Mapping[Arm, Trajectory | Failure],
) -> PublishedVerdict:
    if _population(finding):
        none = Score(math.nan, (), math.nan, finding.wanted, "unevaluable", "speaks of a population of cells")
        return PublishedVerdict(finding, none, "cells", True)
    found = score(finding, seen)
    last = max((float(r.times[-1]) for r in finding.requests()), default=0.0)
    within = last <= own.span
    obstacle = _obstacle(finding, own, words, told, seen)
    if obstacle is not None:
        found = replace(found, verdict="unevaluable", reason=obstacle.says, margin=math.nan)
        return PublishedVerdict(finding, found, obstacle.lacks, within)
    return PublishedVerdict(finding, found, "reading" if found.verdict == "unevaluable" else None, within)


def _population(finding: Finding) -> bool:
    return isinstance(finding.claim, Cohort) and finding.claim.is_population


def _obstacle(
    finding: Finding,
    own: Translation,
    words: Vocabulary,
    told: Mapping[Arm, PublishedTreatment | Obstacle],
    seen: Mapping[Arm, Trajectory | Failure],
) -> Obstacle | None:
    """The first thing that is lacking; cells before observables before treatments."""
    if finding.claim is None:
        return Obstacle("claim", finding.cannot)
    if (cells := apart(finding.contexts, own, words)) is not None:
        return cells
    missing = [name for name in dict.fromkeys(observables(finding.claim)) if name not in own.observables]
    if missing:
        return Obstacle("observable", f"no {', '.join(missing)}")
    arms = sorted(finding.arms, key=lambda arm: arm.name)
    lacking = [made for arm in arms if isinstance(made := told[arm], Obstacle)]
    if lacking:
        return lacking[0]
    failed = [course for arm in arms if isinstance(course := seen[arm], Failure)]
    return Obstacle("simulation", failed[0].reason) if failed else None


def observables(claim: object) -> Iterator[str]:
    """Names of all observables that a claim reads, with repeats."""
    if isinstance(claim, Point | Course):
        yield claim.observable
        if claim.per:
            yield claim.per
    elif isinstance(claim, tuple | list):
        for part in claim:
            yield from observables(part)
    elif is_dataclass(claim) and not isinstance(claim, type | Arm):
        for part in fields(claim):
            yield from observables(getattr(claim, part.name))
