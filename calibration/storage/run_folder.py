"""A run folder: what was asked, how it went, and all that is needed to go on.

run.json             options, budget, versions, variants, findings hash, what the bits depend on
state.npz            where the optimiser stands; one file, so that it is never half of two moments
state.previous.npz   the checkpoint before that one
trace.csv            a row a round
members.csv          a row a finished start: what it held, and decimal logarithms by rate name
lock                 held by the process that works here

A round is a function of the state and the problem alone, so a run that goes on from any checkpoint comes to
the same end. The trace is written before the state, so it is never short of rows; surplus ones are dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.workers import environment
from calibration.optimize.state import Budget, Member, Progress, State
from calibration.storage.checkpoint import MEMBER, pack, unpack
from calibration.storage.ensemble import Ensemble, MemberOrigin, SpaceLike
from calibration.storage.folder import ABOUT, Folder, locked
from models.core import files
from models.core.errors import UserError
from models.core.signals import held

log = logging.getLogger(__name__)

FORMAT = "run/1"
EVERY = 20.0  # [s] between two writings of the state
TRACE = ("start", "hold", "best_hold", "of", "evaluations", "loss", "seconds", "members", "phase")
STATE, BEFORE = "state.npz", "state.previous.npz"


@dataclass
class Run(Folder):
    """A run and its folder, held by this process until `close`. It is a `Keeper` for `fit.calibrate`.

    Attributes
    ----------
    folder : Path
    space : names, centres and widths of the parameters
    about : dict
        Content of run.json: `options`, `budget`, `findings` (hash), `variants`, `versions`, `environment`,
        `probe`, `changes`, `started`.
    state : State or None
        Where it stood when it was last read or written.
    """

    space: SpaceLike
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
        budget: Budget | None = None,
    ) -> Run:
        """Begin a run in a new (or empty) folder."""
        folder = Path(folder)
        files.new_folder(folder, "run")
        with locked(folder) as lock:
            files.new_folder(folder, "run")  # again, now that nobody else can fill it
            files.sweep(folder)
            with environment.one_thread():
                surroundings = environment.record(int(options.get("seed", 0)))
            about = {
                "format": FORMAT,
                "options": dict(options),
                "budget": asdict(budget or Budget()),
                "findings": findings,
                "variants": dict(variants),
                "versions": files.versions(),
                "environment": surroundings,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "parameters": len(space.names),
            }
            run = cls(folder, about, lock, space)
            run.write_about()
            files.sync_folder(folder.parent)
        return run

    @staticmethod
    def options_of(folder: Path | str) -> dict[str, Any]:
        """What a run was asked to do, so that its problem can be built again."""
        about = files.read_json(Path(folder) / ABOUT, "run folder", FORMAT)
        options = about.get("options")
        if not isinstance(options, dict):
            raise files.wrong(Path(folder) / ABOUT, "options", f"{options!r}", "a table")
        return options

    @staticmethod
    def reached(folder: Path | str) -> tuple[Budget, State]:
        """The budget of a run, and where it stands; only looks."""
        about = files.read_json(Path(folder) / ABOUT, "run folder", FORMAT)
        state = _newest(Path(folder))[0]
        return _budget(about, Path(folder)), state or State(0)

    @classmethod
    def resume(cls, folder: Path | str, space: SpaceLike, findings: str, accept: bool = False) -> Run:
        """Read a run to go on with it.

        Refused where the findings or the parameters have changed, and, unless `accept`, where something
        has on which its numbers depend (see `calibration.objective.workers.environment`).
        """
        folder = Path(folder)
        files.read_json(folder / ABOUT, "run folder", FORMAT)  # before anything is written there
        with locked(folder) as lock:
            about = files.read_json(folder / ABOUT, "run folder", FORMAT)
            run = cls(folder, about, lock, space)
            run.same_findings(findings)
            state, rounds = _newest(folder)
            run.state = state
            if state is not None:
                run._same_space(state)
                run.trace = run._read_trace(state, rounds)
            run.same_surroundings(accept)
            files.sweep(folder)
        return run

    @property
    def budget(self) -> Budget:
        """What the run may use in all, the part that is used up included."""
        return _budget(self.about, self.folder)

    def grant(self, budget: Budget) -> None:
        """Another budget from now on, noted so that a run which is killed goes on to the same end."""
        if budget != self.budget:
            self.about["budget"] = asdict(budget)
            self.write_about()

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Note a round; write the files where the last time is a while ago, a start ended, or `force`.

        Forced at the end, with a state that is known; unless the run was stopped between a round and its
        saving, whose row is then still to be written.
        """
        known = self.state or State(state.seed)
        ended = len(state.members) > len(known.members)
        with held():
            if not force or (state is not self.state and (state.start, state.z is None) != (0, True)):
                row: dict[str, Any] = asdict(progress) | {"phase": "start done" if ended else "fitting"}
                self.trace.append([row[name] for name in TRACE])
            self.state = state
            if force or ended or time.monotonic() - self._saved >= EVERY:
                self._write(state)

    def _write(self, state: State) -> None:
        files.write(self.folder / "trace.csv", files.table(TRACE, self.trace))
        files.write(self.folder / STATE, pack(state, len(self.trace)), kept=self.folder / BEFORE)
        if state.members:
            self._write_members(state.members)
        self._saved = time.monotonic()

    def spent(self) -> float:
        """Evaluations so far."""
        return self.state.evaluations if self.state else 0.0

    def _write_members(self, members: tuple[Member, ...]) -> None:
        centre, sd = self.space.centre_log10, self.space.sd
        rows = ([*(getattr(m, name) for name in MEMBER), *map(float, centre + sd * m.z)] for m in members)
        files.write(self.folder / "members.csv", files.table([*MEMBER, *self.space.names], rows))

    def _same_space(self, state: State) -> None:
        points = [point for lane in (state, *state.lanes) for point in (lane.z, lane.best)]
        sizes = {len(v) for v in (*points, *(m.z for m in state.members)) if v is not None}
        if sizes - {len(self.space.names)} or self.about.get("parameters") != len(self.space.names):
            raise files.wrong(
                self.folder / STATE,
                "",
                f"is of {self.about.get('parameters')} parameters, the model has {len(self.space.names)}",
                advice="The model has changed since; start a new run.",
            )

    def _read_trace(self, state: State, rounds: int | None) -> list[list[Any]]:
        path = self.folder / "trace.csv"
        if not path.exists():
            return []
        rows: list[list[Any]] = list(files.read_table(path, "run folder", TRACE)[1])
        if rounds is None:  # of an older version, which did not count them
            return [row for row in rows if float(row[4]) <= state.evaluations + 1e-6]
        return rows[:rounds]

    def ensemble(self, members: tuple[Member, ...], least: int = 0) -> Ensemble:
        """The members that hold at least `least` findings, as an ensemble."""
        good = [m for m in members if m.hold >= least]
        seed = self.state.seed if self.state else 0
        z = np.array([m.z for m in good]).reshape(len(good), len(self.space.names))
        about = {name: self.about[name] for name in ("findings", "variants", "versions")}
        return Ensemble.from_z(
            self.space,
            z,
            [MemberOrigin(seed=seed, **{n: getattr(m, n) for n in MEMBER}) for m in good],
            about,
        )


def plain(progress: Progress) -> dict[str, Any]:
    """A round as plain values, for `--json`."""
    return asdict(progress)


def _budget(about: Mapping[str, Any], folder: Path) -> Budget:
    noted = about.get("budget") or {}
    if not isinstance(noted, dict) or noted.keys() - {"minutes", "evaluations", "members"}:
        raise files.wrong(folder / ABOUT, "budget", f"{noted!r}", "a table of minutes, evaluations, members")
    return Budget(**noted)


def _newest(folder: Path) -> tuple[State | None, int | None]:
    """The newest checkpoint that can be read, and its rounds; None where no round was done."""
    path, before = folder / STATE, folder / BEFORE
    if path.exists():
        try:
            return unpack(path)
        except UserError as error:
            if not before.exists():
                raise
            log.warning("%s The checkpoint before it is gone on from.", error)
    return unpack(before) if before.exists() else (None, None)
