"""Which cells and treatments go into which BioNetGen file that PyBNF runs, and at what times they are read.

PyBNF makes a new simulator of every file at every evaluation, so few files are fast: one for each context. It
sees no crossing at its first row and compares only outputs of equal length, so what is read at the very start
of a stretch is read `SOON` after it, and every output has as many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf

from models.cells.context import Context
from models.export.ids import sid
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

SOON = 1e-6
"""Time [s] after the start of a stretch at which its start is read."""

LEAST = 3
"""Rows that BioNetGen wants of an output."""

Rest = tuple[str, str, tuple[tuple[str, str], ...]]
"""`Arm.rest_key`."""


@dataclass(frozen=True, slots=True)
class PybnfPhase:
    """What one `simulate` action runs.

    Attributes
    ----------
    suffix : str
        What PyBNF calls its output.
    segment : Segment
        What the cells are in.
    wash : bool
        Whether secreted proteins are washed off before it.
    rows : tuple of float [s]
        Times of the output, from its own start; of one that is not read, its start and its end.
    """

    suffix: str
    segment: Segment
    wash: bool
    rows: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One kind of resting cell, with what is done to it."""

    name: str
    untreated: Arm
    runs: Mapping[Arm, tuple[PybnfPhase, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """All cells of one context.

    Attributes
    ----------
    name : str
        Of the file, and of the output of the last cell at rest.
    context : str
    cells : tuple of Cell
        The last has most treatments: its resting state is kept, the others settle before each treatment, as
        PyBNF can keep one state only.
    """

    name: str
    context: str
    cells: tuple[Cell, ...]

    @property
    def stretches(self) -> tuple[PybnfPhase, ...]:
        """All outputs."""
        return tuple(s for cell in self.cells for run in cell.runs.values() for s in run)

    @property
    def drugs(self) -> tuple[str, ...]:
        """All that are given."""
        return tuple(sorted({drug for cell in self.cells for arm in cell.runs for drug in arm.drugs}))


@dataclass(frozen=True, slots=True, eq=False)
class PybnfLayout:
    """All files, and where each arm is read."""

    files: tuple[File, ...]

    def file_of(self, arm: Arm) -> File:
        """The file of an arm."""
        return next(file for file in self.files if file.context == arm.context)

    def place(self, arm: Arm, time: float) -> tuple[str, float]:
        """Output and its own time [s] at which an arm is read at `time` [s]."""
        run = next(cell.runs[arm] for cell in self.file_of(arm).cells if arm in cell.runs)
        last = [s for s in run if s.segment.start_s <= max(time, 0.0)][-1]
        return last.suffix, max(time - max(last.segment.start_s, 0.0), SOON)


def lay_out(times: Mapping[Arm, Iterable[float]], contexts: Mapping[str, Context]) -> PybnfLayout:
    """Arms with the times [s] at which they are read, sorted into files and cells."""
    grouped: dict[str, dict[Rest, dict[Arm, set[float]]]] = {}
    for arm, wanted in times.items():
        cell = grouped.setdefault(arm.context, {}).setdefault(arm.rest_key, {})
        cell.setdefault(arm, set()).update(map(float, wanted))
    laid = []
    for context, rests in grouped.items():
        order = sorted(rests.items(), key=lambda item: len(item[1]))
        cells = [_cell(key, arms, contexts[context]) for key, arms in order[:-1]]
        key, arms = order[-1]
        cells.append(_cell(key, arms, contexts[context], sid(context)))
        laid.append(File(sid(context), context, tuple(cells)))
    most = max((len(s.rows) for file in laid for s in file.stretches), default=0)
    most = max(most, LEAST)
    return PybnfLayout(tuple(_padded(file, most) for file in laid))


def _cell(key: Rest, arms: Mapping[Arm, set[float]], context: Context, kept: str = "") -> Cell:
    """A cell; one that is `kept` is itself an output of that name."""
    _, grown, genes = key
    parts = [sid(context.name)]
    if not kept:
        parts += [f"in_{sid(grown)}" for _ in range(grown != context.medium)]
        parts += [f"{sid(gene)}_{sid(change)}" for gene, change in genes]
    name = "_".join(parts)
    rest = Arm("untreated", context.name, grown, False, genes, (Segment(0.0, grown),))
    if kept:
        arms = {rest: arms.get(rest, {0.0}), **{arm: t for arm, t in arms.items() if arm != rest}}
    taken = {kept}
    runs = {}
    for arm, wanted in arms.items():
        called = kept if kept and arm == rest else _unused(f"{name}_{sid(arm.name)}", taken)
        taken.add(called)
        runs[arm] = tuple(_stretches(arm, wanted, called))
    return Cell(name, rest, runs)


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    tried = name
    while tried in taken:
        tried, number = f"{name}_{number}", number + 1
    return tried


def _stretches(arm: Arm, wanted: set[float], called: str) -> Iterable[PybnfPhase]:
    """The stretches of an arm up to its last time; those before time 0 are not read."""
    horizon = max(wanted)
    segments = [s for s in arm.segments if s.start_s <= horizon]
    ends = [s.start_s for s in segments[1:]] + [inf]
    for number, (segment, end) in enumerate(zip(segments, ends, strict=True), 1):
        start = segment.start_s
        read = {t - start for t in wanted if start <= t < end} if start >= 0.0 else set()
        last = end - start if end <= horizon else max(read, default=0.0)
        rows = (
            (0.0, last) if not read else tuple(sorted({0.0, SOON, *(t for t in {*read, last} if t > SOON)}))
        )
        suffix = called if len(segments) == 1 else f"{called}_part{number}"
        yield PybnfPhase(suffix, segment, start == 0.0 and arm.renew_medium, tuple(sorted(rows)))


def _padded(file: File, most: int) -> File:
    """With as many rows as the longest has: the others are so early that nothing has happened."""
    cells = []
    for cell in file.cells:
        runs = {arm: tuple(_with_rows(s, most) for s in run) for arm, run in cell.runs.items()}
        cells.append(replace(cell, runs=runs))
    return replace(file, cells=tuple(cells))


def _with_rows(stretch: PybnfPhase, most: int) -> PybnfPhase:
    if SOON not in stretch.rows:  # it is not read
        return stretch
    early = (SOON * (2 + i) for i in range(most - len(stretch.rows)))
    return replace(stretch, rows=tuple(sorted({*stretch.rows, *early})))
