"""Where the draws are: the file that ships, another one, or that of a run folder."""

from __future__ import annotations

from pathlib import Path

from calibration.sample.draws import Draws
from models.core.files import wrong

SHIPPED = Path("ensembles") / "posterior" / "posterior.nc"
"""In the package `models`."""

NAME = "posterior.nc"


def shipped_posterior() -> Path:
    """Where the shipped draws are."""
    import models

    return Path(next(iter(models.__path__))) / SHIPPED


def load_draws(place: Path | None = None) -> tuple[Draws, Path]:
    """The draws of a file or of a run folder; those that ship by default."""
    path = place or shipped_posterior()
    if path.is_dir():
        if not (path / NAME).exists():
            raise wrong(
                path, "", f"holds no {NAME}", advice="A posterior run writes it when it ends or is stopped."
            )
        path = path / NAME
    return Draws.load(path), path
