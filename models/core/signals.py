"""Signals to stop: Ctrl-C and SIGTERM end a calibration between two rounds, also in a background job.

A shell without job control starts background jobs with SIGINT ignored, and Python leaves that so; batch
systems send SIGTERM some seconds before they kill. Both are made to raise `KeyboardInterrupt` here, except
where something must not be cut in two: there the request waits for the end of it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_holds = 0
_waiting = False
_received: list[int] = []


def _on(number: int, _: FrameType | None) -> None:
    """Raise, or postpone it where something is held; a second signal raises at once."""
    global _waiting
    _received.append(number)
    if _holds and not _waiting:
        _waiting = True
        return
    _waiting = False
    raise KeyboardInterrupt


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise `KeyboardInterrupt`, whatever the shell had set. In the main thread."""
    global _waiting
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _on) for number in SIGNALS}
    _waiting = False
    _received.clear()
    try:
        yield
    finally:
        _waiting = False
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def held() -> Iterator[None]:
    """Do not stop in here: a first request takes effect at the end, a second one at once."""
    global _holds, _waiting
    _holds += 1
    try:
        yield
    finally:
        _holds -= 1
    if _waiting and not _holds:
        _waiting = False
        raise KeyboardInterrupt


def terminated() -> bool:
    """Whether SIGTERM was among what `stoppable` has seen: little time is left, so no report is drawn."""
    return signal.SIGTERM in _received
