"""Arms forward in time with their states kept, and back: how a read-out changes with every parameter.

One run back costs a fraction of one forward, whatever the number of parameters. The slopes are good to about
a percent, since the steps back are those of a grid and not of the solver: enough for a search or a sampler,
and no verdict rests on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.simulation.codegen.compile import NoDerivatives, adjoint
from models.simulation.codegen.network_code import generate
from models.simulation.codegen.reverse_ad import Unsupported
from models.simulation.codegen.sparse_factors import TooLarge
from models.simulation.engine import Array, Failure
from models.simulation.reduced_networks import ReducedNetwork
from models.simulation.simulator import SCORE, Simulator, Trajectory

FIRST_STEP = 10.0
"""Of the grid [s]."""

GROWTH = 1.35
LONGEST = 4 * 3600.0
"""Of a step [s]."""

LONG = 1e8
"""Length [s] of the implicit Euler step that a resting state is taken for: totals are kept."""

Worths = Mapping[tuple[float, str], Array]
"""Time [s] and read-out to what one unit more of it is worth to each of k quantities (k,)."""


class NoSlope(ArithmeticError):
    """A linear system on the way back has no solution."""


@dataclass(slots=True)
class _Leg:
    """One integration.

    Attributes
    ----------
    vector : array (n_parameters,)
        What held.
    nodes, middles : array (steps + 1,) [s], array (steps, n_species)
        Of the grid, and the states in the middle of each step.
    at_nodes : array (steps + 1, n_species)
    """

    vector: Array
    nodes: Array
    at_nodes: Array
    middles: Array


@dataclass(slots=True)
class _Path:
    """What one arm went through; `stretches` numbers the conditions of `before` and then of `legs`."""

    rest: Array
    resting: Array
    before: list[_Leg] = field(default_factory=list)
    legs: list[_Leg] = field(default_factory=list)
    stretches: list[int] = field(default_factory=list)


class Traced(Simulator):
    """A bench that keeps the states on the way, and goes back over them. One per process.

    Raises
    ------
    models.simulation.codegen.compile.NoDerivatives
        Where a formula of the network cannot be read, or there is no C compiler.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        try:
            code = generate(self.pieces.network)
        except TooLarge as why:
            raise NoDerivatives(str(why)) from None
        except Unsupported as formula:
            raise NoDerivatives(f"{formula} is no formula that can be taken back") from None
        self._place, self._n = code.place, code.n_species
        self._adjoint = adjoint(code.source)
        self._numbers = np.array([self.pieces.place[name] for name in code.parameters], np.intp)
        self._legs: list[_Leg] = []
        self._resting: dict[bytes, Array] = {}
        self._earlier: dict[Any, list[_Leg]] = {}
        self._paths: dict[Any, _Path] = {}

    # --- forward --------------------------------------------------------------------------------------------
    def run(
        self,
        arms: Mapping[Any, Iterable[float]],
        values: Mapping[str, float] | None = None,
        rtol: float = SCORE,
        atol: float | None = None,
    ) -> dict[Any, Trajectory | Failure]:
        """As `Simulator.run`; `slopes` then goes back over it."""
        for kept in (self._begun, self._resting, self._earlier, self._paths):
            kept.clear()
        return super().run(arms, values, rtol, atol)

    def _arm(self, arm: Any, times: Any, base: Any, overrides: Any, tolerances: Any) -> Trajectory | Failure:
        rest, segments = self._timelines.of(arm, base, overrides)
        self._legs = []
        done = super()._arm(arm, times, base, overrides, tolerances)
        if not isinstance(done, Failure):
            first = -1 if len(segments) > len(arm.segments) else 0  # -1: at rest until the first change
            starts = [start for start, _ in segments]
            ends = [*starts[1:], math.inf]
            early = [i for i, start in enumerate(starts) if start < 0.0]
            late = [i for i, start in enumerate(starts) if ends[i] > 0.0 and start <= done.times[-1]]
            before = tuple((start, v.tobytes()) for start, v in segments if start < 0.0)
            self._paths[arm] = _Path(
                rest,
                self._resting[rest.tobytes()],
                self._earlier[rest.tobytes(), before, tolerances],
                self._legs,
                [first + i for i in early + late],
            )
        return done

    def _until_zero(self, rest: Array, before: Any, tolerances: Any) -> Any:
        key = (rest.tobytes(), tuple((start, vector.tobytes()) for start, vector in before), tolerances)
        if key in self._earlier:
            return self._begun[key]
        outer, self._legs = self._legs, []
        begin = super()._until_zero(rest, before, tolerances)
        self._earlier[key], self._legs = self._legs, outer
        return begin

    def _settled(self, rest: Array, tolerances: Any) -> Any:
        begin = super()._settled(rest, tolerances)
        if not isinstance(begin, Failure):
            self._resting[rest.tobytes()] = begin[1]
        return begin

    def _integrate(
        self, piece: ReducedNetwork, vector: Array, state: Array, times: list[float], tolerances: Any
    ) -> tuple[Array, Array] | Failure:
        self.runs += 1
        piece.engine.set_all(vector)
        nodes = grid(times)
        every = np.empty(2 * len(nodes) - 1)
        every[0::2], every[1::2] = nodes, 0.5 * (nodes[1:] + nodes[:-1])
        rtol, atol = tolerances
        run = piece.engine.run(state[piece.keep], every.tolist(), rtol, atol, states=True)
        if isinstance(run, Failure):
            return run
        assert run.states is not None
        states = np.zeros((len(every), self._n))
        states[:, piece.keep] = run.states
        self._legs.append(_Leg(vector, nodes, states[0::2].copy(), states[1::2].copy()))
        chosen = 2 * np.searchsorted(nodes, times)
        return states[-1].copy(), self._table(piece, run.observables[chosen], run.functions[chosen])

    # --- back -----------------------------------------------------------------------------------------------
    def slopes(
        self, worths: Mapping[Any, Worths], values: Mapping[str, float], names: Sequence[str], k: int = 1
    ) -> dict[Any, Array]:
        """What a decade more of each parameter is worth, given what read-outs are, over the last run.

        Parameters
        ----------
        worths : mapping of Arm to Worths
            Times are sample times.
        values : mapping of str to float
            As given to `run`.
        names : sequence (n,) of str
            Of parameters among `values`; a decade more of a potency is one of the drug's constant.

        Returns
        -------
        dict of Arm to array (k, n)
        """
        place = self.pieces.place
        shared = np.array([i for i, name in enumerate(names) if name in place], np.intp)
        at = np.array([place[names[i]] for i in shared], np.intp)
        by = np.array([values[names[i]] for i in shared]) * math.log(10.0)
        own = {name: i for i, name in enumerate(names) if "." in name}
        overrides = {name: value for name, value in values.items() if "." in name}
        found = {}
        for arm, worth in worths.items():
            free, changes = self._of_arm(arm, worth, overrides, k)
            out = found[arm] = np.zeros((k, len(names)))
            out[:, shared] = free[:, at] * by
            for name, change in changes.items():
                if name in own:
                    out[:, own[name]] = change
        return found

    def _of_arm(
        self, arm: Any, worth: Worths, overrides: Mapping[str, float], k: int
    ) -> tuple[Array, dict[str, Array]]:
        """Worths (k, n_parameters) where conditions leave a parameter free; and (k,) of each override."""
        path = self._paths[arm]
        rest, by_leg = self._back(path, arm.renew_medium, worth, k)
        by_stretch = {-1: rest}
        for number, by in zip(path.stretches, by_leg, strict=True):
            by_stretch[number] = by_stretch[number] + by if number in by_stretch else by
        ready, place = self._timelines.ready(arm), self.pieces.place
        told = ready.conditions(overrides)
        free = np.zeros_like(rest)
        for number, by in by_stretch.items():
            settings = told.rest if number < 0 else told.segments[number][1]
            bound = [place[name] for name in settings if name in place]
            free += by
            free[:, bound] -= by[:, bound]
        changes = {}
        for name, ways in ready.slopes(overrides).items():
            parts = [by_stretch[i][:, place[s]] * by for i, s, by in ways if i in by_stretch and s in place]
            changes[name] = np.sum(parts, axis=0) if parts else np.zeros(k)
        return free, changes

    def _back(self, path: _Path, renewed: bool, worth: Worths, k: int) -> tuple[Array, list[Array]]:
        """Worths by parameter (k, n_parameters): at rest, and over each integration before and after 0."""
        lam = np.zeros((k, self._n))
        left = sorted(worth.items(), key=lambda item: item[0])
        out: list[Array] = []
        for leg in reversed(path.legs):
            bar, q = self._nothing(k), leg.vector[self._numbers]
            own = []
            while left and left[-1][0][0] >= leg.nodes[0]:
                (time, name), by = left.pop()
                own.append((int(np.searchsorted(leg.nodes, time)), self._place[name], by))
            last = len(leg.nodes) - 1 if lam.any() else max((node for node, _, _ in own), default=0)
            seed = np.zeros((last + 1, k, self._n))
            for node, symbol, by in own:
                self._adjoint.reading(symbol, by, leg.at_nodes[node], q, seed[node], bar)
            self._over(leg, last, seed[1:], q, lam, bar)
            lam += seed[0]
            out.append(self._onto(bar))
        if renewed:
            lam[:, self._secreted] = 0.0
        for leg in reversed(path.before):
            bar, last = self._nothing(k), len(leg.nodes) - 1
            self._over(leg, last, np.zeros((last, k, self._n)), leg.vector[self._numbers], lam, bar)
            out.append(self._onto(bar))
        bar = self._nothing(k)
        if not self._adjoint.rest(LONG, path.resting, path.rest[self._numbers], lam, bar):
            raise NoSlope
        return self._onto(bar), out[::-1]

    def _over(self, leg: _Leg, last: int, seed: Array, q: Array, lam: Array, bar: Array) -> None:
        steps = np.diff(leg.nodes[: last + 1])
        if last and not self._adjoint.back(steps, leg.middles, seed, q, lam, bar):
            raise NoSlope

    def _nothing(self, k: int) -> Array:
        return np.zeros((k, len(self._place)))

    def _onto(self, bar: Array) -> Array:
        out = np.zeros((len(bar), len(self.pieces.parameters)))
        out[:, self._numbers] = bar[:, : len(self._numbers)]
        return out


def grid(times: Sequence[float]) -> Array:
    """Nodes [s] from the first of `times` to the last: those, and steps in between that grow."""
    now, step = times[0], FIRST_STEP
    nodes = [now]
    for stop in times[1:]:
        while stop - now > 1.2 * step:
            now += step
            nodes.append(now)
            step = min(step * GROWTH, LONGEST)
        now = stop
        nodes.append(now)
    return np.array(nodes)
