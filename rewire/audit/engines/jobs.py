"""What engines make of a model: courses at several tolerances, steady states. Each in its own process."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.core.isolated import stream_isolated
from models.engines.roadrunner_model import Array
from rewire.audit.engines.runners import LEAST, RUNNERS
from rewire.audit.formula import Node, moments, names
from rewire.audit.model import Subject
from rewire.audit.network import AuditNetwork

RTOLS = (1e-4, 1e-6, 1e-8, 1e-10)
"""Relative tolerances that are tried, from loose to tight."""

LIMIT_S = 90
"""Longest time [s] of one core that one engine may take for one model."""

PATIENCE = 5.0
"""Longest time in all, in times of `LIMIT_S`: the machine may be busy."""

WORKER = (sys.executable, "-m", "rewire.audit.engines.worker")

FLOOR = 1e-3
"""Part of a course's peak below which differences are counted against that part of the peak."""


@dataclass
class EngineOutcome:
    """What one engine gave.

    Attributes
    ----------
    engine : str
    version : str
        With its name; empty where it did not read the model.
    names : tuple (n_names,) of str
    courses : dict
        Relative tolerance → concentrations (n_times, n_names).
    failed : dict
        Relative tolerance → why there is no course.
    steady : dict or None
        Name → what its own solver found.
    why_not : str
        Why its solver found nothing.
    asked : bool
        Whether its solver came to an end.
    rates : list of array
        Eigenvalues of the Jacobian at some states.
    moieties : int or None
        How many conserved moieties it counts.
    broken : str
        Why it ended before its time.
    """

    engine: str
    version: str = ""
    names: tuple[str, ...] = ()
    courses: dict[float, Array] = field(default_factory=dict)
    failed: dict[float, str] = field(default_factory=dict)
    steady: dict[str, float] | None = None
    why_not: str = ""
    asked: bool = False
    rates: list[Array] = field(default_factory=list)
    moieties: int | None = None
    broken: str = ""

    @property
    def tight(self) -> float:
        """The tightest tolerance that worked."""
        return min(self.courses)

    def tightest(self) -> tuple[float, Array] | None:
        """The course at the tightest tolerance that worked, with that tolerance."""
        return min(self.courses.items(), default=None, key=lambda item: item[0])


@dataclass
class EngineRuns:
    """What all engines gave.

    Attributes
    ----------
    until : float
        How long was simulated [the model's time]; nan where no engine ran.
    rests : bool or None
    times : sequence (n_times,)
    scale : float
        Largest start amount.
    timed : bool
        Whether rates depend on time, or events happen: then a solver's steady state means nothing.
    outcomes : tuple of EngineOutcome
    """

    until: float = math.nan
    rests: bool | None = None
    times: Sequence[float] = ()
    scale: float | None = None
    timed: bool = False
    outcomes: tuple[EngineOutcome, ...] = ()

    @property
    def reason(self) -> str:
        """Why there is no course, in words."""
        if not self.outcomes:
            return "engines were not run, or nothing moves"
        return (
            "; ".join(f"{o.engine}: {o.broken}" for o in self.outcomes if o.broken)
            or "no engine gave a course"
        )


def run_all(
    subject: Subject,
    net: AuditNetwork,
    until: float | None = None,
    rtols: Sequence[float] = RTOLS,
    engines: Sequence[str] = tuple(RUNNERS),
    say: Callable[[str], None] = lambda _: None,
) -> EngineRuns:
    """Run a model in every engine; what an engine cannot do is a value.

    Parameters
    ----------
    until : float, optional
        How long [the model's time]; by default until it rests, as found by the first engine that reads it.
    """
    runs = EngineRuns(timed=timed(net))
    wanted = net.moving
    if not wanted:
        return runs
    found = []
    for engine in engines:
        say(f"{subject.name}: {engine} …")
        job = {
            "engine": engine,
            "text": subject.text,
            "names": wanted,
            "rtols": rtols,
            "until": until if math.isnan(runs.until) else runs.until,
            "rests": runs.rests,
            "scale": runs.scale,
            "at_least": 2.0 * last_moment(net),
            "steady": not runs.timed,
        }
        lines, broken = stream_isolated(WORKER, job, PATIENCE * LIMIT_S, LIMIT_S)
        outcome = _outcome(engine, lines, broken)
        if runs.rests is None:
            for line in lines:
                if line["is"] == "times":
                    runs.until, runs.rests = float(line["until"]), bool(line["rests"])
                    runs.times, runs.scale = line["times"], float(line["scale"])
        found.append(outcome)
    runs.outcomes = tuple(found)
    return runs


def _outcome(engine: str, lines: Sequence[Mapping[str, Any]], broken: str) -> EngineOutcome:
    made = EngineOutcome(engine, broken=broken)
    for line in lines:
        kind = line["is"]
        if kind == "loaded":
            made.version, made.names = str(line["version"]), tuple(line["names"])
        elif kind == "course":
            course = np.array(line["values"], float)
            if np.isfinite(course).all():
                made.courses[line["rtol"]] = course
            else:
                made.failed[line["rtol"]] = "amounts that are no numbers"
        elif kind == "failed":
            made.failed[line["rtol"]] = str(line["reason"])
        elif kind == "rates":
            made.rates = [np.array([complex(*v) for v in state]) for state in line["values"]]
        elif kind == "steady":
            state = line["state"]
            made.steady = None if state is None else dict(zip(made.names, state, strict=True))
            made.why_not, made.asked = str(line["reason"]), True
        elif kind == "broken":
            made.broken = str(line["reason"])
        if line.get("moieties", line.get("count")) is not None:
            made.moieties = int(line.get("moieties", line.get("count")))
    return made


def timed(net: AuditNetwork) -> bool:
    """Whether anything but the amounts changes the rates."""
    formulas = [r.law for r in net.reactions if r.law is not None]
    formulas += [*net.assigned.values(), *net.rates.values()]
    return bool(net.events) or any(_has_time(formula) for formula in formulas)


def _has_time(node: Node) -> bool:
    return node.kind in ("time", "delay") or any(_has_time(part) for part in node.parts)


def last_moment(net: AuditNetwork) -> float:
    """The last time that a formula or event compares time with; 0 where there is none."""
    formulas = [r.law for r in net.reactions if r.law is not None]
    formulas += [*net.assigned.values(), *net.rates.values(), *(trigger for trigger, _ in net.events)]
    values = {s.id: s.value for s in net.symbols.values()}
    last = 0.0
    for formula in formulas:
        for moment in moments(formula):
            numbers = (
                [moment.value] if moment.kind == "number" else [values.get(n, 0.0) for n in names(moment)]
            )
            last = max([last, *(n for n in numbers if math.isfinite(n) and n < 1e6)])
    return last


def difference(course: Array, reference: Array, scale: float) -> Array:
    """Largest relative difference of each column, (n_names,), from two tables (n_times, n_names)."""
    size = np.abs(reference)
    floor = np.maximum(FLOOR * size.max(axis=0, initial=0.0), LEAST * scale)
    found: Array = (np.abs(course - reference) / np.maximum(size, floor)).max(axis=0, initial=0.0)
    return found
