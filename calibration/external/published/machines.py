"""Two engines behind one face: libRoadRunner, and bngsim for models that are too large for it.

Inputs are called what libRoadRunner calls them: `[X]` is a concentration, `X` an amount or a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from models.engines.bngsim_model import BngsimModel
from models.engines.roadrunner_model import STEPS, Array, RoadRunnerModel

Values = Mapping[str, float]

RTOL, ATOL = 1e-6, 1e-10
"""Of the solvers: relative, and absolute in the model's own amounts."""

LARGE = 300
"""Species from which on bngsim is used: it has a sparse solver."""


class Machine(Protocol):
    """A loaded model; times in its own unit, states as vectors."""

    def fresh(self, values: Values, amounts: Values) -> None:
        """Begin as the file does, with parameters and inputs set, and start amounts multiplied."""
        ...

    def set(self, values: Values) -> None:
        """Set parameters and inputs, and go on from where it stands."""
        ...

    def state(self) -> Array: ...

    def put(self, state: Array) -> None: ...

    def go(self, times: Sequence[float]) -> Array:
        """Readings (n_times, n) at rising times, from where it stands; RuntimeError where it cannot."""
        ...


class RoadRunnerMachine(RoadRunnerModel):
    """libRoadRunner; compiled quickly, since a model is run for seconds."""

    def __init__(self, text: str, readings: Sequence[str]) -> None:
        super().__init__(text, quick=True)
        self.tolerances(RTOL, ATOL)
        self.readings = readings

    def fresh(self, values: Values, amounts: Values) -> None:
        self.reload()
        self.restart(values)
        self.set(values)
        self.set({name: by * float(self.values([name])[0]) for name, by in amounts.items()})

    def go(self, times: Sequence[float]) -> Array:
        self.runner.model.setTime(times[0])
        return self.simulate(times, self.readings)


class BngsimMachine(BngsimModel):
    """bngsim, whose start amounts do not follow what is set."""

    def __init__(self, text: str, readings: Sequence[str]) -> None:
        super().__init__(text, method="ode")
        self.readings = readings

    def fresh(self, values: Values, amounts: Values) -> None:
        self.reload()
        self.set(values)
        for name, factor in amounts.items():
            self.model.set_concentration(name, factor * float(self.values([name])[0]))

    def go(self, times: Sequence[float]) -> Array:
        run = self.simulator.run(
            (times[0], times[-1]), sample_times=list(times), rtol=RTOL, atol=ATOL, max_steps=STEPS
        )
        names = list(run.expression_names)
        self.put(np.array(run.species, float)[-1])
        table: Array = np.array(run.expressions, float)[:, [names.index(name) for name in self.readings]]
        return table
