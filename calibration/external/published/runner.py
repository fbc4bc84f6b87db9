"""A job in a process of its own: reads it as JSON from stdin, writes courses as JSON to stdout.

Cells are first untreated: in their medium, with their genes changed, until nothing that is read moves (or for
as long as the job says, where they never rest). Each treatment goes on from there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calibration.external.published.machines import LARGE, BngsimMachine, Machine, RoadRunnerMachine
from models.core.isolated import serve
from models.engines.roadrunner_model import Array

LONGER = (1.0, 10.0, 100.0, 1000.0)
LOOK_S = 72 * 3600.0
"""At rest no reading moves by more than `STILL` in this time [s]; cells get up to 1000 times as long."""

STILL = 1e-4
PHASES = 12
"""Cells that are begun over a cycle, where cells never rest; what is read is their mean."""


class Work:
    """One model and what is asked of it; times are in the model's unit."""

    def __init__(self, job: Mapping[str, Any], machine: Machine) -> None:
        self.job, self.machine, self.second = job, machine, float(job["second"])

    def settings(self, told: Mapping[str, Any]) -> dict[str, float]:
        """Inputs and factors as the engine calls them; what is not turned has factor 1."""
        turned = dict(told["factors"])
        values = {place: turned.get(name, 1.0) for name, place in self.job["factors"].items()}
        return values | {self.job["inputs"][name]: value for name, value in told["inputs"]}

    def untreated(self, rest: Mapping[str, Any]) -> list[Array]:
        """States of untreated cells, one or several; raises RuntimeError where they do not rest."""
        amounts = {name: by for name, by in rest["factors"] if name not in self.job["factors"]}
        self.machine.fresh(self.settings(rest), amounts)
        if self.job["rest"] is None:
            try:
                return [self._still()]
            except RuntimeError as error:
                raise RuntimeError(f"untreated cells do not come to rest: {_told(error)}") from None
        self.machine.go([0.0, self.job["rest"] / self.second])
        states = [self.machine.state()]
        for _ in range(PHASES - 1 if self.job["cycle"] else 0):
            self.machine.go([0.0, self.job["cycle"] / self.second / PHASES])
            states.append(self.machine.state())
        return states

    def _still(self) -> Array:
        """The state when no reading moves any more; what nobody reads may go on, as sinks do."""
        look, worst = LOOK_S / self.second, ""
        for longer in LONGER:
            self.machine.go([0.0, look * longer])
            before, after = self.machine.go([0.0, look])
            over = np.abs(after - before) / (STILL * np.abs(after) + self.job["least"])
            if not len(over) or over.max() <= 1.0:
                return self.machine.state()
            worst = str(self.job["names"][int(over.argmax())])
        raise RuntimeError(f"{worst} goes on moving")

    def run(self, run: Mapping[str, Any], begin: Sequence[Array]) -> list[list[float]]:
        """Readings (n_times, n) of a treatment, the mean over the states that it begins from."""
        tables = [self._run(run, state) for state in begin]
        mean: list[list[float]] = np.mean(tables, axis=0).tolist()
        return mean

    def _run(self, run: Mapping[str, Any], begin: Array) -> Array:
        self.machine.put(begin)
        wanted = [t / self.second for t in run["times"]]
        starts = [s["start"] / self.second for s in run["stretches"]]
        rows: dict[float, Array] = {}
        for stretch, start, end in zip(run["stretches"], starts, [*starts[1:], math.inf], strict=True):
            self.machine.set(self.settings(stretch))
            inside = [t for t in wanted if start <= t < end]
            # a last stretch that nobody looks into still has a first moment
            stop = end if math.isfinite(end) else max([*inside, start + 1e-6])
            grid = sorted({start, *inside, stop})
            table = self.machine.go([t - start for t in grid])
            rows |= {t: row for t, row in zip(grid, table, strict=True) if t in inside}
        return np.array([rows[t] for t in wanted])


def _told(error: RuntimeError) -> str:
    return " ".join(str(error).split())[:200]


def work(job: Mapping[str, Any], machine: Machine) -> list[Any]:
    """For each run its readings, or in words why there are none."""
    made = Work(job, machine)
    rested: list[list[Array] | str] = []
    for rest in job["rests"]:
        try:
            rested.append(made.untreated(rest))
        except RuntimeError as error:
            rested.append(_told(error))
    answers: list[Any] = []
    for run in job["runs"]:
        begin = rested[run["rest"]]
        try:
            answers.append(begin if isinstance(begin, str) else made.run(run, begin))
        except RuntimeError as error:
            answers.append(_told(error))
    return answers


def _answer(job: Mapping[str, Any]) -> dict[str, Any]:
    large = job["text"].count("<species ") > LARGE
    machine = (BngsimMachine if large else RoadRunnerMachine)(job["text"], job["readings"])
    return {"runs": work(job, machine)}


if __name__ == "__main__":
    serve(_answer)
