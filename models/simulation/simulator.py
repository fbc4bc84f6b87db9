"""Arms to trajectories: settle each cell once, run each treatment from there on its own cut network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from models.network import network_text
from models.simulation.engine import Array, Failure
from models.simulation.network_reduction import parse
from models.simulation.reduced_networks import ReducedNetwork, ReducedNetworks
from models.simulation.steady_state import settle
from models.simulation.trajectory import Trajectory
from models.treatments.timeline import Timelines

__all__ = ["ATOL", "SCORE", "VERDICT", "Failure", "Simulator", "Trajectory"]

SCORE = 1e-4
"""Relative tolerance while fitting."""

VERDICT = 1e-8
"""Relative tolerance of verdicts and of everything that is shown or shipped."""

ATOL = 1e-3
"""Absolute tolerance [copies/cell] at `SCORE`; at other tolerances in proportion."""

_REMEMBERED = 256
"""Resting states that are kept. A state depends on nothing but its parameters, so reuse changes no bit."""

_Steps = Sequence[tuple[float, Array]]
_Tolerances = tuple[float, float]
_Begin = tuple[ReducedNetwork, Array] | Failure


class Simulator:
    """Everything needed to simulate arms of one model. One per thread or process.

    Parameters
    ----------
    built : models.assemble.Built
    contexts, catalogue, media, genes
        As the readers of `models` give them.
    whole : bool, optional
        Run every arm on the whole network instead of its cut (for tests and benchmarks).
    compiled : bool, optional
        Whether networks are compiled; by default where a C compiler is.
    compile_arm : callable, optional
        Arm to something with `reads` and `conditions(overrides)`; by default
        `models.treatments.conditions.compile_arm`.
    """

    def __init__(
        self,
        built: Any,
        contexts: Mapping[str, Any] | None = None,
        catalogue: Any = None,
        media: Any = None,
        genes: Any = None,
        *,
        whole: bool = False,
        compiled: bool | None = None,
        compile_arm: Callable[[Any], Any] | None = None,
    ) -> None:
        self.built = built
        self.contexts = contexts or {}
        self._rest_of_world = (catalogue, media, genes)
        self._options = {"whole": whole, "compiled": compiled, "compile_arm": compile_arm}
        self.names: tuple[str, ...] = tuple(built.observables)
        network = parse(network_text(built.model))
        self.pieces = ReducedNetworks(network, self.names, built.settings, whole, compiled)
        groups = dict(network.groups)
        self._secreted = np.array([s for name in built.secreted for _, s in groups[name]], np.intp)
        self._timelines = Timelines(self.pieces.place, compile_arm or self._compiled_arm)
        self._begun: dict[Any, _Begin] = {}
        self._siblings: dict[Any, Simulator] = {}
        self.runs = 0
        """Integrations done so far."""

    # --- for users of a bench -------------------------------------------------------------------------------
    def run(
        self,
        arms: Mapping[Any, Iterable[float]],
        values: Mapping[str, float] | None = None,
        rtol: float = SCORE,
        atol: float | None = None,
    ) -> dict[Any, Trajectory | Failure]:
        """Simulate arms; cells that rest in the same way are settled once.

        Parameters
        ----------
        arms : mapping of Arm to times [s]
            Sample times from 0 on; 0 is always among them. At a time at which a treatment changes, the sample
            shows the cell right after the change.
        values : mapping of str to float, optional
            Rates, ``<context>.<SYMBOL>_copies`` and ``<drug>.potency``; what is not named stands at its first
            guess.
        rtol, atol : float, optional
            Tolerances; `atol` [copies/cell] goes with `rtol` by default.

        Returns
        -------
        dict of Arm to Trajectory or Failure
            In the order of `arms`.
        """
        values = values or {}
        base = self._base(values)
        overrides = {name: value for name, value in values.items() if "." in name}
        tolerances = (rtol, atol if atol is not None else ATOL * rtol / SCORE)
        self.prepare([arm for arm in arms if arm not in self._timelines], values)
        done: dict[Any, Trajectory | Failure] = {}
        for arm, times in arms.items():
            bench = self._bench_of(arm)
            if bench is not self:
                done |= bench.run({arm: times}, bench.known(values), rtol, atol)
            else:
                done[arm] = self._arm(arm, times, base, overrides, tolerances)
        return done

    def prepare(self, arms: Iterable[Any], values: Mapping[str, float] | None = None) -> None:
        """Cut and compile what `arms` run on, on all cores. `run` does so too for arms new to it."""
        for arm in arms:
            if self._bench_of(arm) is self:
                self.path(arm, values)
        self.pieces.build()

    def path(self, arm: Any, values: Mapping[str, float] | None = None) -> list[ReducedNetwork]:
        """The networks that an arm runs on: at rest, then from each change on."""
        values = values or {}
        rest, segments = self._timelines.of(arm, self._base(values), values)
        path = [self.pieces.get(None, rest)]
        for _, vector in segments:
            path.append(self.pieces.get(path[-1], vector))
        return path

    def known(self, values: Mapping[str, float]) -> dict[str, float]:
        """Those of `values` that mean something in this model."""
        return {name: value for name, value in values.items() if "." in name or name in self.pieces.place}

    # --- one arm --------------------------------------------------------------------------------------------
    def _arm(
        self,
        arm: Any,
        times: Iterable[float],
        base: Array,
        overrides: Mapping[str, float],
        tolerances: _Tolerances,
    ) -> Trajectory | Failure:
        rest, segments = self._timelines.of(arm, base, overrides)
        begin = self._until_zero(rest, [step for step in segments if step[0] < 0.0], tolerances)
        if isinstance(begin, Failure):
            return begin
        piece, state = begin
        if arm.renew_medium:
            state = state.copy()
            state[self._secreted] = 0.0
        grid = _grid(tuple(times))
        tables = []
        for start, end, vector in _stretches(segments, grid[-1]):
            samples = [t for t in grid if start <= t < end]
            span = _span(start, samples, min(end, max(grid[-1], start + 1.0)))
            piece = self.pieces.get(piece, vector)
            run = self._integrate(piece, vector, state, span, tolerances)
            if isinstance(run, Failure):
                return run
            state, table = run
            first = int(bool(samples) and samples[0] > start)
            tables.append(table[first : first + len(samples)])
        return Trajectory(
            np.array(grid), self.names, tables[0] if len(tables) == 1 else np.concatenate(tables)
        )

    def _until_zero(self, rest: Array, before: _Steps, tolerances: _Tolerances) -> _Begin:
        """The cell at time 0, before its medium is renewed: settled, then through the changes before 0."""
        key = (rest.tobytes(), tuple((start, vector.tobytes()) for start, vector in before), tolerances)
        if key in self._begun:
            return self._begun[key]
        begin = self._through(rest, before, tolerances) if before else self._settled(rest, tolerances)
        while len(self._begun) >= _REMEMBERED:
            del self._begun[next(iter(self._begun))]
        self._begun[key] = begin
        return begin

    def _settled(self, rest: Array, tolerances: _Tolerances) -> _Begin:
        self.runs += 1
        piece = self.pieces.get(None, rest)
        piece.engine.set_all(rest)
        state = settle(piece.engine, piece.engine.initial(), *tolerances)
        return state if isinstance(state, Failure) else (piece, self._full(piece, state))

    def _through(self, rest: Array, before: _Steps, tolerances: _Tolerances) -> _Begin:
        begin = self._until_zero(rest, (), tolerances)
        if isinstance(begin, Failure):
            return begin
        piece, state = begin
        ends = [*(start for start, _ in before), 0.0][1:]
        for (start, vector), end in zip(before, ends, strict=True):
            piece = self.pieces.get(piece, vector)
            run = self._integrate(piece, vector, state, [start, end], tolerances)
            if isinstance(run, Failure):
                return run
            state = run[0]
        return piece, state

    def _integrate(
        self, piece: ReducedNetwork, vector: Array, state: Array, times: list[float], tolerances: _Tolerances
    ) -> tuple[Array, Array] | Failure:
        """One integration: the whole state at its end, and the read-outs (n_times, n_obs) on the way."""
        self.runs += 1
        engine = piece.engine
        engine.set_all(vector)
        run = engine.run(state[piece.keep], times, *tolerances)
        if isinstance(run, Failure):
            return run
        return self._full(piece, run.state), self._table(piece, run.observables, run.functions)

    def _table(self, piece: ReducedNetwork, observables: Array, functions: Array) -> Array:
        """Read-outs (n_times, n_obs) from what a piece gives; one it lacks is 0."""
        table = np.zeros((len(observables), len(self.names)))
        to, source = piece.groups
        table[:, to] = np.maximum(observables[:, source], 0.0)
        to, source = piece.functions
        table[:, to] = functions[:, source]
        return table

    def _full(self, piece: ReducedNetwork, state: Array) -> Array:
        whole = np.zeros(len(self.pieces.network.species))
        whole[piece.keep] = state
        return whole

    # --- parameters -----------------------------------------------------------------------------------------
    def _base(self, values: Mapping[str, float]) -> Array:
        """All parameters of the network at `values`, contexts and treatments apart."""
        base, place = self.pieces.defaults.copy(), self.pieces.place
        for name, value in values.items():
            if "." not in name:
                base[place[name]] = value
        return base

    def _compiled_arm(self, arm: Any) -> Any:
        from models.treatments.conditions import compile_arm

        defaults = {name: setting.default for name, setting in self.built.settings.items()}
        return compile_arm(arm, self.contexts[arm.context], *self._rest_of_world, defaults)

    def _bench_of(self, arm: Any) -> Simulator:
        """This bench, or where the arm's cells go by another hypothesis, the one for that."""
        context = self.contexts.get(arm.context)
        wanted = {} if context is None else context.variants
        other = {name: choice for name, choice in wanted.items() if self.built.variants[name] != choice}
        if not other:
            return self
        key = tuple(sorted(other.items()))
        if key not in self._siblings:
            from models.assemble import build

            built = build({**self.built.variants, **other})
            bench = Simulator(built, self.contexts, *self._rest_of_world, **self._options)  # type: ignore[arg-type]
            self._siblings[key] = bench
        return self._siblings[key]


@lru_cache(maxsize=1024)
def _grid(times: tuple[float, ...]) -> tuple[float, ...]:
    """Sample times in order, from 0 on."""
    grid = sorted({0.0, *map(float, times)})
    if grid[0] < 0.0:
        raise ValueError(f"sample times start at 0 s, not at {grid[0]:g} s")
    return tuple(grid)


def _stretches(segments: _Steps, horizon: float) -> Iterator[tuple[float, float, Array]]:
    """What holds from when to when [s], from 0 up to the horizon; the last ends at infinity."""
    for i, (start, vector) in enumerate(segments):
        end = segments[i + 1][0] if i + 1 < len(segments) else np.inf
        if end > 0.0 and start <= horizon:
            yield max(start, 0.0), end if end <= horizon else np.inf, vector


def _span(start: float, samples: list[float], stop: float) -> list[float]:
    """The times of one integration: samples, with its start and its end."""
    span = samples if samples and samples[0] == start else [start, *samples]
    return span if span[-1] == stop else [*span, stop]
