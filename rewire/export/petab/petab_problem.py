"""`rewire export petab`: the findings as a parameter estimation problem, in both versions of PEtab.

A folder: ``v1`` and ``v2`` with a problem each, ``mapped.tsv`` with the finding of each measurement, and
``not_mapped.tsv`` with what PEtab cannot express, and why.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import libsbml

from calibration.objective.likelihood import TRUST
from models.core.files import write
from models.export.sbml.cell_pair import with_reference_cell
from models.export.sbml.document import About, Content, sbml
from rewire import __version__
from rewire.export.formats import ExportRequest
from rewire.export.notes import LICENCE, NOT, UNITS
from rewire.export.petab.petab_claims import has_schedule
from rewire.export.petab.petab_experiments import (
    NOISES,
    bound_of,
    dataset,
    inequalities,
    measured,
    observable_id,
)
from rewire.export.petab.petab_folder import PetabProof, compare, neg_log_cdfs
from rewire.export.petab.petab_plan import PetabPlan, prepare
from rewire.export.petab.petab_tables import MODEL, tsv, version_1, version_2
from rewire.export.proven_sbml import Exported, check_folder
from rewire.project.project import Project

PROOF = "verification.json"
Say = Callable[[str], None] | None

_SAYS = (
    "A pair of cells: a cell, and a reference cell (reference_...) that shares its rates. The conditions of "
    "the PEtab problem give each its abundances, mutations, medium and doses. log2_fold_of_X compares their "
    "readings; surprise_of_Y is -ln Phi(margin / noise) of an inequality. reference_runs = 0 stops the "
    "reference cell, which then keeps its readings, and so does reaching reference_stops_s.",
    NOT,
    UNITS,
    LICENCE,
)


def export(asked: ExportRequest) -> Exported:
    """Write the folder."""
    check_folder(asked.path, asked.force, "A PEtab problem is a folder")
    made = prepare(asked)
    files = tables(made) | dict.fromkeys([f"{v}/{MODEL}" for v in VERSIONS], model(made))
    proof = _verify(made, files, asked.say) if asked.verify else None
    record = {
        "format": "PEtab 1 and 2",
        "context": asked.context,
        "member": made.member,
        "measurements": sum(len(e.rows) for e in made.version_2),
        "in version 1": sum(len(e.rows) for e in made.version_1),
        "experiments": len(made.version_2),
        "parameters": len(made.free(made.version_2)),
        "not mapped": sum(u.versions == "1, 2" and u.owner != "*" for u in made.unsaid),
    }
    if proof is None or proof.ok:
        if proof is not None:
            files[PROOF] = json.dumps(proof.record(), indent=1, allow_nan=False) + "\n"
        _put(asked.path, files)
        if proof is None:  # remove that of an earlier problem
            (asked.path / PROOF).unlink(missing_ok=True)
        record = {"folder": str(asked.path), **record}
    return Exported(record, proof)


VERSIONS = {"v1": version_1, "v2": version_2}
"""Folder of a version → function that makes its tables."""


def tables(made: PetabPlan) -> dict[str, str]:
    """Path in the folder → text, without the model."""
    files: dict[str, str] = {}
    for folder, done in made.versions.items():
        texts = VERSIONS[folder](done, made.free(done), made.cells)
        files |= {f"{folder}/{name}": text for name, text in texts.items()}
    trust = {f.id: f"{f.trust} ({TRUST[f.trust]:g})" for f in made.findings}
    cited = {f.id: f.source.citation for f in made.findings}
    files["mapped.tsv"] = tsv(
        ("datasetId", "versions", "observableId", "experimentId", "inequality", "trust", "source"),
        (
            (
                dataset(r),
                "2" if has_schedule(r) else "1, 2",
                observable_id(r),
                e.id,
                r.words,
                trust.get(r.owner, "range"),
                cited.get(r.owner, "models/cells/plausible_ranges.toml"),
            )
            for e, r in measured(made.version_2)
        ),
    )
    files["not_mapped.tsv"] = tsv(
        ("finding", "part", "versions", "inequality", "why"),
        ((u.owner, u.part + 1, u.versions, u.words, u.why) for u in made.unsaid),
    )
    return files


def model(made: PetabPlan) -> str:
    """The SBML of both problems."""
    world, date = made.world, made.date
    about = About(
        "cells",
        f"Rewire {__version__}: a cell and its reference cell",
        _SAYS,
        f"{date}T00:00:00Z",
        {"version": __version__, "created": date, "form": "petab"},
    )
    text = sbml(Content(world.built, {}, world.catalogue), about)
    rows = inequalities(made.version_2)
    return with_reference_cell(
        text,
        _shared(text, world),
        made.cells.products(made.arms),
        sorted({r.observable for r in rows.values() if not r.per}),
        sorted({(r.observable, r.per) for r in rows.values() if r.per}),
        [(bound_of(r), r.log2) for r in rows.values()],
        {name: noise for noise, name in NOISES.items()},
        made.changed,
    )


def _shared(text: str, world: Project) -> list[str]:
    """Constant parameters that all cells share: rates, Kds, and initial amounts before the steady state."""
    document = libsbml.readSBMLFromString(text)
    parameters = document.getModel().getListOfParameters()
    names = [p.getId() for p in (parameters.get(i) for i in range(parameters.size())) if p.getConstant()]
    own = set(world.built.settings)
    return [name for name in names if name not in own and not name.endswith("_nM")]


# --- verification -----------------------------------------------------------------------------------------
def _verify(made: PetabPlan, files: Mapping[str, str], say: Say) -> PetabProof:
    rows = {folder: [row for _, row in measured(done)] for folder, done in made.versions.items()}
    every = list(dict.fromkeys(row for each in rows.values() for row in each))
    ours = dict(
        zip(every, neg_log_cdfs(every, made.findings, made.world, made.bands, made.values), strict=True)
    )
    with tempfile.TemporaryDirectory(prefix="rewire-") as name:
        _put(Path(name), files)
        if say:
            say(f"libRoadRunner runs {sum(map(len, rows.values()))} measurements …")
        found = [
            compare(Path(name) / folder, folder.removeprefix("v"), each, [ours[row] for row in each])
            for folder, each in rows.items()
        ]
    return PetabProof(tuple(found))


def _put(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files; those that tools open come last, so that an incomplete problem cannot be opened."""
    new = [folder, *(folder / v for v in VERSIONS)]
    for place in new:
        place.mkdir(exist_ok=True)
    for name in sorted(files, key=lambda name: (name.endswith("problem.yaml"), name)):
        write(folder / name, files[name])
