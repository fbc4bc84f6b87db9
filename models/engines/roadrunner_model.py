"""libRoadRunner with an SBML model in it, for a process of its own (`models.core.isolated`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 1_000_000
"""Most steps between two times."""


class RoadRunnerModel:
    """A loaded model. Species are called as libRoadRunner does: `[X]` is a concentration, `X` an amount.

    Parameters
    ----------
    source : str
        SBML, or the path of a file of it.
    quick : bool
        Compiled without the optimiser: ready in half the time, for models that run for seconds.

    Attributes
    ----------
    runner : roadrunner.RoadRunner
    states : list of str
        Names of what `state` gives.
    """

    def __init__(self, source: str, quick: bool = False) -> None:
        import roadrunner

        roadrunner.Logger.disableLogging()
        if quick:
            config = roadrunner.Config
            config.setValue(config.LLVM_BACKEND, config.LLJIT)
            config.setValue(config.LLJIT_OPTIMIZATION_LEVEL, config.NONE)
        self.source, self.version = source, str(roadrunner.__version__)
        self.runner: Any = roadrunner.RoadRunner(source)
        self.species = list(self.runner.model.getFloatingSpeciesIds())
        self.states = [*self.species, *self.runner.getRateRuleIds()]
        self._selected: list[str] = []

    def tolerances(self, rtol: float, atol: float, steps: int = STEPS) -> None:
        """Set the tolerances, the absolute one in the model's own amounts, and the most steps."""
        integrator = self.runner.getIntegrator()
        integrator.setValue("relative_tolerance", rtol)
        integrator.setValue("absolute_tolerance", atol)
        integrator.setValue("maximum_num_steps", steps)

    def values(self, names: Sequence[str]) -> Array:
        """Values now, (n_names,)."""
        return np.array([float(self.runner[name]) for name in names])

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters or species, and leave all else as it is."""
        for name, value in values.items():
            self.runner[name] = value

    def restart(self, values: Mapping[str, float] | None = None) -> None:
        """Set values and begin anew: start amounts that follow from them do so."""
        self.set(values or {})
        self.runner.reset()

    def state(self) -> Array:
        """Species and what has a rate rule, (n_states,)."""
        return self.values(self.states)

    def put(self, state: Array) -> None:
        """Set what `state` gave."""
        self.set(dict(zip(self.states, state.tolist(), strict=True)))

    def simulate(self, times: Sequence[float], names: Sequence[str]) -> Array:
        """Values (n_times, n_names) at rising times, the first of them now."""
        if self._selected != [*names]:
            self._selected = [*names]
            self.runner.timeCourseSelections = ["time", *names]
        return np.array(self.runner.simulate(times=list(times)), float)[:, 1:]

    def reload(self) -> None:
        """Begin as the file does: whatever was set is as it was."""
        self.runner.resetToOrigin()

    def steady_state(self, names: Sequence[str]) -> tuple[Array | None, str, int | None]:
        """Values where its own solver finds no change, or why it finds none; and the conserved moieties.

        They are counted with the model reduced by them; where it cannot be (rate rules and the like), the
        model is solved as it is.
        """
        import roadrunner

        moieties = None
        reduced: Any = roadrunner.RoadRunner()
        reduced.conservedMoietyAnalysis = True
        try:
            reduced.load(self.source)
            moieties = len(reduced.model.getConservedMoietyIds())
        except RuntimeError:
            reduced = self.runner
            self.reload()
        try:
            reduced.steadyState()
        except RuntimeError as error:
            return None, " ".join(str(error).split())[:200], moieties
        return np.array([float(reduced[name]) for name in names]), "", moieties
