"""Many arms at once: to rest, through their treatments, and back, several of them in every instruction.

`models.simulation.simulator.Simulator` runs one arm after the other on cut networks, with steps as short as a
tolerance wants them. Here arms run abreast on the whole network, with the steps of
`models.simulation.traced.grid`, which are halved where the method is not sure of itself. Read-outs are
nearer to the truth than those of a bench at the tolerance of fitting
(tests/models/simulation/test_batch.py), and nearly smooth in the parameters. No verdict rests on them.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from models.simulation.batch_layout import BatchBlock, BatchLayout, Index, nowhere
from models.simulation.codegen.compile import NoDerivatives, native, widest
from models.simulation.codegen.network_code import generate
from models.simulation.codegen.reverse_ad import Unsupported
from models.simulation.codegen.sparse_factors import TooLarge
from models.simulation.condition_table import ConditionDerivatives, ConditionRows
from models.simulation.engine import Array
from models.simulation.simulator import Simulator, _grid
from models.simulation.steady_state import BOUND, FLOOR, NEAR
from models.simulation.traced import LONG

LANES = widest()[0]
"""Arms in one instruction."""

EARLY = 3600.0
"""Before that [s] start amounts find their balance, and cells do not switch."""

SWITCHES = 0.5
"""How much the logarithm of a fraction changes in one step at least where cells do."""

POLISH = 4
"""Newton steps to a resting state."""


class OutputWeights(NamedTuple):
    """What read-outs of an arm are worth.

    Attributes
    ----------
    rows : array (k,)
        To which quantities, rising.
    by : array (k, n_times, n_names)
        One unit more of each.
    """

    rows: Index
    by: Array


class _BlockMemory(NamedTuple):
    """What a block was given, and the states it went through, node by node and between them."""

    parameters: Array
    nodes: Array
    middles: Array


class BatchSimulator:
    """Arms of one bench, ready to be run together at any parameters. One per process.

    Parameters
    ----------
    bench : Simulator
    arms : mapping of Arm to times [s]
    overrides : mapping of str to float
        Values of contexts and drugs, at which no two conditions are alike by chance.
    names : sequence (n_names,) of str
        Read-outs that are wanted.
    asked : mapping of Arm to int, optional
        How many quantities hang on each arm.

    Attributes
    ----------
    arms : tuple of Arm
    times : list of array (n_times,) [s]
        Of each arm, from 0 on.

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        Where a formula of the network cannot be read, arms are of several networks, or there is no C
        compiler.
    """

    def __init__(
        self,
        bench: Simulator,
        arms: Mapping[Any, Iterable[float]],
        overrides: Mapping[str, float],
        names: Sequence[str],
        asked: Mapping[Any, int] | None = None,
    ) -> None:
        if any(bench._bench_of(arm) is not bench for arm in arms):
            raise NoDerivatives("cells go by different hypotheses")
        network = bench.pieces.network
        try:
            code = generate(network, "batch", LANES)
        except TooLarge as why:
            raise NoDerivatives(str(why)) from None
        except Unsupported as formula:
            raise NoDerivatives(f"{formula} is no formula that can be taken back") from None
        self._code, self._lib = code, native(code.source, wide=True)
        self._place = {name: i for i, name in enumerate(code.parameters)}
        self._base = np.array([bench.pieces.defaults[bench.pieces.place[name]] for name in code.parameters])
        self._secreted = bench._secreted
        self.names = tuple(names)
        self._symbols = np.array([code.place[name] for name in names], np.int32)
        self._amounts = np.isin(names, [name for name, _ in network.groups])
        self.arms = tuple(arms)
        self.times = [np.array(_grid(tuple(times))) for times in arms.values()]
        rows = ConditionRows(self._place, overrides)
        legs = BatchLayout(bench, dict(zip(self.arms, self.times, strict=True)), rows, overrides)
        often = [(asked or {}).get(arm, 0) for arm in self.arms]
        self.legs, self._blocks, self.bound = legs.all, legs.blocks(LANES, often), rows.done()
        self._rooms = [self._room(block) for block in self._blocks]
        self._shelf: dict[str, Array] = {}
        self._lane = {
            leg: (room, block.last[lane], lane)
            for block, room in zip(self._blocks, self._rooms, strict=True)
            for lane, leg in enumerate(block.legs)
        }

    def _room(self, block: BatchBlock) -> _BlockMemory:
        n, count = self._code.n_species, len(block.steps)
        return _BlockMemory(_wide(len(self._place)), _wide(count + 1, n), _wide(count, n))

    # --- forward --------------------------------------------------------------------------------------------
    def run(self, values: Mapping[str, float]) -> list[Array | None]:
        """Read-outs (n_times, n_names) of every arm; None where it could not be run.

        Parameters
        ----------
        values : mapping of str to float
            Rates, and all that is among the overrides.
        """
        base = self._base.copy()
        for name, value in values.items():
            if "." not in name:
                base[self._place[name]] = value
        table = self.bound.filled(base, values)
        alive = np.zeros(len(self.legs), bool)
        found: list[Array | None] = [np.zeros((len(times), len(self.names))) for times in self.times]
        for block, room in zip(self._blocks, self._rooms, strict=True):
            room.parameters[:] = table[block.rows].T
            legs = list(block.legs)
            done = self._settle(block, room) if block.rests else self._forward(block, room, alive)
            alive[legs] = done[: len(legs)]
            self._read(block, room, alive, found)
        return found

    def _settle(self, block: BatchBlock, room: _BlockMemory) -> Array:
        """Which lanes come to rest."""
        moves = _wide(POLISH, self._code.n_species)
        self._call("settle", len(block.steps), block.steps, POLISH, LONG, *room, moves)
        with np.errstate(invalid="ignore"):
            size = (np.abs(moves) / (np.abs(room.nodes[-1]) + FLOOR)).max(1)
            return np.asarray((size[0] < NEAR) & (size[-1] < BOUND))

    def _forward(self, block: BatchBlock, room: _BlockMemory, alive: Array) -> Array:
        """Which lanes come to their end."""
        for lane, leg in enumerate(block.legs):
            before = self.legs[leg].before
            source, node, place = self._lane[before]
            room.nodes[0, :, lane] = source.nodes[node, :, place] if alive[before] else np.nan
        room.nodes[0, :, len(block.legs) :] = room.nodes[0, :, :1]
        room.nodes[0][np.ix_(self._secreted, block.renewed)] = 0.0
        self._call("forward", len(block.steps), block.steps, *room)
        return np.asarray(np.isfinite(room.nodes[block.last, :, np.arange(LANES)]).all(1))

    def _read(self, block: BatchBlock, room: _BlockMemory, alive: Array, found: list[Array | None]) -> None:
        if not len(block.read):
            return
        out = self._again("out", len(block.read), len(self.names))
        self._call("read_out", *self._reading(block), room.parameters, room.nodes, out)
        out[:, self._amounts] = np.maximum(out[:, self._amounts], 0.0)
        for lane, number in enumerate(block.legs):
            leg = self.legs[number]
            if leg.arm >= 0:
                table = found[leg.arm] = found[leg.arm] if alive[number] else None
                if table is not None:
                    table[leg.samples] = out[np.searchsorted(block.read, leg.at), :, lane]

    # --- back -----------------------------------------------------------------------------------------------
    def slopes(
        self,
        worths: Sequence[OutputWeights | None],
        values: Mapping[str, float],
        names: Sequence[str],
        quantities: int = 1,
    ) -> Array:
        """What a decade more of each value is worth (quantities, n) (of a potency: of the drug's constant).

        Parameters
        ----------
        worths : sequence of OutputWeights, or None
            Of each arm, over the last run.
        values : mapping of str to float
            As they were given to that.
        names : sequence (n,) of str
            Of values.
        """
        later: list[tuple[Index, Array] | None] = [None] * len(self.legs)
        ways = self._ways(values, names)
        found = np.zeros((quantities, len(names)))
        table = np.zeros(self.bound.free.shape)
        for block, room in zip(reversed(self._blocks), reversed(self._rooms), strict=True):
            rows = [self._concerned(leg, worths, later) for leg in block.legs]
            most = max(len(own) for own in rows)
            if not most:
                continue
            after, worth, bar = self._laid(block, rows, worths, later, most)
            if block.rests:
                lam = after
                self._call("rest", most, LONG, room.parameters, room.nodes[-1], after, bar)
            else:
                lam = self._again("lam", most, self._code.n_species)
                way = (most, len(block.steps), block.steps, block.last, *self._reading(block), worth)
                self._call("back", *way, *room, after, lam, bar)
            for lane, (leg, own) in enumerate(zip(block.legs, rows, strict=True)):
                if not len(own):
                    continue
                by = _known(bar[: len(own), : len(self._place), lane])
                if quantities == 1:
                    table[self.legs[leg].row] += by[0]
                else:
                    ways.add(found, own, by, self.legs[leg].row)
                before = self.legs[leg].before
                if before >= 0:
                    first = _known(lam[: len(own), :, lane])
                    first[:, self._secreted] *= not block.renewed[lane]
                    later[before] = _together(later[before], own, first)
        return ways.of_one(table)[None] if quantities == 1 else found

    def _concerned(
        self, leg: int, worths: Sequence[OutputWeights | None], later: Sequence[tuple[Index, Array] | None]
    ) -> Index:
        """The quantities to which something in a leg is worth anything."""
        arm, after = self.legs[leg].arm, later[leg]
        own = worths[arm] if arm >= 0 else None
        if own is None or after is None:
            return own.rows if own is not None else after[0] if after is not None else nowhere()
        return np.union1d(own.rows, after[0])

    def _laid(
        self,
        block: BatchBlock,
        rows: Sequence[Index],
        worths: Sequence[OutputWeights | None],
        later: Sequence[tuple[Index, Array] | None],
        most: int,
    ) -> tuple[Array, Array, Array]:
        """What last states and read-outs of a block are worth to each lane's quantities; room for theirs."""
        after = self._again("after", most, self._code.n_species)
        bar = self._again("bar", most, len(self._code.place))
        worth = self._again("worth", most, len(block.read), len(self.names))
        for lane, (number, own) in enumerate(zip(block.legs, rows, strict=True)):
            leg = self.legs[number]
            if (known := later[number]) is not None:
                after[np.searchsorted(own, known[0]), :, lane] = known[1]
            if leg.arm >= 0 and (given := worths[leg.arm]) is not None:
                rows_at, read_at = np.searchsorted(own, given.rows), np.searchsorted(block.read, leg.at)
                worth[rows_at[:, None], read_at, :, lane] = given.by[:, leg.samples]
        return after, worth, bar

    def _ways(self, values: Mapping[str, float], names: Sequence[str]) -> ConditionDerivatives:
        return ConditionDerivatives(self.bound, self._place, values, names)

    def onset(
        self, arm: int, part: str, whole: str, values: Mapping[str, float], names: Sequence[str]
    ) -> Array | None:
        """What a decade more of each value (n,) does to log `part` over `whole` where cells switch.

        That is on the way to rest, over the last run, where the fraction changes fastest: late for cells that
        linger before they switch, so this is across the values at which cells just do. None where none is
        fast.
        """
        leg = next(i for i, own in enumerate(self.legs) if own.arm == arm)
        while self.legs[leg].before >= 0:
            leg = self.legs[leg].before
        room, last, lane = self._lane[leg]
        row, nodes = self.legs[leg].row, self.legs[leg].nodes
        every = np.arange(last + 1, dtype=np.int32)
        symbols = self._symbols[[*map(self.names.index, (part, whole))]]
        out = _wide(len(every), 2)
        self._call("read_out", len(every), every, 2, symbols, room.parameters, room.nodes, out)
        with np.errstate(invalid="ignore", divide="ignore"):
            speed = np.abs(np.diff(np.log(out[:, 0, lane] / out[:, 1, lane])))
        speed[~(np.isfinite(speed) & (nodes[:-1] > EARLY))] = 0.0
        at = int(np.argmax(speed))
        if not speed[at] > SWITCHES:
            return None
        steps = np.repeat(np.diff(nodes[: at + 1])[:, None], LANES, axis=1)
        n, m = self._code.n_species, len(self._code.place)
        after, lam, bar, worth = _wide(1, n), _wide(1, n), _wide(1, m), _wide(1, 1, 2)
        worth[0, 0, :, lane] = 1.0 / out[at, 0, lane], -1.0 / out[at, 1, lane]
        read = (1, every[at:], 2, symbols, worth)
        self._call("back", 1, at, steps, np.full(LANES, -1, np.int32), *read, *room, after, lam, bar)
        self._call("rest", 1, 0.0, room.parameters, room.nodes[0], lam, bar)
        found = np.zeros((1, len(names)))
        self._ways(values, names).add(found, np.zeros(1, np.intp), bar[:, : len(self._place), lane], row)
        return found[0] if np.isfinite(found).all() else None

    def _again(self, name: str, *shape: int) -> Array:
        """Zeros as of `_wide`, where those of that name were before: new memory costs more than zeros."""
        count = math.prod(shape) * LANES
        kept = self._shelf.get(name)
        if kept is None or kept.size < count:
            kept = self._shelf[name] = _wide(math.prod(shape)).reshape(-1)
        own = kept[:count]
        own[:] = 0.0
        return own.reshape(*shape, LANES)

    def _reading(self, block: BatchBlock) -> tuple[Any, ...]:
        return len(block.read), block.read, len(self.names), self._symbols

    def _call(self, name: str, *arguments: Any) -> None:
        getattr(self._lib, name)(*map(_passed, arguments))


def _known(numbers: Array) -> Array:
    """A copy, with 0 where something is no number."""
    return np.where(np.isfinite(numbers), numbers, 0.0)


def _together(known: tuple[Index, Array] | None, rows: Index, by: Array) -> tuple[Index, Array]:
    """What a state is worth to some quantities, and to others."""
    if known is None:
        return rows, by
    if np.array_equal(known[0], rows):
        return rows, known[1] + by
    both = np.union1d(known[0], rows)
    total = np.zeros((len(both), by.shape[1]))
    total[np.searchsorted(both, known[0])] = known[1]
    total[np.searchsorted(both, rows)] += by
    return both, total


def _wide(*shape: int) -> Array:
    """Zeros (*shape, LANES) at an address that vectors like."""
    count = math.prod(shape) * LANES
    room = np.zeros(count + 8)
    skip = -room.ctypes.data // 8 % 8
    return room[skip : skip + count].reshape(*shape, LANES)


def _passed(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return ctypes.c_void_p(argument.ctypes.data)
    return ctypes.c_double(argument) if isinstance(argument, float) else argument
