"""`rewire export antimony`: the SBML of `rewire export sbml` as Antimony."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.core.errors import UserError
from models.core.isolated import EngineFailure
from models.engines.sbml_engines import simulate
from models.export.sbml.antimony_text import NAME, available, to_antimony, to_sbml
from models.export.sbml.document import sbml
from models.simulation.engine import Array
from rewire.export.formats import ExportRequest
from rewire.export.notes import about
from rewire.export.proven_file import write_proven
from rewire.export.proven_sbml import Exported, counts, place_and_fill
from rewire.export.request import content as content_of

ENGINE = "roadrunner"


def export(asked: ExportRequest) -> Exported:
    """Write an Antimony file."""
    filled = place_and_fill(asked.path, asked.force, asked.order, asked.say)
    if not available():
        raise UserError("writing Antimony needs libAntimony, which is not installed; pip install antimony")
    content = content_of(filled)
    written = sbml(content, about(filled))
    try:
        text = to_antimony(written)
    except EngineFailure as error:
        raise UserError(str(error)) from None
    record = {"format": NAME, **counts(written)}
    return write_proven(asked, filled, content, text, {f"{NAME}, {ENGINE}": _back}, record)


def _back(path: Path, times: Sequence[float], names: Sequence[str]) -> tuple[Array, str]:
    """Antimony → SBML → libRoadRunner."""
    again = path.with_suffix(".xml")
    again.write_text(to_sbml(path.read_text(encoding="utf-8")), encoding="utf-8")
    courses, version = simulate(ENGINE, again, times, names)
    return courses, f"{NAME}, back to SBML in {version}"
