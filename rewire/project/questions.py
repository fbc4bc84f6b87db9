"""The problem with findings as terms that are otherwise only validated, so that a search can ask for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.objective import build
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Mask
from calibration.objective.workers.pool import Recipe


def askable(finding: Finding) -> bool:
    """Whether it can be a term of a fit: not frozen, no population, and something that the model can say."""
    return finding.claim is not None and not finding.is_cohort and finding.use != "frozen"


def make(requested: Collection[str] = (), **options: Any) -> Evaluator:
    """What `calibration.objective.build.make` makes, with the findings `requested` (ids) among the terms."""
    made = build.make(**options)
    findings = [replace(f, use="fit") if f.id in requested and askable(f) else f for f in made.all]
    return Evaluator(made.bench, made.bench.contexts, made.space, findings, made.told, made.fixed)


def recipe(requested: Collection[str], **options: Any) -> Recipe:
    """The same, for worker processes."""
    return Recipe("rewire.project.questions", "make", {"requested": sorted(requested), **options})


def needs(problem: Evaluator) -> Mask:
    """The terms (n_findings, n_terms) on which each finding hangs: its own, and its cells' at rest."""
    hangs = np.zeros((problem.n_findings, problem.n_terms), dtype=bool)
    for i, (rows, arms) in enumerate(zip(problem.rows, problem.plan.arms, strict=True)):
        hangs[i, rows] = True
        for name in {arm.context for arm in arms}:
            hangs[i, problem.range_rows[name]] = True
    return hangs
