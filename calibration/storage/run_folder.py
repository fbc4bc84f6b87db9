"""A run folder: its options, how it went, and all that is needed to resume it.

run.json             options, budget, versions, variants, findings hash, what the bits depend on
state.npz            where the optimiser stands; one file, so that it is never half of two moments
state.previous.npz   the checkpoint before that one
trace.csv            a row a round
members.csv          a row a finished start: what it held, and decimal logarithms by rate name
lock                 held by the process that works here

A round is a function of the state and the problem alone, so a run resumed from any checkpoint comes to
the same end. The trace is written before the state, so it is never short of rows; surplus ones are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from calibration.optimize.state import Budget, Member, Progress, State
from calibration.storage.checkpoint import MEMBER, Autosave
from calibration.storage.ensemble import Ensemble, MemberOrigin, SpaceLike
from calibration.storage.folder import ABOUT, Folder
from models.core import files
from models.core.signals import held

TRACE = ("start", "hold", "best_hold", "of", "evaluations", "loss", "seconds", "members", "phase")
STATE, BEFORE = "state.npz", "state.previous.npz"


@dataclass(frozen=True)
class SavedRun:
    """A run as its folder holds it: its options, its budget and its state. Only looks, and holds no lock.

    Attributes
    ----------
    about : dict
        Content of run.json.
    """

    folder: Path
    about: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path | str) -> SavedRun:
        """Look into a run folder."""
        return cls(Path(folder), Run.read_about(Path(folder)))

    @property
    def options(self) -> dict[str, Any]:
        """The options of the run, so that its problem can be built again."""
        options = self.about.get("options")
        if not isinstance(options, dict):
            raise files.wrong(self.folder / ABOUT, "options", f"{options!r}", "a table")
        return options

    @property
    def budget(self) -> Budget:
        """What the run may use in all, the part that is used up included."""
        return _budget(self.about, self.folder)

    @cached_property
    def state(self) -> State:
        """Its newest checkpoint, or a state in which nothing is done."""
        return checkpoint_of(self.folder).newest()[0] or State(0)

    def resumed(self, minutes: float | None, evaluations: float | None) -> Budget:
        """The whole budget of the run resumed: so much from where it stands, or what it was given before."""
        if minutes is None and evaluations is None:
            if self.budget == Budget():
                raise files.wrong(
                    self.folder / ABOUT,
                    "budget",
                    "is not recorded",
                    advice="Give --minutes or --evaluations.",
                )
            return self.budget
        return Budget(
            minutes + self.state.seconds / 60 if minutes else None,
            evaluations + self.state.evaluations if evaluations else None,
        )


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
    what: ClassVar[str] = "run folder"
    form: ClassVar[str] = "run/1"

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
        about = {
            "budget": asdict(budget or Budget()),
            "findings": findings,
            "variants": dict(variants),
            "parameters": len(space.names),
        }
        return cls._create(Path(folder), options, about, space=space)

    @staticmethod
    def options_of(folder: Path | str) -> dict[str, Any]:
        """The options of a run, so that its problem can be built again."""
        return SavedRun.read(folder).options

    @classmethod
    def resume(cls, folder: Path | str, space: SpaceLike, findings: str, accept: bool = False) -> Run:
        """Resume a run.

        Refused where the findings or the parameters have changed, and, unless `accept`, where something
        has on which its numbers depend (see `calibration.objective.workers.environment`).
        """

        def restore(run: Run) -> None:
            run.state, rounds = run.checkpoint.newest()
            if run.state is not None:
                run._same_space(run.state)
                run.trace = run._read_trace(run.state, rounds)

        return cls._resume(Path(folder), findings, accept, restore, space=space)

    @cached_property
    def checkpoint(self) -> Autosave:
        """Where its state is saved."""
        return checkpoint_of(self.folder)

    @property
    def budget(self) -> Budget:
        """What the run may use in all, the part that is used up included."""
        return _budget(self.about, self.folder)

    def grant(self, budget: Budget) -> None:
        """Another budget from now on, saved so that a run which is killed comes to the same end."""
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
            if force or ended or self.checkpoint.due():
                self._write(state)

    def _write(self, state: State) -> None:
        files.write(self.folder / "trace.csv", files.table(TRACE, self.trace))
        self.checkpoint.write(state, len(self.trace))
        if state.members:
            self._write_members(state.members)

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


def _budget(about: Mapping[str, Any], folder: Path) -> Budget:
    noted = about.get("budget") or {}
    if not isinstance(noted, dict) or noted.keys() - {"minutes", "evaluations", "members"}:
        raise files.wrong(folder / ABOUT, "budget", f"{noted!r}", "a table of minutes, evaluations, members")
    return Budget(**noted)


def checkpoint_of(folder: Path) -> Autosave:
    """The checkpoint of a run folder."""
    return Autosave(folder / STATE, folder / BEFORE)
