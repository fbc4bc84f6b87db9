"""Two consoles: `answer` writes the answer to stdout, `talk` all other messages to stderr."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 180  # columns if stdout is a file or a pipe, which have no width


def answer() -> Console:
    """The console of the answer, created at each call because tests replace `sys.stdout`."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else WIDE)


def talk() -> Console:
    """The console of progress, warnings and advice."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)
