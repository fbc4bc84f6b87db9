"""One treatment of one kind of cell, simulated with all members of an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Mistakes
from models.core.units import seconds
from models.simulation.simulator import VERDICT, Simulator
from models.treatments.arm import Arm, parse_arm, table_from_options
from rewire.project.members import Members, load_members
from rewire.project.project import Project, load_project, parse_variants

Array = NDArray[np.float64]
SHOWN = ("pAKT_T308", "pAKT_S473", "pS6K_T389", "pERK", "tIRS1", "pHER3", "pSTAT5", "IL8")
"""Observables that are drawn and tabulated where none is chosen."""
POINTS = 145


@dataclass(frozen=True, slots=True)
class Axis:
    """How the independent variable is shown: its name in files, its label, and its unit in `times`."""

    key: str = "time_h"
    label: str = "h"
    unit: float = 3600.0


@dataclass(frozen=True, slots=True)
class EnsembleBand:
    """Trajectories of all members.

    Attributes
    ----------
    arm : Arm
    times : array (n_times,) [s]
    names : tuple (n_obs,) of str
    units : dict
        Unit of each observable.
    copies : array (n_members, n_times, n_obs) [the observable's own unit]
        Not a number for a member whose simulation failed.
    failures : tuple of str
        Why.
    axis : Axis
        How `times` are shown; of a third-party model they are in its own time, or the scanned parameter.
    """

    arm: Arm
    times: Array
    names: tuple[str, ...]
    units: Mapping[str, str]
    copies: Array
    failures: tuple[str, ...]
    axis: Axis = Axis()

    @property
    def shown(self) -> Array:
        """The independent variable as it is shown, (n_times,)."""
        return self.times / self.axis.unit

    def of(self, name: str) -> Array:
        """One observable, (n_members, n_times)."""
        course: Array = self.copies[:, :, self.names.index(name)]
        return course

    def spread(self) -> Array:
        """The 5, 50 and 95 % quantiles over the members, (3, n_times, n_obs)."""
        good = self.copies[np.isfinite(self.copies).all(axis=(1, 2))]
        if not len(good):
            return np.full((3, *self.copies.shape[1:]), np.nan)
        quantiles: Array = np.percentile(good, (5, 50, 95), axis=0)
        return quantiles


def read_arm(
    world: Project, context: str, treat: Iterable[str] = (), genes: Iterable[str] = (), **plain: object
) -> Arm:
    """An arm from texts such as "BEZ235=300 nM"; every mistake in one `UserError`."""
    problems = Mistakes("the treatment")
    table = table_from_options(treat, problems, genes, **plain)
    arm = parse_arm("simulate", table, world.words, problems, context=context, place="arm")
    problems.raise_if_any()
    assert arm is not None
    return arm


def read_time(text: str, option: str) -> float:
    """A time [s], or a `UserError` that names the option."""
    problems = Mistakes(option)
    try:
        return seconds(text)
    except ValueError as error:
        problems.add("", str(error))
    problems.raise_if_any()
    raise AssertionError


def known_observables(world: Project, names: Sequence[str]) -> tuple[str, ...]:
    """The names as they are, after a check; the usual ones where none is given."""
    if not names:
        return tuple(name for name in SHOWN if name in world.built.observables)
    problems = Mistakes("--observable")
    for name in names:
        if name not in world.built.observables:
            problems.add("", f"unknown observable {name!r}", allowed=world.built.observables, name=name)
    problems.raise_if_any()
    return tuple(dict.fromkeys(names))


def bands(
    world: Project, members: Members, arms: Iterable[Arm], times: Array, names: Sequence[str]
) -> dict[Arm, EnsembleBand]:
    """Simulate arms with all members, at the tolerance of verdicts."""
    arms = tuple(dict.fromkeys(arms))
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes)
    copies = {arm: np.full((len(members), len(times), len(names)), np.nan) for arm in arms}
    failures: dict[Arm, list[str]] = {arm: [] for arm in arms}
    for i, values in enumerate(members.values):
        done = bench.run({arm: times.tolist() for arm in arms}, values, VERDICT)
        for arm, result in done.items():
            if hasattr(result, "reason"):
                failures[arm].append(f"member {i}: {result.reason}")
                continue
            rows = np.searchsorted(result.times, times)
            copies[arm][i] = result.copies[rows][:, [result.names.index(name) for name in names]]
    units = {name: world.built.observables[name].unit for name in names}
    return {
        arm: EnsembleBand(arm, times, tuple(names), units, copies[arm], tuple(failures[arm])) for arm in arms
    }


def simulate(
    context: str,
    treat: Iterable[str] = (),
    until: str = "72 h",
    observables: Sequence[str] = (),
    *,
    genes: Iterable[str] = (),
    ensemble: Path | str | None = None,
    members: int | None = 20,
    points: int = POINTS,
    variants: Iterable[str] = (),
    say: Callable[[str], None] | None = None,
    **plain: Any,
) -> EnsembleBand:
    """Simulate one treatment with the members of an ensemble.

    Parameters
    ----------
    context : str
        Name of the cells.
    treat : iterable of str
        Drugs and ligands with their schedules: "BEZ235=300 nM", "reparixin=1 uM@24 h".
    until : str
        How long, such as "72 h".
    observables : sequence of str
        Which; a usual selection by default.
    genes : iterable of str
        Changed genes: "GRB10=knock-out".
    ensemble : path, optional
        An ensemble or run folder; the shipped ensemble by default.
    members : int, optional
        How many members; None for all.
    points : int
        Times, evenly spaced from 0 to `until`.
    variants : iterable of str
        Competing hypotheses, as "NAME=CHOICE".
    say : callable, optional
        Told what people should know, such as rates that the ensemble does not have.
    plain
        `medium`, `grown_in`, `starve`, `renew_medium` of the arm.

    Returns
    -------
    Band
    """
    world = load_project(parse_variants(variants))
    arm = read_arm(world, context, treat, genes, **plain)
    names = known_observables(world, observables)
    end = read_time(until, "--until")
    if end <= 0:
        problems = Mistakes("--until")
        problems.add("", repr(until), advice="Simulate for some time, such as 72h.")
        problems.raise_if_any()
    chosen = load_members(world, Path(ensemble) if ensemble else None, members, say)
    band = bands(world, chosen, [arm], np.linspace(0.0, end, points), names)[arm]
    if say:
        for line in band.failures:
            say(f"failed: {line}")
    return band
