"""How often each finding holds before any calibration: a reader sees which ones say something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.objective.evaluator import Evaluation
from models.core.files import write
from rewire.report.finding_summary import Spread
from rewire.report.tables import plain

FORMAT = "prior/1"


@dataclass(frozen=True, slots=True)
class PriorShares:
    """What prior draws give.

    Attributes
    ----------
    draws : int
    held : dict of str to float
        Fraction of draws in which a finding holds, by id.
    margin : dict of str to float
        Median margin [log2].
    wanted : dict of str to str
        The threshold: with another one the numbers are void.
    """

    draws: int
    held: dict[str, float]
    margin: dict[str, float]
    wanted: dict[str, str]

    @classmethod
    def of(cls, findings: Sequence[Finding], evaluations: Sequence[Evaluation]) -> PriorShares:
        """From evaluations at prior draws."""
        held, margin = {}, {}
        for finding in findings:
            scores = [e.scores[finding.id] for e in evaluations if finding.id in e.scores]
            if scores:
                # Cells that are not plausible count too: the question is what the claim says.
                held[finding.id] = float(np.mean([s.margin >= 0.0 for s in scores]))
                margin[finding.id] = Spread.of([s.margin for s in scores]).median
        return cls(len(evaluations), held, margin, {f.id: f.wanted for f in findings})

    def of_finding(self, finding: Finding) -> float | None:
        """How often it holds; None where it was not counted, or with another threshold."""
        return self.held.get(finding.id) if self.wanted.get(finding.id) == finding.wanted else None

    def save(self, path: Path) -> None:
        """Write it beside an ensemble."""
        rows = {
            id: {"held": held, "margin": self.margin[id], "wanted": self.wanted[id]}
            for id, held in self.held.items()
        }
        content: dict[str, Any] = {"format": FORMAT, "draws": self.draws, "findings": plain(rows)}
        write(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def load_prior(path: Path) -> PriorShares | None:
    """What `PriorShares.save` wrote; None where there is no such file or it is another version's."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        rows = content["findings"]
        return PriorShares(
            int(content["draws"]),
            {id: float(row["held"]) for id, row in rows.items()},
            {id: float("nan") if row["margin"] is None else float(row["margin"]) for id, row in rows.items()},
            {id: str(row["wanted"]) for id, row in rows.items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def draws(seed: int, count: int, n: int) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """Prior draws (n,) each, from a stream of their own."""
    return list(np.random.default_rng([seed, 2**20]).standard_normal((count, n)))
