"""The parameter sets that are simulated: the shipped ensemble, another one, or the members of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.problem import Vector
from calibration.storage.ensemble import Ensemble, Match, MemberOrigin
from models.core.errors import UserError
from models.core.files import read_json, read_table, wrong
from models.parameters import Space, space
from rewire.project.project import Project

SHIPPED = Path("ensembles") / "satisfying"
"""Folder of the shipped ensemble, in the package `models`."""


ENSEMBLE = "ensemble"
"""Folder in a run folder, with the members that its report shows."""


def shipped() -> Path:
    """Where the shipped ensemble is."""
    import models

    return Path(next(iter(models.__path__))) / SHIPPED


@dataclass(frozen=True)
class Members:
    """Points in the space of one model.

    Attributes
    ----------
    label : str
        What they are, for people.
    space : Space
    z : array (n_members, n) [prior standard deviations]
    match : Match or None
        How they were matched by name; None for first guesses.
    about : dict
        What the ensemble's file records about it.
    """

    label: str
    space: Space
    z: Vector
    match: Match | None
    about: dict[str, Any]

    def __len__(self) -> int:
        return len(self.z)

    @property
    def values(self) -> list[dict[str, float]]:
        """Parameter values of each member by name."""
        return [self.space.values(z) for z in self.z]


def fitted_space(world: Project) -> Space:
    """All free parameters: rates, abundances of all contexts, potencies of all drugs with a prior."""
    return space(world.built, world.contexts, {drug.name: drug.prior for drug in world.catalogue})


def read_members(folder: Path) -> Ensemble:
    """The ensemble in a folder, or the members of a run folder."""
    for place in (folder, folder / ENSEMBLE):
        if (place / "ensemble.json").exists():
            return Ensemble.load(place)
    if not (folder / "run.json").exists():
        raise wrong(
            folder, "", "holds neither ensemble.json nor run.json", advice="Name an ensemble or a run folder."
        )
    about = read_json(folder / "run.json", "run folder", "run/1")
    head, rows = read_table(folder / "members.csv", "run folder with a finished start")
    first = head.index("reason") + 1 if "reason" in head else len(head)
    names = tuple(head[first:])
    try:
        log10 = np.array([[float(cell) for cell in row[first:]] for row in rows]).reshape(
            len(rows), len(names)
        )
        origins = tuple(
            MemberOrigin(
                int(about["options"].get("seed", 0)),
                int(row[0]),
                int(row[1]),
                int(row[2]),
                float(row[3]),
                float(row[4]),
                row[5],
            )
            for row in rows
        )
    except (ValueError, KeyError, IndexError) as error:
        raise wrong(folder / "members.csv", "", f"is damaged ({error})") from None
    # a run does not keep the prior; points are matched by value, so any centre will do
    return Ensemble(names, log10, np.zeros(len(names)), np.ones(len(names)), origins, about)


def load_members(
    world: Project,
    folder: Path | None = None,
    count: int | None = 20,
    say: Callable[[str], None] | None = None,
    into: Space | None = None,
) -> Members:
    """Members for `world`, matched by rate name.

    Parameters
    ----------
    folder : Path, optional
        An ensemble or a run folder; the shipped ensemble by default, and first guesses where none ships.
    count : int, optional
        How many, always the same ones; None for all.
    say : callable, optional
        Told what does not match.
    into : Space, optional
        The space wanted; all that is free by default.
    """
    here = into or fitted_space(world)
    place = folder or shipped()
    if folder is None and not (place / "ensemble.json").exists():
        if say:
            say("No ensemble ships with this version: first guesses stand in, as one member.")
        return Members("first guesses", here, np.zeros((1, len(here))), None, {})
    ensemble = read_members(place)
    if not len(ensemble):
        raise UserError(f"{place} has no members")
    if count is not None:
        ensemble = ensemble.subset(count)
    match = ensemble.onto(here)
    if say:
        for line in mismatch(match, changed=(place / "ensemble.json").exists()):
            say(line)
    many = f"{len(ensemble)} member{'' if len(ensemble) == 1 else 's'}"
    label = f"{many} of {'the shipped ensemble' if folder is None else place}"
    return Members(label, here, match.z, match, dict(ensemble.about))


def mismatch(match: Match, changed: bool = True) -> list[str]:
    """What an edited model means for the members, in words."""
    lines = []
    # abundances and potencies (with a dot) come and go with the cells and drugs that are looked at
    new = [name for name in match.new if "." not in name]
    removed = [name for name in match.removed if "." not in name]
    if new:
        lines.append(f"New, at their first guess: {', '.join(new)}")
    if removed:
        lines.append(f"No longer in the model: {', '.join(removed)}")
    if changed:
        lines += [
            f"Prior of {name}: 10^{then[0]:.3g} ± {then[1]:.2g} decades, now 10^{now[0]:.3g} ± {now[1]:.2g}"
            for name, then, now in match.changed
        ]
    return lines
