"""Inequalities as PEtab experiments (simulated together) and observables (read)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from calibration.objective.likelihood import NOISE, RANGE_NOISE
from models.export.ids import sid
from models.export.sbml.cell_pair import PairBound, fold_id, share_id
from models.treatments.arm import Arm
from rewire.export.petab.petab_cells import Cells
from rewire.export.petab.petab_claims import Inequality

NOISES: Mapping[float, str] = {NOISE: "noise_of_findings", RANGE_NOISE: "noise_of_ranges"}
"""Noise [log2] → the parameter of the file that holds it."""


def observable_id(row: Inequality) -> str:
    """Id of an inequality's observable, from the reading and its bound."""
    what = f"{row.observable}_in_{row.per}" if row.per else row.observable
    bound = f"{2.0**row.log2:.6g}".replace(".", "_").replace("-", "m")
    return sid(f"{what}_{row.sense}_{bound}")


def bound_of(row: Inequality) -> PairBound:
    """The inequality in the SBML file."""
    log2 = share_id(row.observable, row.per) if row.per else fold_id(row.observable)
    return PairBound(observable_id(row), log2, row.sense, NOISES[row.noise])


@dataclass(eq=False)
class Experiment:
    """A cell and its reference cell, treated and read.

    Attributes
    ----------
    id : str
    cell, reference : Arm
    shift_s : float
        The project's time 0 in the time of the problem.
    stop_s : float or None
        When the reference cell is stopped, in the time of the problem.
    rows : list of Inequality
    """

    id: str
    cell: Arm
    reference: Arm
    shift_s: float
    stop_s: float | None
    rows: list[Inequality] = field(default_factory=list)


def experiments(rows: Iterable[Inequality], cells: Cells) -> list[Experiment]:
    """One experiment per pair of treatments and stopping time of the reference cell, sorted by id.

    (pyPESTO 0.7 sorts conditions but not measurements, and mixes them up in a table with another order.)
    """
    found: dict[tuple[Arm, Arm, float | None], Experiment] = {}
    for row in rows:
        key = (row.cell, row.reference, row.stop_s)
        if key not in found:
            shift = max(0.0, *(-s.start_s for arm in key[:2] for s in arm.segments))
            stop = None if row.stop_s is None else row.stop_s + shift
            name = f"{cells.name(row.cell)}__vs__{cells.name(row.reference)}"
            name += "" if row.stop_s is None else f"_at_{row.stop_s:g}_s"
            found[key] = Experiment(sid(name), row.cell, row.reference, shift, stop)
        found[key].rows.append(row)
    return sorted(found.values(), key=lambda e: e.id)


def measured(done: Iterable[Experiment]) -> Iterator[tuple[Experiment, Inequality]]:
    """All measurements, in order."""
    for experiment in done:
        for row in experiment.rows:
            yield experiment, row


def inequalities(done: Iterable[Experiment]) -> dict[str, Inequality]:
    """One inequality per observable id; those with the same id differ only in cells and times."""
    return {observable_id(row): row for _, row in measured(done)}


def dataset(row: Inequality) -> str:
    """The finding and part of a measurement."""
    return f"{row.owner}/{row.part + 1}"
