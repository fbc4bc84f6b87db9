"""`rewire export net`, `pysb` and `antimony`: proven before they are written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from models.engines.bionetgen import run_net
from models.simulation.simulator import Simulator
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.export.compare_courses import OURS, difference
from rewire.export.proven_sbml import report_path
from rewire.project.members import load_members
from rewire.project.project import load_project

LATER = ("--treat", "BEZ235=300 nM", "--treat", "reparixin=1 uM@2 h")


def proven(path: Path) -> list[str]:
    """Engines that agree on a file."""
    stored = json.loads(report_path(path).read_text())
    assert stored["agrees"] and stored["observables"] == len(load_project().built.observables)
    assert all(0.0 <= run["difference"] <= 1e-5 for run in stored["engines"])
    return [run["engine"] for run in stored["engines"]]


@pytest.mark.parametrize("start", ["--steady-state", "--initial-amounts"])
def test_a_network_is_read_by_bionetgen(rewire, tmp_path: Path, start: str):
    path = tmp_path / "mef.net"
    said = rewire("export", "net", "mef", start, "--treat", "BEZ235=300 nM", "--out", path, "--json")
    assert said.status == 0, said.err
    record = json.loads(said.out)["records"][0]
    assert record["species"] > 100 and record["reactions"] > 200
    assert [name.split()[0] for name in proven(path)] == ["BioNetGen", "bngsim"]


def test_doses_are_parameters_of_the_network(rewire, tmp_path: Path):
    path = tmp_path / "mef.net"
    assert rewire("export", "net", "mef", "--out", path, "--no-verify", "--member", "1").status == 0
    path.write_text(re.sub(r"(\d+ BEZ235_nM +)0\.0", r"\g<1>300.0", path.read_text()))
    world, times = load_project(), [60.0, 3600.0, 86400.0]
    arm = read_arm(world, "mef", ["BEZ235=300 nM"])
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)
    ours = bench.run({arm: times}, load_members(world, None, None).values[1], OURS, 10 * OURS)[arm]
    theirs = run_net(path, times)
    place = [theirs.names.index(name) for name in ours.names]
    assert difference(ours.copies[1:], theirs.table[:, place])[0] < 1e-5


def test_a_network_has_no_schedule(rewire, tmp_path: Path):
    said = rewire("export", "net", "mef", *LATER, "--out", tmp_path / "a.net")
    assert said.status == 2 and "no schedule" in said.err and "bngl" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["net", "pysb"])
def test_without_perl_nothing_is_written(rewire, tmp_path: Path, monkeypatch, form: str):
    monkeypatch.setattr("models.engines.bionetgen.missing_for_expansion", lambda: ["Perl"])
    said = rewire("export", form, "mef", "--out", tmp_path / "a")
    assert said.status == 2 and "needs Perl" in said.err and list(tmp_path.iterdir()) == []


def test_without_antimony_nothing_is_written(rewire, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("rewire.export.sbml.antimony.available", lambda: False)
    said = rewire("export", "antimony", "mef", "--out", tmp_path / "a")
    assert said.status == 2 and "pip install antimony" in said.err and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "form", ["net", *(pytest.param(form, marks=pytest.mark.slow) for form in ("pysb", "antimony"))]
)
def test_a_rate_that_is_off_is_seen(rewire, tmp_path: Path, monkeypatch, form: str):
    """The proof compares with a member, not with what is in the file."""
    pytest.importorskip("antimony")
    module, writer = {
        "net": ("rewire.export.bngl.net_file", "net"),
        "pysb": ("rewire.export.bngl.pysb_module", "pysb_flat"),
        "antimony": ("rewire.export.sbml.antimony", "to_antimony"),
    }[form]
    written = getattr(__import__(module, fromlist=[writer]), writer)
    pattern = r"(akt_undocks_kcat(?: = |', | +))([\d.e-]+)"

    def off(*args):
        text, count = re.subn(pattern, lambda m: f"{m[1]}{float(m[2]) * 1.001!r}", written(*args), count=1)
        assert count == 1
        return text

    monkeypatch.setattr(f"{module}.{writer}", off)
    said = rewire("export", form, "mef", "--treat", "EGF=10 nM", "--out", tmp_path / "a")
    assert said.status == 1 and "does NOT agree" in said.out and list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", ["--steady-state", "--initial-amounts"])
def test_pysb_follows_the_schedule(rewire, tmp_path: Path, start: str):
    path = tmp_path / "mef.py"
    said = rewire("export", "pysb", "mef", start, *LATER, "--starve", "2 h", "--out", path)
    assert said.status == 0, said.out + said.err
    assert proven(path)[0].startswith("PySB")


@pytest.mark.slow
def test_antimony_keeps_events_and_units(rewire, tmp_path: Path):
    pytest.importorskip("antimony")
    path = tmp_path / "mef.ant"
    said = rewire("export", "antimony", "mef", *LATER, "--created", "2026-01-31", "--out", path)
    assert said.status == 0, said.out + said.err
    assert proven(path)[0].startswith("Antimony")
    text = path.read_text()
    assert re.search(r"at .*time >= 7200.*reparixin_nM = 1000", text)
    assert "akt_undocks_kcat has per_s;" in text and "AKT_copies has copy;" in text
