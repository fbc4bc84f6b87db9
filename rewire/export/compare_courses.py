"""Comparison of an exported file, run by other engines, with our own simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.engines.sbml_engines import ATOL, ENGINES, RTOL, EngineFailure, available, simulate
from models.export.sbml.document import Content
from models.network import network_text
from models.simulation.engine import Array, Engine, Failure
from models.simulation.network_reduction import parse
from rewire.export.request import Filled, simulator
from rewire.report.tables import number

LARGEST = 1e-5
"""Largest relative difference that passes."""

FLOOR = 1e-3
"""Share of an observable's peak; differences of smaller values are relative to this share."""

LEAST = 1e-6
"""Peak [copies, or the observable's own unit] below which an observable counts as absent, because it is the
noise of the solvers. It has to be absent in the other table, too."""

OURS = 1e-10
"""Relative tolerance of our own simulation; the absolute one is ten times that [copies/cell]."""

_PARTS = (1e-4, 1e-3, 1e-2, 0.05, 0.15, 0.35, 0.65, 0.95)
_AFTER_S = 48 * 3600.0

SCHEMA = "rewire.export-verification/1"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Comparison of one engine with our simulation.

    Attributes
    ----------
    engine : str
        With its version.
    difference : float or None
        Largest |theirs - ours| / max(|ours|, `FLOOR` x peak, `LEAST`), infinite if a read-out is absent in
        only one of them; None if the engine failed.
    observable, time_s, ours, theirs
        Place of the largest difference, in the time of the file.
    reason : str
        Why the engine failed.
    """

    engine: str
    difference: float | None
    observable: str = ""
    time_s: float = 0.0
    ours: float = 0.0
    theirs: float = 0.0
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether it agrees."""
        return self.difference is not None and self.difference <= LARGEST

    def line(self) -> str:
        """The comparison in words."""
        if self.difference is None:
            return f"{self.engine} failed: {self.reason}"
        verdict = "agrees" if self.ok else "does NOT agree"
        return (
            f"{self.engine} {verdict}: largest relative difference {number(self.difference)} "
            f"({self.observable} at {self.time_s:g} s)"
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """Comparison of one file with all engines."""

    file: str
    observables: int
    times: int
    until_s: float
    agreements: tuple[Agreement, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all engines agree."""
        return bool(self.agreements) and all(a.ok for a in self.agreements)

    def lines(self) -> list[str]:
        """The comparison with each engine, in words."""
        over = f"{self.observables} observables at {self.times} times up to {self.until_s:g} s"
        return [a.line() if a.difference is None else f"{a.line()}, {over}" for a in self.agreements]

    def record(self) -> dict[str, Any]:
        """The stored report."""
        return {
            "schema": SCHEMA,
            "agrees": self.ok,
            "largest_allowed": LARGEST,
            "difference": f"|theirs - ours| / max(|ours|, {FLOOR:g} x peak of the observable, {LEAST:g}); "
            f"with a peak under {LEAST:g}, absent in both",
            "tolerances": {"ours": OURS, "engines_relative": RTOL, "engines_absolute_copies": ATOL},
            "file": self.file,
            **self.settings,
            "observables": self.observables,
            "times": self.times,
            "until_s": self.until_s,
            "engines": [{**asdict(a), "agrees": a.ok} for a in self.agreements],
        }


def sample_times(changes: Iterable[float]) -> list[float]:
    """Times [s] in each phase of a schedule, never at a change itself, where the two sides differ."""
    starts = sorted({0.0, *changes})
    times: list[float] = []
    for begin, end in zip(starts, [*starts[1:], starts[-1] + _AFTER_S], strict=True):
        times += [round(begin + part * (end - begin), 6) for part in _PARTS]
    return times


def difference(ours: Array, theirs: Array) -> tuple[float, int, int]:
    """The largest relative difference of two tables (n_times, n_obs), with its row and column.

    Where ours is not a number (a share of an absent protein) theirs may be anything.
    """
    known = np.isfinite(ours)
    own = np.where(known, ours, 0.0)
    peak = np.max(np.abs(own), axis=0, initial=0.0)
    scale = np.maximum(np.abs(own), np.maximum(FLOOR * peak, LEAST))
    off = np.where(known, np.abs(theirs - own) / scale, 0.0)
    off = np.where(peak < LEAST, np.where(off < 1.0, 0.0, np.inf), off)  # absent: within LEAST
    off = np.where(np.isfinite(off), off, np.inf)
    row, column = np.unravel_index(int(np.argmax(off)), off.shape)
    return float(off[row, column]), int(row), int(column)


def our_courses(
    filled: Filled, content: Content, times: Sequence[float]
) -> tuple[tuple[str, ...], list[float], Array]:
    """Our time courses: names, times [s of the file], and the table; raises `UserError` on failure."""
    if not filled.order.settled:
        names = tuple(filled.world.built.observables)
        return names, list(times), _from_start(filled, content, times, names)
    after = [t for t in times if t + filled.start_s >= 0.0]  # our simulator has no output before time 0
    asked = [t + filled.start_s for t in after]
    done = simulator(filled.world).run({filled.arm: asked}, filled.values, OURS, 10 * OURS)[filled.arm]
    if isinstance(done, Failure):
        raise UserError(f"our own simulation failed: {done.reason}")
    rows = np.searchsorted(done.times, asked)
    return done.names, after, done.copies[rows]


def _from_start(filled: Filled, content: Content, times: Sequence[float], names: Sequence[str]) -> Array:
    """Time courses from the initial amounts, without steady state, which a `Simulator` does not give."""
    engine = Engine(network_text(filled.world.built.model), compiled=False)
    loads = {drug.name: drug for drug in filled.world.catalogue}
    values = {n: v for n, v in content.values.items() if n in engine.parameters}
    engine.set(values)
    state = engine.initial()
    place = {
        pattern: i for i, (pattern, _) in enumerate(parse(network_text(filled.world.built.model)).species)
    }
    rows: list[Array] = []
    segments = [s.start_s - filled.start_s for s in filled.arm.segments]
    for i, (segment, begin) in enumerate(zip(filled.arm.segments, segments, strict=True)):
        end = segments[i + 1] if i + 1 < len(segments) else np.inf
        change = next((c for c in content.changes if c.time_s == begin), None)
        if change is not None:
            engine.set({n: v for n, v in change.parameters.items() if n in engine.parameters})
            for pattern, amount in change.amounts.items():
                state[place[pattern]] = amount
        now = {name: 0.0 for name in engine.parameters if name.startswith("load_")}
        for drug, nM in segment.drugs:
            for target, load in loads[drug].loads(nM, content.potencies.get(drug, 0.0)).items():
                if f"load_{target}" in now:
                    now[f"load_{target}"] += load
        engine.set(now)
        inside = [t for t in times if begin <= t < end]
        stop = end if np.isfinite(end) else max([*inside, begin + 1.0])
        grid = sorted({begin, *inside, stop})
        run = engine.run(state, grid, OURS, 10 * OURS)
        if isinstance(run, Failure):
            raise UserError(f"our own simulation failed: {run.reason}")
        at = np.searchsorted(grid, inside)
        rows.append(_read(engine, run, names)[at])
        state = run.state
    return np.concatenate(rows)


def _read(engine: Engine, run: Any, names: Sequence[str]) -> Array:
    table = np.concatenate([run.observables, run.functions], axis=1)
    place = {name: i for i, name in enumerate((*engine.observables, *engine.functions))}
    chosen: Array = table[:, [place[name] for name in names]]
    return chosen


def verify_courses(
    path: Path,
    filled: Filled,
    content: Content,
    engines: Iterable[str] | None = None,
    say: Callable[[str], None] | None = None,
) -> Verification:
    """Run a file in each engine and compare every observable with our own simulation.

    Raises `UserError` if no engine is installed, or our own simulation fails.
    """
    chosen = list(engines if engines is not None else available())
    if not chosen:
        raise UserError(
            "no engine to verify with is installed; pip install libroadrunner copasi-basico, or --no-verify"
        )
    if say and engines is None:
        for name in sorted(set(ENGINES) - set(chosen)):
            say(f"{name} is not installed; the verification does without it.")
    names, times, ours = our_courses(filled, content, sample_times(c.time_s for c in content.changes))
    found = [run_and_compare(engine, path, times, names, ours) for engine in chosen]
    return Verification(path.name, len(names), len(times), times[-1], tuple(found), filled.summary)


def run_and_compare(
    engine: str, path: Path, times: Sequence[float], names: Sequence[str], ours: Array
) -> Agreement:
    """Run one file in one engine and compare it with our own table (n_times, n_obs)."""
    try:
        theirs, version = simulate(engine, path, times, names)
    except EngineFailure as error:
        return Agreement(engine, None, reason=str(error))
    return agreement(version, ours, theirs, names, times)


def agreement(
    engine: str, ours: Array, theirs: Array, names: Sequence[str], times: Sequence[float]
) -> Agreement:
    """The comparison of two tables (n_times, n_obs)."""
    largest, row, column = difference(ours, theirs)
    where = (names[column], float(times[row]), float(ours[row, column]), float(theirs[row, column]))
    return Agreement(engine, largest, *where)
