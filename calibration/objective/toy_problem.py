"""A toy problem with a known solution, which costs nothing to evaluate: to test and compare optimisers."""

from __future__ import annotations

import time

import numpy as np

from calibration.objective.problem import SHARED, WORST, Mask, Outcome, Scope, Task, Vector


class Inequalities:
    """Random nonlinear inequalities ``a.z + bend sin(b.z) >= c`` that all hold at a known point.

    The first half of the parameters is shared; the rest belongs to contexts, and touches only their terms.

    Parameters
    ----------
    n, n_terms, n_contexts, seed : int
    bend : float
        Strength of the non-linear part against the linear one.
    spare : float [log2]
        Margin of every term at the known point.
    seconds : float [s]
        Time that one evaluation sleeps.
    slopes : bool
        Whether tasks may ask for derivatives of the terms.
    """

    def __init__(
        self,
        n: int = 40,
        n_terms: int = 60,
        n_contexts: int = 4,
        seed: int = 0,
        bend: float = 0.5,
        spare: float = 0.4,
        seconds: float = 0.0,
        slopes: bool = False,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.n_terms, self.n_findings = n, n_terms, n_terms
        self.weights, self.has_derivatives = np.ones(n_terms), slopes
        owner = np.where(np.arange(n) < n // 2, -1, np.arange(n) % n_contexts)
        self.scopes: tuple[Scope, ...] = tuple(SHARED if c < 0 else ("context", str(c)) for c in owner)
        self.row_context = np.arange(n_terms) % n_contexts
        touches = (owner[None, :] < 0) | (owner[None, :] == self.row_context[:, None])
        self.linear = rng.normal(size=(n_terms, n)) * touches / np.sqrt(n / 4)
        self.waves = rng.normal(size=(n_terms, n)) * touches / np.sqrt(n / 4)
        self.bend, self.seconds = bend, seconds
        self.answer = 0.7 * rng.normal(size=n)
        self.offset = self._raw(self.answer) - spare
        self.calls: list[Scope] = []

    def _raw(self, z: Vector) -> Vector:
        return np.asarray(self.linear @ z + self.bend * np.sin(self.waves @ z))

    def evaluate_task(self, task: Task) -> Outcome:
        """The terms; those not asked for are nan."""
        self.calls.append(task.scope)
        if self.seconds:
            time.sleep(self.seconds)
        terms = np.clip(self._raw(task.z) - self.offset, WORST, -WORST)
        wanted = np.ones(self.n_terms, dtype=bool) if task.only is None else task.only
        ran = wanted
        if task.base is not None and task.scope != SHARED:
            ran = wanted & (self.row_context == int(task.scope[1]))
            terms = np.where(ran, terms, np.clip(self._raw(task.base) - self.offset, WORST, -WORST))
        terms = np.where(wanted, terms, np.nan)
        if task.derivatives is None:
            return Outcome(terms, float(ran.mean()))
        within = wanted & (np.abs(terms) < -WORST)
        jac = self.linear + self.bend * np.cos(self.waves @ task.z)[:, None] * self.waves
        return Outcome(terms, 2.5 * float(ran.mean()), np.where(within[:, None], jac, 0.0))

    def holds(self, terms: Vector) -> Mask:
        """Every term is a finding."""
        return terms > 0.0


def inequalities(**options: float) -> Inequalities:
    """For worker processes, which build their problem from plain values."""
    return Inequalities(**options)  # type: ignore[arg-type]
