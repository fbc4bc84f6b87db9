"""The keys of one claim, read one by one: every mistake is noted with its place, and reading continues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.findings.claims.points import Course, Point
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys
from models.core.units import seconds
from models.treatments.arm import Arm
from models.treatments.schedule import FURTHEST_S

NO_ARM = Arm("?", "?", "?", True, (), ())
"""Stands where an arm could not be read; a claim with one in it is discarded."""

LEAST, LARGEST = 1e-6, 1e6  # a factor beyond these is a slip

FindArm = Callable[[str, str | None, str], Arm | None]
"""(name, context that a point names, place) -> arm; notes its own problems."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A claim's table, its place in the file, and what its names may mean."""

    table: Mapping[str, Any]
    place: str
    find_arm: FindArm
    observables: Collection[str]
    problems: Mistakes
    strict: bool = False

    def inner(self, table: Mapping[str, Any], place: str) -> Fields:
        """The same for a table inside; the observable is handed down."""
        full = {"observable": self.table["observable"], **table} if "observable" in self.table else table
        return Fields(full, place, self.find_arm, self.observables, self.problems, self.strict)

    def with_table(self, table: Mapping[str, Any]) -> Fields:
        """The same place with another table."""
        return Fields(table, self.place, self.find_arm, self.observables, self.problems, self.strict)

    def keys(self, allowed: Collection[str]) -> None:
        """Note every other key."""
        check_keys(self.table, allowed, self.place, self.problems)

    def wrong(self, key: str, given: str, allowed: Collection[str] | str = "", advice: str = "") -> None:
        """Note a mistake at `key`."""
        self.problems.add(f"{self.place}.{key}" if key else self.place, given, allowed, advice)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.table

    def number(self, key: str, lo: float, hi: float = LARGEST, default: float | None = None) -> float:
        """A number within lo..hi."""
        value = self.table.get(key, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and lo <= value <= hi:
            return float(value)
        given = "missing" if value is None else repr(value)
        self.wrong(key, given, f"a number from {lo:g} to {hi:g}")
        return lo

    def optional(self, key: str, lo: float, hi: float = LARGEST) -> float | None:
        """A number where one is given."""
        return self.number(key, lo, hi) if key in self.table else None

    def bounds(self, least: float = LEAST) -> tuple[float | None, float | None]:
        """`at_least` and `at_most`, at least one of them, in order."""
        lo, hi = self.optional("at_least", least), self.optional("at_most", least)
        if lo is None and hi is None:
            self.wrong("", "neither at_least nor at_most is given", advice="Give one or both.")
        elif lo is not None and hi is not None and lo >= hi:
            self.wrong("at_least", f"{lo:g} is not below at_most ({hi:g})")
        return lo, hi

    def time(self, key: str) -> float:
        """A time [s] from 0 on."""
        if key not in self.table:
            self.wrong(key, "missing", advice='Write e.g. "24 h".')
            return 0.0
        return self._seconds(self.table[key], key)

    def window(self, key: str) -> tuple[float, float]:
        """Two times [s], rising."""
        value = self.table.get(key)
        if not isinstance(value, list) or len(value) != 2:
            given = "missing" if value is None else repr(value)
            self.wrong(key, given, 'two times, such as ["1 h", "4 h"]')
            return 0.0, 1.0
        start, end = (self._seconds(text, key) for text in value)
        if start >= end:
            self.wrong(key, f"{value!r} does not rise")
        return start, end

    def observable(self, key: str = "observable") -> str:
        """The name of an observable."""
        value = self.table.get(key)
        if value is None:
            self.wrong(key, "missing")
        elif not isinstance(value, str):
            self.wrong(key, f"{value!r} where the name of an observable is expected")
        elif value not in self.observables:
            given = f"unknown observable {value!r}"
            self.problems.add(f"{self.place}.{key}", given, allowed=self.observables, name=value)
        else:
            return value
        return "?"

    def arm(self, key: str = "arm") -> Arm:
        """An arm of the file by its name."""
        value = self.table.get(key)
        context = self.table.get("context")
        if context is not None and not isinstance(context, str):
            self.wrong("context", f"{context!r} where the name of a context is expected")
            context = None
        if not isinstance(value, str):
            given = "missing" if value is None else f"{value!r} where the name of an arm is expected"
            self.wrong(key, given)
            return NO_ARM
        return self.find_arm(value, context, f"{self.place}.{key}") or NO_ARM

    def per(self) -> str | None:
        """The observable to divide by."""
        return self.observable("per") if "per" in self.table else None

    def point(self, key: str, value: object = None) -> Point:
        """A point: { arm, at, observable, per, against, context }."""
        inner = self._table(key, value, '{ arm = "vehicle", at = "24 h" }')
        if inner is None:
            return Point(NO_ARM, 0.0, "?")
        inner.keys(("arm", "at", "observable", "per", "against", "context"))
        against = inner.arm("against") if inner.has("against") else None
        return Point(inner.arm(), inner.time("at"), inner.observable(), inner.per(), against)

    def course(self) -> Course:
        """The course that this table itself describes: arm, observable, per, and the arm `against`."""
        against = self.arm("against") if "against" in self.table else None
        return Course(self.arm(), self.observable(), self.per(), against)

    def tables(self, key: str, least: int) -> list[Fields]:
        """A list of at least so many tables."""
        value = self.table.get(key)
        if not isinstance(value, list) or len(value) < least:
            given = "missing" if value is None else "too short" if isinstance(value, list) else repr(value)
            self.wrong(key, given, f"a list of at least {least} tables")
            return []
        read = [self._table(f"{key}[{i + 1}]", item, "a table") for i, item in enumerate(value)]
        return [fields for fields in read if fields is not None]

    def inside(self, key: str) -> Fields | None:
        """The table under `key`."""
        return self._table(key, None, "a table")

    def _table(self, key: str, value: object, example: str) -> Fields | None:
        value = self.table.get(key) if value is None else value
        if isinstance(value, Mapping):
            return self.inner(value, f"{self.place}.{key}")
        self.wrong(key, "missing" if value is None else repr(value), example)
        return None

    def _seconds(self, text: object, key: str) -> float:
        try:
            time = seconds(text)
        except ValueError as err:
            self.wrong(key, str(err))
            return 0.0
        if time > FURTHEST_S:
            self.wrong(key, f"{text!r} is more than a year away")
            return 0.0
        return time
