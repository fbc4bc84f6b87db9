"""The arms of a simulator as a batch: one for each network, as cells may go by different hypotheses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from models.simulation.batch import BatchSimulator, OutputWeights
from models.simulation.batch_layout import BatchLayout, Integration, grid, grid_to_rest
from models.simulation.condition_table import ConditionRows
from models.simulation.engine import Array
from models.simulation.simulator import Simulator, _grid, _span


class ArmBatch:
    """Arms of a simulator, ready to be run together at any parameters. One per process.

    Parameters
    ----------
    simulator : Simulator
    arms : mapping of Arm to times [s]
    overrides : mapping of str to float
        Values of contexts and drugs, at which no two conditions are alike by chance.
    names : sequence (n_names,) of str
        Read-outs that are wanted.
    asked : mapping of Arm to int, optional
        How many quantities depend on each arm.

    Attributes
    ----------
    arms : tuple of Arm
    times : list of array (n_times,) [s]
        Of each arm, from 0 on.
    parts : list of (BatchSimulator, numbers of its arms, Simulator)
        One for each network.

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        Where a formula of a network cannot be read, or there is no C compiler.
    """

    def __init__(
        self,
        simulator: Simulator,
        arms: Mapping[Any, Iterable[float]],
        overrides: Mapping[str, float],
        names: Sequence[str],
        asked: Mapping[Any, int] | None = None,
    ) -> None:
        self.arms, self.names = tuple(arms), tuple(names)
        self.times = [np.array(_grid(tuple(times))) for times in arms.values()]
        groups: dict[Simulator, list[int]] = defaultdict(list)
        for i, arm in enumerate(self.arms):
            groups[simulator._bench_of(arm)].append(i)
        self.parts: list[tuple[BatchSimulator, list[int], Simulator]] = []
        for own, numbers in groups.items():
            often = [(asked or {}).get(self.arms[i], 0) for i in numbers]
            self.parts.append((self._part(own, numbers, overrides, often), numbers, own))

    def _part(
        self, own: Simulator, numbers: Sequence[int], overrides: Mapping[str, float], often: Sequence[int]
    ) -> BatchSimulator:
        pieces = own.pieces
        defaults = dict(zip(pieces.parameters, pieces.defaults.tolist(), strict=True))
        arms = {self.arms[i]: self.times[i] for i in numbers}
        return BatchSimulator(
            pieces.network,
            defaults,
            lambda rows: lay_out(own, arms, rows, overrides),
            [name for name in self.names if name in own.names],
            overrides,
            often,
        )

    def run(self, values: Mapping[str, float]) -> list[Array | None]:
        """Read-outs (n_times, n_names) of every arm; None where it could not be run.

        Parameters
        ----------
        values : mapping of str to float
            Rates, and all that is among the overrides.
        """
        if len(self.parts) == 1:
            return self.parts[0][0].run(values)
        found: list[Array | None] = [None] * len(self.arms)
        for part, numbers, own in self.parts:
            columns = [self.names.index(name) for name in part.names]
            for i, table in zip(numbers, part.run(own.known(values)), strict=True):
                if table is not None:
                    whole = found[i] = np.full((len(table), len(self.names)), np.nan)
                    whole[:, columns] = table
        return found

    def derivatives(
        self,
        weights: Sequence[OutputWeights | None],
        values: Mapping[str, float],
        names: Sequence[str],
        quantities: int = 1,
    ) -> Array:
        """By how much weighted sums of read-outs change with a decade more of each value (quantities, n).

        See `BatchSimulator.derivatives`.
        """
        if len(self.parts) == 1:
            return self.parts[0][0].derivatives(weights, values, names, quantities)
        found = np.zeros((quantities, len(names)))
        for part, numbers, own in self.parts:
            columns = [self.names.index(name) for name in part.names]
            mine = [weights[i] for i in numbers]
            chosen = [None if w is None else OutputWeights(w.rows, w.by[:, :, columns]) for w in mine]
            known = own.known(values)
            at = [i for i, name in enumerate(names) if name in known]
            found[:, at] += part.derivatives(chosen, known, [names[i] for i in at], quantities)
        return found

    def onset(
        self, arm: int, part: str, whole: str, values: Mapping[str, float], names: Sequence[str]
    ) -> Array | None:
        """As `BatchSimulator.onset`, of the arm of that number."""
        for batch, numbers, own in self.parts:
            if arm in numbers:
                known = own.known(values)
                at = [i for i, name in enumerate(names) if name in known]
                found = batch.onset(numbers.index(arm), part, whole, known, [names[i] for i in at])
                if found is None:
                    return None
                every = np.zeros(len(names))
                every[at] = found
                return every
        raise ValueError(f"there is no arm {arm}")


def lay_out(
    simulator: Simulator, arms: Mapping[Any, Array], rows: ConditionRows, overrides: Mapping[str, float]
) -> BatchLayout:
    """The integrations of arms: to the steady state, through changes before time 0, and from there on.

    Parameters
    ----------
    arms : mapping of Arm to array (n_times,) [s]
    rows : ConditionRows
        To which their conditions are added.
    """
    layout, to_rest = BatchLayout(tuple(arms), list(arms.values())), grid_to_rest()
    emptied = tuple((int(species), 0.0) for species in simulator._secreted)
    for number, (arm, sampled) in enumerate(arms.items()):
        ready = simulator._timelines.ready(arm)
        told, ways = ready.conditions(overrides), ready.derivatives(overrides)
        rest = rows.of(told.rest, -1, ways)
        changes = sorted((float(start), rows.of(s, i, ways)) for i, (start, s) in enumerate(told.segments))
        if not changes or changes[0][0] > 0.0:
            changes = [(0.0, rest), *changes]
        times, amounts = sampled.tolist(), emptied if arm.renew_medium else ()
        now = layout.add(Integration(rest, -1, to_rest, True))
        ends = [*(start for start, _ in changes[1:]), np.inf]
        for (start, row), end in zip(changes, ends, strict=True):
            if start < 0.0:
                now = layout.add(Integration(row, now, grid([start, min(end, 0.0)])))
            if end <= 0.0 or start > times[-1]:
                continue
            begin = max(start, 0.0)
            end = end if end <= times[-1] else np.inf
            samples = [t for t in times if begin <= t < end]
            nodes = grid(_span(begin, samples, min(end, max(times[-1], begin + 1.0))))
            read = np.searchsorted(nodes, samples), np.searchsorted(times, samples)
            now = layout.add(Integration(row, now, nodes, False, amounts, number, *read))
            amounts = ()
    layout.conditions = rows.done()
    return layout
