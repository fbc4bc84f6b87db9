"""Verification of a PEtab folder: libRoadRunner runs it, and every measurement is compared with ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.observation import Observation
from calibration.objective.baseline import range_terms
from calibration.objective.evaluator import Courses
from calibration.objective.simulation_plan import plan, untreated
from models.cells.plausible_ranges import PlausibleRange
from models.core.isolated import EngineFailure
from models.export.petab.run_problem import observables
from models.simulation.simulator import VERDICT
from rewire.export.petab.petab_claims import Inequality
from rewire.export.request import simulator
from rewire.project.project import Project
from rewire.report.tables import number

LARGEST = 1e-4
"""Largest difference between two values of -ln Phi that passes, relative to ours or to 1."""

SCHEMA = "rewire.petab-verification/1"


@dataclass(frozen=True, slots=True)
class Compared:
    """Comparison of one version of a problem with ours.

    Attributes
    ----------
    version : str
    engine : str
        With its version.
    measurements : int
    ours, theirs : float
        The objective: the sum of -ln Phi(margin / noise), without constants and prior.
    difference : float
        The largest |theirs - ours| / max(|ours|, 1) of one measurement; infinite if the engine failed.
    where : str
        The measurement with the largest difference.
    reason : str
        Why the engine failed.
    """

    version: str
    engine: str
    measurements: int
    ours: float
    theirs: float
    difference: float
    where: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether it agrees."""
        return not self.reason and self.difference <= LARGEST


@dataclass(frozen=True, slots=True)
class PetabProof:
    """Comparison of both versions."""

    compared: tuple[Compared, ...]

    @property
    def ok(self) -> bool:
        """Whether both agree."""
        return bool(self.compared) and all(c.ok for c in self.compared)

    def record(self) -> dict[str, Any]:
        """The stored report."""
        rows = [
            {
                "version": c.version,
                "engine": c.engine,
                "measurements": c.measurements,
                "objective": c.theirs if np.isfinite(c.theirs) else None,
                "objective_of_the_project": c.ours,
                "largest_difference": c.difference if np.isfinite(c.difference) else None,
                "where": c.where,
                "agrees": c.ok,
                "reason": c.reason,
            }
            for c in self.compared
        ]
        return {"schema": SCHEMA, "agrees": self.ok, "largest_allowed": LARGEST, "versions": rows}

    def lines(self) -> list[str]:
        """The report in words."""
        text = []
        for c in self.compared:
            if c.reason:
                text.append(f"PEtab {c.version}: {c.engine} failed: {c.reason}")
                continue
            verdict = "agrees" if c.ok else "does NOT agree"
            text.append(
                f"PEtab {c.version} in {c.engine} {verdict}: objective {c.theirs:.6f}, ours {c.ours:.6f} "
                f"over {c.measurements} measurements; largest difference {number(c.difference)} ({c.where})"
            )
        return text


def neg_log_cdfs(
    rows: Sequence[Inequality],
    findings: Sequence[Finding],
    world: Project,
    bands: Mapping[str, Mapping[str, PlausibleRange]],
    values: Mapping[str, float],
    rtol: float = VERDICT,
) -> list[float]:
    """-ln Phi(margin / noise) of each row, from our own simulation and scores.

    Raises `ValueError` if a margin is not a number because a simulation failed.
    """
    owners = {row.owner for row in rows}
    asked = [f for f in findings if f.id in owners]
    wanted = plan(asked, world.contexts)
    times = dict(wanted.times)
    for name in owners & bands.keys():
        times.setdefault(untreated(world.contexts[name]), (0.0,))
    courses: Courses = simulator(world).run(times, values, rtol)
    terms: dict[str, Sequence[float]] = {}
    for finding in asked:
        assert finding.claim is not None
        terms[finding.id] = finding.claim.score(Observation(courses)).parts
    for name in owners & bands.keys():
        terms[name] = range_terms(courses[untreated(world.contexts[name])], bands[name])
    found = [-float(log_ndtr(terms[row.owner][row.part] / row.noise)) for row in rows]
    if not np.all(np.isfinite(found)):
        odd = [f"{r.owner} part {r.part + 1}" for r, x in zip(rows, found, strict=True) if not np.isfinite(x)]
        raise ValueError(f"not a number: {', '.join(odd)}")
    return found


def compare(
    folder: Path,
    version: str,
    rows: Sequence[Inequality],
    ours: Sequence[float],
    run: Callable[[Path], tuple[list[float], str]] = observables,
) -> Compared:
    """Run one version and compare it, measurement by measurement."""
    total = float(np.sum(ours))
    try:
        theirs, engine = run(folder)
    except EngineFailure as error:
        return Compared(version, "libRoadRunner", len(rows), total, np.nan, np.inf, reason=str(error))
    off = np.abs(np.subtract(theirs, ours)) / np.maximum(np.abs(ours), 1.0)
    off = np.where(np.isfinite(off), off, np.inf)
    worst = int(np.argmax(off))
    where = f"{rows[worst].owner}/{rows[worst].part + 1}"
    return Compared(version, engine, len(rows), total, float(np.sum(theirs)), float(off[worst]), where)
