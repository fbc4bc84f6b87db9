"""A table, printed with rich for people or as JSON with a schema version for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Literal

import numpy as np
from rich.table import Table as RichTable
from rich.text import Text

from rewire.report.console import answer

VERSIONS = {
    "check": 1,
    "contexts": 1,
    "coverage": 1,
    "cohort": 1,
    "conflicts": 1,
    "diff": 1,
    "drugs": 1,
    "ensemble": 1,
    "explain": 1,
    "export": 1,
    "findings": 1,
    "foreign": 1,
    "knockouts": 1,
    "observables": 1,
    "parameters": 1,
    "posterior": 1,
    "rates": 1,
    "report": 1,
    "rules": 1,
    "run": 1,
    "sample": 1,
    "simulate": 1,
    "validate": 1,
    "verify": 1,
}
"""Schema version of each kind of JSON answer. A key that is removed or changes its meaning raises it."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the printed table.

    Attributes
    ----------
    title : str
    text : str or callable
        A key of the record, or a function of the record.
    align : "left" or "right"
    style : callable, optional
        From the record to a rich style, such as "red".
    whole : bool
        Never wrapped.
    """

    title: str
    text: str | Callable[[Record], Any]
    align: Literal["left", "right"] = "left"
    style: Callable[[Record], str] | None = None
    whole: bool = False

    def cell(self, record: Record) -> Text:
        """The cell of this column for `record`."""
        value = record.get(self.text) if isinstance(self.text, str) else self.text(record)
        return Text(readable(value), style=self.style(record) if self.style else "")


@dataclass(frozen=True, slots=True)
class Table:
    """Records with their printed columns.

    Attributes
    ----------
    kind : str
        Names the schema: a key of `VERSIONS`.
    records : sequence of mapping
    columns : sequence of Column
    title : str
    extra : mapping
        Further top-level keys of the JSON answer.
    footer : sequence of str
        Lines under the printed table.
    """

    kind: str
    records: Sequence[Record]
    columns: Sequence[Column]
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    footer: Sequence[str] = ()


def number(value: float | None, digits: int = 3) -> str:
    """A number in short form: 0.00123, 12.3, 1.2e+06; a dash if there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}g}"


def readable(value: Any) -> str:
    """Any value of a record as text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return number(float(value))
    if isinstance(value, list | tuple):
        return ", ".join(readable(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {readable(part)}" for key, part in value.items())
    return str(value)


def plain(value: Any) -> Any:
    """`value` in JSON types; a number that is not finite becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def to_json(kind: str, records: Sequence[Record], extra: Mapping[str, Any] | None = None) -> str:
    """The answer for programs: schema, further keys, and one record per line."""
    from rewire import __version__

    head = {"schema": f"rewire.{kind}/{VERSIONS[kind]}", "rewire": __version__, **plain(dict(extra or {}))}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    rows = ",\n".join("    " + json.dumps(plain(row), ensure_ascii=False, allow_nan=False) for row in records)
    return "\n".join(["{", *lines, '  "records": [', *([rows] if rows else []), "  ]", "}"]) + "\n"


def to_rich(table: Table) -> RichTable:
    """The answer for people."""
    rich = RichTable(
        title=table.title or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for column in table.columns:
        rich.add_column(column.title, justify=column.align, no_wrap=column.whole, overflow="fold")
    for record in table.records:
        rich.add_row(*(column.cell(record) for column in table.columns))
    return rich


def emit(table: Table, as_json: bool) -> None:
    """Write the answer to stdout."""
    if as_json:
        sys.stdout.write(to_json(table.kind, table.records, table.extra))
        sys.stdout.flush()
        return
    console = answer()
    console.print(to_rich(table))
    for line in table.footer:
        console.print(line, markup=False)
