"""The BioNetGen files that PyBNF runs: their cells and treatments, and the times at which they are read.

PyBNF makes a new simulator for every file at every evaluation, so there is one file per context. It ignores
its first row and compares only outputs of equal length, so readings at the start of a phase are taken `SOON`
after it, and all outputs have the same number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf

from models.cells.context import Context
from models.export.ids import sid, unused_name
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

SOON = 1e-6
"""Time [s] after the start of a phase at which its start is read."""

LEAST = 3
"""Fewest rows that BioNetGen writes."""

Rest = tuple[str, str, tuple[tuple[str, str], ...]]
"""`Arm.rest_key`."""


@dataclass(frozen=True, slots=True)
class PybnfPhase:
    """One `simulate` action.

    Attributes
    ----------
    suffix : str
        Name of the output in PyBNF.
    segment : Segment
        Medium, drugs and ligands.
    wash : bool
        Whether secreted proteins are removed before it.
    rows : tuple of float [s]
        Output times from its own start; start and end only if it is not read.
    """

    suffix: str
    segment: Segment
    wash: bool
    rows: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Cells with one steady state, and their treatments."""

    name: str
    untreated: Arm
    runs: Mapping[Arm, tuple[PybnfPhase, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """All cells of one context.

    Attributes
    ----------
    name : str
        Of the file, and of the output of the last cell's steady state.
    context : str
    cells : tuple of Cell
        The last has most treatments and its steady state is saved; for the others it is simulated before each
        treatment, because PyBNF can save only one state.
    """

    name: str
    context: str
    cells: tuple[Cell, ...]

    @property
    def phases(self) -> tuple[PybnfPhase, ...]:
        """All outputs."""
        return tuple(s for cell in self.cells for run in cell.runs.values() for s in run)

    @property
    def drugs(self) -> tuple[str, ...]:
        """All drugs that are given."""
        return tuple(sorted({drug for cell in self.cells for arm in cell.runs for drug in arm.drugs}))


@dataclass(frozen=True, slots=True, eq=False)
class PybnfLayout:
    """All files, and the output of each arm."""

    files: tuple[File, ...]

    def file_of(self, arm: Arm) -> File:
        return next(file for file in self.files if file.context == arm.context)

    def place(self, arm: Arm, time: float) -> tuple[str, float]:
        """Output, and time [s] in it, of an arm at `time` [s]."""
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
    most = max((len(s.rows) for file in laid for s in file.phases), default=LEAST)
    return PybnfLayout(tuple(_padded(file, max(most, LEAST)) for file in laid))


def _cell(key: Rest, arms: Mapping[Arm, set[float]], context: Context, kept: str = "") -> Cell:
    """A cell; with `kept` its steady state is an output of that name."""
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
        called = kept if kept and arm == rest else unused_name(f"{name}_{sid(arm.name)}", taken)
        taken.add(called)
        runs[arm] = tuple(_phases(arm, wanted, called))
    return Cell(name, rest, runs)


def _phases(arm: Arm, wanted: set[float], called: str) -> Iterable[PybnfPhase]:
    """The phases of an arm up to its last time; those before time 0 are not read."""
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
    """All outputs with `most` rows; the added ones are so early that nothing has changed."""
    cells = []
    for cell in file.cells:
        runs = {arm: tuple(_with_rows(s, most) for s in run) for arm, run in cell.runs.items()}
        cells.append(replace(cell, runs=runs))
    return replace(file, cells=tuple(cells))


def _with_rows(phase: PybnfPhase, most: int) -> PybnfPhase:
    if SOON not in phase.rows:  # it is not read
        return phase
    early = (SOON * (2 + i) for i in range(most - len(phase.rows)))
    return replace(phase, rows=tuple(sorted({*phase.rows, *early})))
