"""How a finding stands in an ensemble: the scores of all members in one record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from calibration.objective.likelihood import probability
from rewire.report.tables import number

BORDERLINE = 0.02
"""A margin [log2] nearer to 0 than this is shown as borderline."""

ORDER = ("holds", "unevaluable", "implausible", "fails")
"""Verdicts from good to bad; where members are split evenly, the worse one is given."""

INFORMATIVE = 0.8
"""A finding that holds in this fraction of prior draws, or more, says little about a fit."""


class ScoreLike(Protocol):
    """What one member's trajectories say about one finding (see
    `calibration.findings.claims.score.Score`).
    """

    @property
    def margin(self) -> float: ...
    @property
    def parts(self) -> tuple[float, ...]: ...
    @property
    def got(self) -> float: ...
    @property
    def wanted(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def reason(self) -> str: ...


class FindingLike(Protocol):
    """What is said about a finding in the tables (see `calibration.findings.claims.finding.Finding`)."""

    @property
    def id(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def use(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def trust(self) -> str: ...
    @property
    def wanted(self) -> str: ...
    @property
    def informative(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 5–95 % range over the members; nan where no member gave a number."""

    median: float
    p05: float
    p95: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of the finite ones among `values`."""
        finite = [v for v in values if math.isfinite(v)]
        if not finite:
            return cls(math.nan, math.nan, math.nan)
        low, middle, high = np.percentile(finite, (5, 50, 95))
        return cls(float(middle), float(low), float(high))

    def __str__(self) -> str:
        if not math.isfinite(self.median):
            return "–"
        if self.p05 == self.p95:
            return number(self.median)
        return f"{number(self.median)} [{number(self.p05, 2)}, {number(self.p95, 2)}]"


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """One finding in one ensemble.

    Attributes
    ----------
    got, margin : Spread
        Of the quantity that is compared, and of the margin [log2].
    verdict : str
        The verdict of most members.
    held : float
        Fraction of members in which the finding holds.
    likelihood : float
        Probability of the report, mean over the members (see `calibration.objective.likelihood`).
    says_something : bool
        False where its author says that it is nearly true by construction.
    scored : bool
        False where these members were not asked: a population, see `rewire cohort`.
    prior_held : float or None
        The same over prior draws; None where it was not computed.
    """

    id: str
    row: str
    says: str
    use: str
    kind: str
    trust: str
    wanted: str
    got: Spread
    margin: Spread
    verdict: str
    reason: str
    held: float
    prior_held: float | None
    members: int
    scored: bool = True
    says_something: bool = True
    likelihood: float = math.nan

    @classmethod
    def elsewhere(cls, finding: FindingLike, reason: str, members: int) -> FindingSummary:
        """Of a finding that these members were not asked about, with the reason."""
        none = Spread.of([])
        return cls(
            finding.id,
            finding.row,
            finding.description,
            finding.use,
            finding.kind,
            finding.trust,
            finding.wanted,
            none,
            none,
            "unevaluable",
            reason,
            0.0,
            None,
            members,
            scored=False,
        )

    @property
    def borderline(self) -> bool:
        """Whether the median margin is next to 0."""
        return math.isfinite(self.margin.median) and abs(self.margin.median) < BORDERLINE

    @property
    def informative(self) -> bool:
        """Whether it holds in so few prior draws that it says something; None counts as yes."""
        return self.says_something and (self.prior_held is None or self.prior_held < INFORMATIVE)

    def record(self) -> dict[str, Any]:
        """One record of `rewire check --json`."""
        names = ("id", "row", "use", "kind", "says", "trust", "wanted", "got", "margin", "verdict")
        record = {name: getattr(self, name) for name in names}
        return record | {
            "borderline": self.borderline,
            "reason": self.reason,
            "held": self.held,
            "likelihood": self.likelihood,
            "prior_held": self.prior_held,
            "informative": self.informative,
            "members": self.members,
        }


def summarize(
    finding: FindingLike, scores: Sequence[ScoreLike], prior_held: float | None = None
) -> FindingSummary:
    """Put together what the members say.

    Parameters
    ----------
    scores : sequence of ScoreLike
        Of `finding`, one a member.
    """
    votes = Counter(str(score.verdict) for score in scores)
    verdict = max(votes, key=lambda v: (votes[v], ORDER.index(v))) if votes else "unevaluable"
    reasons = Counter(score.reason for score in scores if str(score.verdict) == verdict and score.reason)
    return FindingSummary(
        finding.id,
        finding.row,
        finding.description,
        finding.use,
        finding.kind,
        finding.trust,
        wanted=scores[0].wanted if scores else "",
        got=Spread.of([score.got for score in scores]),
        margin=Spread.of([score.margin for score in scores]),
        verdict=verdict,
        reason=reasons.most_common(1)[0][0] if reasons else "",
        held=votes["holds"] / len(scores) if scores else 0.0,
        prior_held=prior_held,
        members=len(scores),
        says_something=finding.informative,
        likelihood=float(
            np.mean([probability(score.parts, finding.trust) for score in scores] or [math.nan])
        ),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of one kind hold."""

    says: str
    count: int
    of: int

    def __str__(self) -> str:
        share = f" ({self.count / self.of:.0%})" if self.of else ""
        return f"{self.says}: {self.count} of {self.of}{share}"


def tallies(summaries: Sequence[FindingSummary]) -> list[Tally]:
    """How many hold: fit findings, the informative among them, those in nearly all members, validation."""
    summaries = [s for s in summaries if s.scored]
    fit = [s for s in summaries if s.use == "fit"]
    groups = [
        ("fit findings hold", fit, None),
        (
            "informative fit findings hold",
            [s for s in fit if s.informative and s.prior_held is not None],
            None,
        ),
        ("fit findings hold in at least 90 % of members", fit, 0.9),
        ("validation findings hold", [s for s in summaries if s.use == "validation"], None),
        (
            "frozen findings hold (never fitted, never used for a choice)",
            [s for s in summaries if s.use == "frozen"],
            None,
        ),
    ]
    return [
        Tally(
            says, sum(s.verdict == "holds" if least is None else s.held >= least for s in group), len(group)
        )
        for says, group, least in groups
        if group
    ]
