"""Two engines behind one face: libRoadRunner, and bngsim for models that are too large for it.

Inputs are called what libRoadRunner calls them: `[X]` is a concentration, `X` an amount or a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = Mapping[str, float]

RTOL, ATOL = 1e-6, 1e-10
"""Of the solvers: relative, and absolute in the model's own amounts."""

LARGE = 300
"""Species from which on bngsim is used: it has a sparse solver."""

STEPS = 1_000_000


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


class RoadRunnerMachine:
    """libRoadRunner."""

    def __init__(self, text: str, readings: Sequence[str]) -> None:
        import roadrunner

        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
        config = roadrunner.Config
        # a model is run for seconds: with its optimiser on, the compiler would take most of the time
        config.setValue(config.LLVM_BACKEND, config.LLJIT)
        config.setValue(config.LLJIT_OPTIMIZATION_LEVEL, config.NONE)
        self.rr = roadrunner.RoadRunner(text)
        integrator = self.rr.getIntegrator()
        for key, value in (("relative", RTOL), ("absolute", ATOL)):
            integrator.setValue(f"{key}_tolerance", value)
        integrator.setValue("maximum_num_steps", STEPS)
        self.rr.timeCourseSelections = ["time", *readings]
        self._names = [*self.rr.model.getFloatingSpeciesIds(), *self.rr.getRateRuleIds()]

    def fresh(self, values: Values, amounts: Values) -> None:
        self.rr.resetToOrigin()
        self.set(values)
        self.rr.reset()  # start amounts that are worked out follow what was set
        self.set(values)
        for name, factor in amounts.items():
            self.rr[name] = float(self.rr[name]) * factor

    def set(self, values: Values) -> None:
        for name, value in values.items():
            self.rr[name] = value

    def state(self) -> Array:
        return np.array([float(self.rr[name]) for name in self._names])

    def put(self, state: Array) -> None:
        self.set(dict(zip(self._names, state.tolist(), strict=True)))

    def go(self, times: Sequence[float]) -> Array:
        self.rr.model.setTime(times[0])
        return np.array(self.rr.simulate(times=list(times)))[:, 1:]


class BngsimMachine:
    """bngsim. Start amounts that the file works out from what is set do not follow it."""

    def __init__(self, text: str, readings: Sequence[str]) -> None:
        import bngsim

        self.model: Any = bngsim.Model.from_sbml_string(text)
        self.simulator: Any = bngsim.Simulator(self.model, method="ode")
        self.readings = readings
        self._names = list(self.model.species_names)
        self.parameters = set(self.model.param_names)

    def fresh(self, values: Values, amounts: Values) -> None:
        self.model.reset()
        self.set(values)
        for name, factor in amounts.items():
            self.model.set_concentration(name, float(self.model.get_concentration(name)) * factor)

    def set(self, values: Values) -> None:
        for name, value in values.items():
            if name in self.parameters:
                self.model.set_param(name, value)
            else:
                self.model.set_concentration(name.strip("[]"), value)

    def state(self) -> Array:
        return np.array(self.model.get_state(), float)

    def put(self, state: Array) -> None:
        self.model.set_state(state)

    def go(self, times: Sequence[float]) -> Array:
        run = self.simulator.run(
            (times[0], times[-1]), sample_times=list(times), rtol=RTOL, atol=ATOL, max_steps=STEPS
        )
        names = list(run.expression_names)
        self.put(np.array(run.species, float)[-1])
        table: Array = np.array(run.expressions, float)[:, [names.index(name) for name in self.readings]]
        return table
