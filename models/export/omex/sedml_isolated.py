"""The process in which libSEDML runs, for `models.export.omex.sedml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any

from models.core.errors import Mistakes
from models.core.isolated import serve
from models.export.omex.sedml import TOLERANCE, Drawing, SimulationTask, Treated

CVODE, RELATIVE, ABSOLUTE, STEPS = "KISAO:0000019", "KISAO:0000209", "KISAO:0000211", "KISAO:0000415"
"""KiSAO terms: solver, tolerances, largest number of steps."""

_TIME = "urn:sedml:symbol:time"
_VALUE = "/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{}']/@value"
_PARAMETER = "/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{}']"
_ID = re.compile(r"sbml:parameter\[@id='(\w+)'\]")
_SBML = "http://www.sbml.org/sbml/level3/version2/core"


# --- writing ----------------------------------------------------------------------------------------------
def _write(drawings: Sequence[Drawing]) -> str:
    libsedml = _libsedml()
    document: Any = libsedml.SedDocument(1, 3)
    document.getNamespaces().add(_SBML, "sbml")
    for drawing in drawings:
        _draw(document, drawing)
    text = str(libsedml.writeSedMLToString(document))
    if wrong := _errors(libsedml.readSedMLFromString(text)):
        raise ValueError(f"libSEDML finds errors in the SED-ML: {'; '.join(wrong[:5])}")
    return text


def _draw(document: Any, drawing: Drawing) -> None:
    simulation = document.createUniformTimeCourse()
    simulation.setId(f"{drawing.id}_course")
    simulation.setInitialTime(0.0)
    simulation.setOutputStartTime(0.0)
    simulation.setOutputEndTime(drawing.until_s)
    simulation.setNumberOfPoints(drawing.steps)
    algorithm = simulation.createAlgorithm()
    algorithm.setKisaoID(CVODE)
    for term, value in ((RELATIVE, TOLERANCE), (ABSOLUTE, TOLERANCE), (STEPS, 1_000_000)):
        setting = algorithm.createAlgorithmParameter()
        setting.setKisaoID(term)
        setting.setValue(str(value))
    for number, arm in enumerate(drawing.arms):
        _task(document, drawing, f"{drawing.id}_{number}", arm)
    for name, unit in drawing.observables:
        _plot(document, drawing, name, unit)
    _report(document, drawing)


def _task(document: Any, drawing: Drawing, name: str, arm: Treated) -> None:
    model = document.createModel()
    model.setId(f"{name}_model")
    model.setName(f"{drawing.title} {arm.label}")
    model.setLanguage("urn:sedml:language:sbml.level-3.version-2")
    model.setSource(drawing.source)
    for key, value in arm.values.items():
        change = model.createChangeAttribute()
        change.setTarget(_VALUE.format(key))
        change.setNewValue(repr(float(value)))
    task = document.createTask()
    task.setId(f"{name}_task")
    task.setModelReference(f"{name}_model")
    task.setSimulationReference(f"{drawing.id}_course")
    _generator(document, f"{name}_hours", f"{arm.label}: time [h]", f"{name}_task", "")
    for observable, _ in drawing.observables:
        _generator(document, f"{name}_{observable}", f"{arm.label}: {observable}", f"{name}_task", observable)


def _generator(document: Any, name: str, called: str, task: str, observable: str) -> None:
    made = document.createDataGenerator()
    made.setId(name)
    made.setName(called)
    variable = made.createVariable()
    variable.setId(f"{name}_read")
    variable.setTaskReference(task)
    if observable:
        variable.setTarget(_PARAMETER.format(observable))
    else:
        variable.setSymbol(_TIME)
    formula = f"{name}_read" if observable else f"{name}_read / 3600"
    made.setMath(_libsedml().parseL3Formula(formula))


def _plot(document: Any, drawing: Drawing, observable: str, unit: str) -> None:
    plot = document.createPlot2D()
    plot.setId(f"{drawing.id}_plot_{observable}")
    plot.setName(f"{drawing.title} {observable} [{unit}]")
    for number, arm in enumerate(drawing.arms):
        name = f"{drawing.id}_{number}"
        curve = plot.createCurve()
        curve.setId(f"{name}_curve_{observable}")
        curve.setName(arm.label)
        curve.setLogX(False)
        curve.setLogY(False)
        curve.setXDataReference(f"{name}_hours")
        curve.setYDataReference(f"{name}_{observable}")


def _report(document: Any, drawing: Drawing) -> None:
    report = document.createReport()
    report.setId(f"{drawing.id}_report")
    report.setName(drawing.title)
    columns = [(f"{drawing.id}_0_hours", "time_h")]
    for number, arm in enumerate(drawing.arms):
        columns += [(f"{drawing.id}_{number}_{o}", f"{arm.label}: {o}") for o, _ in drawing.observables]
    for generator, label in columns:
        data = report.createDataSet()
        data.setId(f"{generator}_column")
        data.setLabel(label)
        data.setDataReference(generator)


# --- reading ----------------------------------------------------------------------------------------------
def _read(text: str, problems: Mistakes) -> list[SimulationTask]:
    document = _libsedml().readSedMLFromString(text)
    for wrong in _errors(document):
        problems.add("", wrong)
    if problems.found:
        return []
    columns: dict[str, dict[str, str]] = {}
    for i in range(document.getNumDataGenerators()):
        generator = document.getDataGenerator(i)
        for k in range(generator.getNumVariables()):
            variable = generator.getVariable(k)
            if found := _ID.search(variable.getTarget()):
                columns.setdefault(variable.getTaskReference(), {})[generator.getId()] = found[1]
    tasks = (document.getTask(i) for i in range(document.getNumTasks()))
    return [_read_task(document, task, columns, problems) for task in tasks]


def _read_task(
    document: Any, task: Any, columns: Mapping[str, Mapping[str, str]], problems: Mistakes
) -> SimulationTask:
    libsedml = _libsedml()
    model, course = (
        document.getModel(task.getModelReference()) if task.isSetModelReference() else None,
        document.getSimulation(task.getSimulationReference()) if task.isSetSimulationReference() else None,
    )
    if model is None or course is None or course.getTypeCode() != libsedml.SEDML_SIMULATION_UNIFORMTIMECOURSE:
        problems.add(task.getId(), "is not a time course of a model", allowed="uniform time courses")
        return SimulationTask(task.getId(), "", {}, 0.0, 0, {})
    values = {}
    for k in range(model.getNumChanges()):
        change = model.getChange(k)
        target = _ID.search(change.getTarget())
        if change.getTypeCode() != libsedml.SEDML_CHANGE_ATTRIBUTE or target is None:
            problems.add(model.getId(), f"change of {change.getTarget()!r}", allowed="values of parameters")
            continue
        try:
            values[target[1]] = float(change.getNewValue())
        except ValueError:
            problems.add(model.getId(), f"{target[1]} = {change.getNewValue()!r}", allowed="a number")
    return SimulationTask(
        task.getId(),
        model.getSource(),
        values,
        course.getOutputEndTime(),
        course.getNumberOfPoints(),
        columns.get(task.getId(), {}),
    )


def _errors(document: Any) -> list[str]:
    log = document.getErrorLog()
    found = (log.getError(i) for i in range(log.getNumErrors()))
    return [
        f"line {e.getLine()}: {' '.join(e.getMessage().split())}"
        for e in found
        if e.getSeverity() >= _libsedml().LIBSEDML_SEV_ERROR
    ]


def _libsedml() -> Any:
    return import_module("libsedml")  # it has no types


def _drawing(table: Mapping[str, Any]) -> Drawing:
    arms = [Treated(**arm) for arm in table["arms"]]
    return Drawing(**{**table, "arms": arms})


def _work(job: Mapping[str, Any]) -> dict[str, Any]:
    if "drawings" in job:
        return {"text": _write([_drawing(table) for table in job["drawings"]])}
    problems = Mistakes(job["name"])
    tasks = _read(job["text"], problems)
    return {"tasks": [asdict(t) for t in tasks], "problems": [asdict(p) for p in problems.found]}


if __name__ == "__main__":
    serve(_work)
