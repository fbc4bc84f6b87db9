"""Culture media, as levels of ligands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, read_table, text_of
from models.core.units import dose

LIGANDS = ("insulin", "IGF1", "EGF", "NRG1", "PDGF")
"""Ligands that a medium may contain and an arm may add."""


@dataclass(frozen=True, slots=True, eq=False)
class Medium:
    """One medium: free ligand [nM]; ligands not listed are absent."""

    name: str
    says: str
    levels: Mapping[str, float]
    sources: Mapping[str, str]


def load_media(path: Path | None = None, problems: Mistakes | None = None) -> dict[str, Medium]:
    """Read media by name; raises `UserError` unless the caller collects `problems` itself."""
    noted = problems if problems is not None else Mistakes()
    table = read_table(path or Path(__file__).with_name("media.toml"), "media/1", noted)
    media = {}
    for name, body in table.items():
        if not is_table(body, name, noted):
            continue
        check_keys(body, ("says", *LIGANDS), name, noted)
        levels, sources = {}, {}
        for ligand in LIGANDS:
            if ligand not in body:
                continue
            entry, place = body[ligand], f"{name}.{ligand}"
            if not is_table(entry, place, noted):
                continue
            check_keys(entry, ("level", "source"), place, noted)
            sources[ligand] = text_of(entry, "source", place, noted)
            if level := text_of(entry, "level", place, noted):
                try:
                    levels[ligand] = dose(level)
                except ValueError as err:
                    noted.add(f"{place}.level", str(err))
        says = text_of(body, "says", name, noted)
        media[name] = Medium(name, says, MappingProxyType(levels), MappingProxyType(sources))
    if problems is None:
        noted.raise_if_any()
    return media
