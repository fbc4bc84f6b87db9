"""Keep solver messages out of the output.

SUNDIALS writes warnings to file descriptor 1 and errors to 2, from C, past Python's streams. While `quiet` is
active both descriptors lead into a memory file, so that JSON on stdout stays valid; the text is kept to
explain a failure.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

_LIMIT = 20_000
"""Bytes of output that are kept: the beginning says what went wrong, the rest repeats it."""

_lock = threading.Lock()
_depth = 0
_saved: tuple[int, int] | None = None
_sink: int | None = None
_owner = 0
_libc: ctypes.CDLL | None = None


class SolverOutput:
    """What was written while a `quiet` block was active; complete after the block."""

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def quiet() -> Iterator[SolverOutput]:
    """Capture descriptors 1 and 2. Re-entrant; threads share one capture until the last block ends."""
    output = SolverOutput()
    start = _enter()
    try:
        yield output
    finally:
        output.text = _leave(start)


def terminal() -> IO[str]:
    """A text stream to the current stderr that keeps working while a thread is quiet (for progress)."""
    return os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")


def _flush(python: bool) -> None:
    """Flush the buffers of C, and of Python, so that earlier output is not captured."""
    global _libc
    for stream in (sys.stdout, sys.stderr) if python else ():
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    if _libc is None:
        _libc = ctypes.CDLL(None) if os.name == "posix" else ctypes.cdll.msvcrt
    _libc.fflush(None)


def _memory_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("quiet")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _open_or_null(fd: int) -> int:
    """A copy of the descriptor; if it is closed, one to /dev/null."""
    try:
        return os.dup(fd)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _enter() -> int:
    """Start capturing; returns the position in the memory file from which on text is new."""
    global _depth, _saved, _sink, _owner
    with _lock:
        if _depth == 0:
            _flush(python=True)
            _saved = (_open_or_null(1), _open_or_null(2))
            if _sink is None or _owner != os.getpid():  # a forked process would share the file's position
                _sink, _owner = _memory_file(), os.getpid()
            os.ftruncate(_sink, 0)
            os.lseek(_sink, 0, os.SEEK_SET)
            os.dup2(_sink, 1)
            os.dup2(_sink, 2)
        _depth += 1
        assert _sink is not None
        return os.lseek(_sink, 0, os.SEEK_CUR)


def _leave(start: int) -> str:
    """Stop capturing; returns the text written since `start`."""
    global _depth, _saved
    with _lock:
        _flush(python=False)  # what Python's streams still hold must not be captured
        assert _sink is not None
        assert _saved is not None
        end = os.lseek(_sink, 0, os.SEEK_CUR)
        text = (
            os.pread(_sink, min(end - start, _LIMIT), start).decode(errors="replace") if end > start else ""
        )
        _depth -= 1
        if _depth == 0:
            for saved, fd in zip(_saved, (1, 2), strict=True):
                os.dup2(saved, fd)
                os.close(saved)
            _saved = None
        return text
