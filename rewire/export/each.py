"""`rewire export FORMAT each`: a file for every context, in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.core.errors import UserError
from models.core.files import new_folder
from rewire.export.formats import ExportRequest, export, known_form
from rewire.export.proven_sbml import Exported
from rewire.export.request import fill
from rewire.project.project import load_project, parse_variants


def export_each(asked: ExportRequest) -> Iterator[Exported]:
    """Write one context after the other, each file completely or not at all.

    Raises `UserError` for wrong options before anything is written. If one context cannot be written, the
    others still are.
    """
    contexts = list(load_project(parse_variants(asked.variants)).contexts)
    fill(replace(asked, context=contexts[0]).order)  # raises its mistakes before anything is written
    if not asked.force:
        new_folder(asked.path, "files")
    asked.path.mkdir(parents=True, exist_ok=True)
    suffix = known_form(asked.form).suffix
    for number, context in enumerate(contexts, 1):
        if asked.say:
            asked.say(f"{number} of {len(contexts)}: {context}")
        one = replace(asked, context=context, path=asked.path / f"{context}{suffix}")
        try:
            yield export(one)
        except UserError as error:
            yield Exported({"context": context, "failed": str(error)}, None)
