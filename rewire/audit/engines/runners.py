"""The engines, each with a model in it, behind one interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from models.engines.bngsim_model import BngsimModel
from models.engines.copasi_model import CopasiModel
from models.engines.roadrunner_model import Array, RoadRunnerModel

LOOKED = 1e-6
"""Relative tolerance while the time to rest is looked for."""

LEAST = 1e-9
"""Part of the largest start amount below which an amount counts as absent, and, times the relative tolerance,
the absolute one."""

STEPS = 100_000
"""Most steps of an integrator between two times."""


class Runner(Protocol):
    """An engine with a model in it; everything is in the order of `names`."""

    names: list[str]
    version: str
    moieties: int | None
    steps: int | None
    """Of the last run, where the engine counts them."""

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        """Concentrations (and parameters) from the start on, (n_times, n_names)."""

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        """What its own solver finds as a steady state, or why there is none."""


class BngsimRunner(BngsimModel):
    """bngsim."""

    def __init__(self, text: str, wanted: Sequence[str]) -> None:
        super().__init__(text, codegen=False)
        has = {name: i for i, name in enumerate(self.species)}
        self.names = [name for name in wanted if name in has]
        self._at = [has[name] for name in self.names]
        laws = self.model.conservation_laws
        still = ~np.any(np.asarray(self.model.stoichiometry_matrix()) != 0.0, axis=1)
        counts = np.asarray(laws["coefficients"], float).reshape(-1, self.model.n_species)
        self.moieties: int | None = int(np.any(counts[:, ~still] != 0.0, axis=1).sum())
        self.steps: int | None = 0

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        self.reload()
        atol = rtol * LEAST * scale
        result = self.simulator.run(sample_times=list(times), rtol=rtol, atol=atol, max_steps=STEPS)
        self.steps = int(result.solver_stats["n_steps"])
        return np.asarray(result.species)[:, self._at]

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        self.reload()
        found = self.simulator.steady_state(tol=1e-8 * scale / until, max_time=1e3 * until, method="newton")
        if not found.converged:
            return None, "does not converge"
        return np.asarray(found.concentrations)[self._at], ""

    def rates(self, scale: float, until: float) -> list[Array]:
        """Eigenvalues of the Jacobian [1 / the model's time] at the start and on the way to the end."""
        self.reload()
        states = [self.state()]
        for part in (1e-4, 1e-2, 1.0):
            self.run([0.0, part * until], LOOKED, scale)
            states.append(np.asarray(self.simulator.get_state()))
        return [np.linalg.eigvals(np.asarray(self.model.jacobian(state))) for state in states]


class RoadRunnerRunner(RoadRunnerModel):
    """libRoadRunner."""

    def __init__(self, text: str, wanted: Sequence[str]) -> None:
        super().__init__(text)
        species = {*self.species, *self.runner.model.getBoundarySpeciesIds()}
        self.names, self.steps = list(wanted), None
        self.moieties: int | None = None
        self._columns = [f"[{name}]" if name in species else name for name in wanted]

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        self.reload()
        self.tolerances(rtol, rtol * LEAST * scale, STEPS)
        return self.simulate(times, self._columns)

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        state, why, moieties = self.steady_state(self._columns)
        self.moieties = moieties if moieties is not None else self.moieties
        return state, why


class CopasiRunner(CopasiModel):
    """COPASI."""

    steps = None

    def __init__(self, text: str, wanted: Sequence[str]) -> None:
        super().__init__(text)
        self.names = self.known(wanted)

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        return self.simulate(times, self.names, rtol, rtol * LEAST, STEPS)

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        return self.steady_state(self.names)


RUNNERS: Mapping[str, type[Any]] = {
    "bngsim": BngsimRunner,
    "libRoadRunner": RoadRunnerRunner,
    "COPASI": CopasiRunner,
}
