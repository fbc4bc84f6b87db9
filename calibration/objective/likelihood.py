"""How probable the findings are at a point: the statistical reading of margins.

A finding was reported to hold. The probability of that report at a point is

    t * prod_i Phi(m_i / noise) + (1 - t) / 2

with the margins ``m_i`` [log2] of its parts, the noise of a fold change as it is read off a blot, and the
trust ``t`` that the report says something about these cells at all; one that does not is right half of the
time. Untreated cells out of their ranges are nearly impossible: little noise, and a trust of one. A measured
point, where there are any, is normal about the model with its own noise, its scale being the best one.

After Mitra & Hlavacek 2020 (Bioinformatics 36:3558), who put noise on the compared quantity and have rates of
false positive and of false negative reports. Here the noise is that of the margin in log2, because findings
are fold changes; one trust stands for both rates, because only claims that were reported to hold are there;
and a claim of several parts is one report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from calibration.findings.claims.finding import Finding
from calibration.objective.measured.residual_terms import STEP, residuals_of
from calibration.objective.problem import Vector

NOISE = 0.25
"""Standard deviation [log2] of a reported fold change: a fifth up or down, as between repeats of a blot."""

RANGE_NOISE = 0.05
"""The same for the ranges of untreated cells."""

TRUST: Mapping[str, float] = {"strong": 0.98, "fair": 0.9, "weak": 0.75}
"""Probability that a report says something about these cells, by the trust its finding states."""


def probability(margins: Sequence[float], trust: str) -> float:
    """Of one report, given the margins [log2] of its parts; where one is nan, it is right by chance alone."""
    parts = np.asarray(margins, dtype=float)
    claim = float(np.exp(log_ndtr(parts / NOISE).sum())) if len(parts) and not np.isnan(parts).any() else 0.0
    return TRUST[trust] * claim + (1.0 - TRUST[trust]) / 2.0


class TermLayout(Protocol):
    """Which terms are whose (see `calibration.objective.layout.Layout`); the rest are measured points."""

    @property
    def n_terms(self) -> int: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def rows(self) -> Sequence[slice]: ...
    @property
    def range_rows(self) -> Mapping[str, slice]: ...


class Likelihood:
    """The probability of all reports, given the terms (n_terms,) [log2] of a point.

    Reports (n_reports,) are the findings, after them the ranges of untreated cells one by one, and after
    those the measured points.
    """

    def __init__(self, laid: TermLayout, noise: float = NOISE, trust: Mapping[str, float] = TRUST) -> None:
        claims = [(rows, noise, trust[f.trust]) for f, rows in zip(laid.findings, laid.rows, strict=True)]
        for rows in laid.range_rows.values():
            claims += [(slice(row, row + 1), RANGE_NOISE, 1.0) for row in range(rows.start, rows.stop)]
        self._claimed = slice(0, max((rows.stop for rows, _, _ in claims), default=0))
        self._points = slice(self._claimed.stop, laid.n_terms)
        self._n_claims = len(claims)
        self.n_reports = len(claims) + (laid.n_terms - self._points.start) // 2
        self._trust = np.array([t for _, _, t in claims])
        self._owner: NDArray[np.intp] = np.empty(self._claimed.stop, dtype=np.intp)
        self._noise = np.empty(self._claimed.stop)
        for i, (rows, width, _) in enumerate(claims):
            self._owner[rows] = i
            self._noise[rows] = width

    def __call__(self, terms: Vector) -> float:
        """Log likelihood of all reports."""
        return float(self.reports(terms).sum())

    def claims(self, terms: Vector) -> Vector:
        """Log probability (n_claims,) that each claim is read off as holding, if the report is sound."""
        sums = np.zeros(self._n_claims)
        np.add.at(sums, (self._owner,), log_ndtr(terms[self._claimed] / self._noise))
        return sums

    def reports(self, terms: Vector) -> Vector:
        """Log likelihood (n_reports,) of each report; that of a point up to a constant."""
        with np.errstate(divide="ignore"):  # a trust of one: log 0
            sound, unsound = np.log(self._trust), np.log((1.0 - self._trust) / 2.0)
        heard = np.logaddexp(sound + self.claims(terms), unsound)
        return np.concatenate([heard, -0.5 * residuals_of(terms[self._points]) ** 2])

    def gradient(self, terms: Vector) -> Vector:
        """Derivatives (n_terms,) of the log likelihood by terms [1 / log2]; of measured points 0."""
        x = terms[self._claimed] / self._noise
        sound = np.log(self._trust) + self.claims(terms)
        with np.errstate(divide="ignore"):
            share = np.exp(sound - np.logaddexp(sound, np.log((1.0 - self._trust) / 2.0)))
        found = np.zeros(len(terms))
        found[self._claimed] = (
            share[self._owner] * np.exp(-0.5 * x**2 - 0.5 * np.log(2.0 * np.pi) - log_ndtr(x)) / self._noise
        )
        return found

    def information(self, terms: Vector, jac: Vector) -> Vector:
        """A square root (n_reports, n) of the Fisher information about the parameters.

        Parameters
        ----------
        jac : array (n_terms, n) [log2 per prior standard deviation]
            Derivatives of the terms.
        """
        x = terms[self._claimed] / self._noise
        claim = np.exp(self.claims(terms))
        probability = np.clip(self._trust * claim + (1.0 - self._trust) / 2.0, 1e-12, 1.0 - 1e-12)
        slope = np.exp(-0.5 * x**2 - 0.5 * np.log(2.0 * np.pi) - log_ndtr(x)) / self._noise  # of log Phi
        weight = (self._trust * claim / np.sqrt(probability * (1.0 - probability)))[self._owner] * slope
        root = np.zeros((self._n_claims, jac.shape[1]))
        np.add.at(root, (self._owner,), weight[:, None] * jac[self._claimed])
        high, low = jac[self._points][0::2], jac[self._points][1::2]
        return np.concatenate([root, (low - high) / (2.0 * STEP)])
