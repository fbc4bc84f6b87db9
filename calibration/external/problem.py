"""A model of others with its findings, as the problem that optimisers see.

The objective is the sum of PyBNF's penalties, of what measured points add, and of the squared shortfalls of
findings in TOML below a margin of `TARGET`. The loss of the search is the same with the first two in units of
`FreeParameters.unit`. Terms are such that the sum
of their squared shortfalls below `TARGET` is just that, as long as each part is below `STRAIGHT` squared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from calibration.external.batch import checked
from calibration.external.batch_terms import BatchTerms
from calibration.external.bpsl import read_prop
from calibration.external.claims import FindingsFile, lookup
from calibration.external.constraint import Constraint
from calibration.external.enforced_rows import arms_of
from calibration.external.evaluated import Evaluated
from calibration.external.exp_tables import ExpPoint, read_exp, residual
from calibration.external.free_parameters import FreeParameters, read_free
from calibration.external.penalty import PenaltyResult, check, moments, overlooked, penalty_of
from calibration.external.setups import Setup, in_order
from calibration.external.shortfall import TINY, floor, gain
from calibration.external.simulator import ArmTable, ExternalSimulator
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.score import score
from calibration.objective.measured.residual_terms import STRAIGHT, TARGET, bent
from calibration.objective.problem import SHARED, WORST, Loss, Mask, Outcome, Scope, Task, Vector
from calibration.objective.simulation_plan import window
from calibration.objective.workers.pool import Recipe
from calibration.optimize.gauss_newton_step import BOX
from calibration.optimize.state import Settings
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.kinetic_model import KineticModel
from models.readers.model_file import read_model
from models.simulation.engine import Failure

LOOKS = 16
"""Prior draws from which the unit of the loss is found."""

Tables = Mapping[str, ArmTable | Failure]


class ExternalProblem:
    """The problem, at any point of its parameter space. One per process.

    Parameters
    ----------
    model : KineticModel
    free : TextFile
        The file of free parameters.
    files : sequence of TextFile
        Findings (.toml, with arms), constraints (.prop) and measured points (.exp).
    compiled : bool, optional
        Whether the network is compiled; by default where a C compiler is.
    """

    def __init__(
        self, model: KineticModel, free: TextFile, files: Sequence[TextFile], compiled: bool | None = None
    ) -> None:
        problems = Mistakes()
        self.model = model
        self.free: FreeParameters = read_free(free, model, problems)
        problems.raise_if_any()
        self.simulator = ExternalSimulator(model, self.free.rtol, self.free.atol, compiled)
        self.space = self.free.space
        self._read(files, model, problems)
        problems.raise_if_any()
        self._sample()
        self.fit = tuple(f for f in self.findings if f.use == "fit")
        self._lay_out()
        self.n, self.n_findings = len(self.space), len(self.fit) + len(self.constraints)
        self.scopes: Sequence[Scope] = (SHARED,) * self.n
        self.unit = self.free.unit or self._found_unit()
        self.holds_from = np.array([TARGET - gain(c, self.unit) for c in self.constraints])

    def _read(self, files: Sequence[TextFile], model: KineticModel, problems: Mistakes) -> None:
        tomls = [FindingsFile.open(text, problems) for text in files if text.kind == ".toml"]
        arms: dict[str, Setup] = {}
        for file in tomls:
            own = file.arms(model, problems)
            for name in own.keys() & arms.keys():
                problems.add(f"arm.{name}", "an arm of this name is in another file", advice="Rename one.")
            arms |= own
        if not arms:
            problems.file, advice = "", "Write [arm.NAME] into a .toml file beside the findings."
            problems.add("", "there are no arms", advice=advice)
        self.arms = in_order(arms, problems)
        columns = self.simulator.names
        self.findings: list[Finding] = []
        for file in tomls:
            self.findings += file.findings(self.arms, columns, self.free.second, problems)
        read = [c for text in files if text.kind == ".prop" for c in read_prop(text, problems)]
        self.constraints: list[Constraint] = [c for c in read if check(c, self.arms, columns, problems)]
        self.points: list[ExpPoint] = []
        for text in files:
            if text.kind == ".exp":
                self.points += read_exp(text, self.arms, columns, self.free.score, problems)
        self.overlooked = {c.id: said for c in self.constraints if (said := overlooked(c, self.arms))}
        if not (self.findings or read or self.points) and not problems.found:
            problems.file = ""
            problems.add("", "there is nothing to fit", advice="Give findings, .prop or .exp files.")

    def _sample(self) -> None:
        """Add to the rows of arms what is read there; arms that are compared row by row get equal rows."""
        extra: dict[str, set[float]] = {name: set() for name in self.arms}
        for point in self.points:
            extra[point.arm].add(point.at)
        for finding in self.findings:
            assert self.free.second is not None
            for arm, exact, windows in finding.requests():
                times = [*exact.tolist(), *(t for start, end in windows for t in window(start, end))]
                extra[arm.name].update(t / self.free.second for t in times)
        linked: list[list[str]] = []
        for constraint in self.constraints:
            names = [name for name in arms_of(constraint) if not self.arms[name].scan]
            wanted = moments(constraint, self.arms)
            for name in names:
                extra[name].update(wanted)
            if len(names) > 1 and (constraint.when != "at" or any(t.name for t in constraint.triggers)):
                linked.append(names)
        for names in linked * 2:  # twice, for chains
            shared = {t for name in names for t in (*extra[name], *self.arms[name].grid.tolist())}
            for name in names:
                extra[name] |= shared
        self.arms = {name: arm.with_times(extra[name]) for name, arm in self.arms.items()}

    def _lay_out(self) -> None:
        """Rows of the terms: parts of findings, then constraints, then two for each measured point."""
        self.rows: list[slice] = []
        at = 0
        for finding in self.fit:
            self.rows.append(slice(at, at + finding.n_parts))
            at += finding.n_parts
        self.judged_rows = slice(at, at + len(self.constraints))
        self.point_rows = slice(self.judged_rows.stop, self.judged_rows.stop + 2 * len(self.points))
        self.n_terms = self.point_rows.stop
        self.weights = np.ones(self.n_terms)
        for rows in self.rows:
            self.weights[rows] = 1.0 / math.sqrt(max(1, rows.stop - rows.start))
        self._floors = np.array([floor(c) for c in self.constraints])

    # --- the problem that optimisers see --------------------------------------------------------------------
    def evaluate_task(self, task: Task) -> Outcome:
        """Terms (n_terms,) at `task.z`."""
        if task.derivatives is not None:
            assert self.batch is not None, "no derivatives: ask `has_derivatives` first"
            return self.batch.evaluate_task(task)
        terms = self.terms(self.tables(task.z))
        if task.only is not None:
            terms[~task.only] = np.nan
        return Outcome(terms)

    @property
    def has_derivatives(self) -> bool:
        """Whether tasks may ask for derivatives: where a batch can be made, and agrees with the simulator."""
        return self.batch is not None

    @cached_property
    def batch(self) -> BatchTerms | None:
        """Terms and derivatives from all arms at once."""
        made = checked(self.simulator, self.arms, self.free)
        return BatchTerms(made, self) if made is not None else None

    def judged(self, tables: Tables) -> list[PenaltyResult]:
        """All constraints."""
        return [penalty_of(c, tables, self.arms) for c in self.constraints]

    def terms(self, tables: Tables, judged: Sequence[PenaltyResult] | None = None) -> Vector:
        """Terms (n_terms,) from tables, and from constraints as they were judged on them."""
        terms = np.full(self.n_terms, WORST)
        terms[: self.judged_rows.start] = self.finding_terms(tables)
        results = judged or self.judged(tables)
        roots = self.roots_of(tables, results) / math.sqrt(self.unit)
        for i, (constraint, result) in enumerate(zip(self.constraints, results, strict=True)):
            row = self.judged_rows.start + i
            if result.holds and constraint.strength.family == "hinge":
                spare = math.sqrt(constraint.strength.weight * -result.difference / self.unit)
                terms[row] = min(TARGET + spare, -WORST)
            elif math.isfinite(roots[i]):
                terms[row] = TARGET - bent(max(float(roots[i]), TINY))
        for i, gap in enumerate(roots[len(self.constraints) :]):
            row = self.point_rows.start + 2 * i
            if math.isfinite(gap):
                terms[row], terms[row + 1] = TARGET - bent(float(gap)), TARGET - bent(-float(gap))
        return terms

    def finding_terms(self, tables: Tables) -> Vector:
        """Margins [log2] of the parts of fitted findings; `WORST` where one cannot be evaluated."""
        terms = np.full(self.judged_rows.start, WORST)
        if self.fit and self.free.second is not None:
            seen = lookup(tables, self.free.second, self.free.atol)
            for finding, rows in zip(self.fit, self.rows, strict=True):
                parts = np.asarray(score(finding, seen).parts, dtype=float)
                if len(parts) == rows.stop - rows.start:
                    terms[rows] = np.clip(np.where(np.isnan(parts), WORST, parts), WORST, -WORST)
        return terms

    def roots_of(self, tables: Tables, judged: Sequence[PenaltyResult] | None = None) -> Vector:
        """Roots of what each constraint costs above its least, and signed ones of points; nan if unknown."""
        penalties = np.array([one.penalty for one in judged or self.judged(tables)])
        points = np.array([residual(point, tables, self.free.score) for point in self.points])
        return np.concatenate([np.sqrt(np.maximum(penalties - self._floors, 0.0)), points])

    def roots(self, z: Vector) -> Vector:
        """Their squares add up to the objective above its least value; with the shortfalls of findings."""
        tables = self.tables(z)
        return np.concatenate([self.shortfalls(self.finding_terms(tables)), self.roots_of(tables)])

    def shortfalls(self, terms: Vector) -> Vector:
        """Weighted shortfalls of the parts of fitted findings below `TARGET`, given their terms."""
        weights = self.weights[: self.judged_rows.start]
        return np.asarray(np.sqrt(weights) * np.maximum(0.0, TARGET - terms))

    def _found_unit(self) -> float:
        """Such that most parts of the objective count as they are in most prior draws."""
        if not (self.constraints or self.points):
            return 1.0
        draws = np.random.default_rng(0).standard_normal((LOOKS, self.n))
        found = np.abs(np.concatenate([self.roots_of(self.tables(np.clip(z, -BOX, BOX))) for z in draws]))
        found = found[np.isfinite(found)]
        large = float(np.quantile(found, 0.9)) if len(found) else 0.0
        return max((large / STRAIGHT) ** 2, 1e-12) if large > 0.0 else 1.0

    def holds(self, terms: Vector) -> Mask:
        """Which findings and constraints hold."""
        own = [len(terms[rows]) > 0 and bool(np.all(terms[rows] >= 0.0)) for rows in self.rows]
        judged = terms[self.judged_rows] >= self.holds_from - 1e-12
        return np.concatenate([np.array(own, dtype=bool), judged])

    # --- one point looked at closely ------------------------------------------------------------------------
    def tables(self, z: Vector) -> dict[str, ArmTable | Failure]:
        """Every arm."""
        return self.simulator.run(self.arms, {**self.free.fixed, **self.space.values(z)})

    def evaluate(self, z: Vector) -> Evaluated:
        """Scores, penalties and objective."""
        return self.look(self.tables(z))

    def look(self, tables: Tables) -> Evaluated:
        """The same from tables."""
        second = self.free.second
        seen = lookup(tables, second, self.free.atol) if second is not None else {}
        judged = {c.id: penalty_of(c, tables, self.arms) for c in self.constraints}
        gaps = {p.id: residual(p, tables, self.free.score) for p in self.points}
        squared = sum(gap**2 for gap in gaps.values())
        short = self.shortfalls(self.finding_terms(tables)) ** 2
        costs = {f.id: float(short[rows].sum()) for f, rows in zip(self.fit, self.rows, strict=True)}
        objective = squared + sum(math.inf if j.reason else j.penalty for j in judged.values())
        objective += sum(costs.values())
        passed = {name for name, said in self.overlooked.items() if "passed over" in said}
        counted = (j.penalty for name, j in judged.items() if not j.silent and name not in passed)
        failed = math.isnan(squared) or any(isinstance(t, Failure) for t in tables.values())
        whole = objective if math.isfinite(objective) and not failed else math.inf
        pybnf = math.inf if failed else squared + sum(counted)
        scores = {f.id: score(f, seen) for f in self.findings}
        return Evaluated(scores, judged, gaps, costs, whole, pybnf)

    @property
    def settings(self) -> Settings:
        """How the optimiser should go about it: no pull to the prior where there is an objective to reach."""
        if not (self.constraints or self.points):
            return Settings()
        return Settings(loss=Loss(TARGET, 100.0, 0.0), enough=TARGET)


def make(
    name: str,
    net: str,
    free: Sequence[str],
    files: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
    compiled: bool | None = None,
) -> ExternalProblem:
    """The problem from plain values; for worker processes, and for a run folder that is gone on with."""
    model = read_model(name, net, tuple(notes))
    return ExternalProblem(model, TextFile(*free), [TextFile(*file) for file in files], compiled)


def plain(model: KineticModel, free: TextFile, files: Sequence[TextFile]) -> dict[str, Any]:
    """The plain values that `make` takes."""
    return {
        "name": model.name,
        "net": model.net,
        "free": [free.name, free.content],
        "files": [[text.name, text.content] for text in files],
        "notes": list(model.notes),
    }


def recipe(options: Mapping[str, Any]) -> Recipe:
    """How a worker makes the problem; `options` are those of `make`."""
    return Recipe("calibration.external.problem", "make", dict(options))
