"""`rewire export sbml`: one kind of cell, or the file without cells and a table of parameter sets."""

from __future__ import annotations

from rewire.export.formats import ALL, ExportRequest
from rewire.export.proven_sbml import Exported, export_sbml
from rewire.export.sbml.parameter_sets import export_sets


def export(asked: ExportRequest) -> Exported:
    """Write SBML as asked."""
    if asked.context == ALL:
        return export_sets(
            asked.path,
            asked.ensemble,
            asked.variants,
            asked.say,
            created=asked.created,
            verify=asked.verify,
            force=asked.force,
        )
    return export_sbml(
        asked.path,
        asked.context,
        asked.treat,
        asked.genes,
        asked.member,
        asked.ensemble,
        asked.variants,
        asked.say,
        settled=asked.settled,
        created=asked.created,
        plain=asked.plain,
        verify=asked.verify,
        force=asked.force,
    )
