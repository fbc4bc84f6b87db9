"""Two voices: `answer` writes the answer to stdout, `talk` everything else to stderr."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 180  # columns where stdout is a file or a pipe, which have no width of their own


def answer() -> Console:
    """The console of the answer. Made anew each time, since tests replace `sys.stdout`."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else WIDE)


def talk() -> Console:
    """The console of progress, warnings and advice."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)
