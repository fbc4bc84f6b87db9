"""The engines, each with a model in it: the same questions, asked in the words of each."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

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
        """What its own solver says is a steady state, or why there is none."""


class BngsimRunner:
    """bngsim."""

    def __init__(self, path: str, wanted: Sequence[str]) -> None:
        import logging

        import bngsim

        logging.getLogger("bngsim").setLevel(logging.ERROR)
        warnings.simplefilter("ignore")
        self.model = bngsim.Model.from_sbml(path)
        self.version = f"bngsim {bngsim.__version__}"
        has = {name: i for i, name in enumerate(self.model.species_names)}
        self.names = [name for name in wanted if name in has]
        self._at = [has[name] for name in self.names]
        laws = self.model.conservation_laws
        still = ~np.any(np.asarray(self.model.stoichiometry_matrix()) != 0.0, axis=1)
        counts = np.asarray(laws["coefficients"], float).reshape(-1, self.model.n_species)
        self.moieties: int | None = int(np.any(counts[:, ~still] != 0.0, axis=1).sum())
        self._simulator = bngsim.Simulator(self.model, codegen=False)
        self.steps: int | None = 0

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        self.model.reset()
        atol = rtol * LEAST * scale
        result = self._simulator.run(sample_times=list(times), rtol=rtol, atol=atol, max_steps=STEPS)
        self.steps = int(result.solver_stats["n_steps"])
        return np.asarray(result.species)[:, self._at]

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        self.model.reset()
        found = self._simulator.steady_state(tol=1e-8 * scale / until, max_time=1e3 * until, method="newton")
        if not found.converged:
            return None, "does not converge"
        return np.asarray(found.concentrations)[self._at], ""

    def rates(self, scale: float, until: float) -> list[Array]:
        """Eigenvalues of the Jacobian [1 / the model's time] at the start and on the way to the end."""
        self.model.reset()
        states = [np.asarray(self.model.get_state())]
        for part in (1e-4, 1e-2, 1.0):
            self.run([0.0, part * until], LOOKED, scale)
            states.append(np.asarray(self._simulator.get_state()))
        return [np.linalg.eigvals(np.asarray(self.model.jacobian(state))) for state in states]


class RoadRunnerRunner:
    """libRoadRunner."""

    def __init__(self, path: str, wanted: Sequence[str]) -> None:
        import roadrunner

        roadrunner.Logger.disableLogging()
        self.path = path
        self.runner = roadrunner.RoadRunner(path)
        self.version = f"libRoadRunner {roadrunner.__version__}"
        species = {
            *self.runner.model.getFloatingSpeciesIds(),
            *self.runner.model.getBoundarySpeciesIds(),
        }
        self.names = list(wanted)
        self.steps: int | None = None
        self._selected = [f"[{name}]" if name in species else name for name in wanted]
        self.moieties: int | None = None

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        self.runner.resetToOrigin()
        integrator = self.runner.getIntegrator()
        integrator.setValue("relative_tolerance", rtol)
        integrator.setValue("absolute_tolerance", rtol * LEAST * scale)
        integrator.setValue("maximum_num_steps", STEPS)
        self.runner.timeCourseSelections = ["time", *self._selected]
        return np.array(self.runner.simulate(times=list(times)), float)[:, 1:]

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        import roadrunner

        reduced = roadrunner.RoadRunner()
        reduced.conservedMoietyAnalysis = True
        try:
            reduced.load(self.path)
            self.moieties = len(reduced.model.getConservedMoietyIds())
        except RuntimeError as error:  # rate rules and the like: the model as it is
            reduced = self.runner
            reduced.resetToOrigin()
            print(error, file=sys.stderr)
        try:
            reduced.steadyState()
        except RuntimeError as error:
            return None, " ".join(str(error).split())[:200]
        return np.array([reduced[name] for name in self._selected], float), ""


class CopasiRunner:
    """COPASI."""

    def __init__(self, path: str, wanted: Sequence[str]) -> None:
        self.copasi: Any = import_module("COPASI")
        self.data = self.copasi.CRootContainer.addDatamodel()
        if not self.data.importSBML(path):
            raise RuntimeError(self.copasi.CCopasiMessage.getAllMessageText())
        self.model = self.data.getModel()
        self.version = f"COPASI {self.copasi.__version__}"
        self.moieties: int | None = self.model.getMoieties().size()
        things = [self.model.getMetabolite(i) for i in range(self.model.getNumMetabs())]
        things += [self.model.getModelValue(i) for i in range(self.model.getNumModelValues())]
        self.steps: int | None = None
        self._things = {thing.getSBMLId(): thing for thing in things}
        self.names = [name for name in wanted if name in self._things]

    def run(self, times: Sequence[float], rtol: float, scale: float) -> Array:
        task = self.data.getTask("Time-Course")
        task.setMethodType(self.copasi.CTaskEnum.Method_deterministic)
        problem, method = task.getProblem(), task.getMethod()
        problem.setTimeSeriesRequested(True)
        problem.setOutputStartTime(0.0)
        problem.setUseValues(True)
        problem.setValues(" ".join(repr(float(t)) for t in times))
        problem.setDuration(times[-1])
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        method.getParameter("Absolute Tolerance").setDblValue(rtol * LEAST)  # COPASI scales it by amounts
        method.getParameter("Max Internal Steps").setIntValue(STEPS)
        self.model.applyInitialValues()
        if not task.process(True):
            raise RuntimeError(
                task.getProcessError() or self.copasi.CCopasiMessage.getLastMessage().getText()
            )
        series = task.getTimeSeries()
        places = {series.getSBMLId(j, self.data): j for j in range(series.getNumVariables())}
        columns = [places[name] for name in self.names]
        rows = range(series.getRecordedSteps())
        return np.array([[series.getConcentrationData(i, j) for j in columns] for i in rows], float)

    def steady(self, scale: float, until: float) -> tuple[Array | None, str]:
        task = self.data.getTask("Steady-State")
        self.model.applyInitialValues()
        found = task.process(True)
        if not found or task.getResult() == self.copasi.CSteadyStateMethod.notFound:
            return None, "no steady state was found"
        return np.array([self._value(self._things[name]) for name in self.names], float), ""

    def _value(self, thing: Any) -> float:
        species = isinstance(thing, self.copasi.CMetab)
        return float(thing.getConcentration() if species else thing.getValue())


RUNNERS: Mapping[str, type[Any]] = {
    "bngsim": BngsimRunner,
    "libRoadRunner": RoadRunnerRunner,
    "COPASI": CopasiRunner,
}
