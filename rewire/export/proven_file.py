"""Verify and write: the same for every format with one cell and one treatment."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.core.isolated import EngineFailure
from models.export.content import Content
from models.simulation.engine import Array
from rewire.export.compare_courses import Agreement, Verification, agreement, our_courses, sample_times
from rewire.export.formats import ExportRequest
from rewire.export.proven_sbml import Exported, put
from rewire.export.request import Filled

Runner = Callable[[Path, Sequence[float], Sequence[str]], tuple[Array, str]]
"""File, times (n_times,) [s] and names → courses (n_times, n_names) and the engine with its version."""


def write_proven(
    asked: ExportRequest,
    filled: Filled,
    content: Content,
    text: str,
    engines: dict[str, Runner],
    record: dict[str, Any],
) -> Exported:
    """Run a text in each engine, and write it if all agree with ours or none was requested.

    Raises `UserError` if our own simulation fails, or an engine is not installed.
    """
    found = _verify(asked.path.name, filled, content, text, engines) if asked.verify else None
    record = {**record, "context": asked.context, "member": filled.member}
    if found is None or found.ok:
        put(asked.path, text, found)
        record = {"file": str(asked.path), **record}
    return Exported(record, found)


def _verify(
    name: str, filled: Filled, content: Content, text: str, engines: dict[str, Runner]
) -> Verification:
    names, times, ours = our_courses(filled, content, sample_times(c.time_s for c in content.changes))
    found = []
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        trial = Path(folder) / name
        trial.write_text(text, encoding="utf-8")
        for engine, run in engines.items():
            try:
                theirs, version = run(trial, times, names)
            except EngineFailure as error:
                found.append(Agreement(engine, None, reason=str(error)))
                continue
            found.append(agreement(version, ours, theirs, names, times))
    return Verification(name, len(names), len(times), times[-1], tuple(found), filled.summary)
