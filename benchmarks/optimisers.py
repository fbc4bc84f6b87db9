"""Gauss-Newton against CMA-ES on the real problem: same seeds, same cores, equal time.

python -m benchmarks.optimisers --minutes 3 --seeds 1
"""

from __future__ import annotations

import click

from calibration import cma_fit, gauss_newton
from calibration.fit import calibrate
from calibration.state import Budget, Progress
from calibration.workshop import open_pool

METHODS = {"gauss-newton": gauss_newton.advance, "cma-es": cma_fit.advance}
MARKS = (0.80, 0.90, 0.95)


@click.command()
@click.option("--minutes", default=3.0, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="How many; 1, 2, …")
def main(minutes: float, seeds: int) -> None:
    """When each share of the fit findings held first, and the most that held, for each method and seed."""
    with open_pool() as pool:
        for seed in range(1, seeds + 1):
            for name, advance in METHODS.items():
                trace: list[Progress] = []
                calibrate(pool, seed, Budget(minutes=minutes), progress=trace.append, advance=advance)
                when = []
                for mark in MARKS:
                    at = [p for p in trace if p.best_hold >= mark * p.of]
                    when.append(
                        f"{mark:.0%} after {at[0].seconds:.0f} s" if at else f"{mark:.0%} not reached"
                    )
                best = max(p.best_hold for p in trace)
                click.echo(
                    f"seed {seed}, {name}: {', '.join(when)}; best {best} of {trace[-1].of} "
                    f"({trace[-1].evaluations:.0f} evaluations in {trace[-1].seconds:.0f} s)"
                )


if __name__ == "__main__":
    main()
