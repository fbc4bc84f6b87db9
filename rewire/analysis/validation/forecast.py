"""Predictions of reports, and their scores.

The probability of a report is that of `calibration.objective.likelihood`, averaged over the points: how far
a margin is off counts, one point is enough for a graded answer, and the trust keeps it from 0, so that the
log score is finite. The share of points in which a claim holds is told beside it, as (k + 1/2)/(n + 1).

Everything in the literature was reported to hold, so these scores reward only what is given to the reported
claims. A forecaster that says yes to all would win; a model cannot, since it gives one answer to each
treatment. Events that came true and others that did not are had from directions: see `reverses`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from calibration.findings.claims.finding import Claim, Finding
from calibration.findings.claims.kinds import AllOf, Order, Ratio
from calibration.findings.claims.score import Score
from calibration.objective.likelihood import NOISE, TRUST

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Edges of the bins in which what was said is held against what came true."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """What one point predicts for one finding.

    Attributes
    ----------
    verdict : str
        holds, fails, unevaluable or implausible.
    parts : tuple (n_parts,) of float [log2]
    """

    verdict: str
    parts: tuple[float, ...]

    @classmethod
    def of(cls, score: Score) -> MemberView:
        """Of a score."""
        return cls(score.verdict, score.parts)

    @property
    def holds(self) -> bool:
        """Whether the verdict is that it holds."""
        return self.verdict == "holds"

    def claim(self, in_any_cells: bool = False) -> float:
        """Probability that the claim is read as holding; implausible cells give 0, unless `in_any_cells`."""
        usable = self.verdict in ("holds", "fails") or (in_any_cells and self.verdict == "implausible")
        if not usable or any(math.isnan(part) for part in self.parts):
            return 0.0
        return float(np.exp(log_ndtr(np.asarray(self.parts) / NOISE).sum()))


def reported(claim: float, trust: str) -> float:
    """Probability of a report from that of its claim, which it states with `trust`."""
    sound = TRUST[trust]
    return sound * claim + (1.0 - sound) / 2.0


def probability(finding: Finding, looks: Sequence[MemberView], in_any_cells: bool = False) -> float:
    """Probability of the report of `finding`: the mean over the points."""
    return float(np.mean([reported(look.claim(in_any_cells), finding.trust) for look in looks]))


def smoothed(count: float, of: int) -> float:
    """A share that is never 0 or 1."""
    return (count + 0.5) / (of + 1)


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a set of predictions is; nan where there is none.

    Attributes
    ----------
    n : int
    brier : float
        Mean squared distance from what came true; 0 is best, 0.25 is what a coin gets.
    log : float [bits]
        Mean of -log2 of the probability given to what came true; 0 is best, 1 is what a coin gets.
    """

    n: int
    brier: float
    log: float

    @classmethod
    def of(cls, said: Sequence[float], came: Sequence[bool] | None = None) -> Scores:
        """Of probabilities (n,) inside (0, 1), and what came true; everything, where that is not given."""
        p = np.asarray(said, dtype=float)
        given = p if came is None else np.where(came, p, 1.0 - p)
        if not len(given):
            return cls(0, math.nan, math.nan)
        return cls(len(given), float(np.mean((1.0 - given) ** 2)), float(np.mean(-np.log2(given))))


@dataclass(frozen=True, slots=True)
class Bin:
    """Events that were given about the same probability.

    Attributes
    ----------
    low, high : float
        What was said lies in [low, high); 1 belongs to the last bin.
    n : int
    said, came : float
        Mean probability, and the share that came true; nan in an empty bin.
    """

    low: float
    high: float
    n: int
    said: float
    came: float


def reliability(said: Sequence[float], came: Sequence[bool], edges: Sequence[float] = BINS) -> list[Bin]:
    """Of what was said to be so probable, how much came true."""
    p, true = np.asarray(said, dtype=float), np.asarray(came, dtype=bool)
    owner = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    bins = []
    for i in range(len(edges) - 1):
        inside = owner == i
        n = int(inside.sum())
        means = (float(p[inside].mean()), float(true[inside].mean())) if n else (math.nan, math.nan)
        bins.append(Bin(float(edges[i]), float(edges[i + 1]), n, *means))
    return bins


def reverses(claim: Claim | None) -> list[tuple[int, float]]:
    """The parts of a claim that are a rise or a fall, as (part, reach [log2]).

    The reverse of "at least x-fold" is "at most 1/x-fold": it excludes the report, so it did not come
    true. Its margin is -margin - 2 reach.
    """
    match claim:
        case AllOf(claims):
            found, at = [], 0
            for part in claims:
                found += [(at + i, reach) for i, reach in reverses(part)]
                at += len(part.terms)
            return found
        case Ratio(at_least=float(low), at_most=None) if low >= 1.0:
            return [(0, math.log2(low))]
        case Ratio(at_least=None, at_most=float(high)) if high <= 1.0:
            return [(0, -math.log2(high))]
        case Order(points, by):
            return [(i, math.log2(by)) for i in range(len(points) - 1)]
    return []


def directions(finding: Finding, looks: Sequence[MemberView]) -> list[tuple[float, bool]]:
    """Each rise or fall that was reported, which came true, and its reverse, which did not.

    Returns
    -------
    list of (float, bool)
        Probability of the event, and whether it came true; two a rise or fall.
    """
    events = []
    for i, reach in reverses(finding.claim):
        ahead, back = [], []
        for look in looks:
            margin = look.parts[i] if i < len(look.parts) else math.nan
            ahead.append(MemberView(look.verdict, (margin,)))
            back.append(MemberView(look.verdict, (-margin - 2.0 * reach,)))
        events += [(probability(finding, ahead), True), (probability(finding, back), False)]
    return events
