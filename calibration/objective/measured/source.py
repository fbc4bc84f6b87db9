"""The parts of a data set: PEtab's tables, or another table with a mapping onto PEtab's columns.

In a folder, `measurements.toml` is the mapping. Without one there are PEtab's own tables (`measurements.tsv`,
`observables.tsv`, `conditions.tsv`, where a condition is an arm as in a file of findings), or the folder has
the name of a mapping in `calibration/objective/measured/datasets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.objective.measured.observable_formula import KEYS
from models.core.errors import Mistakes
from models.core.text_tables import read_sheet
from models.core.toml_tables import check_keys, is_table, read_table, text_of
from models.core.units import TIME_UNITS, seconds

FORMAT = "measurements/1"
MAPPING = "measurements.toml"
SHIPPED = Path(__file__).with_name("datasets")
TABLES = ("measurements.tsv", "observables.tsv", "conditions.tsv")

COLUMNS = (
    *("observableId", "simulationConditionId", "time", "measurement"),
    *("observableParameters", "noiseParameters", "preequilibrationConditionId"),
)
_JOINED = ("observableId", "simulationConditionId", "observableParameters")
_CONDITION = ("conditionId", "conditionName")


@dataclass
class DataSource:
    """Tables of a data set, before they are read."""

    table: Path
    home: str  # the file that observables and conditions are in
    title: str = ""
    second: float = 1.0  # seconds in the table's unit of time
    columns: dict[str, tuple[str, ...]] = field(default_factory=lambda: {name: (name,) for name in COLUMNS})
    one_lane: float | None = None
    observables: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)  # id -> place, table
    conditions: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def find_source(path: Path, problems: Mistakes) -> DataSource:
    """The source at `path`."""
    if path.is_file():
        return _mapped(path, path.parent, problems)
    if (path / MAPPING).exists():
        return _mapped(path / MAPPING, path, problems)
    if (path / TABLES[0]).exists():
        return _petab(path, problems)
    shipped = SHIPPED / f"{path.resolve().name}.toml"
    if shipped.exists():
        return _mapped(shipped, path, problems)
    problems.file = str(path)
    known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
    problems.add("", "holds no measurements", f"{MAPPING}; {', '.join(TABLES)}; or a folder called {known}")
    return DataSource(path, str(path))


def _petab(folder: Path, problems: Mistakes) -> DataSource:
    """PEtab's tables; their time is in seconds, as in the model."""
    measured, observables, conditions = (folder / name for name in TABLES)
    source = DataSource(measured, "", folder.resolve().name, files=(measured, observables, conditions))
    for row in read_sheet(observables, KEYS[:1], problems):
        table = {name: row.text(name) for name in KEYS if row.text(name)}
        _add(source.observables, table.get("observableId", ""), row.place, table, problems)
    for row in read_sheet(conditions, _CONDITION[:1], problems):
        name = row.text("conditionId")
        own = {key: _cell(key, row.text(key)) for key in row.cells if key not in _CONDITION and row.text(key)}
        _add(source.conditions, name, row.place, own, problems)
    return source


def _add(into: dict[str, Any], name: str, place: str, table: Mapping[str, Any], problems: Mistakes) -> None:
    if not name or name in into:
        problems.add(place, f"the id {name!r} is there twice" if name else "there is no id")
    into[name] = (place, table)


def _cell(key: str, text: str) -> object:
    """A cell of a treatment; semicolons separate schedules or genes."""
    if key == "renew_medium":
        return {"true": True, "false": False}.get(text.lower(), text)
    parts = [part.strip() for part in text.split(";")]
    if key == "genes":
        return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}
    return parts if len(parts) > 1 else text


def _mapped(path: Path, folder: Path, problems: Mistakes) -> DataSource:
    """A mapping, and the table that it names in `folder`."""
    top = read_table(path, FORMAT, problems)
    problems.file = str(path)
    source = DataSource(folder / "?", str(path))
    if not top:
        return source
    check_keys(top, ("title", "source", "table", "observable", "condition", "left_out"), "", problems)
    source.title = f"{text_of(top, 'title', '', problems)} ({text_of(top, 'source', '', problems)})"
    parts = {key: top.get(key, {}) for key in ("table", "observable", "condition", "left_out")}
    parts = {key: part if is_table(part, key, problems) else {} for key, part in parts.items()}
    table = parts["table"]
    check_keys(table, ("file", "unit", "one_lane", *COLUMNS), "table", problems)
    source.table = folder / text_of(table, "file", "table", problems)
    source.files = (path, source.table)
    unit = table.get("unit")
    if unit not in TIME_UNITS:
        problems.add("table.unit", "missing" if unit is None else repr(unit), TIME_UNITS, name=str(unit))
    source.second = TIME_UNITS.get(str(unit), 1.0)
    if "one_lane" in table:
        try:
            source.one_lane = seconds(table["one_lane"])
        except ValueError as error:
            problems.add("table.one_lane", str(error))
    for name in COLUMNS:
        source.columns[name] = _columns(name, table.get(name, name), problems)
    for key, into in (("observable", source.observables), ("condition", source.conditions)):
        for name, body in parts[key].items():
            if is_table(body, f"{key}.{name}", problems):
                into[name] = (f"{key}.{name}", body)
    source.left_out = {
        name: text_of(parts["left_out"], name, "left_out", problems) for name in parts["left_out"]
    }
    return source


def _columns(name: str, given: object, problems: Mistakes) -> tuple[str, ...]:
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, list) or not many or not all(isinstance(one, str) for one in many):
        problems.add(f"table.{name}", repr(given), "the name of a column, or a list of them")
        return (name,)
    if len(many) > 1 and name not in _JOINED:
        problems.add(f"table.{name}", f"{len(many)} columns", f"one; several make up {', '.join(_JOINED)}")
    return tuple(many)
