"""Ways to fit, on the real problem: same prior draws, same cores, equal time.

python -m benchmarks.optimisers --minutes 3 --seeds 3
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import click

from calibration import cma_fit, gauss_newton
from calibration.fit import calibrate
from calibration.pool import Pool
from calibration.problem import Task
from calibration.state import Budget, Progress, Settings, State
from calibration.workshop import open_pool

MARKS = (0.80, 0.90, 0.95, 0.98)
CMA_FIRST = 500
"""Evaluations of CMA-ES before Gauss-Newton takes over."""


def every_round(state: State, pool: Pool, settings: Settings) -> State:
    """Gauss-Newton with a whole new Jacobian in every round and no Broyden updates."""
    return gauss_newton.advance(replace(state, jac=None), pool, settings)


class AfterCma:
    """CMA-ES for the first evaluations of a start, Gauss-Newton from its best point."""

    def __init__(self) -> None:
        self.cma = cma_fit.CmaRounds()

    def __call__(self, state: State, pool: Pool, settings: Settings) -> State:
        if state.z is None or state.evaluations - state.began[0] < CMA_FIRST:
            return self.cma(state, pool, settings)
        if state.history:  # the last generation of CMA-ES: its best point is gone on from
            assert state.best is not None
            terms = pool.map([Task(state.best)])[0].terms
            state = replace(state, z=state.best, terms=terms, history=())
        return gauss_newton.advance(state, pool, settings)


Advance = Callable[[State, Pool, Settings], State]

METHODS: dict[str, Callable[[], Advance]] = {
    "gauss-newton, Broyden (default)": lambda: gauss_newton.advance,
    "gauss-newton, Jacobian every round": lambda: every_round,
    "cma-es": cma_fit.CmaRounds,
    "gauss-newton after cma-es": AfterCma,
}


@click.command()
@click.option("--minutes", default=3.0, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="How many; 1, 2, …")
def main(minutes: float, seeds: int) -> None:
    """Seconds until each share of the fit findings held in one point, and the most that held."""
    marks = " | ".join(f"{mark:.0%} [s]" for mark in MARKS)
    click.echo(f"| method | seed | {marks} | most | evaluations |\n|{'---|' * (4 + len(MARKS))}")
    with open_pool() as pool:
        for seed in range(1, seeds + 1):
            for name, make in METHODS.items():
                trace: list[Progress] = []
                calibrate(pool, seed, Budget(minutes=minutes), progress=trace.append, advance=make())
                last = trace[-1]
                cells = [name, str(seed)]
                for mark in MARKS:
                    at = [p.seconds for p in trace if p.best_hold >= mark * p.of]
                    cells.append(f"{at[0]:.0f}" if at else "–")
                cells += [f"{last.best_hold} of {last.of}", f"{last.evaluations:.0f}"]
                click.echo(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
