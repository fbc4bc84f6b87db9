"""Many integrations at once: to steady states, through treatments, and back, several in every instruction.

`models.simulation.simulator.Simulator` runs one arm after the other on reduced networks, with steps as short
as a tolerance wants them. Here integrations run side by side on the whole network, with the steps of
`models.simulation.batch_layout.grid`, which are halved until the method is sure of each. Read-outs are nearer
to the truth than those of a simulator at the tolerance of fitting, and nearly smooth in the parameters. No
verdict rests on them. The equations, with their references, stand in `codegen/batch.c`.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from models.simulation.batch_layout import Accuracy, BatchBlock, BatchLayout, Index, nowhere
from models.simulation.codegen.compile import NoDerivatives, native, widest
from models.simulation.codegen.network_code import generate
from models.simulation.codegen.reverse_ad import Unsupported
from models.simulation.codegen.sparse_factors import TooLarge
from models.simulation.condition_table import ConditionDerivatives, ConditionRows
from models.simulation.engine import Array
from models.simulation.network_reduction import Network
from models.simulation.steady_state import BOUND, NEAR

LANES = widest()[0]
"""Integrations in one instruction."""

EARLY = 3600.0
"""Before that [s] start amounts find their balance, and cells do not switch."""

SWITCHES = 0.5
"""How much the logarithm of a fraction changes in one step at least where cells do."""

POLISH = 4
"""Newton steps to a steady state."""


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


class _SetAmounts(NamedTuple):
    """Amounts that are set as integrations of a block begin; `symbol` is -1 where it is a number."""

    species: Index
    lane: Index
    symbol: Index
    number: Array


class BatchSimulator:
    """Integrations of one network, ready to be run together at any parameters. One per process.

    Parameters
    ----------
    network : Network
    defaults : mapping of str to float
        Of its parameters.
    lay_out : callable
        Gives the layout, and adds conditions to the rows it is given.
    names : sequence (n_names,) of str
        Read-outs that are wanted.
    overrides : mapping of str to float, optional
        Values of contexts and drugs, at which no two conditions are alike by chance.
    asked : sequence of int, optional
        How many quantities depend on each arm.
    accuracy : Accuracy, optional

    Attributes
    ----------
    layout : BatchLayout

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        Where a formula of the network cannot be read, or there is no C compiler.
    """

    def __init__(
        self,
        network: Network,
        defaults: Mapping[str, float],
        lay_out: Callable[[ConditionRows], BatchLayout],
        names: Sequence[str],
        overrides: Mapping[str, float] | None = None,
        asked: Sequence[int] | None = None,
        accuracy: Accuracy | None = None,
    ) -> None:
        try:
            code = generate(network, LANES)
        except TooLarge as why:
            raise NoDerivatives(str(why)) from None
        except Unsupported as formula:
            raise NoDerivatives(f"{formula} is no formula that can be differentiated") from None
        self._code, self._lib = code, native(code.source, wide=True)
        self._accuracy = accuracy or Accuracy()
        self._place = {name: i for i, name in enumerate(code.parameters)}
        self._base = np.array([defaults[name] for name in code.parameters])
        self.names = tuple(names)
        self._symbols = np.array([code.place[name] for name in names], np.int32)
        self._amounts = np.isin(names, [name for name, _ in network.groups])
        self.layout = lay_out(ConditionRows(self._place, overrides or {}))
        self.times, self._conditions = self.layout.times, self.layout.conditions
        self._blocks = self.layout.blocks(LANES, asked or [0] * len(self.times))
        self._rooms = [self._room(block) for block in self._blocks]
        self._set = [self._set_amounts(block) for block in self._blocks]
        self._firsts = [_ones(block.first) for block in self._blocks]
        self._shelf: dict[str, Array] = {}
        self._lane = {
            number: (room, block.last[lane], lane)
            for block, room in zip(self._blocks, self._rooms, strict=True)
            for lane, number in enumerate(block.members)
        }

    def _room(self, block: BatchBlock) -> _BlockMemory:
        n, count = self._code.n_species, len(block.steps)
        return _BlockMemory(_wide(len(self._place)), _wide(count + 1, n), _wide(count, n))

    def _set_amounts(self, block: BatchBlock) -> _SetAmounts:
        place = self._code.place
        lane, species, symbol, number = [], [], [], []
        for own, which, amount in block.amounts:
            lane.append(own)
            species.append(which)
            symbol.append(place[amount] if isinstance(amount, str) else -1)
            number.append(0.0 if isinstance(amount, str) else amount)
        at, of, by = (np.array(part, np.intp) for part in (species, lane, symbol))
        return _SetAmounts(at, of, by, np.array(number, float))

    # --- forward --------------------------------------------------------------------------------------------
    def run(self, values: Mapping[str, float]) -> list[Array | None]:
        """Read-outs (n_times, n_names) of every arm; None where it could not be run.

        Parameters
        ----------
        values : mapping of str to float
            Parameters, and all that is among the overrides.
        """
        base = self._base.copy()
        for name, value in values.items():
            if "." not in name:
                base[self._place[name]] = value
        table = self._conditions.filled(base, values)
        alive = np.zeros(len(self.layout.all), bool)
        found: list[Array | None] = [np.zeros((len(times), len(self.names))) for times in self.times]
        for i, (block, room) in enumerate(zip(self._blocks, self._rooms, strict=True)):
            room.parameters[:] = table[block.rows].T
            self._begin(i, alive)
            accuracy = self._accuracy
            way = (len(block.steps), accuracy.error, 10.0 * accuracy.amount, block.steps)
            self._call("forward", *way, *room)
            done = self._settle(room) if block.to_rest else self._ended(block, room)
            alive[list(block.members)] = done[: len(block.members)]
            self._read(block, room, alive, found)
        return found

    def _begin(self, number: int, alive: Array) -> None:
        """The states with which the integrations of a block begin."""
        block, room, given = self._blocks[number], self._rooms[number], self._set[number]
        state = room.nodes[0]
        symbols = self._again("symbols", len(self._code.place))
        if block.first.any() or (given.symbol >= 0).any():
            self._call("begin", room.parameters, state, symbols)
        for lane, member in enumerate(block.members):
            before = self.layout.all[member].before
            if before >= 0:
                source, node, place = self._lane[before]
                state[:, lane] = source.nodes[node, :, place] if alive[before] else np.nan
        state[:, len(block.members) :] = state[:, :1]
        if len(given.lane):
            told = np.where(given.symbol >= 0, symbols[given.symbol, given.lane], given.number)
            state[given.species, given.lane] = np.where(np.isnan(state[0, given.lane]), np.nan, told)

    def _settle(self, room: _BlockMemory) -> Array:
        """Which lanes come to a steady state, which Newton's method finds from where they are.

        Its first step tells how far that still is, and the last one whether it was reached: the same rule as
        `models.simulation.steady_state.polish`.
        """
        moves, amount = _wide(POLISH, self._code.n_species), self._accuracy.amount
        self._call("newton", POLISH, self._accuracy.long, room.parameters, room.nodes[-1], moves)
        with np.errstate(invalid="ignore"):
            size = (np.abs(moves) / (np.abs(room.nodes[-1]) + amount)).max(1)
            return np.asarray((size[0] < NEAR) & (size[-1] < BOUND))

    def _ended(self, block: BatchBlock, room: _BlockMemory) -> Array:
        """Which lanes come to their end."""
        return np.asarray(np.isfinite(room.nodes[block.last, :, np.arange(LANES)]).all(1))

    def _read(self, block: BatchBlock, room: _BlockMemory, alive: Array, found: list[Array | None]) -> None:
        if not len(block.read):
            return
        out = self._again("out", len(block.read), len(self.names))
        self._call("read_out", *self._reading(block), room.parameters, room.nodes, out)
        out[:, self._amounts] = np.maximum(out[:, self._amounts], 0.0)
        for lane, number in enumerate(block.members):
            own = self.layout.all[number]
            if own.arm >= 0:
                table = found[own.arm] = found[own.arm] if alive[number] else None
                if table is not None:
                    table[own.samples] = out[np.searchsorted(block.read, own.at), :, lane]

    # --- back -----------------------------------------------------------------------------------------------
    def derivatives(
        self,
        weights: Sequence[OutputWeights | None],
        values: Mapping[str, float],
        names: Sequence[str],
        quantities: int = 1,
        per: Array | None = None,
    ) -> Array:
        """By how much weighted sums of read-outs change with each value (quantities, n).

        Parameters
        ----------
        weights : sequence of OutputWeights, or None
            Of each arm, over the last run.
        values : mapping of str to float
            As they were given to that.
        names : sequence (n,) of str
            Of values.
        per : array (n,), optional
            How much of each value is one unit; by default a decade more (of a potency: of the drug's
            constant).
        """
        later: list[tuple[Index, Array] | None] = [None] * len(self.layout.all)
        ways = self._ways(values, names, per)
        found = np.zeros((quantities, len(names)))
        table = np.zeros(self._conditions.free.shape)
        for i in reversed(range(len(self._blocks))):
            block = self._blocks[i]
            rows = [self._concerned(number, weights, later) for number in block.members]
            most = max(len(own) for own in rows)
            if not most:
                continue
            after, worth, bar = self._laid(block, rows, weights, later, most)
            lam = self._back(i, most, after, worth, bar)
            for lane, (number, own) in enumerate(zip(block.members, rows, strict=True)):
                if not len(own):
                    continue
                by = _known(bar[: len(own), : len(self._place), lane])
                if quantities == 1:
                    table[self.layout.all[number].row] += by[0]
                else:
                    ways.add(found, own, by, self.layout.all[number].row)
                before = self.layout.all[number].before
                if before >= 0:
                    later[before] = _together(later[before], own, _known(lam[: len(own), :, lane]))
        return ways.of_one(table)[None] if quantities == 1 else found

    def _back(self, number: int, most: int, after: Array, worth: Array, bar: Array) -> Array:
        """Back over a block; gives what the states are worth that its integrations began with.

        Amounts that were set as they began, and start amounts, are worth something to parameters instead.
        """
        block, room, given = self._blocks[number], self._rooms[number], self._set[number]
        first, computed = self._firsts[number], bool((given.symbol >= 0).any())
        if block.to_rest:
            lam, at_once = after, not len(given.lane)
            mask = first if at_once else _ones(np.zeros(LANES, bool))
            self._call("rest", most, self._accuracy.long, room.parameters, room.nodes[-1], mask, lam, bar)
            if at_once:
                return lam
        else:
            lam = self._again("lam", most, self._code.n_species)
            way = (most, len(block.steps), block.steps, block.last, *self._reading(block), worth)
            self._call("back", *way, *room, after, lam, bar)
        for species, lane, symbol in zip(given.species, given.lane, given.symbol, strict=True):
            if symbol >= 0:
                bar[:, symbol, lane] += lam[:, species, lane]
            lam[:, species, lane] = 0.0
        if computed or block.first.any():
            self._call("began", most, room.parameters, first, lam, bar)
        return lam

    def _concerned(
        self,
        number: int,
        weights: Sequence[OutputWeights | None],
        later: Sequence[tuple[Index, Array] | None],
    ) -> Index:
        """The quantities to which something in an integration is worth anything."""
        arm, after = self.layout.all[number].arm, later[number]
        own = weights[arm] if arm >= 0 else None
        if own is None or after is None:
            return own.rows if own is not None else after[0] if after is not None else nowhere()
        return np.union1d(own.rows, after[0])

    def _laid(
        self,
        block: BatchBlock,
        rows: Sequence[Index],
        weights: Sequence[OutputWeights | None],
        later: Sequence[tuple[Index, Array] | None],
        most: int,
    ) -> tuple[Array, Array, Array]:
        """What last states and read-outs of a block are worth to each lane's quantities; room for theirs."""
        after = self._again("after", most, self._code.n_species)
        bar = self._again("bar", most, len(self._code.place))
        worth = self._again("worth", most, len(block.read), len(self.names))
        for lane, (number, own) in enumerate(zip(block.members, rows, strict=True)):
            one = self.layout.all[number]
            if (known := later[number]) is not None:
                after[np.searchsorted(own, known[0]), :, lane] = known[1]
            if one.arm >= 0 and (given := weights[one.arm]) is not None:
                rows_at, read_at = np.searchsorted(own, given.rows), np.searchsorted(block.read, one.at)
                worth[rows_at[:, None], read_at, :, lane] = given.by[:, one.samples]
        return after, worth, bar

    def _ways(
        self, values: Mapping[str, float], names: Sequence[str], per: Array | None = None
    ) -> ConditionDerivatives:
        return ConditionDerivatives(self._conditions, self._place, values, names, per)

    def onset(
        self, arm: int, part: str, whole: str, values: Mapping[str, float], names: Sequence[str]
    ) -> Array | None:
        """What a decade more of each value (n,) does to log `part` over `whole` where cells switch.

        That is on the way to the steady state, over the last run, where the fraction changes fastest: late
        for cells that linger before they switch, so this is across the values at which cells just do. None
        where none is fast.
        """
        every = self.layout.all
        number = next(i for i, own in enumerate(every) if own.arm == arm)
        while every[number].before >= 0:
            number = every[number].before
        room, last, lane = self._lane[number]
        row, nodes = every[number].row, every[number].nodes
        read = np.arange(last + 1, dtype=np.int32)
        symbols = self._symbols[[*map(self.names.index, (part, whole))]]
        out = _wide(len(read), 2)
        self._call("read_out", len(read), read, 2, symbols, room.parameters, room.nodes, out)
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
        way = (1, read[at:], 2, symbols, worth)
        self._call("back", 1, at, steps, np.full(LANES, -1, np.int32), *way, *room, after, lam, bar)
        self._call("began", 1, room.parameters, _ones(np.ones(LANES, bool)), lam, bar)
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


def _ones(where: Any) -> Array:
    """A number in each lane: 1 in some of them."""
    made = _wide(1)
    made[0] = where
    return made


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
