"""Do the exported files behave as ours in all cells, under many treatments, with many members?

``python -m rewire.verify_all`` tries all contexts × treatments × members, which takes half an hour.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.export.sbml import sbml
from rewire.export_order import BEST, MEDIAN, Order, content, fill
from rewire.export_words import about
from rewire.tables import number
from rewire.verify_courses import Verification, verify_courses
from rewire.world import load_world

MEMBERS = (BEST, MEDIAN, "1", "2", "3")
"""Members that are tried; numbers that an ensemble lacks are left out."""

_DATE = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to the cells, in the words of the command line."""

    treat: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)


TREATMENTS: Mapping[str, Treatment] = {
    "rapalog": Treatment(("rapamycin=20 nM@1 h",)),
    "rewiring": Treatment(("BEZ235=300 nM", "reparixin=1 uM@24 h")),
    "starved": Treatment(("rapamycin=20 nM@-30 min", "insulin=100 nM"), plain={"starve": "16 h"}),
    "wash-out": Treatment(("MK-2206=1 uM@0 h..24 h", "lapatinib=1 uM@6 h")),
    "growth factor": Treatment(("EGF=10 nM@10 min", "trametinib=30 nM@1 h..12 h", "AZD8055=500 nM@6 h")),
    "knock-out": Treatment(("IGF1=10 nM@2 h", "alpelisib=1 uM@4 h..8 h"), ("GRB10=knock-out",)),
}
"""Treatments with schedules: each puts another part of the pathway to work."""


def cases(
    contexts: Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    members: Iterable[str] = MEMBERS,
) -> list[tuple[str, str, str]]:
    """All (context, treatment, member)."""
    cells = list(contexts if contexts is not None else load_world().contexts)
    return [(c, t, m) for c in cells for t in (names or TREATMENTS) for m in members]


def verify_all(
    wanted: Iterable[tuple[str, str, str]], engines: Iterable[str] | None = None
) -> Iterator[tuple[tuple[str, str, str], Verification]]:
    """Write, run and compare one file for each case."""
    engines = list(engines) if engines is not None else None
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        for case in wanted:
            context, name, member = case
            done = TREATMENTS[name]
            order = Order(context, done.treat, done.genes, member=member, created=_DATE, plain=done.plain)
            filled = fill(order)
            filling = content(filled)
            path = Path(folder) / "model.xml"
            path.write_text(sbml(filling, about(filled)), encoding="utf-8")
            yield case, verify_courses(path, filled, filling, engines)


def main(say: Callable[[str], None] = print) -> int:
    """Try everything; 1 where a file does not agree."""
    ok, worst = True, 0.0
    for case, found in verify_all(cases()):
        for agreement in found.agreements:
            worst = max(worst, agreement.difference if agreement.difference is not None else float("inf"))
            apart = agreement.reason or f"{number(agreement.difference)} ({agreement.observable})"
            say(f"{' / '.join(case)}: {agreement.engine}: {apart}{'' if agreement.ok else '  DISAGREES'}")
            ok &= agreement.ok
    say(f"largest relative difference {number(worst)}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
