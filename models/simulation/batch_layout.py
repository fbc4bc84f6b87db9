"""Arms as legs, integrations one after the other, and legs of all arms in blocks that run abreast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.simulation.condition_table import ConditionRows
from models.simulation.engine import Array
from models.simulation.simulator import Simulator, _span
from models.simulation.steady_state import FIRST_SPAN, SPANS
from models.simulation.traced import FIRST_STEP, grid

TO_REST, AT_REST = 1.35, 4.0
"""How steps grow on the way to rest, and where hardly a cell still moves."""

Index = NDArray[np.intp]


def nowhere() -> Index:
    """No numbers."""
    return np.zeros(0, np.intp)


PAD = 1e-3
"""Length [s] of the steps that a lane takes after its own last one, while others go on."""


@dataclass(slots=True)
class Integration:
    """One integration; one that goes on from none is a cell that comes to rest.

    Attributes
    ----------
    row : int
        Of the table of conditions.
    before : int
        The leg it goes on from; -1 for none.
    nodes : array (steps + 1,) [s]
    renewed : bool
        Whether the medium is, as it begins.
    arm : int
        Of which arm it is read; -1 for none.
    at, samples : array (n_read,)
        Nodes that are read, and which samples of the arm they are.
    depth : int
        How many legs are before it.
    """

    row: int
    before: int
    nodes: Array
    renewed: bool = False
    arm: int = -1
    at: Index = field(default_factory=nowhere)
    samples: Index = field(default_factory=nowhere)
    depth: int = 0


@dataclass(frozen=True, slots=True)
class BatchBlock:
    """Legs that run abreast; lanes that are left over do what the first does.

    Attributes
    ----------
    rests : bool
        Whether these are cells that come to rest.
    legs : tuple of int
    rows : array (lanes,)
    steps : array (n_steps, lanes) [s]
    last : array (lanes,)
        The last node of each lane.
    read : array (n_read,)
        Nodes that are read in some lane.
    renewed : array (lanes,)
    """

    rests: bool
    legs: tuple[int, ...]
    rows: NDArray[np.intp]
    steps: Array
    last: NDArray[np.int32]
    read: NDArray[np.int32]
    renewed: NDArray[np.bool_]


class BatchLayout:
    """The legs of some arms; what several arms begin with is there once.

    Parameters
    ----------
    bench : Simulator
    arms : mapping of Arm to array (n_times,) [s]
    rows : ConditionRows
        To which their conditions are added.
    overrides : mapping of str to float
    """

    def __init__(
        self, bench: Simulator, arms: Mapping[Any, Array], rows: ConditionRows, overrides: Mapping[str, float]
    ) -> None:
        self.all: list[Integration] = []
        self._to_rest = grid_to_rest()
        for number, (arm, times) in enumerate(arms.items()):
            ready = bench._timelines.ready(arm)
            told, ways = ready.conditions(overrides), ready.slopes(overrides)
            rest = rows.of(told.rest, -1, ways)
            changes = [(float(start), rows.of(s, i, ways)) for i, (start, s) in enumerate(told.segments)]
            self._add(number, times.tolist(), rest, sorted(changes), bool(arm.renew_medium))

    def _add(
        self, number: int, times: list[float], rest: int, changes: list[tuple[float, int]], renewed: bool
    ) -> None:
        if not changes or changes[0][0] > 0.0:
            changes = [(0.0, rest), *changes]
        now = self._leg(Integration(rest, -1, self._to_rest))
        ends = [*(start for start, _ in changes[1:]), np.inf]
        for (start, row), end in zip(changes, ends, strict=True):
            if start < 0.0:
                now = self._leg(Integration(row, now, grid([start, min(end, 0.0)])))
            if end <= 0.0 or start > times[-1]:
                continue
            begin = max(start, 0.0)
            end = end if end <= times[-1] else np.inf
            samples = [t for t in times if begin <= t < end]
            nodes = grid(_span(begin, samples, min(end, max(times[-1], begin + 1.0))))
            read = np.searchsorted(nodes, samples), np.searchsorted(times, samples)
            now, renewed = self._leg(Integration(row, now, nodes, renewed, number, *read)), False

    def _leg(self, leg: Integration) -> int:
        """Number of a leg; one that is there already and is not read serves again."""
        if leg.arm < 0:
            for i, other in enumerate(self.all):
                same = (other.row, other.before, other.renewed) == (leg.row, leg.before, leg.renewed)
                if same and other.arm < 0 and np.array_equal(other.nodes, leg.nodes):
                    return i
        leg.depth = self.all[leg.before].depth + 1 if leg.before >= 0 else 0
        self.all.append(leg)
        return len(self.all) - 1

    def blocks(self, lanes: int, asked: Sequence[int]) -> list[BatchBlock]:
        """All legs, each after the one it goes on from, with alike numbers of steps side by side.

        Among those, legs of arms that are `asked` alike often, as they have as much to take back.
        """

        def like(i: int) -> tuple[int, int, int]:
            leg = self.all[i]
            return leg.depth, len(leg.nodes), asked[leg.arm] if leg.arm >= 0 else 0

        order = sorted(range(len(self.all)), key=like)
        found = []
        while order:
            depth = self.all[order[0]].depth
            chosen = [i for i in order[:lanes] if self.all[i].depth == depth]
            order = order[len(chosen) :]
            found.append(self._block([*chosen, *chosen[:1] * (lanes - len(chosen))], len(chosen)))
        return found

    def _block(self, lanes: Sequence[int], count: int) -> BatchBlock:
        legs = [self.all[i] for i in lanes]
        steps = np.full((max(len(leg.nodes) for leg in legs) - 1, len(legs)), PAD)
        for lane, leg in enumerate(legs):
            steps[: len(leg.nodes) - 1, lane] = np.diff(leg.nodes)
        return BatchBlock(
            legs[0].before < 0,
            tuple(lanes[:count]),
            np.array([leg.row for leg in legs]),
            steps,
            np.array([len(leg.nodes) - 1 for leg in legs], np.int32),
            np.unique(np.concatenate([leg.at for leg in legs])).astype(np.int32),
            np.array([leg.renewed for leg in legs]),
        )


def grid_to_rest() -> Array:
    """Nodes [s] on the way to rest: steps that grow all the way, as long as
    `models.simulation.steady_state` would wait.
    """
    nodes, step = [0.0], FIRST_STEP
    while nodes[-1] < FIRST_SPAN * 4.0**SPANS / 3.0:
        nodes.append(nodes[-1] + step)
        step *= TO_REST if nodes[-1] < FIRST_SPAN else AT_REST
    return np.array(nodes)
