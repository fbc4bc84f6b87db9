"""A run folder: what was asked, how it went, and all that is needed to go on.

run.json      options, versions, variants, findings hash; written once
state.npz     where the optimiser stands; one file, so that it is never half of two moments
trace.csv     a row a round
members.csv   a row a finished start: what it held, and decimal logarithms by rate name
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from calibration import files
from calibration.ensemble import Ensemble, Origin, SpaceLike
from calibration.state import Member, Progress, State

FORMAT = "run/1"
EVERY = 20.0  # [s] between two writings of the state
TRACE = ("start", "hold", "best_hold", "of", "evaluations", "loss", "seconds", "members", "phase")
_MEMBER = ("start", "hold", "of", "evaluations", "seconds", "reason")
_ARRAYS = ("z", "terms", "jac", "weights", "origin", "best", "history")


def pack(state: State) -> bytes:
    """A state as an .npz file without pickled objects."""
    arrays = {name: np.asarray(getattr(state, name)) for name in _ARRAYS if getattr(state, name) is not None}
    for i, member in enumerate(state.members):
        arrays[f"member_{i}"] = member.z
    plain = {f.name: getattr(state, f.name) for f in fields(state) if f.name not in (*_ARRAYS, "members")}
    plain["members"] = [{name: getattr(m, name) for name in _MEMBER} for m in state.members]
    arrays["plain"] = np.array(json.dumps(plain))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(path: Path) -> State:
    """Read what `pack` wrote."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            plain = json.loads(str(arrays["plain"]))
            members = tuple(
                Member(z=arrays[f"member_{i}"], **member) for i, member in enumerate(plain.pop("members"))
            )
            kept: dict[str, Any] = {name: arrays[name] for name in _ARRAYS if name in arrays}
        kept["history"] = tuple(map(tuple, kept["history"].tolist()))
        plain["began"] = tuple(plain["began"])
        return State(**kept, **plain, members=members)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        given = f"cannot be read ({type(error).__name__})"
        raise files.wrong(path, "", given, advice="The run folder is damaged or foreign.") from None


@dataclass
class Run:
    """A run and its folder. It is a `Keeper` for `fit.calibrate`.

    Attributes
    ----------
    folder : Path
    space : names, centres and widths of the parameters
    about : dict
        Content of run.json: `options`, `findings` (hash), `variants`, `versions`, `started`.
    state : State or None
        Where it stood when it was last read or written.
    """

    folder: Path
    space: SpaceLike
    about: Mapping[str, Any]
    state: State | None = None
    trace: list[list[Any]] = field(default_factory=list)
    _saved: float = 0.0

    @classmethod
    def create(
        cls,
        folder: Path | str,
        space: SpaceLike,
        options: Mapping[str, Any],
        findings: str,
        variants: Mapping[str, str],
    ) -> Run:
        """Begin a run in a new (or empty) folder."""
        folder = Path(folder)
        files.new_folder(folder, "run")
        about = {
            "format": FORMAT,
            "options": dict(options),
            "findings": findings,
            "variants": dict(variants),
            "versions": files.versions(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "parameters": len(space.names),
        }
        files.write(folder / "run.json", json.dumps(about, indent=1) + "\n")
        return cls(folder, space, about)

    @staticmethod
    def options_of(folder: Path | str) -> dict[str, Any]:
        """What a run was asked to do, so that its problem can be built again."""
        about = files.read_json(Path(folder) / "run.json", "run folder", FORMAT)
        options = about.get("options")
        if not isinstance(options, dict):
            raise files.wrong(Path(folder) / "run.json", "options", f"{options!r}", "a table")
        return options

    @classmethod
    def resume(cls, folder: Path | str, space: SpaceLike, findings: str) -> Run:
        """Read a run to go on with it; refused where the findings or the parameters have changed."""
        folder = Path(folder)
        about = files.read_json(folder / "run.json", "run folder", FORMAT)
        if about.get("findings") != findings:
            raise files.wrong(
                folder / "run.json", "findings", "the findings have changed since", advice="Start a new run."
            )
        if not (folder / "state.npz").exists():  # interrupted before the first round was done
            return cls(folder, space, about)
        state = unpack(folder / "state.npz")
        sizes = {len(v) for v in (state.z, state.best, *(m.z for m in state.members)) if v is not None}
        if sizes - {len(space.names)} or about.get("parameters") != len(space.names):
            raise files.wrong(
                folder / "state.npz",
                "",
                f"is of {about.get('parameters')} parameters, the model has {len(space.names)}",
                advice="The model has changed since; start a new run.",
            )
        path = folder / "trace.csv"
        trace: list[list[Any]] = []
        if path.exists():
            trace = [
                row
                for row in files.read_table(path, "run folder", TRACE)[1]
                if float(row[4]) <= state.evaluations + 1e-6
            ]
        return cls(folder, space, about, state, trace)

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Note a round; write the files where the last time is a while ago, a start ended, or `force`."""
        ended = self.state is not None and len(state.members) > len(self.state.members)
        self.state = state
        if not force or not self.trace:
            self.trace.append([getattr(progress, name) for name in TRACE])
        if not (force or ended) and time.monotonic() - self._saved < EVERY:
            return
        files.write(self.folder / "state.npz", pack(state))
        files.write(self.folder / "trace.csv", files.table(TRACE, self.trace))
        if state.members:
            self._write_members(state.members)
        self._saved = time.monotonic()

    def _write_members(self, members: tuple[Member, ...]) -> None:
        centre, sd = self.space.centre_log10, self.space.sd
        rows = ([*(getattr(m, name) for name in _MEMBER), *map(float, centre + sd * m.z)] for m in members)
        files.write(self.folder / "members.csv", files.table([*_MEMBER, *self.space.names], rows))

    def ensemble(self, members: tuple[Member, ...], least: int = 0) -> Ensemble:
        """The members that hold at least `least` findings, as an ensemble."""
        good = [m for m in members if m.hold >= least]
        seed = self.state.seed if self.state else 0
        z = np.array([m.z for m in good]).reshape(len(good), len(self.space.names))
        about = {name: self.about[name] for name in ("findings", "variants", "versions")}
        return Ensemble.from_z(
            self.space, z, [Origin(seed=seed, **{n: getattr(m, n) for n in _MEMBER}) for m in good], about
        )


def plain(progress: Progress) -> dict[str, Any]:
    """A round as plain values, for `--json`."""
    return asdict(progress)
