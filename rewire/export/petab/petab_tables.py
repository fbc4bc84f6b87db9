"""The tables of a PEtab problem, of both versions, as text.

A measurement is an inequality whose margin [log2] is observed with normal noise: the probability that it is
reported to hold is ``Phi(margin / noise)`` (`calibration.objective.likelihood`, with a trust of one). PEtab
has no such noise model. But with Laplace noise of scale 1 and a measured value of 0, an observable adds
itself and ln 2 to the objective. So the observable of an inequality is ``-ln Phi(margin / noise)``, a
parameter of the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.export.ids import sid
from models.export.sbml.cell_pair import NEVER_S, REFERENCE, RUNS, STOPS
from rewire.export.petab.petab_cells import Cells, Parameter, Targets
from rewire.export.petab.petab_experiments import (
    NOISES,
    Experiment,
    bound_of,
    dataset,
    inequalities,
    measured,
    observable_id,
)

BOUNDS = 6.0
"""Bounds of a parameter, in standard deviations of its prior from the centre."""

MODEL = "cells.xml"


def _both(own: Targets, reference: Targets) -> Targets:
    return own | {REFERENCE + name: value for name, value in reference.items()}


def tsv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Tab-separated text; numbers keep all bits."""
    lines = ["\t".join(head)]
    lines += ["\t".join(_cell(value) for value in row) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = repr(float(value)) if isinstance(value, float) else str(value)
    return " ".join(text.split())


def _observables(done: Sequence[Experiment]) -> Iterator[tuple[str, str, str]]:
    """Id, name and formula of each observable."""
    for name, row in inequalities(done).items():
        what = f"{row.observable}/{row.per}" if row.per else f"{row.observable} over the reference cell's"
        sense = {"at_least": ">=", "at_most": "<=", "within": "within a factor of"}[row.sense]
        yield name, f"-ln of the chance to see {what} {sense} {2.0**row.log2:.4g}", bound_of(row).neg_log_cdf


def _fixed(done: Iterable[Experiment]) -> dict[str, float]:
    """Parameters that are not estimated: bounds and noises."""
    rows = inequalities(done).values()
    return {NOISES[row.noise]: row.noise for row in rows} | {bound_of(row).bound: row.log2 for row in rows}


def version_1(done: Sequence[Experiment], free: Sequence[Parameter], cells: Cells) -> dict[str, str]:
    """File name → text."""
    multiplied = cells.multiplied(arm for e in done for arm in (e.cell, e.reference))
    rests: dict[str, Targets] = {}
    conditions: dict[str, Targets] = {}
    rest_of: dict[str, str] = {}
    for e in done:
        if len(e.cell.segments) > 1 or len(e.reference.segments) > 1:
            raise ValueError(f"{e.id}: version 1 has no schedules")
        rest = _both(cells.rest(e.cell, multiplied), cells.rest(e.reference, multiplied))
        name = f"rest__{cells.rest_name(e.cell)}"
        if e.reference.rest_key != e.cell.rest_key:
            name += f"__vs__{cells.rest_name(e.reference)}"
        rests[name], rest_of[e.id] = rest, name
        treated = _both(*(cells.changes(arm)[0][1] for arm in (e.cell, e.reference)))
        stop: Targets = {}
        if e.stop_s is not None:
            stop = {STOPS: e.stop_s} if e.stop_s > 0.0 else {RUNS: 0.0}
        conditions[e.id] = rest | treated | stop
    table = rests | conditions
    columns = sorted({target for targets in table.values() for target in targets})
    default = {RUNS: 1.0, STOPS: NEVER_S} | {
        target: cells.default(target.removeprefix(REFERENCE))
        for target in columns
        if target not in (RUNS, STOPS)
    }
    return {
        "parameters.tsv": tsv(
            (
                *("parameterId", "parameterName", "parameterScale", "lowerBound", "upperBound"),
                *("nominalValue", "estimate", "objectivePriorType", "objectivePriorParameters"),
            ),
            [
                (p.id, p.says, "log10", *bounds(p), p.value, 1, "parameterScaleNormal", _pair(p.centre, p.sd))
                for p in free
            ]
            + [
                (name, "[log2]", "lin", -64.0, 64.0, value, 0, None, None)
                for name, value in _fixed(done).items()
            ],
        ),
        "conditions.tsv": tsv(
            ("conditionId", *columns),
            ((name, *(targets.get(c, default[c]) for c in columns)) for name, targets in table.items()),
        ),
        "observables.tsv": tsv(
            (
                *("observableId", "observableName", "observableFormula"),
                *("noiseFormula", "observableTransformation", "noiseDistribution"),
            ),
            ((*row, 1.0, "lin", "laplace") for row in _observables(done)),
        ),
        "measurements.tsv": tsv(
            (
                *("observableId", "preequilibrationConditionId", "simulationConditionId"),
                *("measurement", "time", "datasetId"),
            ),
            (
                (observable_id(r), rest_of[e.id], e.id, 0.0, r.time_s + e.shift_s, dataset(r))
                for e, r in measured(done)
            ),
        ),
        "problem.yaml": _YAML_1,
    }


def version_2(done: Sequence[Experiment], free: Sequence[Parameter], cells: Cells) -> dict[str, str]:
    """File name → text."""
    multiplied = cells.multiplied(arm for e in done for arm in (e.cell, e.reference))
    conditions: dict[str, Targets] = {"reference_stopped": {RUNS: 0.0}}
    periods: list[tuple[str, str, str]] = []
    for e in done:
        steps: dict[float, list[str]] = {}
        for arm, role in ((e.cell, ""), (e.reference, REFERENCE)):
            name = f"{role}rest__{cells.rest_name(arm)}"
            conditions[name] = _named(role, cells.rest(arm, multiplied))
            steps.setdefault(-math.inf, []).append(name)
            for start, targets in cells.changes(arm):
                if role and e.stop_s is not None and start + e.shift_s > e.stop_s:
                    continue
                name = role + cells.name(arm) + ("" if len(arm.segments) == 1 else f"__from_{start:g}_s")
                conditions[sid(_plain(name))] = _named(role, targets)
                steps.setdefault(start + e.shift_s, []).append(sid(_plain(name)))
        if e.stop_s is not None:
            steps.setdefault(e.stop_s, []).append("reference_stopped")
        for time in sorted(steps):
            when = "-inf" if time == -math.inf else repr(float(time))
            periods += [(e.id, when, name) for name in steps[time]]
    used = {name for _, _, name in periods}
    return {
        "parameters.tsv": tsv(
            (
                *("parameterId", "parameterName", "lowerBound", "upperBound", "nominalValue"),
                *("estimate", "priorDistribution", "priorParameters"),
            ),
            [
                (
                    p.id,
                    p.says,
                    *bounds(p),
                    p.value,
                    "true",
                    "log-normal",
                    _pair(p.centre * _LN10, p.sd * _LN10),
                )
                for p in free
            ]
            + [
                (name, "[log2]", -64.0, 64.0, value, "false", None, None)
                for name, value in _fixed(done).items()
            ],
        ),
        "conditions.tsv": tsv(
            ("conditionId", "targetId", "targetValue"),
            (
                (name, target, value)
                for name, targets in conditions.items()
                if name in used
                for target, value in targets.items()
            ),
        ),
        "experiments.tsv": tsv(("experimentId", "time", "conditionId"), periods),
        "observables.tsv": tsv(
            ("observableId", "observableName", "observableFormula", "noiseFormula", "noiseDistribution"),
            ((*row, 1.0, "laplace") for row in _observables(done)),
        ),
        "measurements.tsv": tsv(
            ("observableId", "experimentId", "time", "measurement", "datasetId"),
            ((observable_id(r), e.id, r.time_s + e.shift_s, 0.0, dataset(r)) for e, r in measured(done)),
        ),
        "problem.yaml": _YAML_2,
    }


def bounds(p: Parameter) -> tuple[float, float]:
    """Lower and upper bound of a parameter, which include its value."""
    low, high = (10.0 ** (p.centre + sign * BOUNDS * p.sd) for sign in (-1.0, 1.0))
    return min(low, p.value), max(high, p.value)


def _named(role: str, targets: Mapping[str, float | str]) -> Targets:
    return {role + name: value for name, value in targets.items()}


def _plain(name: str) -> str:
    return name.replace("-", "m").replace(".", "_").replace("+", "")


def _pair(a: float, b: float) -> str:
    return f"{a!r};{b!r}"


_LN10 = math.log(10.0)

_YAML_1 = f"""\
format_version: 1
parameter_file: parameters.tsv
problems:
  - sbml_files: [{MODEL}]
    condition_files: [conditions.tsv]
    observable_files: [observables.tsv]
    measurement_files: [measurements.tsv]
"""
_YAML_2 = f"""\
format_version: 2.0.0
model_files:
  cells: {{location: {MODEL}, language: sbml}}
parameter_files: [parameters.tsv]
condition_files: [conditions.tsv]
experiment_files: [experiments.tsv]
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
"""
