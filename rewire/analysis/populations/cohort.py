"""Populations of virtual cells, and pairs of cell and drug: what share responds, and what makes it so.

A cell is a member's kinetics with what its context's ``[[cohort]]`` lists (abundances, the drug's potency,
rates) moved by lognormal draws, whose widths were fixed before anything was scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.score import Score, score_cohort
from calibration.objective.baseline import baseline
from calibration.objective.build import PLAUSIBLE
from calibration.objective.build import make as make_problem
from calibration.objective.problem import Problem
from calibration.objective.simulation_plan import plan
from calibration.objective.workers.pool import Pool, Recipe
from models.cells.context import Context, Varied
from models.cells.plausible_ranges import load_plausible
from models.core.errors import UserError
from models.simulation.engine import Failure
from models.simulation.simulator import VERDICT, Simulator, Trajectory
from models.treatments.arm import Arm
from rewire.analysis.check.check import summarize_all
from rewire.project.members import Members, load_members
from rewire.project.project import Project, load_project
from rewire.project.selections import all_findings
from rewire.report.findings_table import short
from rewire.report.tables import Column, Record, Table, number

ALL = "all together"
KINETICS = "kinetics of the members alone"
PAIRS = "cell contexts and drugs"
Values = dict[str, float]


def populations(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that speak of a population of cells."""
    return [f for f in findings if isinstance(f.claim, Cohort) and f.claim.is_population]


class Population:
    """The arms of all population findings; one per process."""

    def __init__(self, variants: Sequence[Sequence[str]], folder: str) -> None:
        world = load_project(tuple((name, choice) for name, choice in variants))
        found = populations(all_findings(world, Path(folder) if folder else None))
        self.loaded = load_plausible(PLAUSIBLE)
        self.plan = plan(found, world.contexts, self.loaded.until_s)
        self.bands = {name: world.contexts[name].bands(self.loaded.bands) for name in self.plan.rests}
        self.bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes)

    def cell(self, values: Values) -> dict[Arm, Trajectory | Failure]:
        """Every arm of every finding in one cell; untreated cells are looked at in `odd`."""
        treated = {arm for arms in self.plan.arms for arm in arms}
        return self._run(treated, values)

    def odd(self, values: Values) -> dict[str, str]:
        """Contexts whose untreated cell is out of range, and why."""
        courses = self._run(set(self.plan.rests.values()), values)
        seen = {n: baseline(n, courses[a], self.bands[n], self.loaded) for n, a in self.plan.rests.items()}
        return {name: b.reasons[0] for name, b in seen.items() if not b.plausible}

    def _run(self, arms: set[Arm], values: Values) -> dict[Arm, Trajectory | Failure]:
        times = {arm: t for arm, t in self.plan.times.items() if arm in arms}
        return cast(dict[Arm, Trajectory | Failure], self.bench.run(times, values, VERDICT))


def make(variants: Sequence[Sequence[str]], folder: str) -> Problem:
    """For worker processes."""
    return cast(Problem, Population(variants, folder))


def moved(
    base: Values,
    world: Project,
    context: Context,
    varied: Sequence[Varied],
    rng: np.random.Generator,
    only: str,
) -> Values:
    """The values of one cell.

    Parameters
    ----------
    base : dict of str to float
        A member's values.
    only : str
        The one quantity that varies, `ALL`, or `KINETICS` for none. The draws are the same for all of them,
        so that rows can be compared.
    """
    values = dict(base)
    for row in varied:
        shift = row.sd * float(rng.standard_normal())
        if only not in (ALL, row.what):
            continue
        if row.what.endswith(".potency"):
            values[row.what] = values.get(row.what, 0.0) + shift
        elif row.what in world.built.rates:
            values[row.what] = values.get(row.what, world.built.rates[row.what].guess) * 10.0**shift
        else:
            name = f"{context.name}.{row.what}"
            own = context.copies.get(row.what)
            guess = own.copies if own else world.built.settings[row.what].default
            values[name] = values.get(name, guess) * 10.0**shift
    return values


@dataclass(frozen=True, slots=True)
class Share:
    """One population finding under one source of variance."""

    finding: Finding
    source: str
    sd: float | None
    cells: int
    score: Score

    def record(self) -> dict[str, Any]:
        """One record of `rewire cohort --json`."""
        return {
            "id": self.finding.id,
            "use": self.finding.use,
            "context": self.finding.context,
            "source": self.source,
            "sd_decades": self.sd,
            "cells": self.cells,
            "wanted": self.finding.wanted,
            "got": self.score.got,
            "margin": self.score.margin,
            "verdict": self.score.verdict,
            "reason": self.score.reason,
            "also": dict(self.score.also),
        }


def shares(
    world: Project,
    members: Members,
    cells: int | None = None,
    seed: int = 1,
    split: bool = True,
    folder: Path | None = None,
    workers: int | None = None,
    say: Callable[[str], None] | None = None,
) -> list[Share]:
    """Score every population finding, with all sources of variance and (`split`) with each alone."""
    found = populations(all_findings(world, folder))
    if not found:
        return []
    options = {
        "variants": [list(pair) for pair in world.variants],
        "folder": str(folder.resolve()) if folder else "",
    }
    done: list[Share] = []
    with Pool(Recipe("rewire.analysis.populations.cohort", "make", options), workers) as pool:
        odd = _odd(list(pool.each("odd", members.values)))
        for name in sorted({f.context for f in found}):
            context = world.contexts[name]
            if not context.cohort:
                raise UserError(
                    f"{name}.toml has no [[cohort]], but {found[0].id} speaks of a population of it"
                )
            widths = {row.what: row.sd for row in context.cohort}
            for source in [ALL, *([KINETICS, *widths] if split else [])]:
                here = [f for f in found if f.context == name]
                count = cells or max(cast(Cohort, f.claim).cells for f in here)
                if say:
                    say(f"{name}: {count} cells, {source} …")
                rng = np.random.default_rng([seed, 2**21])
                values = [
                    moved(members.values[i % len(members)], world, context, context.cohort, rng, source)
                    for i in range(count)
                ]
                courses = list(pool.each("cell", values))
                for finding in here:
                    loaded = score_cohort(finding, [c.get for c in courses], odd)
                    done.append(Share(finding, source, widths.get(source), count, loaded))
    return done


def _odd(loaded: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Contexts that are out of range in most members."""
    names = {name for one in loaded for name in one}
    return {
        name: next(one[name] for one in loaded if name in one)
        for name in names
        if 2 * sum(name in one for one in loaded) > len(loaded)
    }


def cohort_table(
    ensemble: Path | None = None,
    cells: int | None = None,
    seed: int = 1,
    members: int = 20,
    say: Callable[[str], None] | None = None,
) -> Table:
    """The table of `rewire cohort`."""
    world = load_project()
    loaded = load_members(world, ensemble, members, say)
    records: list[Record] = [s.record() for s in shares(world, loaded, cells, seed, say=say)]
    records += pairs(world, ensemble, members)
    columns = [
        Column("finding", "id"),
        Column("what varies", "source"),
        Column("sd [decades]", lambda r: number(r["sd_decades"], 2), "right"),
        Column("wanted", lambda r: short(r["wanted"], 60)),
        Column("got", lambda r: number(r["got"], 3), "right"),
        Column("also", lambda r: ", ".join(f"{k} {number(v)}" for k, v in r["also"].items())),
        Column("verdict", lambda r: r["verdict"] + (f": {r['reason']}" if r["reason"] else "")),
    ]
    return Table("cohort", records, columns, extra={"ensemble": loaded.label, "seed": seed})


def pairs(world: Project, ensemble: Path | None, members: int) -> list[Record]:
    """Claims over pairs of cell context and drug, which differ as they are: the median share over members."""
    found = [f for f in all_findings(world) if f.is_cohort and f not in populations([f])]
    problem = make_problem(ids=[f.id for f in found])
    loaded = load_members(world, ensemble, members, None, problem.space)
    summaries = summarize_all(found, [problem.evaluate(z) for z in loaded.z], None)
    return [
        {
            "id": s.id,
            "use": s.use,
            "context": None,
            "source": PAIRS,
            "sd_decades": None,
            "cells": len(finding.contexts),
            "wanted": s.wanted,
            "got": s.got.median,
            "margin": s.margin.median,
            "verdict": s.verdict,
            "reason": s.reason,
            "also": {"5 % of members": s.got.p05, "95 %": s.got.p95},
        }
        for finding, s in zip(found, summaries, strict=True)
    ]
