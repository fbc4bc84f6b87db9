"""An ensemble: parameter sets that each satisfy the findings, stored by rate name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from calibration.objective.problem import Vector
from models.core import files
from models.core.errors import Mistake, UserError

FORMAT = "ensemble/1"
SUBSET = 20  # members that a quick check runs


class SpaceLike(Protocol):
    """Names, centres and widths of the free parameters."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def centre_log10(self) -> Vector: ...

    @property
    def sd(self) -> Vector: ...


@dataclass(frozen=True, slots=True)
class MemberOrigin:
    """Where a member comes from: its seed and start, what it held, what it cost."""

    seed: int
    start: int
    hold: int
    of: int
    evaluations: float
    seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An ensemble in the space of another version of the model.

    Attributes
    ----------
    z : array (n_members, n) [prior standard deviations]
        In the wanted space; new rates have their first guess.
    new, removed : tuple of str
        Rates that the ensemble lacks, and those that the model no longer has.
    changed : tuple of (name, (centre, sd) then, (centre, sd) now) [log10]
        Rates whose prior is another one.
    """

    z: Vector
    new: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[float, float], tuple[float, float]], ...]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Members by rate name.

    Attributes
    ----------
    names : tuple of str
    log10 : array (n_members, n)
        Decimal logarithms of the values, in the units of the rates.
    centre, sd : array (n,) [decades]
        The prior at the time of the fit.
    origins : tuple of MemberOrigin
    about : dict
        Plain values: structural variants, findings hash, software versions.
    """

    names: tuple[str, ...]
    log10: Vector
    centre: Vector
    sd: Vector
    origins: tuple[MemberOrigin, ...]
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.log10)

    @classmethod
    def from_z(
        cls, space: SpaceLike, z: Vector, origins: Iterable[MemberOrigin], about: Mapping[str, Any]
    ) -> Ensemble:
        """From points (n_members, n) in prior standard deviations."""
        centre, sd = np.asarray(space.centre_log10, float), np.asarray(space.sd, float)
        points = np.atleast_2d(np.asarray(z, float)).reshape(-1, len(centre))
        return cls(tuple(space.names), centre + sd * points, centre, sd, tuple(origins), dict(about))

    @property
    def z(self) -> Vector:
        """Members (n_members, n) in prior standard deviations of the time of the fit."""
        return (self.log10 - self.centre) / self.sd

    def values(self, member: int) -> dict[str, float]:
        """Values of one member by name."""
        return dict(zip(self.names, (10.0 ** self.log10[member]).tolist(), strict=True))

    def distance(self) -> float:
        """Median over pairs of the rms difference [prior standard deviations]; nan for one member."""
        z = self.z
        pairs = [np.sqrt(np.mean((z[i] - z[j]) ** 2)) for i in range(len(z)) for j in range(i)]
        return float(np.median(pairs)) if pairs else float("nan")

    def take(self, members: Sequence[int]) -> Ensemble:
        """Some members."""
        rows = list(members)
        return Ensemble(
            self.names,
            self.log10[rows],
            self.centre,
            self.sd,
            tuple(self.origins[i] for i in rows),
            self.about,
        )

    def subset(self, count: int = SUBSET) -> Ensemble:
        """The same members every time, spread evenly over the ensemble."""
        if len(self) <= count:
            return self
        return self.take(np.linspace(0, len(self) - 1, count).round().astype(int).tolist())

    def onto(self, space: SpaceLike) -> Match:
        """The members in another space, matched by name. Refused where under half of the names are known."""
        known = {name: i for i, name in enumerate(self.names)}
        z = np.zeros((len(self), len(space.names)))
        new, changed = [], []
        for j, name in enumerate(space.names):
            centre, sd = float(space.centre_log10[j]), float(space.sd[j])
            i = known.get(name)
            if i is None:
                new.append(name)
                continue
            z[:, j] = (self.log10[:, i] - centre) / sd
            then = (float(self.centre[i]), float(self.sd[i]))
            if not np.allclose(then, (centre, sd), rtol=0, atol=1e-9):
                changed.append((name, then, (centre, sd)))
        removed = tuple(name for name in self.names if name not in set(space.names))
        if 2 * len(new) > len(space.names):
            raise UserError(
                [
                    Mistake(
                        "ensemble",
                        "",
                        f"knows {len(space.names) - len(new)} of {len(space.names)} parameters of the model",
                        "at least half",
                        "It belongs to another model; calibrate anew.",
                    )
                ]
            )
        return Match(z, tuple(new), removed, tuple(changed))

    def save(self, folder: Path | str, replace: bool = False) -> None:
        """Write `members.csv` (a row a rate) and `ensemble.json`."""
        folder = Path(folder)
        if replace and (folder / "ensemble.json").exists():
            _about(folder)  # refuses what is no ensemble
        else:
            files.new_folder(folder, "ensemble")
        head = ["name", "centre", "sd", *(f"m{i:03d}" for i in range(len(self)))]
        rows = (
            [name, float(self.centre[j]), float(self.sd[j]), *map(float, self.log10[:, j])]
            for j, name in enumerate(self.names)
        )
        files.write(folder / "members.csv", files.table(head, rows))
        content = {
            "format": FORMAT,
            "values": "decimal logarithms, in the units of the rates",
            **self.about,
            "members": [asdict(origin) for origin in self.origins],
        }
        files.write(folder / "ensemble.json", json.dumps(content, indent=1, sort_keys=True) + "\n")

    @classmethod
    def load(cls, folder: Path | str) -> Ensemble:
        """Read what `save` wrote."""
        folder = Path(folder)
        content = _about(folder)
        path = folder / "members.csv"
        _, rows = files.read_table(path, "ensemble", ("name", "centre", "sd"))
        try:
            numbers = np.array([[float(cell) for cell in row[1:]] for row in rows], dtype=float)
            origins = tuple(MemberOrigin(**member) for member in content["members"])
        except (ValueError, TypeError, KeyError) as error:
            raise files.wrong(path, "", f"is damaged ({error})") from None
        names = tuple(row[0] for row in rows)
        if not rows or numbers.shape[1] - 2 != len(origins) or len(set(names)) != len(names):
            raise files.wrong(
                path,
                "",
                f"{len(rows)} rates and {len(rows[0]) - 3 if rows else 0} members do not fit the "
                f"{len(origins)} members of ensemble.json",
            )
        if not np.isfinite(numbers).all() or (numbers[:, 1] <= 0).any():
            raise files.wrong(path, "", "holds a value that is not finite, or a width that is not positive")
        about = {k: v for k, v in content.items() if k not in ("format", "values", "members")}
        return cls(names, numbers[:, 2:].T.copy(), numbers[:, 0], numbers[:, 1], origins, about)


def _about(folder: Path) -> dict[str, Any]:
    return files.read_json(folder / "ensemble.json", "ensemble", FORMAT)
