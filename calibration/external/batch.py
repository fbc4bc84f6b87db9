"""The arms of a third-party model as a batch: their tables, and derivatives of what is read in them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from calibration.external.free_parameters import FreeParameters
from calibration.external.setups import Setup
from calibration.external.simulator import LONGER, ArmTable, ExternalSimulator
from calibration.objective.problem import Vector
from models.simulation.batch import BatchSimulator, OutputWeights
from models.simulation.batch_layout import Accuracy, BatchLayout, Integration, grid, grid_to_rest
from models.simulation.codegen.compile import NoDerivatives
from models.simulation.condition_table import ConditionRows
from models.simulation.engine import Failure
from models.simulation.network_reduction import parse

log = logging.getLogger(__name__)

ERROR = 1e-3
"""Estimated relative error of one step."""

FIRST, LONGEST = 1e-6, 0.05
"""First and longest step of an integration, in its whole length."""

LONG = 10.0
"""Length of the implicit Euler step that a steady state is taken for, in the time it is waited for."""

CHECKED = 4
"""Draws at which the batch is compared with the simulator."""

NEAR = 0.01
"""Relative difference of read-outs that is let through, of the largest in their column."""

STEP = 1e-5  # [prior standard deviations] of the differences by which priors are differentiated


class ReadingDerivative(NamedTuple):
    """By how much a term changes with one unit more of a reading."""

    term: int
    arm: str
    row: int
    name: str
    by: float


@dataclass(frozen=True)
class ExternalBatch:
    """Arms of a third-party model, ready to be run together. One per process.

    Attributes
    ----------
    arms : dict of str to Setup
    names : tuple (n_columns,) of str
        Of the columns of all tables.
    """

    simulator: BatchSimulator
    arms: Mapping[str, Setup]
    names: tuple[str, ...]
    free: FreeParameters

    @classmethod
    def of(
        cls, simulator: ExternalSimulator, arms: Mapping[str, Setup], free: FreeParameters
    ) -> ExternalBatch:
        """What `simulator` does, as a batch.

        Raises
        ------
        models.simulation.codegen.compile.NoDerivatives
            Where a formula of the network cannot be read, or there is no C compiler.
        """
        network = parse(simulator.model.text)
        spans = [s.span for arm in arms.values() for s in arm.before if s.rest]
        made = BatchSimulator(
            network,
            {name: float(text) for name, text in network.parameters if _is_number(text)},
            lambda rows: lay_out(arms, rows),
            simulator.names,
            accuracy=Accuracy(ERROR, free.atol / ERROR, LONG * sum(LONGER) * max(spans, default=1.0)),
        )
        return cls(made, arms, simulator.names, free)

    def tables(self, z: Vector) -> dict[str, ArmTable | Failure]:
        """Every arm at `z` (n,) [prior standard deviations]."""
        found: dict[str, ArmTable | Failure] = {}
        for (name, arm), table in zip(self.arms.items(), self.simulator.run(self._values(z)), strict=True):
            variable = arm.grid if arm.scan else arm.times
            found[name] = (
                Failure("the batch could not run it")
                if table is None
                else ArmTable(variable, self.names, table)
            )
        return found

    def derivatives(self, readings: Iterable[ReadingDerivative], z: Vector, n_terms: int) -> Vector:
        """Derivatives of terms (n_terms, n) [1 / prior standard deviation] over the last run.

        By the chain rule, d term/d z = sum over readings of d term/d reading x d reading/d parameter
        x d parameter/d z.
        """
        by_arm: dict[str, list[ReadingDerivative]] = {name: [] for name in self.arms}
        for one in readings:
            by_arm[one.arm].append(one)
        column = {name: i for i, name in enumerate(self.names)}
        weights: list[OutputWeights | None] = []
        for (_, own), times in zip(by_arm.items(), self.simulator.times, strict=True):
            if not own:
                weights.append(None)
                continue
            terms, at = np.unique([one.term for one in own], return_inverse=True)
            by = np.zeros((len(terms), len(times), len(self.names)))
            for one, term in zip(own, at.tolist(), strict=True):
                by[term, one.row, column[one.name]] += one.by
            weights.append(OutputWeights(terms, by))
        values, names = self._values(z), self.free.space.names
        quantities = max(2, n_terms)  # one alone would be added up over all
        return self.simulator.derivatives(weights, values, names, quantities, self._per(z))[:n_terms]

    def _values(self, z: Vector) -> dict[str, float]:
        return {**self.free.fixed, **self.free.space.values(z)}

    def _per(self, z: Vector) -> Vector:
        """d parameter / d z (n,)."""
        more, less = (self.free.space.values(z + by) for by in (STEP, -STEP))
        return np.array([(more[name] - less[name]) / (2.0 * STEP) for name in self.free.space.names])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def lay_out(arms: Mapping[str, Setup], rows: ConditionRows) -> BatchLayout:
    """The integrations of arms, in the model's own time; each comes after the one that it goes on from."""
    times = [arm.grid if arm.scan else arm.times for arm in arms.values()]
    layout, ends = BatchLayout(tuple(arms), times), dict[str, int]()

    def add(arm: Setup, number: int, settings: Mapping[str, float], watched: Sequence[float]) -> int:
        now = ends[arm.after] if arm.after else -1
        for phase in arm.before:
            row = rows.of({**settings, **arm.set, **phase.set}, 0, {})
            nodes = steps([0.0, phase.span])
            if phase.rest:
                nodes = grid_to_rest(FIRST * phase.span, phase.span, phase.span * sum(LONGER))
            given = tuple(phase.amounts.items())
            now = layout.add(Integration(row, now, nodes, phase.rest, given))
        row, nodes = rows.of({**settings, **arm.set}, 0, {}), steps(watched)
        read, samples = np.searchsorted(nodes, watched), np.arange(len(watched))
        if arm.scan:  # only the end is read, as the sample of this value
            read = read[-1:]
            samples = np.flatnonzero(arm.grid == settings[arm.scan])
        given = tuple(arm.amounts.items())
        return layout.add(Integration(row, now, nodes, False, given, number, read, samples))

    for number, (name, arm) in enumerate(arms.items()):
        if arm.scan:
            for value in arm.grid.tolist():
                add(arm, number, {arm.scan: value}, [0.0, arm.until])
        else:
            ends[name] = add(arm, number, {}, arm.times.tolist())
    layout.conditions = rows.done()
    return layout


def steps(times: Sequence[float]) -> Vector:
    """Nodes of an integration that is read at `times`."""
    span = times[-1] - times[0]
    return grid(times, FIRST * span, LONGEST * span)


def checked(
    simulator: ExternalSimulator, arms: Mapping[str, Setup], free: FreeParameters
) -> ExternalBatch | None:
    """The batch, if there can be one and it agrees with the simulator; else None, and the log says why."""
    try:
        batch = ExternalBatch.of(simulator, arms, free)
    except NoDerivatives as why:
        log.warning("Derivatives are taken by differences, which takes longer: %s.", why)
        return None
    n, compared = len(free.space), 0
    for z in np.random.default_rng(1).standard_normal((CHECKED, n)):
        wanted, found = simulator.run(arms, batch._values(z)), batch.tables(z)
        for name, table in found.items():
            other = wanted[name]
            if isinstance(other, Failure) or isinstance(table, Failure):
                continue  # what the batch cannot run the simulator runs
            compared += 1
            if (off := _difference(table, other, free)) > NEAR:
                log.warning(
                    "Derivatives are taken by differences, which takes longer: "
                    "arm %s of the batch is off by %.2g.",
                    name,
                    off,
                )
                return None
    if not compared:
        log.warning("Derivatives are taken by differences, which takes longer: the batch runs no arm.")
    return batch if compared else None


def _difference(table: ArmTable, other: ArmTable, free: FreeParameters) -> float:
    """The largest difference of two tables, relative to the largest value of its column."""
    size = np.abs(other.values).max(0) + free.atol / free.rtol * NEAR
    with np.errstate(invalid="ignore"):
        off = np.abs(table.values - other.values) / size
    both = np.isnan(table.values) & np.isnan(other.values)
    return float(np.nan_to_num(np.where(both, 0.0, off), nan=np.inf).max(initial=0.0))
