"""Arrays in one .npz file: nothing in it is ever unpickled, and sizes are looked at before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from calibration.objective.problem import Vector
from models.core.errors import UserError
from models.core.files import wrong

MOST = 2**30
"""Bytes that a whole file may unpack to; a checkpoint of 10,000 rates and 10,000 terms takes 0.8e9."""

DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)
"""What reading a damaged file raises."""


def pack_arrays(arrays: dict[str, Vector]) -> bytes:
    """The content of a file of arrays by name."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def read_arrays(path: Path) -> dict[str, Any]:
    """What `pack_arrays` made; UserError where the file is damaged."""
    try:
        with path.open("rb") as file:
            check_sizes(file)
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    except DAMAGED as error:
        raise damaged(path, error) from None


def damaged(path: Path, error: Exception) -> UserError:
    """That a file of a run folder cannot be read."""
    given = f"cannot be read ({type(error).__name__})"
    return wrong(path, "", given, advice="The run folder is damaged or foreign.")


def check_sizes(file: IO[bytes]) -> None:
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
