"""`rewire export pysb`: the rules as one flat PySB module, one cell with its treatment."""

from __future__ import annotations

from models.export.pysb.flat_module import pysb_flat
from models.export.pysb.run_module import NAME, run_pysb
from rewire.export.formats import ExportRequest
from rewire.export.notes import UNSETTLED, notes
from rewire.export.proven_file import write_proven
from rewire.export.proven_sbml import Exported, place_and_fill
from rewire.export.request import content as content_of

_SETTLED = (
    "The start amounts are the steady state, one parameter per species. They do not follow a changed "
    "abundance: after one, simulate to the new steady state first."
)


def export(asked: ExportRequest) -> Exported:
    """Write a PySB module."""
    filled = place_and_fill(asked.path, asked.force, asked.order, asked.say)
    content = content_of(filled)
    start = _SETTLED if asked.settled else UNSETTLED
    if content.changes:
        start += " Later changes are in SCHEDULE, at the end."
    text = pysb_flat(content, notes(filled, start))
    model = content.built.model
    record = {"format": "PySB", "rules": len(model.rules), "changes": len(content.changes)}
    return write_proven(asked, filled, content, text, {NAME: run_pysb}, record)
