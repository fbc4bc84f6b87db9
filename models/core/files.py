"""Files of runs and ensembles: moved into place when whole, read with a plain message on what is wrong."""

from __future__ import annotations

import csv
import errno
import json
import os
import platform
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any

from models.core.errors import Mistake, UserError

PACKAGES = ("rewire", "bngsim", "pysb", "numpy", "scipy", "cma")

PART = ".part-"
"""What is being written has a name that begins so."""


def versions() -> dict[str, str]:
    """Versions of what numbers depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def write(path: Path, content: str | bytes, backup: Path | None = None) -> None:
    """Write a whole file or nothing; after a power cut the old one is there or the new one.

    Parameters
    ----------
    backup : Path, optional
        Where the old file is moved, in the same folder. Between the two moves it is the only one.

    Raises
    ------
    UserError
        Where the disk is full or the folder read-only.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        _replace(path, data, backup)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name to write to, for a library that wants one; moved to `path` when it is whole."""
    part = path.with_name(f"{PART}{path.name}")
    try:
        yield part
        handle = os.open(part, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unwritable(path, error) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _replace(path: Path, data: bytes, backup: Path | None) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{PART}{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # temporary files are private
            os.fsync(file.fileno())
        if backup is not None and path.exists():
            path.replace(backup)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring what was renamed in `folder` to the disk, where the file system can do that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse, and sync on their own
            os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written in `folder`."""
    for path in folder.glob(f"{PART}*"):
        with suppress(OSError):
            path.unlink()


def unwritable(path: Path, error: OSError) -> UserError:
    """The way out of a full disk, a read-only folder and their like."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        advice = "Make room and resume; what was written before is whole."
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        advice = "The folder has to be writable; nothing was changed."
    else:
        advice = "What was written before is whole."
    return wrong(path, "", f"cannot be written ({error.strerror or error})", advice=advice)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV text; floats are written so that they read back to the bit."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[repr(float(c)) if isinstance(c, float) else c for c in row] for row in rows])
    return text.getvalue()


def wrong(path: Path, place: str, given: str, allowed: str = "", advice: str = "") -> UserError:
    """One mistake in one file."""
    return UserError([Mistake(str(path), place, given, allowed, advice)])


def read_text(path: Path, what: str) -> str:
    """The text of `path`, which should belong to `what`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise wrong(path, "", f"not found, so this is no {what}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(path, "", f"cannot be read ({error})", advice=f"Is it part of a {what}?") from None


def read_json(path: Path, what: str, form: str) -> dict[str, Any]:
    """The table in `path`, after its `format` has been looked at."""
    try:
        content = json.loads(read_text(path, what))
    except json.JSONDecodeError as error:
        raise wrong(
            path, f"line {error.lineno}", f"is not JSON ({error.msg})", "", f"The {what} is damaged."
        ) from None
    if not isinstance(content, dict) or content.get("format") != form:
        given = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise wrong(path, "format", f"{given!r}", repr(form), f"This is no {what} of this version.")
    return content


def read_table(path: Path, what: str, head: Sequence[str] | None = None) -> tuple[list[str], list[list[str]]]:
    """Head and rows of a CSV file, all rows of one length."""
    rows = list(csv.reader(StringIO(read_text(path, what))))
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise wrong(path, "", "is not a whole table", advice=f"The {what} is half-written or damaged.")
    if head is not None and rows[0][: len(head)] != list(head):
        raise wrong(path, "line 1", ", ".join(rows[0][: len(head)]), ", ".join(head))
    return rows[0], rows[1:]


def new_folder(path: Path, what: str) -> None:
    """Make an empty folder; one that is not empty is refused and left alone.

    A lock and half-written files are all that a process leaves which was killed at once: they do not count.
    """
    if path.exists() and (
        not path.is_dir() or any(p.name != "lock" and not p.name.startswith(PART) for p in path.iterdir())
    ):
        raise wrong(
            path, "", "exists already", advice=f"Name another folder for the {what}; nothing was written."
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from None
