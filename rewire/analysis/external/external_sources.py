"""The files of a third-party problem, read once: its model, its findings and what is free."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibration.external.problem import plain
from models.core.errors import Mistakes
from models.core.text_file import TextFile, read_folder, read_text
from models.readers.model_file import open_model

FREE = "free.toml"

Say = Callable[[str], None]


def sources(model: Path, findings: Path, free: Path | None, say: Say) -> dict[str, Any]:
    """Everything as plain values, read once; raises `UserError` with all that cannot be read."""
    problems = Mistakes()
    beside = [findings / FREE if findings.is_dir() else findings.with_name(FREE), model.with_name(FREE)]
    chosen = free or next((path for path in beside if path.exists()), None)
    if chosen is None:
        problems.add("--free", "not given, and there is no free.toml beside the findings or the model")
        problems.raise_if_any()
    assert chosen is not None
    text: TextFile = read_text(chosen, problems)
    texts = read_folder(findings, [chosen], problems)
    problems.raise_if_any()
    return plain(open_model(model, say), text, texts)
