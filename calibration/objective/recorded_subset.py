"""Some findings of a problem as a problem of its own, with a note of what was seen on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calibration.objective.problem import Mask, Outcome, Problem, Task, Vector
from calibration.objective.subset import MaskedProblem
from calibration.objective.workers.pool import Pool


def failing(terms: Vector, needs: Mask) -> Mask:
    """Which findings (n,) do not hold; a term that is nan was not looked at, and does not.

    Parameters
    ----------
    terms : array (n_terms,) [log2]
    needs : array (n, n_terms)
        The terms on which each finding depends.
    """
    return np.asarray((needs & ~(terms >= 0.0)).any(axis=1))


def margins(terms: Vector, needs: Mask) -> Vector:
    """The least term [log2] of each finding (n,); nan where one of its terms was not looked at."""
    return np.asarray(np.where(needs, terms, np.inf).min(axis=1))


class RecordedProblem(MaskedProblem):
    """Some findings of a problem, with the terms on which they depend and no others.

    Parameters
    ----------
    whole : Problem
    needs : array (n_findings, n_terms of whole)
    """

    def __init__(self, whole: Problem, needs: Mask) -> None:
        super().__init__(whole, np.asarray(needs.any(axis=0)))
        self.needs: Mask = needs[:, self.only]
        self.n_findings = len(needs)

    def short(self, terms: Vector) -> float:
        """By how much the terms (n_terms,) [log2] fall short of 0, weighted; nan where one is missing."""
        return float(self.weights @ np.maximum(0.0, -terms))

    def holds(self, terms: Vector) -> Mask:
        """Which of the findings hold."""
        return ~failing(terms, self.needs)


class RecordedPool(Pool):
    """Evaluates some findings in the workers of another pool; every point that is tried is evidence.

    Attributes
    ----------
    answer : array (n,) or None
        A point at which all of them hold.
    without : dict of int to array (n,)
        For some findings, a point at which all but that one hold.
    nearest : array (n,) or None
        The point with the least shortfall, all terms together: `least`, with `nearest_terms` [log2].
    cost : float
        What all of it cost, in evaluations of the whole problem.
    """

    def __init__(self, pool: Pool, needs: Mask) -> None:
        self.cut = RecordedProblem(pool.problem, needs)
        super().__init__(problem=self.cut)
        self._pool = pool
        self._unit = 0.0  # cost of one evaluation of all of them: what is counted here
        self.cost = 0.0
        self.answer: Vector | None = None
        self.without: dict[int, Vector] = {}
        self.least = np.inf
        self.nearest: Vector | None = None
        self.nearest_terms: Vector = np.full(self.cut.n_terms, np.nan)

    def map(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcomes, in the order of the tasks; costs in evaluations of these findings."""
        told = [self.cut.told(answer) for answer in self._pool.map([self.cut.asked(task) for task in tasks])]
        self.cost += sum(o.cost for o in told)
        self._unit = max([self._unit, *(o.cost for o in told if o.derivatives is None)])
        for task, outcome in zip(tasks, told, strict=True):
            self._note(task.z, outcome.terms)
        return [replace(o, cost=o.cost / self._unit if self._unit else 1.0) for o in told]

    def _note(self, z: Vector, terms: Vector) -> None:
        fails = np.flatnonzero(failing(terms, self.cut.needs))
        if len(fails) == 0 and self.answer is None:
            self.answer = z
        if len(fails) == 1:
            self.without.setdefault(int(fails[0]), z)
        short = self.cut.short(terms)
        if short < self.least:
            self.least, self.nearest, self.nearest_terms = short, z, terms
