"""Tables of text with a heading (.tsv, .csv), as rows with their line numbers."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from models.core.errors import Mistakes
from models.core.toml_tables import read_utf8

MOST = 100_000
"""Largest number of rows of a table."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line of a table: stripped cells by heading."""

    line: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        """Place for messages."""
        return f"line {self.line}"

    def text(self, name: str) -> str:
        """A cell; empty if there is no such column, or if it holds NA or nan."""
        cell = self.cells.get(name, "")
        return "" if cell in ("NA", "nan", "NaN") else cell

    def number(self, name: str, problems: Mistakes, least: float = -math.inf) -> float:
        """A finite number, `least` or more; else nan and a mistake."""
        try:
            value = float(self.text(name))
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < least:
            allowed = "a finite number" + (f", {least:g} or more" if least > -math.inf else "")
            problems.add(self.place, f"{name} is {self.text(name) or 'missing'!r}", allowed)
            return math.nan
        return value


def read_sheet(path: Path, needed: Iterable[str], problems: Mistakes) -> list[TextRow]:
    """The rows of a table with the columns `needed`; tabs separate cells in a .tsv file, else commas.

    Mistakes are noted under the name of the file.
    """
    problems.file = str(path)
    if (text := read_utf8(path, problems)) is None:
        return []
    try:
        return list(_rows(text, "\t" if path.suffix == ".tsv" else ",", needed, problems))
    except csv.Error as error:
        problems.add("", f"is no table ({error})")
        return []


def _rows(text: str, delimiter: str, needed: Iterable[str], problems: Mistakes) -> Iterator[TextRow]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head = [cell.strip() for cell in next(reader, [])]
    missing = [name for name in needed if name not in head]
    for name in missing:
        problems.add("line 1", f"there is no column {name!r}", allowed=head, name=name)
    for name in sorted({name for name in head if head.count(name) > 1}):
        problems.add("line 1", f"two columns are called {name!r}")
    if missing:
        return
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST:
            problems.add(f"line {reader.line_num}", f"more than {MOST:,} rows")
            return
        if len(cells) != len(head):
            given = f"{len(cells)} cells"
            problems.add(f"line {reader.line_num}", given, allowed=f"{len(head)}, as in the heading")
            continue
        yield TextRow(reader.line_num, {name: cell.strip() for name, cell in zip(head, cells, strict=True)})
