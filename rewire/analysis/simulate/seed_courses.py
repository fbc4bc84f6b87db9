"""The key time courses of both seed papers, for the report; and trajectories as tables and files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.core.files import write
from rewire.analysis.simulate.ensemble_band import EnsembleBand, bands, read_arm
from rewire.project.members import Members
from rewire.project.project import Project
from rewire.report import plots
from rewire.report.run_report import Drawn
from rewire.report.tables import Column, Record, Table, number


@dataclass(frozen=True, slots=True)
class SeedCourse:
    """A picture of the report: treatments of one kind of cell side by side."""

    title: str
    description: str
    context: str
    arms: Mapping[str, tuple[str, ...]]
    observables: tuple[str, ...]
    hours: float


COURSES = (
    SeedCourse(
        "Rapamycin in MCF-7.",
        "IRS1 rises, AKT with it, and IGF1R inhibition takes the rise away (O'Reilly 2006).",
        "mcf7",
        {
            "vehicle": (),
            "rapamycin 20 nM": ("rapamycin=20 nM",),
            "and NVP-AEW541 1 uM": ("rapamycin=20 nM", "NVP-AEW541=1 uM"),
        },
        ("pS6K_T389", "tIRS1", "pAKT_S473", "pAKT_T308"),
        48.0,
    ),
    SeedCourse(
        "AZD8055 in BT-474.",
        "S473 stays off while T308 comes back through induced receptors (Rodrik-Outmezguine 2011).",
        "bt474",
        {
            "vehicle": (),
            "AZD8055 500 nM": ("AZD8055=500 nM",),
            "and lapatinib 1 uM": ("AZD8055=500 nM", "lapatinib=1 uM"),
        },
        ("pAKT_S473", "pAKT_T308", "pHER3", "pPRAS40_T246"),
        24.0,
    ),
    SeedCourse(
        "AKT and PI3K/mTOR inhibition in BT-474.",
        "FOXO drives receptors up, and ERK follows (Chandarlapaty 2011, Serra 2011).",
        "bt474",
        {"vehicle": (), "MK-2206 1 uM": ("MK-2206=1 uM",), "BEZ235 500 nM": ("BEZ235=500 nM",)},
        ("nFOXO", "tHER3", "pHER3", "pERK"),
        48.0,
    ),
    SeedCourse(
        "Palbociclib in MDA-MB-361.",
        "Less phosphorylated TSC2, less mTORC1, less feedback (Goel 2016).",
        "mda_mb_361",
        {
            "vehicle": (),
            "palbociclib 1 uM": ("palbociclib=1 uM",),
            "and lapatinib 1 uM": ("palbociclib=1 uM", "lapatinib=1 uM"),
        },
        ("pRB", "pTSC2", "pS6K_T389", "pHER3"),
        72.0,
    ),
    SeedCourse(
        "BEZ235 in MDA-MB-468, and the IL-8 loop.",
        "STAT5 first through IRS1 and JAK2, later through IL-8 and CXCR1 (Britschgi 2012).",
        "mda_mb_468",
        {
            "vehicle": (),
            "BEZ235 300 nM": ("BEZ235=300 nM",),
            "and reparixin 1 uM": ("BEZ235=300 nM", "reparixin=1 uM"),
            "and NVP-BSK805 1 uM": ("BEZ235=300 nM", "NVP-BSK805=1 uM"),
        },
        ("pIRS1_Y", "pJAK2", "pSTAT5", "mCXCL8", "IL8", "mCXCR1", "pAKT_S473", "growth"),
        72.0,
    ),
)


def drawn(world: Project, members: Members) -> list[Drawn]:
    """The pictures of the report; in place of one that cannot be drawn (a name edited away) the reason."""
    pictures = []
    for i, course in enumerate(COURSES):
        try:
            arms = {label: read_arm(world, course.context, treat) for label, treat in course.arms.items()}
            names = [name for name in course.observables if name in world.built.observables]
            times = np.linspace(0.0, 3600.0 * course.hours, 97)
            found = bands(world, members, arms.values(), times, names)
        except UserError as error:
            pictures.append(Drawn(course.title, f"Not drawn: {error}", ""))
            continue
        made = plots.courses(
            times / 3600.0,
            {label: found[arm].copies for label, arm in arms.items()},
            names,
            {name: world.built.observables[name].unit for name in names},
        )
        pictures.append(Drawn(course.title, course.description, plots.svg(made, f"course{i}")))
    return pictures


def frame(band: EnsembleBand) -> dict[str, Any]:
    """All members in long form: columns member, the time (or what is scanned) and the observables."""
    members, times, _ = band.copies.shape
    columns: dict[str, Any] = {
        "member": np.repeat(np.arange(members), times),
        band.axis.key: np.tile(band.shown, members),
    }
    return columns | {name: band.copies[:, :, k].ravel() for k, name in enumerate(band.names)}


def write_trajectories(band: EnsembleBand, path: Path) -> None:
    """Write all members as CSV or Parquet, by the ending of its name."""
    import pandas as pd

    table = pd.DataFrame(frame(band))
    if path.suffix == ".csv":
        write(path, table.to_csv(index=False, lineterminator="\n"))
    elif path.suffix == ".parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write(path, buffer.getvalue())
    else:
        raise UserError(f"--out {path}: ending {path.suffix!r}; allowed: .csv, .parquet")


def write_plot(band: EnsembleBand, path: Path) -> None:
    """Draw the band to a PNG, SVG or PDF file, by the ending of its name."""
    form = path.suffix.removeprefix(".")
    if form not in ("png", "svg", "pdf"):
        raise UserError(f"--plot {path}: ending {path.suffix!r}; allowed: .png, .svg, .pdf")
    made = plots.courses(
        band.shown, {band.arm.context: band.copies}, band.names, band.units, label=band.axis.label
    )
    buffer = io.BytesIO()
    plots.save(made, buffer, form)
    write(path, buffer.getvalue())


def table_of(band: EnsembleBand, rows: int | None = 13) -> Table:
    """Medians with the 5–95 % range; `rows` evenly spaced times, None for all."""
    low, middle, high = band.spread()
    picked: Sequence[int] = range(len(band.times))
    if rows is not None and len(band.times) > rows:
        picked = np.linspace(0, len(band.times) - 1, rows).round().astype(int).tolist()
    records: list[Record] = [
        {
            band.axis.key: band.shown[t],
            **{
                name: {"median": middle[t, k], "p05": low[t, k], "p95": high[t, k]}
                for k, name in enumerate(band.names)
            },
        }
        for t in picked
    ]

    def cell(name: str) -> Any:
        def text(record: Record) -> str:
            spread = record[name]
            if spread["p05"] == spread["p95"]:
                return number(spread["median"])
            return f"{number(spread['median'])} [{number(spread['p05'], 2)}, {number(spread['p95'], 2)}]"

        return text

    columns = [Column(band.axis.label, lambda r: number(r[band.axis.key]), "right", whole=True)]
    columns += [Column(name, cell(name), "right") for name in band.names]
    extra = {
        "context": band.arm.context,
        "members": len(band.copies),
        "failed": len(band.failures),
        "units": dict(band.units),
    }
    return Table("simulate", records, columns, extra=extra)
