"""`rewire export sbml`: what is written, what is proven first, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import libsbml
import numpy as np
import pytest

from models.engines.sbml_engines import simulate
from models.export.ids import dose_id
from models.simulation.simulator import Simulator
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.export.compare_courses import OURS, difference
from rewire.export.proven_sbml import export_sbml, report_path
from rewire.export.request import ExportOrder, content, created, fill
from rewire.export.sbml.parameter_sets import export_sets, parameter_set
from rewire.project.members import load_members, read_members, shipped
from rewire.project.project import load_project

ENGINES = ("roadrunner", "COPASI")
DAY = "2026-01-31"


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untreated cells at rest."""
    path = tmp_path_factory.mktemp("resting") / "mef.xml"
    export_sbml(path, "mef", member=0, created=DAY, verify=False)
    return path


def ours(treat: list[str], genes: list[str], times: list[float], **plain: object):
    world = load_project()
    arm = read_arm(world, "mef", treat, genes, **plain)
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)
    values = load_members(world, None, None).values[0]
    return bench.run({arm: times}, values, OURS, 10 * OURS)[arm]


# --- the command ------------------------------------------------------------------------------------------
def test_the_file_is_proven_and_the_proof_stored(rewire, tmp_path: Path):
    path = tmp_path / "mef.xml"
    treat = ("--treat", "BEZ235=300 nM", "--treat", "reparixin=1 uM@2 h")
    said = rewire("export", "sbml", "mef", *treat, "--out", path, "--created", DAY, "--json")
    answer = json.loads(said.out)
    assert said.status == 0 and answer["records"][0]["events"] == 1
    stored = json.loads(report_path(path).read_text())
    assert stored == answer["verification"] and stored["agrees"]
    assert {run["engine"].split()[0] for run in stored["engines"]} == set(ENGINES)
    assert all(0.0 < run["difference"] <= 1e-5 for run in stored["engines"])
    assert stored["observables"] == len(load_project().built.observables)


def test_words_of_the_command_line(rewire, tmp_path: Path):
    path = tmp_path / "a.xml"
    args = ("--context", "mcf7", "--member", "median", "--initial-amounts", "--no-verify", "--created", DAY)
    said = rewire("export", "sbml", *args, "--gene", "AKT=knock-out", "--out", path, "--json")
    assert said.status == 0 and not report_path(path).exists()
    document = libsbml.readSBMLFromFile(str(path))
    model = document.getModel()
    assert model.getId() == "mcf7" and f'created="{DAY}"' in model.getAnnotationString()
    assert model.getParameter("AKT_copies").getValue() == 0.0
    assert model.getInitialAssignmentBySymbol("SOCS") is not None  # unsettled: from its start parameter


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("mcf8",), "Did you mean 'mcf7'?"),
        (("mcf7", "--member", "first"), "best, median, 0 to"),
        (("mcf7", "--member", "-1"), "best, median, 0 to"),
        (("mcf7", "--created", "31.1.2026"), "2026-01-31"),
        (("mcf7", "--created", "2026-02-31"), "2026-01-31"),
        (("mcf7", "--treat", "rapamicin=20 nM"), "Did you mean 'rapamycin'?"),
        (("mcf7", "--treat", "rapamycin=20"), "no unit"),
        (("mcf7", "--context", "mcf7"), "name the cells once"),
        ((), "name the cells"),
        (("all", "--treat", "rapamycin=20 nM"), "does not go with 'all'"),
    ],
)
def test_misuse_is_said_and_nothing_is_written(rewire, tmp_path: Path, args, word: str):
    said = rewire("export", "sbml", *args, "--out", tmp_path / "a.xml", "--no-verify")
    assert said.status == 2 and word in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_misuse(rewire):
    said = rewire("export", "sbmll", "mcf7")
    assert said.status == 2 and "sbml" in said.err


def test_a_file_that_exists_is_left_alone(rewire, tmp_path: Path):
    path = tmp_path / "a.xml"
    path.write_text("mine")
    said = rewire("export", "sbml", "mef", "--out", path, "--no-verify")
    assert said.status == 2 and "exists already" in said.err and path.read_text() == "mine"
    assert rewire("export", "sbml", "mef", "--out", path, "--no-verify", "--force").status == 0
    assert path.read_text().startswith("<?xml")
    assert rewire("export", "sbml", "mef", "--out", tmp_path / "no" / "a.xml").status == 2


def test_what_does_not_agree_is_not_written(rewire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def off(engine, path, times, names, values=None):
        return np.zeros((len(times), len(names))), engine

    monkeypatch.setattr("rewire.export.compare_courses.simulate", off)
    said = rewire("export", "sbml", "mef", "--out", tmp_path / "a.xml")
    assert said.status == 1 and "Not written" in said.out
    assert list(tmp_path.iterdir()) == []


# --- what is in it ----------------------------------------------------------------------------------------
def test_equal_orders_give_equal_files(resting: Path, tmp_path: Path):
    again = tmp_path / "mef.xml"
    export_sbml(again, "mef", member=0, created=DAY, verify=False)
    assert again.read_text() == resting.read_text()


def test_the_date_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert created("") == "1970-01-02" and created(DAY) == DAY


def test_best_and_median_are_members():
    held = [origin.hold for origin in read_members(shipped()).origins]
    best, median = fill(ExportOrder("mef")), fill(ExportOrder("mef", member="median"))
    assert held[best.member] == max(held)
    apart = np.linalg.norm(median.members.z - median.members.z[median.member], axis=1)
    others = [np.linalg.norm(median.members.z - z, axis=1).sum() for z in median.members.z]
    assert apart.sum() == pytest.approx(min(others))


def test_a_schedule_before_zero_moves_the_clock():
    filled = fill(
        ExportOrder("mef", ("rapamycin=20 nM@-30 min..6 h", "insulin=100 nM"), plain={"starve": "16 h"})
    )
    made = content(filled)
    assert filled.start_s == -57600.0 and made.doses == {}
    first, second, third = made.changes
    assert first.time_s == 57600.0 - 1800.0 and first.parameters == {"rapamycin_nM": 20.0}
    assert second.time_s == 57600.0 and second.parameters == {"insulin_nM": 100.0}
    assert second.amounts == {"CXCL8()": 0.0}  # the medium is renewed
    assert third.time_s == 57600.0 + 21600.0 and third.parameters == {"rapamycin_nM": 0.0}


def test_what_is_there_from_zero_needs_no_event():
    made = content(fill(ExportOrder("mef", ("BEZ235=300 nM",))))
    assert made.doses == {"BEZ235": 300.0} and not made.changes
    assert made.amounts is not None and made.amounts["CXCL8()"] == 0.0


# --- set in another tool ----------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", ENGINES)
def test_doses_and_ligands_are_set_by_their_own_parameter(resting: Path, engine: str):
    times = [60.0, 3600.0, 86400.0]
    done = ours(["BEZ235=300 nM", "EGF=1 nM"], [], times)
    serum = load_project().media[load_project().contexts["mef"].medium].levels["EGF"]
    values = {"BEZ235_nM": 300.0, "EGF_nM": serum + 1.0}
    theirs, _ = simulate(engine, resting, times, done.names, values)
    untreated, _ = simulate(engine, resting, times, done.names)
    assert difference(done.copies[1:], theirs)[0] < 1e-5
    assert difference(done.copies[1:], untreated)[0] > 0.1


@pytest.mark.parametrize("engine", ENGINES)
def test_abundances_are_set_by_their_own_parameter(resting: Path, engine: str):
    """Start amounts are initial assignments of the abundances, and those win over the amounts in the file."""
    done = ours([], ["AKT=x2", "IRS1=x3", "S6K=x0.5"], [0.0], renew_medium=False)
    document = libsbml.readSBMLFromFile(str(resting))
    model = document.getModel()
    factors = {"AKT_copies": 2.0, "IRS1_copies": 3.0, "RPS6KB1_copies": 0.5}
    values = {name: factor * model.getParameter(name).getValue() for name, factor in factors.items()}
    total, _ = simulate(engine, resting, [1e-3], ["tAKT", "tS6K"], values)
    assert total[0] == pytest.approx([values["AKT_copies"], values["RPS6KB1_copies"]], rel=1e-9)
    settled, _ = simulate(engine, resting, [3e8], done.names, values)
    assert difference(done.copies, settled)[0] < 1e-5


def test_parameter_sets_fit_the_file(tmp_path: Path, rewire, monkeypatch: pytest.MonkeyPatch):
    world = load_project()
    monkeypatch.setattr("rewire.export.sbml.parameter_sets.load_project", lambda *_: world)
    path = tmp_path / "cells.xml"
    said = rewire("export", "sbml", "all", "--out", path, "--no-verify", "--created", DAY, "--json")
    record = json.loads(said.out)["records"][0]
    assert said.status == 0
    rows = list(csv.DictReader((tmp_path / "cells.sets.csv").read_text().splitlines()))
    members = len(load_members(world, None, None))
    assert record["sets"] == len(rows) == members * len(world.contexts)
    document = libsbml.readSBMLFromFile(str(path))
    model = document.getModel()
    for name in set(rows[0]) - {"context", "member"}:
        assert model.getParameter(name).getConstant(), name
    row = next(r for r in rows if r["context"] == "mcf7" and r["member"] == "1")
    filled = fill(ExportOrder("mcf7", member="1"))
    assert float(row["akt_undocks_kcat"]) == filled.values["akt_undocks_kcat"]
    assert float(row["IRS1_copies"]) == filled.values["mcf7.IRS1_copies"]
    assert float(row["PIK3CA_mutant"]) == 1.0 and float(row[dose_id("MK-2206")]) == 0.0
    assert parameter_set(filled) == pytest.approx(
        {n: float(v) for n, v in row.items() if n in parameter_set(filled)}
    )


@pytest.mark.slow
def test_a_parameter_set_makes_the_cells(tmp_path: Path):
    done = export_sets(tmp_path / "cells.xml", created=DAY)
    assert done.ok and done.verification is not None
    assert {a.engine.split()[0] for a in done.verification.agreements} == set(ENGINES)
