"""Tables of text with a heading, .tsv or .csv, as rows that know their line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from models.core.errors import Mistakes

MOST = 100_000
"""Rows of one table."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line of a table: cells by heading, without spaces around them."""

    line: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        """For messages."""
        return f"line {self.line}"

    def text(self, name: str) -> str:
        """A cell; empty where there is no such column, or PEtab's word for nothing stands in it."""
        cell = self.cells.get(name, "")
        return "" if cell in ("NA", "nan", "NaN") else cell

    def number(self, name: str, problems: Mistakes, least: float = -math.inf) -> float:
        """A finite number, `least` or more; nan, and noted, else."""
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
    """The rows of a table; what is wrong with it is noted under its name.

    Parameters
    ----------
    path : Path
        Tabs between cells where it ends in .tsv, else commas.
    needed : iterable of str
        Columns that must be there.
    """
    problems.file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problems.add("", f"cannot be read ({error.strerror})")
        return []
    except UnicodeDecodeError as error:
        problems.add("", f"is not UTF-8 text (byte {error.start})", advice="Save it as UTF-8.")
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
