"""Measured points: PyBNF's .exp tables, whose name is the arm that was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.external.setups import Setup
from calibration.external.simulator import ArmTable
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.simulation.engine import Failure

_SD = "_SD"
MOST = 100_000  # points


@dataclass(frozen=True, slots=True)
class ExpPoint:
    """One number: an observable of an arm where its independent variable is `at`."""

    file: str
    line: int
    arm: str
    at: float
    observable: str
    value: float
    sd: float  # nan where the table has none

    @property
    def id(self) -> str:
        """Where it stands."""
        return f"{self.file}:{self.line}:{self.observable}"


def read_exp(
    text: TextFile, arms: Mapping[str, Setup], columns: tuple[str, ...], score: str, problems: Mistakes
) -> list[ExpPoint]:
    """The points of one .exp file; not-a-numbers are left out, as PyBNF does."""
    problems.file = text.name
    if text.stem not in arms:
        problems.add("", f"there is no arm {text.stem!r}", allowed=arms, name=text.stem)
        return []
    arm = arms[text.stem]
    lines = [(i, line.split()) for i, line in enumerate(text.content.splitlines(), 1) if line.strip()]
    if not lines or not lines[0][1][0].startswith("#"):
        problems.add("line 1", "no heading", advice="It begins with # and names the columns.")
        return []
    head = " ".join(lines[0][1]).lstrip("#").split()
    if not head or head[0] != arm.variable:
        given = repr(head[0]) if head else "nothing"
        problems.add("line 1", f"the first column is {given}", allowed=f"{arm.variable!r}, of arm {arm.name}")
    for name in head[1:]:
        if name.removesuffix(_SD) not in columns:
            problems.add("line 1", f"unknown observable {name!r}", allowed=columns, name=name)
        elif not name.endswith(_SD) and score == "chi_sq" and f"{name}{_SD}" not in head:
            problems.add("line 1", f"no column {name}{_SD}", advice='Give one, or write score = "sos".')
    found: list[ExpPoint] = []
    for number, words in lines[1:]:
        if words[0].startswith("#"):
            continue
        row = _numbers(words, head, number, problems)
        for i, name in enumerate(head[1:], 1):
            if name.endswith(_SD) or not row or math.isnan(row[i]):
                continue
            sd = row[head.index(name + _SD)] if name + _SD in head else math.nan
            if score == "chi_sq" and not sd > 0:
                problems.add(f"line {number}", f"{name}{_SD} is {sd:g}", allowed="a number above 0")
            elif not _there(arm, row[0]):
                allowed = f"0 to {arm.until:g}" if not arm.scan else "the scanned values"
                problems.add(f"line {number}", f"{row[0]:g} is not in arm {arm.name}", allowed=allowed)
            else:
                found.append(ExpPoint(text.name, number, arm.name, row[0], name, row[i], sd))
    if len(found) > MOST:
        problems.add("", f"{len(found):,} points", allowed=f"at most {MOST:,}")
    return found


def _numbers(words: list[str], head: list[str], number: int, problems: Mistakes) -> list[float]:
    if len(words) != len(head):
        problems.add(f"line {number}", f"{len(words)} columns", allowed=f"{len(head)}, as in the heading")
        return []
    try:
        row = [float(word) for word in words]
    except ValueError:
        problems.add(f"line {number}", f"{' '.join(words)[:60]!r}", allowed="numbers, or nan")
        return []
    if math.isnan(row[0]) or any(math.isinf(x) for x in row):
        problems.add(f"line {number}", f"{' '.join(words)[:60]!r}", allowed="finite numbers")
        return []
    return row


def _there(arm: Setup, at: float) -> bool:
    if arm.scan:
        return bool(np.isclose(arm.grid, at, rtol=1e-6, atol=0.0).any())
    return 0.0 <= at <= arm.until


def residual(point: ExpPoint, tables: Mapping[str, ArmTable | Failure], score: str) -> float:
    """Signed, so that its square is what the point adds to the objective; nan where it was not simulated."""
    table = tables[point.arm]
    if isinstance(table, Failure):
        return math.nan
    row = int(np.argmin(np.abs(table.variable - point.at)))
    gap = float(table.of(point.observable)[row]) - point.value
    return gap if score == "sos" else gap / (math.sqrt(2.0) * point.sd)
