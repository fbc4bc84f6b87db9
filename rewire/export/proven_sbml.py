"""The model of one kind of cell as SBML, compared with our own time courses before it is written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from models.core.errors import Mistake, Mistakes
from models.core.files import write, wrong
from models.export.sbml.document import Content, sbml
from rewire.export.compare_courses import verify_courses
from rewire.export.notes import about
from rewire.export.request import BEST, ExportOrder, Filled, content, fill, noted, raise_all
from rewire.report.tables import Column, Table

FORM = "SBML level 3 version 2"


class Proof(Protocol):
    """Report of a comparison of a file with our own simulation."""

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""

    def record(self) -> dict[str, Any]:
        """The stored report."""

    def lines(self) -> list[str]:
        """The report in words."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Result of an export.

    Attributes
    ----------
    record : dict
        Content of the file; without "file" if it was not written, with "failed" and the reason if it could
        not be made.
    verification : Proof or None
        Such as a `rewire.export.compare_courses.Verification`.
    """

    record: dict[str, Any]
    verification: Proof | None

    @property
    def ok(self) -> bool:
        """Whether it could be made, and every engine agrees or none was used."""
        return "failed" not in self.record and (self.verification is None or self.verification.ok)


def export_sbml(
    path: Path,
    context: str,
    treat: Iterable[str] = (),
    genes: Iterable[str] = (),
    member: int | str = BEST,
    ensemble: Path | None = None,
    variants: Iterable[str] = (),
    say: Callable[[str], None] | None = None,
    *,
    settled: bool = True,
    created: str = "",
    plain: Mapping[str, str] | None = None,
    verify: bool = True,
    force: bool = False,
) -> Exported:
    """Write SBML with one member's parameters.

    Parameters
    ----------
    path : Path
        The file; a JSON file with the verification is written beside it.
    treat, genes, variants : iterable of str
        As on the command line.
    member : int or str
        A number, "best" or "median".
    ensemble : Path, optional
        An ensemble or run folder; the shipped ensemble by default.
    say : callable, optional
        Gets messages for the user.
    settled : bool
        Start from the steady state, else from the initial amounts before it.
    created : str
        Date of the file as in "2026-01-31"; today by default.
    plain : mapping, optional
        `medium`, `grown_in`, `starve` of the arm.
    verify : bool
        Run the file in other engines first; nothing is written if one of them does not agree.
    force : bool
        Overwrite an existing file.

    Raises
    ------
    UserError
    """
    words = {"treat": tuple(treat), "genes": tuple(genes), "variants": tuple(variants)}
    order = ExportOrder(
        context,
        **words,
        member=str(member),
        settled=settled,
        created=created,
        plain=plain or {},
        ensemble=ensemble,
    )
    filled = place_and_fill(path, force, order, say)
    filling = content(filled)
    text = sbml(filling, about(filled))
    found = None
    if verify:
        with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
            trial = Path(folder) / path.name
            trial.write_text(text, encoding="utf-8")
            found = verify_courses(trial, filled, filling, say=say)
    record = {"format": FORM, "context": context, "member": filled.member, **counts(text)}
    if found is None or found.ok:
        put(path, text, found)
        record = {"file": str(path), **record}
    return Exported(record, found)


def place_and_fill(path: Path, force: bool, order: ExportOrder, say: Callable[[str], None] | None) -> Filled:
    """Check the path and look up the order; reports the mistakes of both at once."""
    wrong: list[Mistake] = []
    with noted(wrong):
        check_place(path, force)
    with noted(wrong):
        filled = fill(order, say)
    raise_all(wrong)
    return filled


def check_place(path: Path, force: bool, *beside: Path) -> None:
    """Raise `UserError` if a path, its report or a file `beside` it exists, or its folder does not."""
    problems = Mistakes("--out")
    for place in (path, report_path(path), *beside):
        if place.is_dir():
            problems.add(str(place), "is a folder")
        elif place.exists() and not force:
            advice = "Name another file, or overwrite it with --force."
            problems.add(str(place), "exists already", advice=advice)
    if not path.parent.is_dir():
        problems.add(str(path.parent), "is not a folder")
    problems.raise_if_any()


def check_folder(path: Path, force: bool, what: str) -> None:
    """Raise `UserError` if `path` is a file or a folder with content, or cannot be created."""
    if path.exists() and not path.is_dir():
        raise wrong(path, "", "is a file", advice=f"{what}: name one.")
    if path.is_dir() and any(path.iterdir()) and not force:
        advice = "Name another folder, or write into it with --force."
        raise wrong(path, "", "exists already", advice=advice)
    if not path.resolve().parent.is_dir():
        raise wrong(path.parent, "", "is not a folder")


def report_path(path: Path) -> Path:
    """Path of the verification of a file."""
    return path.with_name(f"{path.name}.verification.json")


def put(path: Path, text: str | bytes, found: Proof | None) -> None:
    """Write a file, and its verification beside it; an old verification is removed."""
    write(path, text)
    if found is None:
        report_path(path).unlink(missing_ok=True)
    else:
        write(report_path(path), json.dumps(found.record(), indent=1, allow_nan=False) + "\n")


def counts(text: str) -> dict[str, int]:
    """Numbers of elements in a document."""
    import libsbml

    document: Any = libsbml.readSBMLFromString(text)
    model = document.getModel()
    return {
        "species": model.getNumSpecies(),
        "reactions": model.getNumReactions(),
        "parameters": model.getNumParameters(),
        "events": model.getNumEvents(),
    }


def table(files: Sequence[Exported]) -> Table:
    """The answer of `rewire export`."""
    records = [done.record for done in files]
    kinds = {name: type(value) for record in records for name, value in record.items() if name != "format"}
    columns = [Column(name, name, "right" if kind is int else "left") for name, kind in kinds.items()]
    proofs = {done.record.get("context", ""): done.verification for done in files if done.verification}
    footer = [
        line if len(files) == 1 else f"{name}: {line}" for name, p in proofs.items() for line in p.lines()
    ]
    stored = {name: proof.record() for name, proof in proofs.items()}
    extra: dict[str, Any] = {}
    if stored:
        extra = {"verification": stored.popitem()[1]} if len(files) == 1 else {"verifications": stored}
    if any(done.verification and not done.ok for done in files):
        footer.append("Not written where an engine does not agree; --no-verify skips this check.")
    return Table("export", records, columns, extra=extra, footer=footer)


__all__ = ["Content", "Exported", "export_sbml", "table"]
