"""Scores of findings: a margin and a verdict. Nothing is skipped in silence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.observation import ClaimMargins, Lookup, Observation
from calibration.findings.claims.populations import Cohort

Verdict = Literal["holds", "fails", "unevaluable", "implausible"]

BORDERLINE = 0.02
"""Margins [log2] nearer to 0 than this are shown as borderline."""


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a finding.

    Attributes
    ----------
    margin : float [log2]
        0 or more where the claim holds; nan where it cannot be evaluated.
    parts : tuple (n_parts,) of float [log2]
        One margin for each of `Finding.terms`, nan where that one cannot be evaluated.
    got : float
        The value that the claim is about.
    wanted : str
        What must be observed, as text.
    verdict : str
        holds, fails, unevaluable or implausible (the untreated cells are out of range).
    reason : str
        Why, for the last two.
    also : dict
        Shares that are reported beside the verdict.
    """

    margin: float
    parts: tuple[float, ...]
    got: float
    wanted: str
    verdict: Verdict
    reason: str = ""
    also: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the verdict is "holds"."""
        return self.verdict == "holds"

    @property
    def borderline(self) -> bool:
        """Whether the margin is too near to 0 to rely on."""
        return abs(self.margin) < BORDERLINE

    def implausible(self, reason: str) -> Score:
        """The same margin in cells whose baseline is out of range; an unevaluable one stays so."""
        return self if self.verdict == "unevaluable" else replace(self, verdict="implausible", reason=reason)


def score(finding: Finding, lookup: Lookup, implausible: Mapping[str, str] | None = None) -> Score:
    """Score a finding on one parameter set. Pure.

    Parameters
    ----------
    finding : Finding
    lookup : mapping or callable
        Arm to trajectory, to a failure with `.reason`, or to None.
    implausible : mapping of str to str, optional
        Contexts whose untreated cells are out of range, and why.

    Returns
    -------
    Score
    """
    if finding.claim is None:
        return Score(math.nan, (), math.nan, finding.wanted, "unevaluable", finding.cannot)
    return _with_verdict(finding, finding.claim.score(Observation(lookup)), implausible)


def score_cohort(
    finding: Finding, cells: Sequence[Lookup], implausible: Mapping[str, str] | None = None
) -> Score:
    """Score a finding on a population: one lookup for each virtual cell.

    A claim over contexts and arms takes every pair of every lookup as one.
    """
    if not isinstance(finding.claim, Cohort):
        raise TypeError(f"{finding.id} is of kind {finding.kind}, not cohort")
    observations = [Observation(lookup) for lookup in cells]
    score = _with_verdict(finding, finding.claim.score_cells(observations), implausible)
    return replace(score, also=finding.claim.reported(observations))


def _with_verdict(finding: Finding, margins: ClaimMargins, implausible: Mapping[str, str] | None) -> Score:
    if margins.reason or math.isnan(margins.margin):
        reason = margins.reason or "its margin is not a number"
        return Score(math.nan, margins.parts, margins.got, finding.wanted, "unevaluable", reason)
    verdict: Verdict = "holds" if margins.margin >= 0.0 else "fails"
    made = Score(margins.margin, margins.parts, margins.got, finding.wanted, verdict)
    odd = [f"{name}: {implausible[name]}" for name in finding.contexts if implausible and name in implausible]
    return made.implausible("; ".join(odd)) if odd else made
