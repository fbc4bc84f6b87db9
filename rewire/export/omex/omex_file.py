"""`rewire export omex`: the seed papers' time courses, the findings, the ensemble, in a COMBINE archive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import FINDINGS, load_findings
from models.core.files import table as csv_text
from models.export.ids import dose_id, sid
from models.export.omex.archive import Title, archive
from models.export.omex.sedml import Drawing, Treated, sedml
from models.export.sbml.document import sbml
from rewire import __version__
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.analysis.simulate.seed_courses import COURSES, SeedCourse
from rewire.export.formats import ExportRequest
from rewire.export.notes import LICENCE, NOT, UNITS, about
from rewire.export.omex.omex_tasks import verify_tasks
from rewire.export.proven_sbml import Exported, check_place, put
from rewire.export.request import ExportOrder, Filled, content, fill
from rewire.project.project import Project

MASTER = "courses.sedml"
ABOUT = "rewire.json"
"""The file with the options that the archive was written with, for `rewire verify`."""

FORM = "rewire.omex/1"
STEPS = 96
"""Steps of a time course."""

_TITLE = "Rewiring of PI3K-AKT-mTOR signalling: the seed papers' time courses"


@dataclass(frozen=True, eq=False)
class Contents:
    """The content of an archive: untreated cells by context, plots, and texts by location."""

    cells: Mapping[str, Filled]
    drawings: Sequence[Drawing]
    files: Mapping[str, str]
    title: Title

    @property
    def one(self) -> Filled:
        """Any of the cells; member, ensemble and date are the same in all."""
        return next(iter(self.cells.values()))

    def bytes(self) -> bytes:
        """The archive."""
        return archive(self.files, self.title, MASTER)


def export(asked: ExportRequest) -> Exported:
    """Write the archive."""
    check_place(asked.path, asked.force)
    made = contents(replace(asked.order, context=""), asked)
    whole = made.bytes()
    found = verify_tasks(asked.path.name, whole, MASTER, made.cells, made.one) if asked.verify else None
    one = made.one
    record = {
        "format": "COMBINE archive",
        "member": one.member,
        "models": len(made.cells),
        "time courses": sum(len(d.arms) for d in made.drawings),
        "plots": sum(len(d.observables) for d in made.drawings),
        "findings": made.files["findings.csv"].count("\n") - 1,
        "members": len(one.members),
        "bytes": len(whole),
    }
    if found is None or found.ok:
        put(asked.path, whole, found)
        record = {"file": str(asked.path), **record}
    return Exported(record, found)


def contents(order: ExportOrder, asked: ExportRequest | None = None) -> Contents:
    """The content of the archive of an order, whose context is not used."""
    say = asked.say if asked else None
    cells: dict[str, Filled] = {}
    for course in COURSES:
        if course.context not in cells:
            cells[course.context] = fill(replace(order, context=course.context), None if cells else say)
    one = next(iter(cells.values()))
    drawings = [_drawing(course, cells[course.context].world) for course in COURSES]
    files = {MASTER: sedml(drawings)}
    for name, filled in cells.items():
        files[model_file(name)] = sbml(content(filled), about(filled))
    files |= _findings(one.world) | _ensemble(one)
    files[ABOUT] = json.dumps(_order(one), indent=1) + "\n"
    title = Title(_TITLE, f"{NOT} {UNITS}", one.order.created)
    files["README.md"] = _readme(one, list(cells))
    return Contents(cells, drawings, files, title)


def model_file(context: str) -> str:
    """Location of a context's SBML file."""
    return f"models/{context}.xml"


def _order(one: Filled) -> dict[str, object]:
    return {
        "format": FORM,
        "version": __version__,
        "created": one.order.created,
        "member": str(one.member),
        "ensemble": one.ensemble,
        "variants": list(one.order.variants),
    }


def _drawing(course: SeedCourse, world: Project) -> Drawing:
    """The SED-ML plots of a time course, with treatments as doses."""
    number = COURSES.index(course) + 1
    arms = []
    for label, treat in course.arms.items():
        (segment,) = read_arm(world, course.context, treat).segments
        arms.append(Treated(label, {dose_id(drug): nM for drug, nM in segment.drugs}))
    shown = [(name, world.built.observables[name].unit) for name in course.observables]
    name = f"course_{number}_{sid(course.context)}"
    # tellurium makes Python strings of names
    title = f"{course.title} {course.description}".replace("'", "’")
    return Drawing(name, title, model_file(course.context), arms, shown, 3600.0 * course.hours, STEPS)


def _findings(world: Project) -> dict[str, str]:
    """The files of findings, and a table of them."""
    texts = {
        f"findings/{path.relative_to(FINDINGS).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(FINDINGS.rglob("*.toml"))
    }
    found = load_findings(words=world.words, built=world.built)
    head = [
        "id",
        "row",
        "says",
        "kind",
        "context",
        "wanted",
        "trust",
        "use",
        "citation",
        "doi",
        "pmid",
        "file",
    ]
    return texts | {"findings.csv": csv_text(head, [_row(f) for f in found])}


def _row(f: Finding) -> list[str]:
    source = (f.source.citation, f.source.doi, f.source.pmid, Path(f.file).name)
    return [f.id, f.row, f.description, f.kind, " ".join(f.contexts), f.wanted, f.trust, f.use, *source]


def _ensemble(one: Filled) -> dict[str, str]:
    """One row per parameter: its prior, and its value in each member."""
    space, members = one.members.space, one.members
    values = members.values
    head = ["name", "scope", "prior_centre_log10", "prior_sd_log10"]
    head += [f"m{i:03d}" for i in range(len(members))]
    each = zip(space.names, space.scope, space.centre_log10, space.sd, strict=True)
    rows = [
        [name, " ".join(scope), float(centre), float(sd), *(v[name] for v in values)]
        for name, scope, centre, sd in each
    ]
    return {"ensemble.csv": csv_text(head, rows)}


def _readme(one: Filled, cells: Sequence[str]) -> str:
    lines = [
        f"# {_TITLE}",
        "",
        *(f"- {course.title} {course.description}" for course in COURSES),
        "",
        f"`{MASTER}` plots them; `models/` has steady states ({', '.join(cells)}) of member {one.member}.",
        "`findings/` are the project's files of published findings, `findings.csv` lists them.",
        "`ensemble.csv` has the parameters of all members: rates and copies in their units, potencies as",
        "log10 shifts of a drug's Kd.",
        "",
        f"{NOT} {UNITS} {LICENCE}",
        "",
    ]
    return "\n".join(lines)
