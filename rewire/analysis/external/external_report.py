"""The page on a third-party run: findings and constraints in its members, measured points, courses, trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.external.claim_problem import ConstraintClaim
from calibration.external.evaluated import Evaluated
from calibration.external.penalty import PenaltyResult
from calibration.external.problem import ExternalProblem
from calibration.storage.run_folder import TRACE
from models.core import files
from rewire import __version__
from rewire.analysis.external.external_members import ExternalMembers
from rewire.analysis.external.external_simulate import external_bands, read_observables
from rewire.report import plots
from rewire.report.finding_summary import FindingSummary, summarize
from rewire.report.run_report import Drawn, Report
from rewire.report.tables import number

MOST_COURSES = 12
"""Arms that are drawn."""


@dataclass(frozen=True, slots=True)
class ConstraintScore:
    """A constraint in one member, as `rewire.report.finding_summary` reads it; in the observables' unit."""

    result: PenaltyResult
    wanted: str = ""

    @property
    def margin(self) -> float:
        return -self.result.difference

    @property
    def parts(self) -> tuple[float, ...]:
        return ()

    @property
    def got(self) -> float:
        return self.result.difference

    @property
    def verdict(self) -> str:
        return "unevaluable" if self.result.reason else "holds" if self.result.holds else "fails"

    @property
    def reason(self) -> str:
        return self.result.reason


def summaries(problem: ExternalProblem, looked: Sequence[Evaluated]) -> list[FindingSummary]:
    """Findings and constraints over all members."""
    found = [summarize(f, [seen.scores[f.id] for seen in looked]) for f in problem.findings]
    for constraint in problem.constraints:
        claim = ConstraintClaim.of(constraint)
        scores = [ConstraintScore(seen.judged[claim.id], claim.wanted) for seen in looked]
        found.append(summarize(claim, scores))
    return found


def external_page(members: ExternalMembers, out: Path) -> dict[str, Any]:
    """Write the page, and say how many findings and constraints hold in most members."""
    problem = members.problem
    looked = [problem.evaluate(z) for z in members.z]
    found = summaries(problem, looked)
    title = f"The findings in {problem.model.name}"
    trace = _trace(members.folder) if members.folder else []
    Report(title, facts(members, looked), found, {}, courses(members), trace).write(out)
    fit = [s for s in found if s.use == "fit"]
    hold = sum(s.verdict == "holds" for s in fit)
    return {"file": str(out), "members": len(members), "hold": hold, "of": len(fit)}


def facts(members: ExternalMembers, looked: Sequence[Evaluated]) -> dict[str, str]:
    """What stands at the top of the page."""
    problem, best = members.problem, looked[0]
    counts = f"{len(problem.model.species)} species, {problem.n} free parameters, {len(problem.arms)} arms"
    said = {"model": f"{problem.model.name}: {counts}", "members": members.label, "rewire": __version__}
    said["objective of the best"] = f"{best.objective:.6g}; as PyBNF counts: {best.pybnf:.6g}"
    for file in dict.fromkeys(point.file for point in problem.points):
        gaps = [best.residuals[p.id] for p in problem.points if p.file == file]
        said[file] = f"{len(gaps)} measured points, squared residuals {number(sum(g**2 for g in gaps))}"
    said |= {f"in PyBNF, {name}": f"is {what}" for name, what in problem.overlooked.items()}
    return said | {f"note {i}": note for i, note in enumerate(problem.model.notes, 1)}


def courses(members: ExternalMembers) -> list[Drawn]:
    """A picture of each arm, with what the findings read in it."""
    names = read_observables(members.problem)
    pictures = []
    for i, (name, band) in enumerate(
        external_bands(members, list(members.problem.arms)[:MOST_COURSES], names).items()
    ):
        made = plots.courses(band.shown, {name: band.copies}, names, band.units, label=band.axis.label)
        pictures.append(Drawn(f"Arm {name}.", "; ".join(band.failures), plots.svg(made, f"course{i}")))
    return pictures


def _trace(folder: Path) -> list[dict[str, float]]:
    if not (folder / "trace.csv").is_file():
        return []
    _, rows = files.read_table(folder / "trace.csv", "run folder", TRACE)
    return [dict(zip(TRACE, map(_number, row), strict=True)) for row in rows]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
