"""The problem without some of its findings: the same parameters and draws, fewer terms.

What is left out is not looked at in any way: treatments that only it reads are not even simulated. The ranges
of untreated cells stay, since they are no finding: cells are held to them before any finding counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.objective.problem import Mask, Outcome, Problem, Task, Vector
from calibration.objective.workers.pool import Pool


class LaidOutProblem(Problem, Protocol):
    """A problem that says which terms are whose (see `calibration.objective.evaluator.Evaluator`)."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def rows(self) -> Sequence[slice]: ...


class MaskedProblem:
    """A problem of which only some terms are looked at.

    Parameters
    ----------
    whole : Problem
    only : array (n_terms of whole,) of bool
    """

    def __init__(self, whole: Problem, only: Mask) -> None:
        self.whole, self.only = whole, only
        self.n, self.scopes = whole.n, whole.scopes
        self.n_terms = int(only.sum())
        self.weights: Vector = whole.weights[only]
        self.has_derivatives = whole.has_derivatives

    def asked(self, task: Task) -> Task:
        """The same task, put to the whole problem."""
        only = self.only.copy()
        if task.only is not None:
            only[self.only] = task.only
        return replace(task, only=only)

    def told(self, outcome: Outcome) -> Outcome:
        """What the whole problem answers, of these terms."""
        found = None if outcome.derivatives is None else outcome.derivatives[self.only]
        return replace(outcome, terms=outcome.terms[self.only], derivatives=found)

    def evaluate_task(self, task: Task) -> Outcome:
        """The terms (n_terms,) [log2] at `task.z`."""
        return self.told(self.whole.evaluate_task(self.asked(task)))


class Subset(MaskedProblem):
    """What an optimiser sees of a problem without the findings `leave` (ids)."""

    def __init__(self, whole: LaidOutProblem, leave: Collection[str]) -> None:
        self._stays = np.array([finding.id not in leave for finding in whole.findings], dtype=bool)
        only = np.ones(whole.n_terms, dtype=bool)
        for rows, stays in zip(whole.rows, self._stays, strict=True):
            only[rows] = stays
        super().__init__(whole, only)
        self.n_findings = int(self._stays.sum())

    def holds(self, terms: Vector) -> Mask:
        """Which of the findings that stay hold."""
        every = np.zeros(self.whole.n_terms)
        every[self.only] = terms
        return np.asarray(self.whole.holds(every)[self._stays])


class SubsetPool(Pool):
    """A pool that is open already, for a subset of its findings: its workers build nothing anew."""

    def __init__(self, pool: Pool, leave: Collection[str]) -> None:
        self.subset = Subset(pool.problem, leave)  # type: ignore[arg-type]
        super().__init__(problem=self.subset)
        self.workers, self._pool = pool.workers, pool

    def map(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcomes, in the order of the tasks."""
        return [self.subset.told(o) for o in self._pool.map([self.subset.asked(task) for task in tasks])]
