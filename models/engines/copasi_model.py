"""COPASI with an SBML model in it, for a process of its own (`models.core.isolated`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 1_000_000
"""Most steps between two times."""


class CopasiModel:
    """A loaded model; species and parameters by their ids in the file."""

    def __init__(self, text: str) -> None:
        self.copasi: Any = import_module("COPASI")  # it has no types
        self.data = self.copasi.CRootContainer.addDatamodel()
        if not self.data.importSBMLFromString(text):
            raise RuntimeError(self.copasi.CCopasiMessage.getAllMessageText())
        self.model = self.data.getModel()
        self.version = str(self.copasi.__version__)
        self.moieties = int(self.model.getMoieties().size())
        things = [self.model.getMetabolite(i) for i in range(self.model.getNumMetabs())]
        things += [self.model.getModelValue(i) for i in range(self.model.getNumModelValues())]
        self._things = {thing.getSBMLId(): thing for thing in things}

    def known(self, names: Sequence[str]) -> list[str]:
        """Those of the names that are species or parameters."""
        return [name for name in names if name in self._things]

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters before the start; start amounts that follow from them do so."""
        changed = self.copasi.ObjectStdVector()
        for name, value in values.items():
            self._things[name].setInitialValue(value)
            changed.append(self._things[name].getInitialValueReference())
        if values:
            self.model.updateInitialValues(changed)

    def simulate(
        self, times: Sequence[float], names: Sequence[str], rtol: float, atol: float, steps: int = STEPS
    ) -> Array:
        """Concentrations or values (n_times, n_names) from the start on; COPASI scales `atol` by amounts."""
        task = self.data.getTask("Time-Course")
        task.setMethodType(self.copasi.CTaskEnum.Method_deterministic)
        problem, method = task.getProblem(), task.getMethod()
        problem.setTimeSeriesRequested(True)
        problem.setOutputStartTime(0.0)
        problem.setUseValues(True)
        problem.setValues(" ".join(repr(float(t)) for t in times))
        problem.setDuration(times[-1])
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        method.getParameter("Absolute Tolerance").setDblValue(atol)
        method.getParameter("Max Internal Steps").setIntValue(steps)
        self.model.applyInitialValues()
        if not task.process(True):
            raise RuntimeError(
                task.getProcessError() or self.copasi.CCopasiMessage.getLastMessage().getText()
            )
        series = task.getTimeSeries()
        places = {series.getSBMLId(j, self.data): j for j in range(series.getNumVariables())}
        columns = [places[name] for name in names]
        rows = range(series.getRecordedSteps())
        return np.array([[series.getConcentrationData(i, j) for j in columns] for i in rows], float)

    def steady_state(self, names: Sequence[str]) -> tuple[Array | None, str]:
        """Values where its own solver finds no change, or why it finds none."""
        task = self.data.getTask("Steady-State")
        self.model.applyInitialValues()
        found = task.process(True)
        if not found or task.getResult() == self.copasi.CSteadyStateMethod.notFound:
            return None, "no steady state was found"
        return np.array([self._value(self._things[name]) for name in names], float), ""

    def _value(self, thing: Any) -> float:
        species = isinstance(thing, self.copasi.CMetab)
        return float(thing.getConcentration() if species else thing.getValue())
