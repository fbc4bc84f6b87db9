"""Many arms at once: to rest, through their treatments, and back, several of them abreast in every instruction.

`models.simulate.Bench` runs one arm after the other on cut networks, with steps as short as a tolerance wants
them. Here all arms run on the whole network with the steps of `models.backward.grid`, halved, so that arms on one
grid share every instruction, and the result is a smooth function of the parameters. Both agree to a few
thousandths in log2 (tests/models/test_abreast.py); no verdict rests on this one.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backward import FIRST_STEP, GROWTH, LONG, Worths, grid
from models.engine import Array
from models.library import NoAdjoint, native, widest
from models.network_code import generate
from models.settle import BOUND, FIRST_SPAN, FLOOR, NEAR, SPANS
from models.simulate import Bench, _grid, _span, _stretches
from models.tape import Unsupported

LANES = widest()[0]
POLISH = 4
"""Newton steps to a resting state."""

PAD = 1e-3
"""Length [s] of the steps that a lane takes after its own last one, while others go on."""

Index = NDArray[np.intp]
LN10 = math.log(10.0)


@dataclass(slots=True)
class _Leg:
    """One integration, or (without a grid) a cell coming to rest.

    Attributes
    ----------
    row : int
        Of the table of parameters.
    before : int
        The leg it goes on from; -1 for none.
    nodes : array (steps + 1,) [s]
    renewed : bool
        Whether what was secreted is washed off as it begins.
    reads : list of (node, arm, sample)
    """

    row: int
    before: int
    nodes: Array
    renewed: bool = False
    depth: int = 0
    reads: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """Legs abreast.

    Attributes
    ----------
    legs : array (n_legs,)
    steps : array (n_steps, LANES) [s]
    last : array (LANES,) of int32
        The last node of each lane.
    at : array (some,) of int32
        Nodes that are read.
    """

    legs: Index
    rows: Index
    steps: Array
    last: NDArray[np.int32]
    at: NDArray[np.int32]
    renewed: NDArray[np.bool_]
    q: Array
    nodes: Array
    middles: Array


class Abreast:
    """The arms of one bench, ready to be run together at any parameters. One per process.

    Parameters
    ----------
    bench : Bench
    arms : mapping of Arm to times [s]
    overrides : mapping of str to float
        Values of contexts and drugs, none of them at a round number: cells that are then alike are alike at all.
    names : sequence of str
        Read-outs that are wanted.

    Raises
    ------
    models.library.NoAdjoint
        Where a formula of the network cannot be read, arms are of several networks, or there is no C compiler.
    """

    def __init__(
        self,
        bench: Bench,
        arms: Mapping[Any, Iterable[float]],
        overrides: Mapping[str, float],
        names: Sequence[str],
    ) -> None:
        if any(bench._bench_of(arm) is not bench for arm in arms):
            raise NoAdjoint("cells go by different hypotheses")
        try:
            code = generate(bench.pieces.network, "abreast", LANES)
        except Unsupported as formula:
            raise NoAdjoint(f"{formula} is no formula that can be taken back") from None
        self._code, self._lib = code, native(code.source, wide=True)
        self.names = tuple(names)
        self._place = {name: i for i, name in enumerate(code.parameters)}
        self._symbols = np.array([code.place[name] for name in names], np.int32)
        self._base = np.array([bench.pieces.defaults[bench.pieces.place[name]] for name in code.parameters])
        self._secreted = bench._secreted
        groups = {name for name, _ in bench.pieces.network.groups}
        self._amount = np.array([name in groups for name in names])
        self.arms = tuple(arms)
        self.times = [np.array(_grid(tuple(times))) for times in arms.values()]
        self._keys = tuple(overrides)
        self._legs: list[_Leg] = []
        rows = _Rows(self._place, self._keys)
        for number, arm in enumerate(self.arms):
            self._plan(bench, number, arm, dict(overrides), rows)
        self._rows = rows.done()
        self._blocks = self._packed()
        self._ways = np.diff(grid_to_rest())

    # --- the plan -------------------------------------------------------------------------------------------
    def _plan(self, bench: Bench, number: int, arm: Any, overrides: dict[str, float], rows: _Rows) -> None:
        ready = bench._timelines.ready(arm)
        told, ways = ready.conditions(overrides), ready.slopes(overrides)
        rest = rows.of(told.rest, -1, ways, overrides)
        steps = [
            (float(start), rows.of(settings, i, ways, overrides))
            for i, (start, settings) in enumerate(told.segments)
        ]
        steps.sort(key=lambda step: step[0])
        if not steps or steps[0][0] > 0.0:
            steps = [(0.0, rest), *steps]
        now = self._leg(_Leg(rest, -1, np.zeros(1)))
        early = [step for step in steps if step[0] < 0.0]
        for (start, row), end in zip(early, [*(s for s, _ in early), 0.0][1:], strict=True):
            now = self._leg(_Leg(row, now, grid([start, end])))
        times = self.times[number].tolist()
        renewed = bool(arm.renew_medium)
        for start, end, row in _stretches(steps, times[-1]):
            samples = [t for t in times if start <= t < end]
            span = _span(start, samples, min(end, max(times[-1], start + 1.0)))
            leg = _Leg(int(row), now, grid(span), renewed)
            at = np.searchsorted(leg.nodes, samples)
            leg.reads = [(int(n), number, times.index(t)) for n, t in zip(at, samples, strict=True)]
            now, renewed = self._leg(leg), False

    def _leg(self, leg: _Leg) -> int:
        """Number of a leg; one that is there already and is not read serves again."""
        if not leg.reads:
            for i, other in enumerate(self._legs):
                same = (other.row, other.before, other.renewed) == (leg.row, leg.before, leg.renewed)
                if same and not other.reads and np.array_equal(other.nodes, leg.nodes):
                    return i
        leg.depth = self._legs[leg.before].depth + 1 if leg.before >= 0 else 0
        self._legs.append(leg)
        return len(self._legs) - 1

    def _packed(self) -> list[_Block]:
        """Legs in blocks, those they go on from first, with alike numbers of steps side by side."""
        order = sorted(range(len(self._legs)), key=lambda i: (self._legs[i].depth, len(self._legs[i].nodes)))
        blocks, n = [], self._code.n_species
        while order:
            depth = self._legs[order[0]].depth
            chosen = [i for i in order[:LANES] if self._legs[i].depth == depth]
            order = order[len(chosen) :]
            lanes = [*chosen, *chosen[:1] * (LANES - len(chosen))]
            count = max(len(self._legs[i].nodes) for i in lanes) - 1
            steps = np.full((count, LANES), PAD)
            for lane, i in enumerate(lanes):
                own = np.diff(self._legs[i].nodes)
                steps[: len(own), lane] = own
            at = sorted({node for i in chosen for node, _, _ in self._legs[i].reads})
            blocks.append(
                _Block(
                    np.array(chosen),
                    np.array([self._legs[i].row for i in lanes]),
                    steps,
                    np.array([len(self._legs[i].nodes) - 1 for i in lanes], np.int32),
                    np.array(at, np.int32),
                    np.array([self._legs[i].renewed for i in lanes]),
                    _wide(len(self._code.parameters)),
                    _wide(count + 1, n),
                    _wide(count, n),
                )
            )
        return blocks

    # --- forward --------------------------------------------------------------------------------------------
    def run(self, values: Mapping[str, float]) -> list[Array | None]:
        """Read-outs (n_times, n_names) of every arm; None where it could not be run.

        Parameters
        ----------
        values : mapping of str to float
            Rates, and all that was among the overrides.
        """
        table = self._rows.filled(self._based(values), values)
        ends: list[tuple[_Block, int] | None] = [None] * len(self._legs)
        found: list[Array | None] = [np.zeros((len(times), len(self.names))) for times in self.times]
        for block in self._blocks:
            block.q[:] = table[block.rows].T
            if len(block.steps):
                self._forward(block, ends)
            else:
                self._settle(block, ends)
            self._read(block, ends, found)
        return found

    def _based(self, values: Mapping[str, float]) -> Array:
        base = self._base.copy()
        for name, value in values.items():
            if "." not in name:
                base[self._place[name]] = value
        return base

    def _settle(self, block: _Block, ends: list[tuple[_Block, int] | None]) -> None:
        state, moves = block.nodes[0], _wide(POLISH, self._code.n_species)
        self._call("settle", len(self._ways), self._ways, POLISH, LONG, block.q, state, moves)
        with np.errstate(invalid="ignore"):
            size = (np.abs(moves) / (np.abs(state) + FLOOR)).max(1)
        for lane, leg in enumerate(block.legs):
            rests = size[0, lane] < NEAR and size[-1, lane] < BOUND
            ends[leg] = (block, lane) if rests else None

    def _forward(self, block: _Block, ends: list[tuple[_Block, int] | None]) -> None:
        for lane, leg in enumerate(block.legs):
            begin = ends[self._legs[leg].before]
            if begin is None:
                block.nodes[0, :, lane] = np.nan
            else:
                other, place = begin
                block.nodes[0, :, lane] = other.nodes[other.last[place], :, place]
        block.nodes[0, :, len(block.legs) :] = block.nodes[0, :, :1]
        block.nodes[0][np.ix_(self._secreted, block.renewed)] = 0.0
        self._call("forward", len(block.steps), block.steps, block.q, block.nodes, block.middles)
        for lane, leg in enumerate(block.legs):
            whole = np.isfinite(block.nodes[block.last[lane], :, lane]).all()
            ends[leg] = (block, lane) if whole else None

    def _read(
        self, block: _Block, ends: list[tuple[_Block, int] | None], found: list[Array | None]
    ) -> None:
        out = _wide(len(block.at), len(self.names))
        if len(block.at):
            shape = (len(block.at), block.at, len(self.names), self._symbols)
            self._call("read_out", *shape, block.q, block.nodes, out)
            out[:, self._amount] = np.maximum(out[:, self._amount], 0.0)
        place = {int(node): i for i, node in enumerate(block.at)}
        for lane, leg in enumerate(block.legs):
            for node, arm, sample in self._legs[leg].reads:
                table = found[arm]
                if ends[leg] is None:
                    found[arm] = None
                elif table is not None:
                    table[sample] = out[place[node], :, lane]

    # --- back -----------------------------------------------------------------------------------------------
    def slopes(self, worths: Sequence[Array | None], values: Mapping[str, float]) -> dict[str, float]:
        """What a decade more of each of `values` is worth (of a potency: of the drug's constant).

        Parameters
        ----------
        worths : sequence of array (n_times, n_names), or None
            What one unit more of each read-out of each arm is worth, over the last run.
        """
        n, q = self._code.n_species, len(self._code.parameters)
        later: list[Array | None] = [None] * len(self._legs)
        by_row = np.zeros((self._rows.count, q))
        for block in reversed(self._blocks):
            lam, bar = _wide(n), _wide(len(self._code.place))
            worth = _wide(len(block.at), len(self.names))
            place = {int(node): i for i, node in enumerate(block.at)}
            live = False
            for lane, leg in enumerate(block.legs):
                if (after := later[leg]) is not None:
                    lam[:, lane], live = after, True
                for node, arm, sample in self._legs[leg].reads:
                    if (own := worths[arm]) is not None:
                        worth[place[node], :, lane], live = own[sample], True
            if not live:
                continue
            if len(block.steps):
                shape = (len(block.at), block.at, len(self.names), self._symbols)
                way = (block.q, block.nodes, block.middles)
                self._call("back", len(block.steps), block.steps, block.last, *shape, worth, *way, lam, bar)
            else:
                self._call("rest", LONG, block.q, block.nodes[0], lam, bar)
            for lane, leg in enumerate(block.legs):
                by_row[self._legs[leg].row] += np.nan_to_num(bar[:q, lane], posinf=0.0, neginf=0.0)
                before = self._legs[leg].before
                if before >= 0:
                    own = np.nan_to_num(lam[:, lane], posinf=0.0, neginf=0.0)
                    own[self._secreted] *= not self._legs[leg].renewed
                    after = later[before]
                    later[before] = own if after is None else after + own
        return self._rows.slopes(by_row, self._place, values)

    def _call(self, name: str, *arguments: Any) -> None:
        getattr(self._lib, name)(*map(_passed, arguments))


class _Rows:
    """A table of parameters, a row for every condition of a cell: what is bound there, and by what."""

    def __init__(self, place: Mapping[str, int], keys: Sequence[str]) -> None:
        self._place, self._key = place, {key: i for i, key in enumerate(keys)}
        self._known: dict[tuple[Any, ...], int] = {}
        self._bound: list[tuple[int, int, float]] = []
        self._open: list[tuple[int, int, int, float]] = []

    def of(
        self,
        settings: Mapping[str, float],
        stretch: int,
        ways: Mapping[str, Sequence[tuple[int, str, float]]],
        overrides: Mapping[str, float],
    ) -> int:
        """The row of a condition, whose settings are sums of constants and of overrides times a factor."""
        known = {self._place[name]: value for name, value in settings.items() if name in self._place}
        key = tuple(sorted(known.items()))
        if key in self._known:
            return self._known[key]
        row = self._known[key] = len(self._known)
        rest = dict(known)
        for name, changes in ways.items():
            by = _by(name, overrides[name])[1]
            for at, setting, slope in changes:
                if at == stretch and setting in self._place:
                    where = self._place[setting]
                    self._open.append((row, where, self._key[name], slope / by))
                    rest[where] -= slope / by * _by(name, overrides[name])[0]
        self._bound += [
            (row, where, 0.0 if abs(value) < 1e-9 * abs(known[where]) else value)
            for where, value in rest.items()
        ]
        return row

    def done(self) -> _Rows:
        """As arrays."""
        self.count = len(self._known)
        rows, columns, values = zip(*self._bound, strict=True)
        self._at = (np.array(rows), np.array(columns))
        self._values = np.array(values)
        rows, columns, keys, factors = zip(*self._open, strict=True) if self._open else ((), (), (), ())
        self._by_key = (np.array(rows, np.intp), np.array(columns, np.intp))
        self._keys, self._factors = np.array(keys, np.intp), np.array(factors, float)
        self._free: NDArray[np.bool_] = np.ones((self.count, len(self._place)), bool)
        self._free[self._at] = False
        return self

    def _ways(self, values: Mapping[str, float]) -> tuple[Array, Array]:
        ways = np.array([_by(name, values[name]) for name in self._key])
        return ways[:, 0], ways[:, 1]

    def filled(self, base: Array, values: Mapping[str, float]) -> Array:
        """All parameters (rows, n_parameters)."""
        table = np.repeat(base[None], self.count, axis=0)
        table[self._at] = self._values
        np.add.at(table, self._by_key, self._factors * self._ways(values)[0][self._keys])
        return table

    def slopes(self, by_row: Array, place: Mapping[str, int], values: Mapping[str, float]) -> dict[str, float]:
        """Worths of a decade more of each value, from those of parameters by row."""
        free = np.where(self._free, by_row, 0.0).sum(0)
        own = np.zeros(len(self._key))
        np.add.at(own, self._keys, self._factors * by_row[self._by_key])
        own *= self._ways(values)[1]
        found = {name: float(own[i]) for name, i in self._key.items()}
        for name, value in values.items():
            if "." not in name:
                found[name] = float(free[place[name]]) * value * LN10
        return found


def _by(name: str, value: float) -> tuple[float, float]:
    """What settings are proportional to, and its change with a decade more."""
    if name.endswith(".potency"):
        weaker = 10.0**-value
        return weaker, -LN10 * weaker
    return value, LN10 * value


def grid_to_rest() -> Array:
    """Nodes [s] on the way to rest: steps that grow all the way."""
    nodes, step = [0.0], FIRST_STEP
    while nodes[-1] < FIRST_SPAN * 4.0**SPANS / 3.0:
        nodes.append(nodes[-1] + step)
        step *= GROWTH
    return np.array(nodes)


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
