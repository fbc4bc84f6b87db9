"""A journal of long work: records of what is done, in one JSON file that an interrupted command resumes from.

One process at a time works on it, and the file is whole at any time.
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
    """The file, held by this process as long as this object lives; without a path nothing is saved.

    Parameters
    ----------
    path : Path or None
    what : str
        What the file holds, for messages.
    form : str
        Its format and version.
    question : mapping
        What the records depend on, in JSON's types. A file about another question is refused.
    key : str
        Name of the table of records in the file.
    name : str, optional
        Where the file holds a list of records instead: the entry of each record that names it.

    Attributes
    ----------
    content : dict
        What stands in the file; empty for a new one.
    records : dict of str to Any
        What is done, by name.
    """

    def __init__(
        self,
        path: Path | None,
        what: str,
        form: str,
        question: Mapping[str, Any],
        key: str = "records",
        name: str | None = None,
    ) -> None:
        self.path, self.form, self.question = path, form, dict(question)
        self.key, self.name = key, name
        self.content: dict[str, Any] = {}
        self.records: dict[str, Any] = {}
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
        saved = self.content.get("question")
        if not isinstance(saved, dict):
            raise wrong(path, "question", repr(saved), "a table", _ADVICE)
        for entry in sorted(saved.keys() | self.question.keys()):
            given, allowed = saved.get(entry), self.question.get(entry)
            if given != allowed:
                raise wrong(path, f"question.{entry}", repr(given), repr(allowed), _ADVICE)
        records = self.content.get(key, [] if name else {})
        try:
            self.records = {record[name]: record for record in records} if name else dict(records)
        except (TypeError, KeyError, ValueError):
            raise wrong(path, key, "is damaged", "records by name", _ADVICE) from None

    def close(self) -> None:
        """Let others work on it."""
        if self._lock is not None:
            self._lock.close()

    def add(self, name: str, record: Any) -> None:
        """Save one more record, in JSON's types."""
        self.records[name] = json.loads(json.dumps(record))
        self.save()

    def save(self) -> None:
        """Write the file anew."""
        if self.path is not None:
            records = [*self.records.values()] if self.name else self.records
            content = {"format": self.form, "question": self.question, **self.content, self.key: records}
            write(self.path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
