"""`rewire export omex`: an archive that other tools run, and that is told when it was changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from models.core.errors import UserError
from models.export.omex.archive import read
from models.export.omex.sedml import read as read_sedml
from rewire.analysis.simulate.seed_courses import COURSES
from rewire.export.compare_courses import difference
from rewire.export.formats import ExportRequest
from rewire.export.omex.omex_file import ABOUT, MASTER, contents, export
from rewire.export.omex.omex_tasks import our_tables
from rewire.export.request import ExportOrder
from rewire.export.verify.omex_archive import verify, verify_any

OREILLY = "findings/rapamycin_akt/oreilly_2006.toml"
DAY = "2026-01-31"
TELLURIUM = os.environ.get("REWIRE_TELLURIUM", "")
"""A Python that has tellurium."""


@pytest.fixture(scope="module")
def omex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive, proven."""
    path = tmp_path_factory.mktemp("omex") / "rewire.omex"
    done = export(ExportRequest("omex", path, created=DAY))
    assert done.ok and done.record["time courses"] == sum(len(c.arms) for c in COURSES)
    return path


def repacked(path: Path, to: Path, changes: dict[str, str | None]) -> Path:
    """A copy with some files changed, left out or added."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        texts = {name: old.read(name).decode() for name in old.namelist()} | changes
        for name, text in texts.items():
            if text is not None:
                new.writestr(name, text)
    return to


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("mcf7",), "contains no cells"),
        (("--member", "first"), "best, median, 0 to"),
        (("--treat", "rapamycin=20 nM"), "has no meaning in this format"),
    ],
)
def test_misuse_is_said_and_nothing_is_written(rewire, tmp_path: Path, args, word: str):
    said = rewire("export", "omex", *args, "--out", tmp_path / "a.omex", "--no-verify")
    assert said.status == 2 and word in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_others_is_refused(tmp_path: Path):
    path = tmp_path / "a.omex"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("manifest.xml", "<omexManifest/>")
    with pytest.raises(UserError, match=r"rewire export omex"):
        verify(path)
    for about, word in (
        ("{", "not JSON"),
        ("[]", "format"),
        (json.dumps({"format": "rewire.omex/1", "member": "-1", "variants": 3}), "the number of a member"),
    ):
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("manifest.xml", "<omexManifest/>")
            out.writestr(ABOUT, about)
        with pytest.raises(UserError, match=word):
            verify_any(path)


@pytest.mark.slow
def test_everything_is_in_it(omex: Path):
    files = read(omex)
    models = {f"models/{course.context}.xml" for course in COURSES}
    assert models <= files.keys() and OREILLY in files
    tasks = read_sedml(files[MASTER].decode(), MASTER)
    assert {task.source for task in tasks} == models
    lines = files["findings.csv"].decode().splitlines()
    assert any(line.startswith("S07_rapamycin_raises_irs1@mcf7,") for line in lines)
    head = files["ensemble.csv"].decode().splitlines()[0].split(",")
    assert head[0] == "name" and head[-1].startswith("m0")


@pytest.mark.slow
def test_what_was_changed_is_told(omex: Path, tmp_path: Path):
    assert verify_any(omex) == []
    files = {name: data.decode() for name, data in read(omex).items()}
    dose = files[MASTER].replace('newValue="20.0"', 'newValue="30.0"', 1)
    model = files["models/mcf7.xml"]
    rate = re.sub(r'(id="akt_undocks_kcat"[^>]* value=")[^"]+', r"\g<1>0.5", model, count=1)
    assert rate != model
    changes = {MASTER: dose, OREILLY: None, "more.csv": "a\n", "models/mcf7.xml": rate}
    manifest = files["manifest.xml"].replace(f"./{OREILLY}", "./more.csv")
    found = verify(repacked(omex, tmp_path / "b.omex", {**changes, "manifest.xml": manifest}))
    told = {d.id for d in found}
    assert {MASTER, OREILLY, "more.csv", "manifest.xml"} <= told
    assert next(d for d in found if d.id == MASTER).found.count("30.0") == 1
    (moved,) = (d for d in found if d.element == "parameter")
    assert moved.id == "akt_undocks_kcat" and moved.found == "0.5"


@pytest.mark.slow
def test_equal_orders_give_equal_bytes(omex: Path):
    assert contents(ExportOrder("", created=DAY)).bytes() == omex.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(not TELLURIUM, reason="REWIRE_TELLURIUM names no Python with tellurium")
def test_tellurium_draws_our_courses(omex: Path, tmp_path: Path):
    script = Path(__file__).resolve().parents[4] / "benchmarks" / "other_tools" / "in_tellurium.py"
    out, pictures = tmp_path / "out.json", tmp_path / "pictures"
    pictures.mkdir()
    subprocess.run([TELLURIUM, script, omex, out, pictures], check=True, capture_output=True)
    theirs = json.loads(out.read_text())
    tasks = read_sedml(read(omex)[MASTER].decode(), MASTER)
    for task, ours in zip(
        tasks, our_tables(contents(ExportOrder("", created=DAY)).cells, tasks), strict=True
    ):
        table = np.array([theirs[column] for column in task.columns]).T
        assert difference(ours, table)[0] < 1e-5
    assert len(list(pictures.glob("*plot*.pdf"))) == sum(len(course.observables) for course in COURSES)
