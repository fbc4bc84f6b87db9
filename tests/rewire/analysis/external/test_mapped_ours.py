"""Our own model, handed out as SBML and read back through a mapping onto itself: the same verdicts.

A mapping has no fresh medium, so IL-8 is not washed off at time 0: worth up to a percent in these cells.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.external.published.mapping import read_mapping
from calibration.external.published.published_model import read_published
from calibration.external.published.verdicts import verdicts
from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluator
from models.cells.genes import Gene
from models.cells.media import LIGANDS
from models.export.ids import dose_id
from models.export.sbml.document import sbml
from rewire.analysis.check.check import build_options
from rewire.export.notes import about
from rewire.export.request import ExportOrder, content, fill
from rewire.project.project import load_project
from rewire.project.selections import all_findings, chosen

CELLS = ("hek293", "mef", "mcf7")


def mapping(cells: str, ids: set[str]) -> str:
    """Every name of ours that is in the file, as itself."""
    world = load_project()
    lines = [
        *('format = "mapping/1"', 'title = "ours"', 'model = "ours"', 'says = "our own model"'),
        *('time = "s"', f'contexts = ["{cells}"]', 'source = { citation = "this project" }', "[observable]"),
        *(f"{name} = {json.dumps(name)}" for name in world.built.observables if name in ids),
    ]
    for medium in world.media.values():
        lines += [f"[medium.{medium.name}]"]
        lines += [f"{dose_id(ligand)} = {medium.levels.get(ligand, 0.0)}" for ligand in LIGANDS]
    for ligand in LIGANDS:
        lines += [f"[ligand.{ligand}]", f"{dose_id(ligand)} = 1.0"]
    for drug in world.catalogue.names:
        if dose_id(drug) in ids:
            lines += [f"[drug.{json.dumps(drug)}]", f"{dose_id(drug)} = 1.0"]
    for gene in world.genes.by_symbol.values():
        lines += gene_lines(gene, ids)
    return "\n".join(lines)


def gene_lines(gene: Gene, ids: set[str]) -> list[str]:
    """Its abundance, and the mutants that lose something."""
    if gene.copies not in ids:
        return []
    lost = {what: [name for name, value in sets if value == 0] for what, sets in gene.mutants.items()}
    lines = [f"[gene.{gene.symbol}]", f"turns = {json.dumps([gene.copies])}"]
    return lines + [f"{json.dumps(what)} = {json.dumps(names)}" for what, names in lost.items() if names]


@pytest.mark.slow
@pytest.mark.parametrize("cells", CELLS)
def test_our_own_file_gives_our_own_verdicts(tmp_path: Path, cells: str):
    world = load_project()
    filled = fill(ExportOrder(cells, settled=False, created="2026-01-31"))
    model, text = tmp_path / "ours.xml", tmp_path / "ours.toml"
    model.write_text(sbml(content(filled), about(filled)))
    published = read_published(model)
    text.write_text(mapping(cells, {t.id for t in published.things.values()}))
    own = read_mapping(text, published, world.words, world.built.observables)
    findings = [f for f in chosen(all_findings(world), [cells]) if f.contexts == (cells,) and f.claim]
    found = {v.finding.id: v for v in verdicts(findings, published, own, world.words)}

    problem = recipe(**build_options(world, findings, None, narrow=True)).make()
    assert isinstance(problem, Evaluator)
    names = list(problem.space.names)
    values = dict(zip(filled.members.space.names, filled.members.z[filled.member], strict=True))
    ours = problem.evaluate(np.array([values[name] for name in names])).scores

    both = [name for name, v in found.items() if v.lacks is None]
    assert len(both) >= 20
    for name in both:
        got, wanted = found[name].score, ours[name]
        parts = [
            np.clip(score.parts, -10.0, 10.0) for score in (got, wanted)
        ]  # beyond that something is gone
        assert parts[0] == pytest.approx(parts[1], abs=0.02), name
        if not wanted.borderline:
            assert got.holds == (wanted.margin >= 0), name
    # a mutation that gains something cannot be said in a mapping; anything else is lacking in ours, too
    lacking = {name for name, v in found.items() if v.lacks and ours[name].verdict != "unevaluable"}
    assert {found[name].lacks for name in lacking} <= {"gene"}, lacking
