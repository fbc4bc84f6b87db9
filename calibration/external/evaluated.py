"""What one parameter set of a third-party problem gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.external.penalty import PenaltyResult
from calibration.findings.claims.score import Score


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One parameter set looked at closely.

    Attributes
    ----------
    scores : dict of str to Score
        Findings in TOML, by id.
    judged : dict of str to PenaltyResult
        Constraints, by file and line.
    residuals : dict of str to float
        Measured points.
    costs : dict of str to float
        Of each fitted finding: its squared shortfalls below a margin of `TARGET`.
    objective : float
        All penalties, squared residuals and costs of findings; infinite where a simulation failed.
    pybnf : float
        Penalties and residuals as PyBNF counts them: what it passes over costs nothing, nor do findings.
    """

    scores: Mapping[str, Score]
    judged: Mapping[str, PenaltyResult]
    residuals: Mapping[str, float]
    costs: Mapping[str, float]
    objective: float
    pybnf: float

    @property
    def hold(self) -> int:
        """How many findings and constraints hold."""
        return sum(s.holds for s in self.scores.values()) + sum(j.holds for j in self.judged.values())
