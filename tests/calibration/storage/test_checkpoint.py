"""Checkpoints come back to the bit, and what is not one is refused before it is unpacked."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from calibration.optimize.state import Member, State
from calibration.storage import arrays as array_files
from calibration.storage.checkpoint import pack, unpack
from models.core.errors import UserError

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def vectors(n: int) -> st.SearchStrategy[Any]:
    return arrays(np.float64, n, elements=NUMBERS)


@given(
    z=vectors(3),
    jac=arrays(np.float64, (2, 3), elements=NUMBERS),
    terms=vectors(2),
    loss=st.floats(allow_nan=False),
    history=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3),
    reason=st.text(max_size=9),
)
def test_a_state_comes_back_to_the_bit(tmp_path_factory, z, jac, terms, loss, history, reason):
    members = (Member(0, z, 3, 4, 1.5, 2.5, reason),)
    state = State(
        7, 1, z, terms, jac, best_loss=loss, history=tuple(history), members=members, evaluations=0.1 + 0.2
    )
    path = tmp_path_factory.mktemp("state") / "state.npz"
    path.write_bytes(pack(state, 12))
    back, rounds = unpack(path)
    assert rounds == 12
    for f in fields(State):
        old, new = getattr(state, f.name), getattr(back, f.name)
        if f.name == "members":
            assert new[0].z.tobytes() == z.tobytes() and new[0].reason == reason
        elif old is None:
            assert new is None
        else:
            assert np.asarray(old).tobytes() == np.asarray(new).tobytes(), f.name


def file_of(folder: Path, **parts: bytes) -> Path:
    path = folder / "state.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(f"{name}.npy", data)
    return path


def as_npy(array: Any, shape: tuple[int, ...] | None = None) -> bytes:
    """An array as a file, which may claim another shape than it has."""
    buffer = io.BytesIO()
    array = np.asarray(array)
    head = {"descr": array.dtype.str, "fortran_order": False, "shape": shape or array.shape}
    np.lib.format.write_array_header_1_0(buffer, head)
    return buffer.getvalue() + array.tobytes()


def test_a_claim_of_more_than_there_is_is_refused_unread(tmp_path: Path):
    path = file_of(tmp_path, z=as_npy(np.zeros(3), (10**12,)))
    with pytest.raises(UserError, match="cannot be read"):
        unpack(path)


def test_what_would_unpack_to_too_much_is_refused_unread(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(array_files, "MOST", 10_000)
    path = file_of(tmp_path, z=as_npy(np.zeros(100_000)))
    assert path.stat().st_size < 10_000
    with pytest.raises(UserError, match="cannot be read"):
        unpack(path)


def test_pickles_are_never_opened(tmp_path: Path):
    class Trap:
        def __reduce__(self) -> Any:
            return (tmp_path.joinpath("sprung").touch, ())

    np.savez(tmp_path / "state.npz", plain=np.array(Trap(), dtype=object))
    with pytest.raises(UserError, match="cannot be read"):
        unpack(tmp_path / "state.npz")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "parts",
    [
        {"plain": as_npy("[]")},
        {"plain": as_npy("{}")},
        {"plain": as_npy(json.dumps({"members": [{"start": 0}]}))},
        {"z": as_npy(np.zeros(3))},
        {},
    ],
)
def test_what_is_no_state_is_refused(tmp_path: Path, parts: dict[str, bytes]):
    with pytest.raises(UserError, match="cannot be read"):
        unpack(file_of(tmp_path, **parts))


def test_arrays_of_other_shapes_are_refused(tmp_path: Path):
    good = State(7, z=np.zeros(3), terms=np.zeros(2), jac=np.zeros((2, 2)))
    (tmp_path / "state.npz").write_bytes(pack(good, 1))
    with pytest.raises(UserError, match="cannot be read"):
        unpack(tmp_path / "state.npz")
