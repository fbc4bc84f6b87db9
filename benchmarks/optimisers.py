"""Ways to fit, on the real problem: same prior draws, same cores, equal evaluations.

python -m benchmarks.optimisers --evaluations 1500 --seeds 3
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import click
import numpy as np

from calibration.objective.build import open_pool
from calibration.objective.problem import Task
from calibration.objective.subset import SubsetPool
from calibration.objective.workers.pool import Pool
from calibration.optimize import cma_es, gauss_newton
from calibration.optimize.multistart import calibrate
from calibration.optimize.state import Budget, Progress, Settings, State

MARKS = (0.80, 0.90, 0.95, 0.98)
CMA_FIRST = 500
"""Evaluations of CMA-ES before Gauss-Newton takes over."""


def every_round(state: State, pool: Pool, settings: Settings) -> State:
    """Gauss-Newton with a new Jacobian in every round and no Broyden updates."""
    return gauss_newton.advance(replace(state, stale=state.jac is not None), pool, settings)


class AfterCma:
    """CMA-ES for the first evaluations of a start, Gauss-Newton from its best point."""

    def __init__(self) -> None:
        self.cma = cma_es.CmaRounds()

    def __call__(self, state: State, pool: Pool, settings: Settings) -> State:
        if state.z is None or state.evaluations - state.began[0] < CMA_FIRST:
            return self.cma(state, pool, settings)
        if state.history:  # the last generation of CMA-ES: its best point is gone on from
            assert state.best is not None
            terms = pool.map([Task(state.best)])[0].terms
            state = replace(state, z=state.best, terms=terms, history=())
        return gauss_newton.advance(state, pool, settings)


def without_slopes(pool: Pool) -> Pool:
    """The same pool, whose problem says that it has no slopes."""
    blind = SubsetPool(pool, ())
    blind.subset.has_derivatives = False
    return blind


Advance = Callable[[State, Pool, Settings], State]

WHOLE = Settings(share=1.0, watch=np.inf)
"""Every new Jacobian is a whole one: all terms, all parameters."""

METHODS: dict[str, tuple[Callable[[], Advance], Settings, bool]] = {
    "Gauss-Newton: gradients with every step (default)": (lambda: gauss_newton.advance, Settings(), True),
    "Gauss-Newton: Broyden, structured": (lambda: gauss_newton.advance, Settings(), False),
    "Gauss-Newton: Broyden, full": (lambda: gauss_newton.advance, WHOLE, False),
    "Gauss-Newton: structured every round": (lambda: every_round, Settings(), False),
    "Gauss-Newton: full every round": (lambda: every_round, WHOLE, False),
    "default, without polishing": (lambda: gauss_newton.advance, Settings(press=1.0), True),
    "CMA-ES": (cma_es.CmaRounds, Settings(), False),
    "Gauss-Newton after CMA-ES": (AfterCma, Settings(), False),
}
"""Each with its settings, and whether it has gradients from a backward run (else finite differences)."""


@click.command()
@click.option("--evaluations", default=1500.0, show_default=True, help="Of the findings, for each run.")
@click.option("--seeds", default=1, show_default=True, help="How many; 1, 2, …")
@click.option("--only", multiple=True, help="Only methods whose name holds this; repeatable.")
def main(evaluations: float, seeds: int, only: tuple[str, ...]) -> None:
    """Evaluations and seconds until each share of the fit findings held in one point."""
    marks = " | ".join(f"{mark:.0%}" for mark in MARKS)
    click.echo(f"| method | seed | {marks} | most | evaluations | s |\n|{'---|' * (5 + len(MARKS))}")
    with open_pool() as pool:
        for seed in range(1, seeds + 1):
            for name, (make, settings, slopes) in METHODS.items():
                if only and not any(part in name for part in only):
                    continue
                trace: list[Progress] = []
                budget = Budget(evaluations=evaluations, members=1)
                posed = pool if slopes else without_slopes(pool)
                calibrate(posed, seed, budget, settings, trace.append, advance=make())
                last = trace[-1]
                cells = [name, str(seed)]
                for mark in MARKS:
                    at = [p for p in trace if p.best_hold >= mark * p.of]
                    cells.append(f"{at[0].evaluations:.0f} ({at[0].seconds:.0f} s)" if at else "–")
                cells += [f"{last.best_hold} of {last.of}", f"{last.evaluations:.0f}", f"{last.seconds:.0f}"]
                click.echo(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
