"""`rewire export pysb`: the rules as one flat PySB module, one cell with its treatment."""

from __future__ import annotations

from models.export.pysb.flat_module import pysb_flat
from models.export.pysb.run_module import NAME, run_pysb
from rewire.export.formats import ExportRequest
from rewire.export.notes import notes
from rewire.export.proven_file import write_proven
from rewire.export.proven_sbml import Exported, place_and_fill
from rewire.export.request import content as content_of

_SETTLED = (
    "The start amounts are cells at rest, one parameter a species; they do not follow an abundance that is "
    "set anew, so let the cells settle again then."
)
_UNSETTLED = "The start amounts are the abundances, not a steady state: let the cells settle (years) first."


def export(asked: ExportRequest) -> Exported:
    """Write a PySB module as asked."""
    filled = place_and_fill(asked.path, asked.force, asked.order, asked.say)
    content = content_of(filled)
    start = _SETTLED if asked.settled else _UNSETTLED
    if content.changes:
        start += " What changes later is in SCHEDULE, at the end."
    text = pysb_flat(content, notes(filled, start))
    model = content.built.model
    record = {"format": "PySB", "rules": len(model.rules), "changes": len(content.changes)}
    return write_proven(asked, filled, content, text, {NAME: run_pysb}, record)
