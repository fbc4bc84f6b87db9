"""`rewire export pybnf`: a fitting problem for PyBNF (`rewire.export.pybnf.pybnf_bundle`)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import load_findings
from models.assemble import Built
from models.core import files
from models.core.errors import Mistakes
from models.parameters import Space
from rewire.export.formats import ALL, ExportRequest
from rewire.export.proven_sbml import Exported, check_folder
from rewire.export.pybnf.pybnf_bundle import Bundle, Options, bundle
from rewire.project.project import Project, load_project, parse_variants


def export(asked: ExportRequest) -> Exported:
    """Write the fit findings of a context, or of all contexts."""
    check_folder(asked.path, asked.force, "PyBNF needs a folder")
    world = load_project(parse_variants(asked.variants))
    problems = Mistakes("CONTEXT")
    if asked.context != ALL and asked.context not in world.contexts:
        known = [ALL, *world.contexts]
        problems.add("", f"unknown context {asked.context!r}", allowed=known, name=asked.context)
        problems.raise_if_any()
    findings = [f for f in load_findings(words=world.words, built=world.built) if f.use == "fit"]
    made = bundle(findings, world, context="" if asked.context == ALL else asked.context)
    if not made.mapped:
        problems.add("", f"no fit finding about {asked.context!r} can be expressed in BPSL")
        problems.raise_if_any()
    put(asked.path, made.texts)
    record = {
        "folder": str(asked.path),
        "format": "PyBNF",
        "context": asked.context,
        "findings": len({line.finding for line in made.lines if not line.untreated}),
        "mapped whole": len(made.mapped),
        "constraints": sum(bool(line.text) for line in made.lines),
        "outputs": sum(len(file.phases) for file in made.layout.files),
        "parameters": len(made.space),
        "not mapped": sum(not line.text for line in made.lines),
    }
    return Exported(record, None)


def write_pybnf(
    folder: Path,
    findings: Sequence[Finding],
    world: Project,
    options: Options | None = None,
    built: Built | None = None,
    free: Space | None = None,
    whole: bool = False,
    force: bool = False,
) -> Bundle:
    """Write the folder completely or not at all; see `bundle`.

    Raises `UserError` if it exists and is not empty (without `force`), or cannot be written.
    """
    check_folder(folder, force, "PyBNF needs a folder")
    made = bundle(findings, world, options, built, free, whole)
    put(folder, made.texts)
    return made


def put(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the texts into a folder; other files in it stay."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=files.PART) as part:
            for name, text in texts.items():
                (Path(part) / name).write_text(text, encoding="utf-8")
            for name in texts:
                (Path(part) / name).replace(folder / name)
    except OSError as error:
        raise files.unwritable(folder, error) from None
