"""Measured points from files (see `calibration/objective/measured/source.py`), every value with its place.

All mistakes of all files are reported at once, with file and line.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calibration.objective.measured.measurements import Measurement, Measurements
from calibration.objective.measured.observable_formula import Formula, read_formula
from calibration.objective.measured.source import COLUMNS, DataSource, find_source
from models.core.errors import Mistakes
from models.core.text_tables import TextRow, read_sheet
from models.treatments.arm import Arm, Vocabulary, parse_arm
from models.treatments.schedule import FURTHEST_S


def load_measurements(path: Path, words: Vocabulary, observables: Collection[str]) -> Measurements:
    """Read a data set.

    Parameters
    ----------
    path : Path
        A mapping, or a folder.
    words : Vocabulary
        Contexts, drugs, media and genes that a condition may name.
    observables : collection of str
        Observables of the model.

    Raises
    ------
    UserError
        With every mistake of every file.
    """
    problems = Mistakes()
    source = find_source(path, problems)
    if not (source.observables and source.conditions):
        problems.raise_if_any()
    read = _Reader(source, words, observables, problems)
    points = read.points()
    if not points and not problems.found:
        problems.file = str(source.table)
        problems.add("", "holds no measured point")
    problems.raise_if_any()
    return Measurements(tuple(points), source.title, source.files, source.left_out)


@dataclass
class _Reader:
    """Observables, conditions, then row after row."""

    source: DataSource
    words: Vocabulary
    names: Collection[str]
    problems: Mistakes
    _reported: set[str] = field(default_factory=set)

    def points(self) -> list[Measurement]:
        """All points that are not left out; mistakes are noted."""
        source, problems = self.source, self.problems
        problems.file = source.home or str(source.files[1])
        formulas = {
            name: read_formula(name, place, table, self.names, problems)
            for name, (place, table) in source.observables.items()
        }
        problems.file = source.home or str(source.files[2])
        arms = {
            name: parse_arm(name, table, self.words, problems, place=place)
            for name, (place, table) in source.conditions.items()
        }
        needed = [c for name in COLUMNS[:4] for c in source.columns[name]]
        rows = read_sheet(source.table, needed, problems)
        found = [self._point(row, formulas, arms) for row in rows]
        points = [point for point in found if point is not None]
        self._one_group_one_form(points)
        return self._one_lane(points)

    def _cell(self, row: TextRow, name: str) -> str:
        return "_".join(filter(None, (row.text(column) for column in self.source.columns[name])))

    def _point(
        self, row: TextRow, formulas: Mapping[str, Formula | None], arms: Mapping[str, Arm | None]
    ) -> Measurement | None:
        before, problems, source = len(self.problems.found), self.problems, self.source
        name, condition = self._cell(row, "observableId"), self._cell(row, "simulationConditionId")
        if name in source.left_out or condition in source.left_out:
            return None
        for what, one, known in (("observable", name, formulas), ("condition", condition, arms)):
            if one not in known and one not in self._reported:  # once for all rows that have it
                self._reported.add(one)
                problems.add(row.place, f"unknown {what} {one!r}", known, name=one)
        if before_zero := self._cell(row, "preequilibrationConditionId"):
            advice = "A condition says itself what is there before 0: grown_in, starve, doses at -30 min."
            problems.add(row.place, f"a preequilibration condition ({before_zero})", advice=advice)
        time = row.number(source.columns["time"][0], problems, 0.0) * source.second
        if time > FURTHEST_S:
            problems.add(row.place, f"{time:g} s is more than a year away")
        value = row.number(source.columns["measurement"][0], problems)
        formula, arm = formulas.get(name), arms.get(condition)
        if formula is None or arm is None:
            return None
        if formula.observed.log and value <= 0:
            problems.add(row.place, f"{value:g} has no logarithm", "a number above 0, or a linear observable")
        noise = formula.noise
        if math.isnan(noise):
            noise = row.number(source.columns["noiseParameters"][0], problems) * formula.per_unit
            if noise <= 0:
                problems.add(row.place, f"the noise is {noise:g}", "a number above 0")
        joined = len(source.columns["observableParameters"]) > 1
        group = formula.group(self._cell(row, "observableParameters"), joined, row.place, problems)
        if len(problems.found) > before:
            return None
        return Measurement(formula.observed, condition, arm, time, value, noise, group, row.line)

    def _one_group_one_form(self, points: Sequence[Measurement]) -> None:
        """All points of a group have the same form and noise model, else there is no closed form."""
        forms: dict[str, Measurement] = {}
        owners: dict[tuple[int, str], str] = {}
        said = set()
        for p in points:
            first = forms.setdefault(p.group, p)
            a, b = first.observed, p.observed
            if p.group not in said and (a.log, a.scaled, a.shifted) != (b.log, b.scaled, b.shifted):
                said.add(p.group)
                given = f"{p.group!r} belongs to {b.id}, and in line {first.line} to {a.id} of another form"
                self.problems.add(f"line {p.line}", given, advice="Name their parameters apart.")
            for i, one in enumerate(p.group.split(";")):
                owner = owners.setdefault((i, one), p.group) if one else p.group
                if owner != p.group and one not in said:
                    said.add(one)
                    given = f"{one!r} goes with {p.group!r} and with {owner!r}"
                    self.problems.add(f"line {p.line}", given, advice="One scale goes with one offset.")

    def _one_lane(self, points: Sequence[Measurement]) -> list[Measurement]:
        """Without repeats of a blot lane that is listed under several conditions."""
        kept: dict[tuple[object, ...], Measurement] = {}
        for p in points:
            own = p.time != self.source.one_lane
            before = tuple(s for s in p.arm.segments if s.start_s < 0)
            key = (p.line,) if own else (p.observed, p.group, p.arm.rest_key, before)
            first = kept.setdefault(key, p)
            if first.value != p.value:
                given = f"{p.value:g}, and {first.value:g} in line {first.line}"
                self.problems.add(f"line {p.line}", given, "one number for one lane (one_lane)")
        return list(kept.values())
