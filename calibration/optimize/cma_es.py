"""Calibration by CMA-ES (Hansen 2016, arXiv:1604.00772; pycma), on the same loss and from the same draws.

A generation is a round: `population` points from ``N(mean, sigma^2 C)``, whose ranks by loss move mean, step
size sigma and covariance C. These are not stored in a checkpoint: a resumed run passes the losses of all
generations through pycma again, with the same random numbers and without an evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cma
import numpy as np

from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize import start
from calibration.optimize.gauss_newton_step import BOX
from calibration.optimize.state import Settings, State


@dataclass
class CmaRounds:
    """One generation of a start: an `advance` for `multistart.calibrate`.

    Parameters
    ----------
    population : int
    spread : float [prior standard deviations]
        Of the first generation.
    diagonal : bool
        Adapt a diagonal covariance only: faster where there are many parameters. (Later switching to a full
        one would use numpy's global random state.)
    quiet : int
        Generations without a gain of one per cent after which a start ends.
    """

    population: int = 20
    spread: float = 0.5
    diagonal: bool = False
    quiet: int = 60
    _search: Any = field(default=None, repr=False)
    _start: int = -1
    _generations: int = 0

    def __call__(self, state: State, pool: Pool, settings: Settings) -> State:
        """One generation."""
        problem = pool.problem
        if state.z is None:
            return start.begin(state, pool, settings)
        if start.done(state, settings):
            return start.finish(state, problem, "every finding holds")
        search = self._at(state, settings)
        if search.stop() or self._quiet(state.history):
            return start.finish(state, problem, "stalled")
        points = [np.asarray(x) for x in search.ask()]
        inside = [np.clip(x, -BOX, BOX) for x in points]
        outcomes = pool.map([Task(z) for z in inside])
        losses = [
            settings.loss(o.terms, z - state.origin, problem.weights)
            for o, z in zip(outcomes, inside, strict=True)
        ]
        search.tell(points, losses)
        self._generations += 1
        i = int(np.argmin(losses))
        state = replace(
            state,
            z=inside[i],
            terms=outcomes[i].terms,
            history=(*state.history, tuple(losses)),
            evaluations=state.evaluations + sum(o.cost for o in outcomes),
        )
        return start.note_best(state, problem, settings)

    def _quiet(self, history: Sequence[Sequence[float]]) -> bool:
        best = np.minimum.accumulate([min(losses) for losses in history]) if history else np.zeros(0)
        return len(best) > self.quiet and bool(best[-1] > 0.99 * best[-1 - self.quiet])

    def _at(self, state: State, settings: Settings) -> Any:
        """pycma's search after the generations of `state`."""
        if (
            self._search is not None
            and self._start == state.start
            and self._generations == len(state.history)
        ):
            return self._search
        noise = np.random.default_rng([state.seed, state.start, 1])

        def normal(*shape: int) -> Vector:
            return noise.standard_normal(shape)  # pycma's own draws come from numpy's global state

        options = {
            "popsize": self.population,
            "seed": np.nan,
            "randn": normal,
            "verbose": -9,
            "verb_log": 0,
            "CMA_diagonal": self.diagonal,
        }
        self._search = cma.CMAEvolutionStrategy(state.origin, self.spread, options)
        for losses in state.history:
            self._search.tell(self._search.ask(), list(losses))
        self._start, self._generations = state.start, len(state.history)
        return self._search
