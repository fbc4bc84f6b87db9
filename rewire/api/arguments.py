"""What the verbs take: places, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Place = Path | str
Say = Callable[[str], None]


def path_of(place: Place | None) -> Path | None:
    """A place as a path; None where there is none."""
    return None if place is None else Path(place)
