"""What a batch runs: integrations, each from where another one ended, gathered in blocks of alike length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.simulation.condition_table import ConditionTable
from models.simulation.engine import Array
from models.simulation.steady_state import FIRST_SPAN, SPANS

FIRST_STEP = 10.0
"""Of a grid [s]."""

GROWTH = 1.35
LONGEST = 4 * 3600.0
"""Of a step [s]."""

TO_REST, AT_REST = 1.35, 4.0
"""How steps grow on the way to a steady state, and where hardly a cell still moves."""

PAD = 1e-4
"""Length of the steps that a lane takes after its own last one while others go on, in first steps."""

Index = NDArray[np.intp]


def nowhere() -> Index:
    """No numbers."""
    return np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How closely a batch is integrated.

    Attributes
    ----------
    error : float
        Estimated relative error that one step may have.
    amount : float [unit of amounts]
        Below ten of it errors of a step, and below it changes of a steady state, are absolute.
    long : float [unit of time]
        Length of the implicit Euler steps that a steady state is taken for.
    """

    error: float = 0.02
    amount: float = 1.0
    long: float = 1e8


@dataclass(slots=True)
class Integration:
    """One integration.

    Attributes
    ----------
    row : int
        Of the table of conditions.
    before : int
        The integration that it begins with the end of; -1 for the start amounts.
    nodes : array (n_steps + 1,) [unit of time]
    to_rest : bool
        Whether it ends in the steady state.
    amounts : tuple of (species, name of a parameter or amount)
        What is set as it begins.
    arm : int
        Of which arm it is read; -1 for none.
    at, samples : array (n_read,)
        Nodes that are read, and which samples of the arm they are.
    depth : int
        How many integrations are before it.
    """

    row: int
    before: int
    nodes: Array
    to_rest: bool = False
    amounts: tuple[tuple[int, str | float], ...] = ()
    arm: int = -1
    at: Index = field(default_factory=nowhere)
    samples: Index = field(default_factory=nowhere)
    depth: int = 0

    def same(self, other: Integration) -> bool:
        """Whether both do the same, and so one can serve for two; one that is read stays by itself."""
        mine = (self.row, self.before, self.to_rest, self.amounts, self.arm)
        same = mine == (other.row, other.before, other.to_rest, other.amounts, other.arm)
        return same and self.arm < 0 and np.array_equal(self.nodes, other.nodes)


@dataclass(frozen=True, slots=True)
class BatchBlock:
    """Integrations that run side by side; lanes that are left over do what the first does.

    Attributes
    ----------
    to_rest : bool
        Whether these end in steady states.
    members : tuple of int
        Numbers of the integrations.
    rows : array (lanes,)
    steps : array (n_steps, lanes) [unit of time]
    last : array (lanes,)
        The last node of each lane.
    read : array (n_read,)
        Nodes that are read in some lane.
    first : array (lanes,) of bool
        Lanes that begin with the start amounts.
    amounts : list of (lane, species, name of a parameter or amount)
    """

    to_rest: bool
    members: tuple[int, ...]
    rows: NDArray[np.intp]
    steps: Array
    last: NDArray[np.int32]
    read: NDArray[np.int32]
    first: NDArray[np.bool_]
    amounts: list[tuple[int, int, str | float]]


@dataclass(slots=True)
class BatchLayout:
    """The integrations of some arms; what several arms begin with is there once.

    Attributes
    ----------
    conditions : ConditionTable
    arms : tuple
        Their names, or what stands for them.
    times : list of array (n_times,) [unit of time]
        Of each arm.
    all : list of Integration
        Each after the one it begins with.
    """

    arms: tuple[object, ...]
    times: list[Array]
    all: list[Integration] = field(default_factory=list)
    conditions: ConditionTable = field(init=False)

    def add(self, new: Integration) -> int:
        """Number of an integration; one that is there already serves again."""
        for i, other in enumerate(self.all):
            if new.same(other):
                return i
        new.depth = self.all[new.before].depth + 1 if new.before >= 0 else 0
        self.all.append(new)
        return len(self.all) - 1

    def blocks(self, lanes: int, asked: Sequence[int]) -> list[BatchBlock]:
        """All integrations, each after its predecessor, with alike numbers of steps side by side.

        Among those, integrations of arms that are `asked` alike often, as as much is taken back over them.
        """

        def like(i: int) -> tuple[int, bool, int, int]:
            own = self.all[i]
            return own.depth, own.to_rest, len(own.nodes), asked[own.arm] if own.arm >= 0 else 0

        order = sorted(range(len(self.all)), key=like)
        found = []
        while order:
            kind = like(order[0])[:2]
            chosen = [i for i in order[:lanes] if like(i)[:2] == kind]
            order = order[len(chosen) :]
            found.append(self._block([*chosen, *chosen[:1] * (lanes - len(chosen))], len(chosen)))
        return found

    def _block(self, lanes: Sequence[int], count: int) -> BatchBlock:
        own = [self.all[i] for i in lanes]
        most = max(len(one.nodes) for one in own) - 1
        steps = np.empty((most, len(own)))
        for lane, one in enumerate(own):
            steps[:, lane] = PAD * (one.nodes[1] - one.nodes[0])
            steps[: len(one.nodes) - 1, lane] = np.diff(one.nodes)
        last = [most if one.to_rest else len(one.nodes) - 1 for one in own]
        return BatchBlock(
            own[0].to_rest,
            tuple(lanes[:count]),
            np.array([one.row for one in own]),
            steps,
            np.array(last, np.int32),
            np.unique(np.concatenate([one.at for one in own])).astype(np.int32),
            np.array([one.before < 0 for one in own]),
            [(lane, s, amount) for lane, one in enumerate(own) for s, amount in one.amounts],
        )


def grid(times: Sequence[float], first: float = FIRST_STEP, longest: float = LONGEST) -> Array:
    """Nodes from the first of `times` to the last: those, and steps in between that grow."""
    now, step = times[0], first
    nodes = [now]
    for stop in times[1:]:
        while stop - now > 1.2 * step:
            now += step
            nodes.append(now)
            step = min(step * GROWTH, longest)
        now = stop
        nodes.append(now)
    return np.array(nodes)


def grid_to_rest(
    first: float = FIRST_STEP, span: float = FIRST_SPAN, end: float = FIRST_SPAN * 4.0**SPANS / 3.0
) -> Array:
    """Nodes on the way to a steady state, up to `end`; steps grow all the way, and faster after `span`.

    By default as long as `models.simulation.steady_state` would wait.
    """
    nodes, step = [0.0], first
    while nodes[-1] < end:
        nodes.append(nodes[-1] + step)
        step *= TO_REST if nodes[-1] < span else AT_REST
    return np.array(nodes)
