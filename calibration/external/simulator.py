"""Arms of a third-party model to tables: a row a time (or scanned value), a column an observable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.external.setups import Amount, Setup
from calibration.objective.problem import Vector
from models.kinetic_model import KineticModel
from models.simulation.engine import Failure

LONGER = (1.0, 10.0, 100.0, 1000.0)
"""Cells that do not rest after the time given get so many times as long."""

STILL = 1e-4
"""At rest, no amount changes by more than this fraction in the time given."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmTable:
    """What one arm gives.

    Attributes
    ----------
    variable : array (n_rows,)
        Time, or the scanned parameter.
    names : tuple (n_columns,) of str
    values : array (n_rows, n_columns)
    """

    variable: Vector
    names: tuple[str, ...]
    values: Vector

    def of(self, name: str) -> Vector:
        """One column, (n_rows,)."""
        column: Vector = self.values[:, self.names.index(name)]
        return column


class ExternalSimulator:
    """Runs arms. One per process.

    Parameters
    ----------
    model : KineticModel
    rtol, atol : float
    compiled : bool, optional
        By default where a C compiler is.
    """

    def __init__(self, model: KineticModel, rtol: float, atol: float, compiled: bool | None = None) -> None:
        self.model, self.rtol, self.atol = model, rtol, atol
        self.engine = model.compile(compiled)
        self.names = (*self.engine.observables, *self.engine.functions)
        self._place = {name: i for i, name in enumerate(self.engine.parameters)}
        self._own = np.array([self.engine.core.get_param(name) for name in self.engine.parameters])
        self.runs = 0

    def run(self, arms: Mapping[str, Setup], values: Mapping[str, float]) -> dict[str, ArmTable | Failure]:
        """All arms, in the order given, in which each comes after the one it goes on from."""
        tables: dict[str, ArmTable | Failure] = {}
        ends: dict[str, Vector] = {}
        for name, arm in arms.items():
            if arm.scan:
                tables[name] = self._scan(arm, values, ends)
                continue
            begun = self._begin(arm, values, ends)
            if isinstance(begun, Failure):
                tables[name] = begun
                continue
            made = self._watch(arm, begun)
            if isinstance(made, Failure):
                tables[name] = made
            else:
                tables[name], ends[name] = made
        return tables

    def _settings(self, *more: Mapping[str, float]) -> None:
        vector = self._own.copy()
        for settings in more:
            for name, value in settings.items():
                vector[self._place[name]] = value
        self.engine.set_all(vector)

    def _begin(self, arm: Setup, values: Mapping[str, float], ends: Mapping[str, Vector]) -> Vector | Failure:
        """The amounts at time 0, with the settings of the watched stretch in place."""
        if arm.after and arm.after not in ends:
            return Failure(f"arm {arm.after} failed")
        first = arm.before[0].set if arm.before else {}
        self._settings(values, arm.set, first)
        state = ends[arm.after] if arm.after else self.engine.initial()
        for stretch in arm.before:
            self._settings(values, arm.set, stretch.set)
            state = self._with(state, stretch.amounts)
            gone = self._rest(state, stretch.span) if stretch.rest else self._on(state, stretch.span)
            if isinstance(gone, Failure):
                return gone
            state = gone
        self._settings(values, arm.set)
        return self._with(state, arm.amounts)

    def _with(self, state: Vector, amounts: Mapping[int, Amount]) -> Vector:
        if not amounts:
            return state
        state = state.copy()
        for i, amount in amounts.items():
            state[i] = self.engine.core.get_param(amount) if isinstance(amount, str) else amount
        return state

    def _on(self, state: Vector, span: float) -> Vector | Failure:
        self.runs += 1
        run = self.engine.run(state, (0.0, span), self.rtol, self.atol)
        return run if isinstance(run, Failure) else run.state

    def _rest(self, state: Vector, span: float) -> Vector | Failure:
        for factor in LONGER:
            gone = self._on(state, span * factor)
            if isinstance(gone, Failure):
                return Failure(f"pre-equilibration: {gone.reason}")
            state = gone
            moves = np.abs(self.engine.slopes(state)) * span
            if (moves <= STILL * np.abs(state) + self.atol / self.rtol).all():
                return state
        return Failure("pre-equilibration: not at rest")

    def _watch(self, arm: Setup, state: Vector) -> tuple[ArmTable, Vector] | Failure:
        self.runs += 1
        run = self.engine.run(state, arm.times.tolist(), self.rtol, self.atol)
        if isinstance(run, Failure):
            return run
        return ArmTable(arm.times, self.names, np.hstack([run.observables, run.functions])), run.state

    def _scan(
        self, arm: Setup, values: Mapping[str, float], ends: Mapping[str, Vector]
    ) -> ArmTable | Failure:
        rows = []
        for value in arm.grid:
            begun = self._begin(arm, {**values, arm.scan: float(value)}, ends)
            if isinstance(begun, Failure):
                return begun
            self.runs += 1
            run = self.engine.run(begun, (0.0, arm.until), self.rtol, self.atol)
            if isinstance(run, Failure):
                return run
            rows.append(np.concatenate([run.observables[-1], run.functions[-1]]))
        return ArmTable(arm.grid, self.names, np.array(rows))
