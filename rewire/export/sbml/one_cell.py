"""`rewire export sbml`: one kind of cell, or the file without cells and a table of parameter sets."""

from __future__ import annotations

from rewire.export.formats import ALL, ExportRequest
from rewire.export.proven_sbml import Exported, export_sbml
from rewire.export.sbml.parameter_sets import export_sets


def export(asked: ExportRequest) -> Exported:
    """Write an SBML file, or the file without cells and its table."""
    verify, force = asked.verify, asked.force
    if asked.context == ALL:
        where = (asked.path, asked.ensemble, asked.variants, asked.say)
        return export_sets(*where, created=asked.created, verify=verify, force=force)
    return export_sbml(
        asked.path, asked.context, asked.treat, asked.genes, asked.member, asked.ensemble, asked.variants,
        asked.say, settled=asked.settled, created=asked.created, plain=asked.plain,
        verify=verify, force=force,
    )  # fmt: skip
