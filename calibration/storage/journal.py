"""Answers to one question, in a file that an interrupted run goes on from.

One process at a time works on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.core.files import read_json, unwritable, write, wrong
from models.core.locks import Lock

_ADVICE = "Name another file, or delete this one."


class Journal:
    """The file, held by this process as long as this object lives; without a path nothing is kept.

    Parameters
    ----------
    path : Path or None
    what : str
        What the file holds, for messages.
    form : str
        Its format and version.
    question : mapping
        What the answers are answers to, in JSON's types. A file about another question is refused.

    Attributes
    ----------
    content : dict
        What stands in the file; empty for a new one.
    """

    def __init__(self, path: Path | None, what: str, form: str, question: Mapping[str, Any]) -> None:
        self.path, self.form, self.question = path, form, dict(question)
        self.content: dict[str, Any] = {}
        self._lock: Lock | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error) from None
        self._lock = Lock(path.parent, f".{path.name}.lock", f"on this {what}")
        if not path.exists():
            return
        self.content = read_json(path, what, form)
        told = self.content.get("question")
        if not isinstance(told, dict):
            raise wrong(path, "question", repr(told), "a table", _ADVICE)
        for key in sorted(told.keys() | self.question.keys()):
            given, allowed = told.get(key), self.question.get(key)
            if given != allowed:
                raise wrong(path, f"question.{key}", repr(given), repr(allowed), _ADVICE)

    def close(self) -> None:
        """Let others work on it."""
        if self._lock is not None:
            self._lock.close()

    def save(self, **content: Any) -> None:
        """Write the file anew."""
        if self.path is not None:
            told = {"format": self.form, "question": self.question, **content}
            write(self.path, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
