"""The folder for PyBNF: what is in it, that BioNetGen runs it, and that PyBNF charges what we would."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import load_findings
from models.core.errors import UserError
from models.export.pybnf.pybnf_layout import SOON, lay_out
from models.export.pybnf.pybnf_text import FREE, free_id
from models.network import missing_for_expansion
from models.simulation.simulator import Simulator
from models.treatments.schedule import Segment
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.export.formats import ExportRequest
from rewire.export.pybnf.pybnf_bundle import Bundle, Options, bundle
from rewire.export.pybnf.pybnf_problem import export, write_pybnf
from rewire.project.project import load_project

PYBNF = os.environ.get("REWIRE_PYBNF_PYTHON", "")
"""A Python that has PyBNF."""

INSIDE = Path(__file__).parents[4] / "benchmarks" / "in_pybnf.py"


def of(*contexts: str) -> list[Finding]:
    world = load_project()
    found = load_findings(words=world.words, built=world.built)
    return [f for f in found if f.use == "fit" and f.claim is not None and set(f.contexts) <= set(contexts)]


def actions(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"{word}(")]


# --- layout -----------------------------------------------------------------------------------------------
def test_all_outputs_that_are_read_have_as_many_rows():
    world = load_project()
    arm = read_arm(world, "mef", ["rapamycin=20 nM@-30 min", "insulin=100 nM@1 h..2 h"], starve="16 h")
    plain = read_arm(world, "mef", renew_medium=False)
    layout = lay_out({arm: {0.0, 3600.0, 5400.0, 36000.0}, plain: {0.0, 60.0}}, world.contexts)
    read = [s for file in layout.files for s in file.phases if SOON in s.rows]
    assert {len(s.rows) for s in read} == {len(read[0].rows)}
    assert len({s.suffix for s in read}) == len(read)
    assert layout.place(arm, 0.0)[1] == SOON == layout.place(arm, 3600.0)[1]
    assert layout.place(arm, 5400.0) == (layout.place(arm, 3600.0)[0], 1800.0)
    assert layout.place(arm, 36000.0)[1] == 36000.0 - 7200.0
    for place, time in (layout.place(arm, t) for t in (0.0, 3600.0, 5400.0, 36000.0)):
        (stretch,) = [s for s in read if s.suffix == place]
        assert time in stretch.rows and time != stretch.rows[0]


def test_what_is_never_read_is_not_run():
    world = load_project()
    arm = read_arm(world, "mef", ["insulin=100 nM@10 h"])
    layout = lay_out({arm: {0.0, 60.0}}, world.contexts)
    assert all(s.segment.start_s < 36000.0 for s in layout.files[0].phases)
    assert layout.files[0].cells[0].untreated.segments == (Segment(0.0, "serum"),)


# --- content ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def hek() -> Bundle:
    return bundle(of("hek293"), load_project())


def test_every_free_parameter_is_in_every_file_and_has_its_prior(hek: Bundle):
    names = {free_id(name) for name in hek.space.names}
    conf = hek.texts["rewire.conf"]
    boxes = dict(re.findall(r"^loguniform_var = (\w+) (.+)$", conf, re.MULTILINE))
    assert set(boxes) == names == set(re.findall(rf"\w+{FREE}", hek.texts["hek293.bngl"]))
    for name, centre, sd in zip(hek.space.names, hek.space.centre_log10, hek.space.sd, strict=True):
        low, high = map(float, boxes[free_id(name)].split())
        assert np.log10([low, high]) == pytest.approx([centre - 3 * sd, centre + 3 * sd], abs=1e-9)
    rows = csv.DictReader(hek.texts["free.tsv"].splitlines(), delimiter="\t")
    assert {row["PyBNF's name"] for row in rows} == names


def test_our_own_prior():
    made = bundle(of("normal"), load_project(), Options(box=0.0, method="de", minutes=10.0, cores=2))
    conf = made.texts["rewire.conf"]
    assert "lognormal_var = " in conf and "loguniform_var" not in conf
    assert "fit_type = de" in conf and "wall_time_fit = 600" in conf and "parallel_count = 2" in conf


def test_each_kind_of_cell_settles_and_changed_genes_are_set(hek: Bundle):
    text = hek.texts["hek293.bngl"]
    (file,) = hek.layout.files
    others = [cell for cell in file.cells[:-1] for _ in cell.runs]
    settled = [line for line in actions(text, "simulate") if "_settling" in line]
    assert len(settled) == len(others) + 1
    assert len(actions(text, "saveConcentrations")) == 1
    assert 'setParameter("PTEN_copies",0)' in text
    assert "EGFR_copies_times*hek293_EGFR_copies__FREE" in text  # free, and ten times as much in one cell
    assert 'setParameter("EGFR_copies_times",10)' in text


def test_whole_leaves_out_what_is_said_in_part():
    found = of("hek293")
    made = bundle(found, load_project(), whole=True)
    assert {x.finding for x in made.lines if x.text and not x.untreated} == set(made.mapped)
    assert {x.finding for x in made.lines if not x.text} == {f.id for f in found} - set(made.mapped)


# --- the command ------------------------------------------------------------------------------------------
def test_the_folder_is_written_once(tmp_path: Path):
    place = tmp_path / "normal"
    done = export(ExportRequest("pybnf", place, "normal"))
    assert done.ok and done.record["constraints"] > 5
    assert {"normal.bngl", "normal.prop", "rewire.conf", "not_mapped.tsv"} <= {
        p.name for p in place.iterdir()
    }
    with pytest.raises(UserError, match="exists already"):
        export(ExportRequest("pybnf", place, "normal"))
    before = (place / "normal.bngl").read_text()
    export(ExportRequest("pybnf", place, "normal", force=True))
    assert (place / "normal.bngl").read_text() == before
    assert not list(place.glob(".part*"))


def test_mistakes(tmp_path: Path):
    with pytest.raises(UserError, match=r"unknown context 'mfc7'.*Did you mean 'mcf7'"):
        export(ExportRequest("pybnf", tmp_path / "a", "mfc7"))
    with pytest.raises(UserError, match="no fit finding"):
        export(ExportRequest("pybnf", tmp_path / "a", "pc3"))
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        export(ExportRequest("pybnf", tmp_path / "file", "mcf7"))
    with pytest.raises(UserError, match="is not a folder"):
        export(ExportRequest("pybnf", tmp_path / "b" / "c", "mcf7"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


# --- other programs ---------------------------------------------------------------------------------------
def points(made: Bundle, count: int) -> list[np.ndarray]:
    """First guesses, and draws of the prior."""
    rng = np.random.default_rng(3)
    return [np.zeros(len(made.space)), *(0.7 * made.space.draw(rng) for _ in range(count - 1))]


def values(made: Bundle, z: np.ndarray) -> dict[str, float]:
    logs = made.space.centre_log10 + made.space.sd * z
    return {free_id(name): float(10.0**x) for name, x in zip(made.space.names, logs, strict=True)}


@pytest.mark.slow
@pytest.mark.skipif(bool(missing_for_expansion()), reason="BioNetGen needs Perl")
def test_bionetgen_runs_the_file_as_we_do(tmp_path: Path):
    from pysb.pathfinder import get_path

    made = bundle(of("hek293"), load_project(), Options(rtol=1e-8))
    z = points(made, 2)[1]
    fixed = "\n".join(f"{name} {value!r}" for name, value in values(made, z).items())
    text = made.texts["hek293.bngl"].replace("begin parameters", f"begin parameters\n{fixed}", 1)
    (tmp_path / "m.bngl").write_text(text)
    run = Path(get_path("bng"))
    done = subprocess.run([run, "m.bngl"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    world = load_project()
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)
    (file,) = made.layout.files
    runs = {arm: run[-1] for cell in file.cells for arm, run in cell.runs.items()}
    ends = {arm: max(last.segment.start_s, 0.0) + last.rows[-1] for arm, last in runs.items()}
    courses = bench.run({arm: [0.0, end] for arm, end in ends.items()}, made.space.values(z), 1e-8)
    compared = 0
    for arm, last in runs.items():
        head, *rows = (tmp_path / f"m_{last.suffix}.gdat").read_text().splitlines()
        shown = dict(zip(head.lstrip("#").split(), map(float, rows[-1].split()), strict=True))
        for name in set(shown) & set(world.built.observables):
            assert shown[name] == pytest.approx(courses[arm].at(name, ends[arm]), rel=1e-4, abs=1e-3), name
            compared += 1
    assert compared >= 50 * len(runs)


@pytest.mark.slow
@pytest.mark.skipif(not PYBNF, reason="REWIRE_PYBNF_PYTHON names no Python that has PyBNF")
def test_pybnf_charges_the_margins(tmp_path: Path):
    """PyBNF's own evaluation agrees with our verdicts, at first guesses and at draws of the prior."""
    from pysb.pathfinder import get_path

    world, found = load_project(), of("hek293", "mcf7")
    made = write_pybnf(tmp_path / "bundle", found, world, Options(rtol=1e-8))
    zs = points(made, 3)
    (tmp_path / "points.json").write_text(json.dumps([values(made, z) for z in zs]))
    command = [PYBNF, str(INSIDE), "penalties", "rewire.conf", "../points.json", "../out.json"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["BNGPATH"] = str(Path(get_path("bng")).parent)
    done = subprocess.run(
        command, cwd=tmp_path / "bundle", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    charged = json.loads((tmp_path / "out.json").read_text())["points"]
    assert compare(made, found, zs, charged) > 150


def compare(made: Bundle, found: list[Finding], zs: list[np.ndarray], charged: list[dict]) -> int:
    """Compare each term with what PyBNF charged for its lines; how many were."""
    from calibration.findings.claims.score import score
    from calibration.objective.simulation_plan import plan

    world = load_project()
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes)
    by_id, needed = {f.id: f for f in found}, plan(found, world.contexts)
    compared = 0
    for z, told in zip(zs, charged, strict=True):
        assert all(n == 1 for counts in told["enforced"].values() for n in counts)  # nothing was passed over
        courses = bench.run(needed.times, made.space.values(z), 1e-8)
        rows = csv.DictReader(made.texts["lines.tsv"].splitlines(), delimiter="\t")
        sums: dict[tuple[str, int], float] = {}
        for row in rows:
            own = told["charged"][row["file"].removesuffix(".prop")][int(row["line"]) - 2]
            key = (row["finding"], int(row["part"]))
            sums[key] = sums.get(key, 0.0) + own
        for (name, part), sum_ in sums.items():
            if name in by_id:
                margin = score(by_id[name], courses).parts[part]
                assert sum_ == pytest.approx(max(0.0, -margin) / np.sqrt(by_id[name].n_parts), abs=2e-3), (
                    name,
                    part,
                )
                assert (sum_ == 0.0) == (margin >= 0.0) or abs(margin) < 2e-3
                compared += 1
    return compared
