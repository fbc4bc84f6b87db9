"""What a calibration of a third-party model came to, and the table of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from calibration.external.evaluated import Evaluated
from calibration.external.problem import ExternalProblem
from calibration.objective.problem import Vector
from rewire.report.tables import Column, Record, Table, number


@dataclass(frozen=True)
class ExternalOutcome:
    """A finished calibration of a third-party model.

    Attributes
    ----------
    folder : Path
    problem : ExternalProblem
    fits : list of (member, z, Evaluated)
        Best first: fewer lost findings count less than the objective.
    seconds, evaluations : float
    """

    folder: Path
    problem: ExternalProblem
    fits: list[tuple[int, Vector, Evaluated]]
    seconds: float
    evaluations: float

    @property
    def best(self) -> Evaluated:
        """What the best member gives."""
        return self.fits[0][2]

    @property
    def ok(self) -> bool:
        """Whether every finding and constraint holds in the best member."""
        return self.best.hold == len(self.best.scores) + len(self.best.judged)

    @property
    def values(self) -> dict[str, float]:
        """Parameters of the best member."""
        return self.problem.space.values(self.fits[0][1])

    def table(self) -> Table:
        """A record for each finding, constraint and table of measured points, in the best member."""
        best, problem = self.best, self.problem
        of = len(best.scores) + len(best.judged)
        extra = {
            "folder": str(self.folder),
            "model": problem.model.name,
            "objective": best.objective,
            "objective_as_pybnf_counts": best.pybnf,
            "hold": best.hold,
            "of": of,
            "members": len(self.fits),
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            "parameters": self.values,
            "overlooked_by_pybnf": problem.overlooked,
            "left_out": list(problem.model.notes),
        }
        footer = [
            "",
            *_claims(best.hold, of, len(self.fits)),
            f"objective: {best.objective:.6g}; as PyBNF counts: {best.pybnf:.6g}",
            *(f"in PyBNF, without a word, {name} is {said}" for name, said in problem.overlooked.items()),
            *problem.model.notes,
            f"run folder: {self.folder} (fits.csv: every member with its parameters)",
        ]
        return Table("foreign", records(problem, best), _COLUMNS, extra=extra, footer=footer)


def _claims(hold: int, of: int, members: int) -> list[str]:
    """How many claims hold; a problem of measured points alone has none."""
    return [f"{hold} of {of} findings and constraints hold in the best of {members} members"] if of else []


_COLUMNS = [
    Column("what", "id", whole=True),
    Column("says", "says"),
    Column(
        "verdict", "verdict", style=lambda r: {"holds": "green", "fails": "red"}.get(r["verdict"], "yellow")
    ),
    Column("margin", lambda r: number(r["margin"]), "right"),
    Column("unit", "unit"),
    Column("costs", lambda r: number(r["penalty"]), "right"),
    Column("why", lambda r: r["reason"] or r["overlooked"]),
]


def records(problem: ExternalProblem, seen: Evaluated) -> list[Record]:
    """What the table shows, in the order of findings, constraints and tables of points."""
    rows: list[Record] = []
    for finding in problem.findings:
        score, cost = seen.scores[finding.id], seen.costs.get(finding.id, math.nan)
        row = {
            "id": finding.id,
            "says": finding.description,
            "verdict": score.verdict,
            "margin": score.margin,
        }
        rows.append({**row, "unit": "log2", "penalty": cost, "reason": score.reason, "overlooked": ""})
    for constraint in problem.constraints:
        judged = seen.judged[constraint.id]
        verdict = "unevaluable" if judged.reason else "holds" if judged.holds else "fails"
        row = {"id": constraint.id, "says": constraint.text, "verdict": verdict, "margin": -judged.difference}
        said = problem.overlooked.get(constraint.id, "")
        more = {"unit": "as read", "penalty": judged.penalty, "reason": judged.reason, "overlooked": said}
        rows.append({**row, **more})
    for file in dict.fromkeys(point.file for point in problem.points):
        gaps = [seen.residuals[p.id] for p in problem.points if p.file == file]
        row = {
            "id": file,
            "says": f"{len(gaps)} measured points",
            "verdict": "",
            "margin": math.nan,
            "unit": "",
        }
        rows.append({**row, "penalty": sum(g**2 for g in gaps), "reason": "", "overlooked": ""})
    return rows
