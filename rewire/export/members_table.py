"""`rewire export ensemble`: members × parameters as CSV or Parquet, with a dictionary of the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from calibration.storage.ensemble import MemberOrigin
from models.core.errors import Mistake, Mistakes
from models.core.files import table as csv_text
from models.core.files import write
from rewire import __version__
from rewire.export.formats import ExportRequest
from rewire.export.proven_sbml import Exported, check_place, put
from rewire.export.request import fingerprint, noted, raise_all
from rewire.project.members import Members, load_members, read_members, shipped
from rewire.project.project import Project, load_project, parse_variants

FORMATS = (".csv", ".parquet")
ORIGIN = ("seed", "start", "holds", "of")
"""Columns between `member` and the parameters; empty if the ensemble does not record them."""


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """A parameter in the dictionary of columns.

    Attributes
    ----------
    name : str
        Its column.
    kind : str
        "rate", "abundance" or "potency".
    of : str
        The context of an abundance, the drug of a potency.
    unit : str
    prior_median : float
        In that unit.
    prior_log10_centre, prior_log10_sd : float [decades]
        The prior is normal in log10 of the value; a potency is a log10 shift itself.
    source : str
        Source of the prior.
    """

    name: str
    kind: str
    of: str
    unit: str
    prior_median: float
    prior_log10_centre: float
    prior_log10_sd: float
    source: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Comparison of the file, read again, with what was written."""

    cells: int
    different: int

    @property
    def ok(self) -> bool:
        """Whether no cell of the table differs."""
        return self.different == 0

    def record(self) -> dict[str, Any]:
        """The stored report."""
        return {"schema": "rewire.export-read-back/1", "agrees": self.ok, **asdict(self)}

    def lines(self) -> list[str]:
        """The report in words."""
        return [f"Read back: {self.different} of {self.cells} cells differ."]


def export(asked: ExportRequest) -> Exported:
    """Write the members; the suffix of the file gives the format."""
    wrong: list[Mistake] = []
    ending = asked.path.suffix.lower()
    problems = Mistakes("--out")
    if ending not in FORMATS:
        problems.add(str(asked.path), f"ends in {ending!r}", allowed=FORMATS, name=ending)
    wrong += problems.found
    beside = dictionary_path(asked.path)
    with noted(wrong):
        check_place(asked.path, asked.force, *([beside] if ending == ".csv" else []))
    world = load_project(parse_variants(asked.variants))
    with noted(wrong):
        members = load_members(world, asked.ensemble, None, asked.say if not wrong else None)
    raise_all(wrong)
    head, rows = members_table(members, asked.ensemble)
    explained = dictionary(world, members)
    about = {
        "rewire": __version__,
        "ensemble": fingerprint(members.space, members.z),
        "licence": "Apache-2.0",
        "says": "One row per member: parameter sets at which the findings hold, not draws of a posterior.",
    }
    record: dict[str, Any] = {"format": ending[1:], "members": len(rows), "parameters": len(explained)}
    content: str | bytes
    if ending == ".parquet":
        content = parquet(head, rows, explained, about)
    else:
        content = csv_text(head, rows)
    found = _read_back(content, head, rows) if asked.verify else None
    if found is None or found.ok:
        record = {"file": str(asked.path), **record}
        if ending == ".csv":
            names = [field.name for field in fields(DictionaryEntry)]
            write(beside, csv_text(names, ([getattr(e, n) for n in names] for e in explained)))
            record["dictionary"] = str(beside)
        put(asked.path, content, found)  # last, so that no table is without its dictionary
    return Exported(record, found)


def dictionary_path(path: Path) -> Path:
    """Path of the dictionary of a CSV file."""
    return path.with_name(f"{path.stem}.parameters.csv")


def members_table(members: Members, folder: Path | None) -> tuple[list[str], list[list[Any]]]:
    """Heading and rows: number and origin of a member, and its values in their units."""
    origins: Sequence[MemberOrigin] = ()
    if members.match is not None:
        origins = read_members(folder or shipped()).origins
    rows: list[list[Any]] = []
    for number, values in enumerate(members.values):
        o = origins[number] if number < len(origins) else None
        origin: list[int | None] = [o.seed, o.start, o.hold, o.of] if o else [None] * len(ORIGIN)
        rows.append([number, *origin, *(values[name] for name in members.space.names)])
    return ["member", *ORIGIN, *members.space.names], rows


def dictionary(world: Project, members: Members) -> list[DictionaryEntry]:
    """The dictionary, in the order of the columns."""
    space, made = members.space, []
    for name, centre, sd, scope in zip(
        space.names, space.centre_log10.tolist(), space.sd.tolist(), space.scope, strict=True
    ):
        kind, of = "rate", ""
        if scope[0] == "shared":
            rate = world.built.rates[name]
            median, unit, source = rate.guess, rate.unit, rate.source
        elif scope[0] == "context":
            kind, of = "abundance", scope[1]
            setting = name.removeprefix(f"{of}.")
            abundance = world.contexts[of].copies[setting]
            median, unit, source = abundance.copies, world.built.settings[setting].unit, abundance.source
        else:
            kind, of = "potency", scope[1]
            median, unit, source = centre, "decades", world.catalogue[of].source
        made.append(DictionaryEntry(name, kind, of, unit, median, centre, sd, source))
    return made


def parquet(
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    explained: Sequence[DictionaryEntry],
    about: dict[str, str],
) -> bytes:
    """The table with the dictionary as metadata of its columns, and `about` as that of the file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    notes = {e.name: {k: str(v) for k, v in asdict(e).items() if k != "name" and v != ""} for e in explained}
    columns = list(zip(*rows, strict=True)) or [() for _ in head]
    schema = pa.schema(
        [pa.field(n, pa.float64() if n in notes else pa.int64(), metadata=notes.get(n)) for n in head],
        metadata=about,
    )
    made = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    out = io.BytesIO()
    pq.write_table(made, out, compression="zstd")
    return out.getvalue()


def _read_back(content: str | bytes, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> ReadBack:
    """Compare the content, read with a general reader, with the table."""
    if isinstance(content, bytes):
        from pyarrow import parquet as pq

        read = pq.read_table(io.BytesIO(content)).to_pydict()
        again = [list(read), *map(list, zip(*read.values(), strict=True))]
    else:
        again = [list(row) for row in csv.reader(io.StringIO(content))]
        again[1:] = [[_number(cell) for cell in row] for row in again[1:]]
    wanted: list[list[Any]] = [list(head), *map(list, rows)]
    cells = sum(map(len, wanted))
    if [len(row) for row in again] != [len(row) for row in wanted]:
        return ReadBack(cells, cells)
    pairs = (pair for a, b in zip(again, wanted, strict=True) for pair in zip(a, b, strict=True))
    return ReadBack(cells, sum(a != b for a, b in pairs))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
