"""Verification of SBML exports in all contexts, under several treatments, with several members.

``python -m rewire.export.verify.verify_all`` runs all contexts × treatments × members, which takes half an
hour; also in AMICI if ``--amici`` names a Python that has it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import click

from models.core.files import table, write
from models.engines.amici_files import simulate_all
from models.engines.sbml_engines import EngineFailure, available
from models.export.sbml.document import sbml
from models.simulation.engine import Array
from rewire.export.compare_courses import (
    LARGEST,
    Agreement,
    agreement,
    our_courses,
    run_and_compare,
    sample_times,
)
from rewire.export.notes import about
from rewire.export.request import BEST, MEDIAN, ExportOrder, content, fill
from rewire.project.project import load_project
from rewire.report.tables import number

Case = tuple[str, str, str]
"""Context, treatment, member."""

MEMBERS = (BEST, MEDIAN, "1", "2", "3")
"""Members that are verified; numbers that an ensemble lacks are left out."""

_DATE = "2026-01-01"


@dataclass(frozen=True, slots=True)
class VerifiedTreatment:
    """A treatment, as on the command line."""

    treat: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)


TREATMENTS: Mapping[str, VerifiedTreatment] = {
    "rapalog": VerifiedTreatment(("rapamycin=20 nM@1 h",)),
    "rewiring": VerifiedTreatment(("BEZ235=300 nM", "reparixin=1 uM@24 h")),
    "starved": VerifiedTreatment(("rapamycin=20 nM@-30 min", "insulin=100 nM"), plain={"starve": "16 h"}),
    "wash-out": VerifiedTreatment(("MK-2206=1 uM@0 h..24 h", "lapatinib=1 uM@6 h")),
    "growth factor": VerifiedTreatment(
        ("EGF=10 nM@10 min", "trametinib=30 nM@1 h..12 h", "AZD8055=500 nM@6 h")
    ),
    "knock-out": VerifiedTreatment(("IGF1=10 nM@2 h", "alpelisib=1 uM@4 h..8 h"), ("GRB10=knock-out",)),
}
"""Treatments with schedules; each involves another part of the pathway."""


def cases(
    contexts: Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    members: Iterable[str] = MEMBERS,
) -> list[Case]:
    """All combinations."""
    cells = list(contexts if contexts is not None else load_project().contexts)
    return [(c, t, m) for c in cells for t in (names or TREATMENTS) for m in members]


@dataclass(frozen=True, slots=True, eq=False)
class VerifiedCase:
    """One file, our own time courses, and the comparison with the engines.

    Attributes
    ----------
    case : tuple of str
        Context, treatment, member.
    path : Path
    structure : str
        Equal for files that differ only in values: hypotheses and events.
    names, times, ours : tuple of str, list of float [s], array (n_times, n_names)
    agreements : list of Agreement
    """

    case: Case
    path: Path
    structure: str
    names: tuple[str, ...]
    times: list[float]
    ours: Array
    agreements: list[Agreement]

    @property
    def ok(self) -> bool:
        """Whether all engines agree."""
        return all(each.ok for each in self.agreements)


def one(case: Case, folder: Path, engines: Sequence[str]) -> VerifiedCase:
    """Write one file and run it in each engine."""
    context, name, member = case
    done = TREATMENTS[name]
    order = ExportOrder(context, done.treat, done.genes, member=member, created=_DATE, plain=done.plain)
    filled = fill(order)
    filling = content(filled)
    path = folder / f"{context}-{member}.xml"
    path.write_text(sbml(filling, about(filled)), encoding="utf-8")
    names, times, ours = our_courses(filled, filling, sample_times(c.time_s for c in filling.changes))
    found = [run_and_compare(engine, path, times, names, ours) for engine in engines]
    structure = f"{filled.world.variants} {filling.changes}"
    return VerifiedCase(case, path, structure, names, times, ours, found)


def verify_all(
    wanted: Iterable[Case], engines: Sequence[str] | None = None, jobs: int = 1, amici: str = ""
) -> Iterator[VerifiedCase]:
    """Write, run and compare one file for each case.

    Parameters
    ----------
    engines : sequence of str, optional
        All that are installed, by default.
    jobs : int
        Parallel processes.
    amici : str, optional
        The Python of an environment that has AMICI, which compiles files that differ only in values once.
    """
    chosen = list(available() if engines is None else engines)
    by_treatment: dict[str, list[Case]] = {}
    for case in wanted:
        by_treatment.setdefault(case[1], []).append(case)
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=100) as pool:  # libSBML grows
        for own in by_treatment.values():
            with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
                tried = pool.map(one, own, repeat(Path(folder)), repeat(chosen))
                yield from _with_amici(amici, list(tried)) if amici else tried


def _with_amici(python: str, tried: list[VerifiedCase]) -> list[VerifiedCase]:
    """Run the same files in AMICI; those that differ only in values together."""
    for structure in dict.fromkeys(each.structure for each in tried):
        _in_amici(python, [each for each in tried if each.structure == structure])
    return tried


def _in_amici(python: str, tried: Sequence[VerifiedCase]) -> None:
    first = tried[0]
    try:
        tables, version = simulate_all(python, [t.path for t in tried], first.times, first.names)
    except EngineFailure as error:
        tables, version = [error] * len(tried), "AMICI"
    for each, theirs in zip(tried, tables, strict=True):
        if isinstance(theirs, EngineFailure):
            each.agreements.append(Agreement(version, None, reason=str(theirs)))
        else:
            each.agreements.append(agreement(version, each.ours, theirs, each.names, each.times))


@click.command()
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="Parallel processes.")
@click.option("--amici", envvar="REWIRE_AMICI", default="", help="The Python of an environment with AMICI.")
@click.option("--context", "contexts", multiple=True, help="Only these cells; repeatable.")
@click.option("--treatment", "names", multiple=True, type=click.Choice(list(TREATMENTS)), help="Only these.")
@click.option("--member", "members", multiple=True, help="Only these members.")
@click.option("--out", type=click.Path(path_type=Path), help="A table of all comparisons (CSV).")
def main(
    jobs: int,
    amici: str,
    contexts: tuple[str, ...],
    names: tuple[str, ...],
    members: tuple[str, ...],
    out: Path | None,
) -> None:
    """Verify all contexts, treatments and members; exit status 1 if a file does not agree."""
    if unknown := sorted(set(contexts) - load_project().contexts.keys()):
        raise click.UsageError(f"no such context: {', '.join(unknown)}")
    wanted = cases(contexts or None, names or None, members or MEMBERS)
    worst: dict[str, float] = {}
    rows = []
    for number_, tried in enumerate(verify_all(wanted, None, jobs, amici), 1):
        for found in tried.agreements:
            off = float("inf") if found.difference is None else found.difference
            worst[found.engine] = max(worst.get(found.engine, 0.0), off)
            rows.append([*tried.case, found.engine, found.difference, found.observable, found.time_s])
            if not found.ok:
                click.echo(f"{' / '.join(tried.case)}: {found.line()}")
        if number_ % 25 == 0 or number_ == len(wanted):
            click.echo(f"{number_} of {len(wanted)} files", err=True)
    if out is not None:
        write(out, table(["context", "treatment", "member", "engine", "apart", "observable", "time_s"], rows))
    for engine, off in worst.items():
        click.echo(f"{engine}: largest relative difference {number(off)} over {len(wanted)} files")
    sys.exit(0 if worst and max(worst.values()) <= LARGEST else 1)


if __name__ == "__main__":
    main()
