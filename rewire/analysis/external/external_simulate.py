"""Arms of a third-party problem, simulated with its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from calibration.external.claims import stands_for
from calibration.external.enforced_rows import place_of
from calibration.external.problem import ExternalProblem
from calibration.external.setups import Setup
from models.core.errors import Mistakes
from models.core.units import TIME_UNITS
from models.simulation.engine import Failure
from rewire.analysis.external.external_members import ExternalMembers
from rewire.analysis.simulate.ensemble_band import Axis, EnsembleBand

SHOWN = 8
"""Observables that are shown where none is asked for."""


def simulate_external(members: ExternalMembers, arm: str, observables: Sequence[str] = ()) -> EnsembleBand:
    """One arm with all members.

    Parameters
    ----------
    arm : str
        As the findings name it.
    observables : sequence of str
        Which; by default those that findings, constraints and measured points read.

    Raises
    ------
    UserError
        For names that are not there.
    """
    problem, problems = members.problem, Mistakes("")
    if arm not in problem.arms:
        problems.add("ARM", f"there is no arm {arm!r}", allowed=problem.arms, name=arm)
    for name in observables:
        if name not in problem.simulator.names:
            problems.add("--observable", repr(name), allowed=problem.simulator.names, name=name)
    problems.raise_if_any()
    names = tuple(dict.fromkeys(observables)) or read_observables(problem)
    return external_bands(members, [arm], names)[arm]


def read_observables(problem: ExternalProblem) -> tuple[str, ...]:
    """The first observables that something in the findings reads."""
    read = [point.observable for point in problem.points]
    for constraint in problem.constraints:
        sides = [side for side in constraint.sides if isinstance(side, str)]
        read += [place_of(side, constraint.base)[1] for side in sides]
    read += [str(getattr(f.claim, "observable", "")) for f in problem.findings]
    known = [name for name in dict.fromkeys(read) if name in problem.simulator.names]
    return tuple(known or problem.simulator.names)[:SHOWN]


def external_bands(
    members: ExternalMembers, arms: Iterable[str], names: Sequence[str]
) -> dict[str, EnsembleBand]:
    """Tables of arms with all members."""
    problem, chosen = members.problem, list(arms)
    variable = {name: _variable(problem.arms[name]) for name in chosen}
    columns = [problem.simulator.names.index(name) for name in names]
    values = {name: np.full((len(members), len(variable[name]), len(names)), np.nan) for name in chosen}
    failures: dict[str, list[str]] = {name: [] for name in chosen}
    for i, z in enumerate(members.z):
        tables = problem.tables(z)
        for name in chosen:
            table = tables[name]
            if isinstance(table, Failure):
                failures[name].append(f"member {i}: {table.reason}")
            else:
                values[name][i] = table.values[:, columns]
    units: Mapping[str, str] = {name: problem.model.units.get(name, "") for name in names}
    return {
        name: EnsembleBand(
            stands_for(name),
            variable[name],
            tuple(names),
            units,
            values[name],
            tuple(failures[name]),
            axis_of(problem, problem.arms[name]),
        )
        for name in chosen
    }


def axis_of(problem: ExternalProblem, arm: Setup) -> Axis:
    """Time in the model's own unit, or the parameter that is scanned."""
    unit = next((name for name, seconds in TIME_UNITS.items() if seconds == problem.free.second), "")
    return Axis(arm.scan or "time", arm.scan or unit or "time", 1.0)


def _variable(arm: Setup) -> np.ndarray:
    return arm.grid if arm.scan else arm.times
