"""`rewire verify` of a COMBINE archive: where does it differ from what `rewire export omex` writes?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.export.omex.archive import MANIFEST, METADATA, manifest, metadata, read
from models.export.sbml.reading import document
from rewire.export.omex.omex_file import ABOUT, FORM, MASTER, contents
from rewire.export.request import ExportOrder
from rewire.export.verify.verify import Difference, compare
from rewire.export.verify.verify import verify as verify_sbml

Say = Callable[[str], None] | None
_LONGEST = 120


def verify_any(path: Path, ensemble: Path | None = None, say: Say = None) -> list[Difference]:
    """Where a file (SBML, or an archive if it ends in ``.omex``) differs from what the project writes.

    Raises `UserError` if the file cannot be read, is not safe to read, or was not written by the project.
    """
    return (verify if path.suffix == ".omex" else verify_sbml)(path, ensemble, say)


def verify(path: Path, ensemble: Path | None = None, say: Say = None) -> list[Difference]:
    """Where an archive differs from what the project writes."""
    theirs = read(path)
    order, given = _order(path, theirs, ensemble)
    made = contents(order)
    ours = {MANIFEST: manifest(made.files, MASTER), METADATA: metadata(made.title), **made.files}
    found = list(_differences(path, theirs, ours))
    if made.one.ensemble != given:
        found.insert(0, Difference("archive", path.name, 0, "ensemble", given, made.one.ensemble))
        if say:
            say("The archive was written from another ensemble; without --ensemble, rates differ.")
    return found


def _order(path: Path, files: Mapping[str, bytes], ensemble: Path | None) -> tuple[ExportOrder, str]:
    """The order recorded in the archive, and the hash of its ensemble."""
    problems = Mistakes(f"{path}: {ABOUT}")
    advice = "Only archives that `rewire export omex` wrote can be verified."
    recorded: Any = None
    if ABOUT not in files:
        problems.add("", "is not in the archive", advice=advice)
    else:
        try:
            recorded = json.loads(files[ABOUT])
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            problems.add("", f"is not JSON ({error})", advice=advice)
    problems.raise_if_any()
    if not isinstance(recorded, dict) or recorded.get("format") != FORM:
        problems.add(
            "format",
            repr(recorded.get("format") if isinstance(recorded, dict) else recorded)[:80],
            repr(FORM),
        )
        problems.raise_if_any()
    for key in ("version", "created", "member", "ensemble"):
        if not isinstance(recorded.get(key), str):
            problems.add(key, repr(recorded.get(key))[:80], allowed="text")
    if not str(recorded.get("member", "")).isdigit():
        problems.add("member", repr(recorded.get("member"))[:80], allowed="the number of a member")
    variants = recorded.get("variants")
    if not isinstance(variants, list) or not all(isinstance(v, str) for v in variants):
        problems.add("variants", repr(variants)[:80], allowed="a list of texts")
    problems.raise_if_any()
    order = ExportOrder(
        "", (), (), tuple(variants), recorded["member"], True, recorded["created"], {}, ensemble
    )
    return order, recorded["ensemble"]


def _differences(path: Path, theirs: Mapping[str, bytes], ours: Mapping[str, str]) -> Iterator[Difference]:
    for name, text in ours.items():
        if name not in theirs:
            yield Difference("file", name, 0, "whole", "–", f"{len(text.encode())} bytes")
        elif name.startswith("models/"):
            given = document(theirs[name].decode("utf-8-sig"), f"{path}: {name}")
            yield from compare(given, document(text))
        elif theirs[name] != text.encode():
            yield _first(name, theirs[name].decode("utf-8", "replace"), text)
    for name in theirs.keys() - ours.keys():
        yield Difference("file", name, 0, "whole", f"{len(theirs[name])} bytes", "–")


def _first(name: str, found: str, written: str) -> Difference:
    """The first line that differs between two texts."""
    lines = enumerate(zip_longest(found.splitlines(), written.splitlines()), 1)
    number, (a, b) = next(((n, pair) for n, pair in lines if pair[0] != pair[1]), (0, ("", "")))
    return Difference("file", name, number, "text", _around(a, b), _around(b, a))


def _around(line: str | None, other: str | None) -> str:
    """The part of a line where it differs from another."""
    if line is None:
        return "–"
    pairs = enumerate(zip_longest(line, other or ""))
    start = max(0, next((i for i, (a, b) in pairs if a != b), 0) - 30)
    return ("…" if start else "") + line[start : start + _LONGEST].strip()
