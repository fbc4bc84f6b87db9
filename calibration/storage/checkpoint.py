"""A state as one file of arrays and JSON: nothing in it is ever unpickled, and sizes are looked at first."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from calibration.objective.problem import Vector
from calibration.optimize.state import Member, State
from models.core import files

MOST = 2**30
"""Bytes that a whole checkpoint may unpack to; one of 10,000 rates and 10,000 terms takes 0.8e9."""

MEMBER = ("start", "hold", "of", "evaluations", "seconds", "reason")
_ARRAYS = ("z", "terms", "jac", "weights", "origin", "best", "history")


def pack(state: State, rounds: int) -> bytes:
    """A state after so many rounds as an .npz file without pickled objects."""
    arrays: dict[str, Vector] = {}
    plain = _flat(state, "", arrays) | {"rounds": rounds}
    arrays["plain"] = np.array(json.dumps(plain))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


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
    try:
        with path.open("rb") as file:
            look(file)
            with np.load(file, allow_pickle=False) as arrays:
                return _state(arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        given = f"cannot be read ({type(error).__name__})"
        raise files.wrong(path, "", given, advice="The run folder is damaged or foreign.") from None


def look(file: IO[bytes]) -> None:
    """Refuse what would unpack to more than it may, or claims another size than it has."""
    with zipfile.ZipFile(file) as archive:
        if sum(info.file_size for info in archive.infolist()) > MOST:
            raise ValueError("too large")
        for info in archive.infolist():
            with archive.open(info) as part:
                if np.lib.format.read_magic(part) != (1, 0):
                    raise ValueError("another kind of array")
                shape, _, dtype = np.lib.format.read_array_header_1_0(part)
                if dtype.hasobject or part.tell() + dtype.itemsize * np.prod(shape, dtype=float) != (
                    info.file_size
                ):
                    raise ValueError("not an array of that size")
    file.seek(0)


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
    kept: dict[str, Any] = {name: arrays[name] for name in _ARRAYS if name in arrays}
    kept["history"] = tuple(map(tuple, kept["history"].tolist()))
    for name in kept.keys() - {"history"}:
        kept[name] = _numbers(kept[name], 2 if name == "jac" else 1)
    if "jac" in kept and kept["jac"].shape != (len(kept["terms"]), len(kept["z"])):
        raise ValueError("a Jacobian of another problem")
    plain["began"] = tuple(plain["began"])
    return State(**kept, **plain, members=members)


def _numbers(array: Vector, dimensions: int) -> Vector:
    if array.dtype != np.float64 or array.ndim != dimensions:
        raise ValueError(f"{array.dtype} of {array.ndim} dimensions")
    return array
