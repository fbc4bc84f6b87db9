"""Run a PEtab folder in libRoadRunner: the observable of every measurement, from the files alone.

It reads what `rewire export petab` writes in both versions: pre-equilibration, conditions, schedules (version
2), and observables without noise or observable parameters.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.isolated import run_isolated, serve
from models.engines.roadrunner_model import RoadRunnerModel

TOLERANCES = (1e-9, 1e-8)
"""Relative, and absolute [copies/cell]."""

STEADY_TOLERANCES = (1e-8, 1e-6)
"""The same on the way to the steady state, where tighter ones change nothing and can take a minute."""

STEADY_S = 3e8
"""Time [s] after which cells are at steady state: ten years."""

LIMIT_S = 1800.0
"""Longest time [s] that all experiments may take."""

Values = dict[str, float]
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class ExperimentProtocol:
    """One experiment: values at the steady state, then from each time [s] on."""

    rest: Values
    steps: Sequence[tuple[float, Values]]


def observables(folder: Path, values: Mapping[str, float] | None = None) -> tuple[list[float], str]:
    """Run a folder in another process; `values` replace nominal values of parameters.

    Returns
    -------
    list of float
        The observable of each row of the measurement table.
    str
        The engine's version.

    Raises
    ------
    EngineFailure
    """
    job = {"folder": str(folder.resolve()), "values": dict(values or {})}
    answered = run_isolated("models.export.petab.run_problem", job, "libRoadRunner", LIMIT_S)
    return list(answered["observables"]), f"roadrunner {answered['version']}"


# --- reading ------------------------------------------------------------------------------------------------
def _table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _number(text: str, known: Mapping[str, float]) -> float:
    return known[text] if text in known else float(text)


def _protocols(folder: Path, known: Mapping[str, float]) -> tuple[dict[str, ExperimentProtocol], Rows, str]:
    """Experiments by id, the measurements, and the column that names a measurement's experiment."""
    conditions, measurements = _table(folder / "conditions.tsv"), _table(folder / "measurements.tsv")
    if not (folder / "experiments.tsv").exists():
        wide = {
            row["conditionId"]: {k: _number(v, known) for k, v in row.items() if k != "conditionId" and v}
            for row in conditions
        }
        pairs = {m["simulationConditionId"]: m["preequilibrationConditionId"] for m in measurements}
        done = {name: ExperimentProtocol(wide[rest], [(0.0, wide[name])]) for name, rest in pairs.items()}
        return done, measurements, "simulationConditionId"
    long: dict[str, Values] = {}
    for row in conditions:
        long.setdefault(row["conditionId"], {})[row["targetId"]] = _number(row["targetValue"], known)
    steps: dict[str, dict[float, Values]] = {}
    for row in _table(folder / "experiments.tsv"):
        at = steps.setdefault(row["experimentId"], {}).setdefault(float(row["time"]), {})
        at |= long[row["conditionId"]]
    done = {
        name: ExperimentProtocol(
            by.get(-math.inf, {}), sorted((t, v) for t, v in by.items() if math.isfinite(t))
        )
        for name, by in steps.items()
    }
    return done, measurements, "experimentId"


def _with_observables(folder: Path) -> str:
    """The SBML with every observable as a rule."""
    import libsbml

    document: Any = libsbml.readSBMLFromFile(str(folder / "cells.xml"))
    model = document.getModel()
    for row in _table(folder / "observables.tsv"):
        made = model.createParameter()
        made.setId(row["observableId"])
        made.setConstant(False)
        rule = model.createAssignmentRule()
        rule.setVariable(row["observableId"])
        rule.setMath(libsbml.parseL3Formula(row["observableFormula"]))
    return str(libsbml.writeSBMLToString(document))


# --- running ------------------------------------------------------------------------------------------------
def _run(folder: Path, given: Mapping[str, float]) -> tuple[list[float], str]:
    known = {r["parameterId"]: float(r["nominalValue"]) for r in _table(folder / "parameters.tsv")} | dict(
        given
    )
    protocols, measurements, column = _protocols(folder, known)
    model = RoadRunnerModel(_with_observables(folder), quick=True)
    inside = set(model.runner.model.getGlobalParameterIds())
    cell = _Cell(model, {name: value for name, value in known.items() if name in inside})
    asked: dict[str, list[int]] = {}
    for i, row in enumerate(measurements):
        asked.setdefault(row[column], []).append(i)
    found = [math.nan] * len(measurements)
    for name, rows in asked.items():
        readings = [(float(measurements[i]["time"]), measurements[i]["observableId"]) for i in rows]
        for i, value in zip(rows, cell.read(protocols[name], readings), strict=True):
            found[i] = value
    return found, model.version


class _Cell:
    """A loaded model with its known steady states."""

    def __init__(self, model: RoadRunnerModel, values: Values) -> None:
        self.model, self.amounts = model, model.runner.model
        ruled = model.runner.getAssignmentRuleIds()
        changeable = [n for n in self.amounts.getGlobalParameterIds() if n not in ruled]
        self.start = dict(zip(changeable, model.values(changeable).tolist(), strict=True)) | values
        self.steady: dict[tuple[tuple[str, float], ...], Any] = {}

    def read(self, protocol: ExperimentProtocol, readings: Sequence[tuple[float, str]]) -> list[float]:
        """The observables at (time [s], id)."""
        names = sorted({name for _, name in readings})
        times = sorted({time for time, _ in readings})
        values, amounts = self._steady_state(protocol.rest)
        self.model.tolerances(*TOLERANCES)
        self._set(values, amounts)
        table: dict[float, Values] = {}
        ends = [*(start for start, _ in protocol.steps[1:]), math.inf]
        at = protocol.steps[0][0]
        for (start, changes), end in zip(protocol.steps, ends, strict=True):
            self.model.set(changes)
            inside = [t for t in times if start <= t < end]
            stop = [end] if math.isfinite(end) else []
            grid = sorted({at, *inside, *stop})
            if len(grid) == 1:
                grid.append(grid[0] + 1.0)
            rows = self.model.simulate(grid, names)
            table |= {
                t: dict(zip(names, row.tolist(), strict=True))
                for t, row in zip(grid, rows, strict=True)
                if t in inside
            }
            at = end
        return [table[time][name] for time, name in readings]

    def _steady_state(self, rest: Values) -> tuple[Values, Any]:
        key = tuple(sorted(rest.items()))
        values = self.start | {n: v for n, v in rest.items() if n in self.start}
        if key not in self.steady:
            self._set(values, None)
            self.model.tolerances(*STEADY_TOLERANCES)
            self.model.simulate([0.0, STEADY_S], [])
            self.steady[key] = self.amounts.getFloatingSpeciesAmounts().copy()
        return values, self.steady[key]

    def _set(self, values: Values, amounts: Any) -> None:
        self.model.restart(values)
        if amounts is not None:
            self.amounts.setFloatingSpeciesAmounts(amounts)


def _work(job: Mapping[str, Any]) -> dict[str, Any]:
    found, version = _run(Path(job["folder"]), job["values"])
    return {"version": version, "observables": found}


if __name__ == "__main__":
    serve(_work)
