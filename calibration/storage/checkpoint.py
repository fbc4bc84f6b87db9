"""Checkpoints: the state of a fit as one file of arrays and JSON."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.problem import Vector
from calibration.optimize.state import Member, Progress, State
from calibration.storage.arrays import DAMAGED, damaged, pack_arrays, read_arrays
from models.core import files
from models.core.errors import UserError

log = logging.getLogger(__name__)

EVERY = 20.0
"""Time [s] between two writings of a state."""

MEMBER = ("start", "hold", "of", "evaluations", "seconds", "reason")
_ARRAYS = ("z", "terms", "jac", "weights", "origin", "best", "history")


def pack(state: State, rounds: int) -> bytes:
    """A state after so many rounds as an .npz file without pickled objects."""
    arrays: dict[str, Vector] = {}
    plain = _flat(state, "", arrays) | {"rounds": rounds}
    return pack_arrays({**arrays, "plain": np.array(json.dumps(plain))})


def _flat(state: State, prefix: str, arrays: dict[str, Vector]) -> dict[str, Any]:
    """Its plain values; its arrays go to `arrays`, with names that begin with `prefix`."""
    for name in _ARRAYS:
        if getattr(state, name) is not None:
            arrays[prefix + name] = np.asarray(getattr(state, name))
    for i, member in enumerate(state.members):
        arrays[f"{prefix}member_{i}"] = member.z
    inner = ("members", "lanes")
    plain = {f.name: getattr(state, f.name) for f in fields(state) if f.name not in (*_ARRAYS, *inner)}
    plain["members"] = [{name: getattr(m, name) for name in MEMBER} for m in state.members]
    if state.lanes:
        plain["lanes"] = [_flat(lane, f"lane_{i}_", arrays) for i, lane in enumerate(state.lanes)]
    return plain


def unpack(path: Path) -> tuple[State, int | None]:
    """Read what `pack` wrote; the rounds are None where the file is from before they were counted."""
    arrays = read_arrays(path)
    try:
        return _state(arrays)
    except DAMAGED as error:
        raise damaged(path, error) from None


@dataclass
class Autosave:
    """A checkpoint that is written where the last time is a while ago; a `Keeper` of one fit.

    Parameters
    ----------
    previous : Path, optional
        Where the checkpoint before the last one is moved, in the same folder.
    """

    path: Path
    previous: Path | None = None
    _saved: float = 0.0

    def due(self) -> bool:
        """Whether the last time is long enough ago."""
        return time.monotonic() - self._saved >= EVERY

    def save(self, state: State, progress: Progress | None = None, force: bool = False) -> None:
        """Write the state where that is due, or `force`."""
        if force or self.due():
            self.write(state, 0)

    def write(self, state: State, rounds: int) -> None:
        """Write it now."""
        self._saved = time.monotonic()
        files.write(self.path, pack(state, rounds), backup=self.previous)

    def newest(self) -> tuple[State | None, int | None]:
        """The newest checkpoint that can be read, and its rounds; None where there is none."""
        before = self.previous if self.previous and self.previous.exists() else None
        if self.path.exists():
            try:
                return unpack(self.path)
            except UserError as error:
                if before is None:
                    raise
                log.warning("%s The checkpoint before it is resumed.", error)
        return unpack(before) if before else (None, None)


def _state(arrays: Any) -> tuple[State, int | None]:
    plain = json.loads(str(arrays["plain"]))
    rounds = plain.pop("rounds", None)
    lanes = tuple(_round(lane, _of_lane(i, arrays)) for i, lane in enumerate(plain.pop("lanes", ())))
    return replace(_round(plain, arrays), lanes=lanes), rounds


def _of_lane(i: int, arrays: Any) -> dict[str, Vector]:
    prefix = f"lane_{i}_"
    return {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}


def _round(plain: dict[str, Any], arrays: Any) -> State:
    """What `_flat` laid out."""
    members = tuple(
        Member(z=_numbers(arrays[f"member_{i}"], 1), **member)
        for i, member in enumerate(plain.pop("members"))
    )
    own: dict[str, Any] = {name: arrays[name] for name in _ARRAYS if name in arrays}
    own["history"] = tuple(map(tuple, own["history"].tolist()))
    for name in own.keys() - {"history"}:
        own[name] = _numbers(own[name], 2 if name == "jac" else 1)
    if "jac" in own and own["jac"].shape != (len(own["terms"]), len(own["z"])):
        raise ValueError("a Jacobian of another problem")
    plain["began"] = tuple(plain["began"])
    return State(**own, **plain, members=members)


def _numbers(array: Vector, dimensions: int) -> Vector:
    if array.dtype != np.float64 or array.ndim != dimensions:
        raise ValueError(f"{array.dtype} of {array.ndim} dimensions")
    return array
