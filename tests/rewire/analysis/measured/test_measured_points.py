"""Measured points beside findings: told, fitted, off by default, and no finding is touched by them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.objective import build
from calibration.objective.measured.measurements import Fitted, MeasuredObservable, Measurement, Measurements
from calibration.objective.problem import Task
from models.treatments.arm import Arm
from models.treatments.schedule import Segment
from rewire.analysis.check.check import check
from rewire.analysis.measured.measured_points import MeasuredFit, correlation, flat

ROOT = Path(__file__).parents[4]
BLOTS = ROOT.parent / "shared" / "data" / "pasmopy_breast"

TOML = """
format = "measurements/1"
title = "made up"
source = "this test"
[table]
file = "points.csv"
unit = "h"
[observable.s6k]
observableFormula = "observableParameter1_s6k * pS6K_T389"
observableTransformation = "log"
noiseFormula = 0.2
[condition.rapamycin]
context = "mef"
grown_in = "serum"
rapamycin = "20 nM"
[condition.starved]
context = "hek293"
starve = "2 h"
insulin = "10 nM"
"""
POINTS = """observableId,simulationConditionId,time,measurement,observableParameters
s6k,rapamycin,0,100,one
s6k,rapamycin,0.5,30,one
s6k,rapamycin,2,10,one
s6k,starved,0,4,two
s6k,starved,1,8,two
"""


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """A folder with five points of cells that are partly those of the findings."""
    folder = tmp_path / "points"
    folder.mkdir()
    (folder / "measurements.toml").write_text(TOML)
    (folder / "points.csv").write_text(POINTS)
    return folder


def test_without_points_there_are_none(rewire, findings: Path, points: Path):
    """Records of findings are the same to the last digit; nothing else appears where it was not asked for."""
    plain = json.loads(rewire("check", "--findings", findings, "--members", "2", "--json").out)
    said = rewire("check", "--findings", findings, "--members", "2", "--measurements", points, "--json")
    beside = json.loads(said.out)
    assert beside["records"] == plain["records"] and "measurements" not in plain
    told = beside["measurements"]
    assert told["points"] == 5 and [r["context"] for r in told["records"]] == ["mef", "hek293"]
    assert told["records"][0]["scale"].keys() == {"one"} and told["rmse"]["median"] > 0.0


def test_they_are_told_below_the_findings(rewire, findings: Path, points: Path):
    said = rewire("check", "mef", "--findings", findings, "--members", "2", "--measurements", points)
    assert said.status == 0 and "made up (this test)" in said.out
    assert "all 3 points: RMSE" in said.out and "hek293" not in said.out


@pytest.mark.parametrize("shared", [False, True])
def test_terms_of_findings_are_those_without_points(findings: Path, points: Path, shared: bool):
    """To the bit where no treatment is both; else as near as a fit, for it is sampled at more times."""
    if not shared:
        rows = [row for row in POINTS.splitlines(keepends=True) if "rapamycin" not in row]
        (points / "points.csv").write_text("".join(rows))
    folder = [str(findings)]
    plain, beside = build.make(findings=folder), build.make(findings=folder, measurements=str(points))
    assert plain.measured is None and plain.point_rows == slice(plain.n_terms, plain.n_terms)
    names = plain.space.names
    assert set(names) <= set(beside.space.names)
    at = [beside.space.names.index(name) for name in names]
    z = np.zeros(beside.n)
    z[at] = np.random.default_rng(1).standard_normal(len(names))
    a, b = plain.evaluate_task(Task(z[at])).terms, beside.evaluate_task(Task(z)).terms
    for left, right in zip(plain.rows, beside.rows, strict=True):
        assert a[left] == pytest.approx(b[right], rel=1e-3 if shared else 0.0, abs=0.0)
    assert np.isfinite(b[beside.point_rows]).all() and beside.point_rows.stop == beside.n_terms
    assert plain.holds(a).tolist() == beside.holds(b).tolist()


def test_a_scope_of_the_real_model_gives_the_same(findings: Path, points: Path):
    e = build.make(findings=[str(findings)], measurements=str(points))
    assert ("context", "hek293") in e.scopes  # its abundances are free, though no finding asks about it
    base = 0.3 * np.random.default_rng(3).standard_normal(e.n)
    for scope in sorted(set(e.scopes)):
        moved = base.copy()
        moved[e.scopes.index(scope)] += 0.1
        near = e.evaluate_task(Task(moved, base if scope[0] != "shared" else None, scope))
        assert np.array_equal(near.terms, e.evaluate_task(Task(moved)).terms)


@pytest.mark.slow
def test_a_calibration_fits_them_beside_the_findings(rewire, findings: Path, points: Path, tmp_path: Path):
    out = tmp_path / "run"
    args = ("--findings", findings, "--workers", "1", "--evaluations", "60")
    said = rewire("calibrate", *args, "--measurements", points, "--out", out, "--json")
    answer = json.loads(said.out)
    assert said.status == 0 and "5 measured points" in said.err
    assert {r["id"]: r["verdict"] for r in answer["records"]}["S19_s6k_falls"] == "holds"
    assert answer["measurements"]["points"] == 5
    assert json.loads((out / "run.json").read_text())["options"]["measurements"] == str(points.resolve())

    alone = rewire("calibrate", *args, "--out", tmp_path / "alone", "--json")
    assert "measurements" not in json.loads(alone.out)
    assert "measurements" not in json.loads((tmp_path / "alone" / "run.json").read_text())["options"]

    again = rewire("calibrate", "--resume", out, "--evaluations", "5", "--workers", "1", "--json")
    assert json.loads(again.out)["measurements"]["points"] == 5
    (points / "points.csv").write_text(POINTS.replace("100", "101"))
    refused = rewire("calibrate", "--resume", out, "--evaluations", "5", "--workers", "1")
    assert refused.status == 2 and "have changed since" in refused.err


def test_mistakes_are_said(rewire, findings: Path, points: Path):
    (points / "points.csv").write_text(POINTS.replace("starved,1,8", "starved,-1,8"))
    said = rewire("check", "--findings", findings, "--measurements", points)
    assert said.status == 2 and "points.csv: line 6: time is '-1'" in said.err and said.out == ""
    model = ROOT / "examples" / "raf_inhibitor" / "model.bngl"
    said = rewire("calibrate", "--model", model, "--findings", findings, "--measurements", points)
    assert said.status == 2 and ".exp" in said.err


def made(predicted: list[float], log: bool) -> tuple[Measurements, Fitted]:
    arm = Arm("a", "mef", "serum", True, (), (Segment(0.0, "serum"),))
    what = MeasuredObservable("x", "pERK", log=log, scaled=True)
    values, groups = (1.0, 2.0, 4.0, 100.0, 200.0, 400.0), "aaabbb"
    points = [Measurement(what, "a", arm, 60.0 * i, values[i], 0.5, group) for i, group in enumerate(groups)]
    nothing = np.zeros(6)
    return Measurements(tuple(points)), Fitted(np.array(predicted), nothing, nothing[:2], nothing[:2])


@pytest.mark.parametrize("log", [True, False])
def test_correlation_is_within_a_scale(log: bool):
    rows = range(6)
    data, same = made([1, 2, 4, 100, 200, 400], log)
    assert correlation(data, same, rows) == pytest.approx(1.0)
    data, against = made([4, 2, 1, 400, 200, 100], log)  # blots apart as measured, courses upside down
    assert correlation(data, against, rows) < -0.7
    data, still = made([3, 3, 3, 300, 300, 300], log)
    assert np.isnan(correlation(data, still, rows))
    if log:
        assert flat(data, rows) == pytest.approx(np.log(2) / 0.5 * np.sqrt(2 / 3))


def test_a_failed_member_is_counted():
    data, fit = made([1, 2, 4, 100, 200, 400], True)
    lost = Fitted(np.full(6, np.nan), np.full(6, np.nan), np.full(2, np.nan), np.full(2, np.nan))
    told = MeasuredFit(data, (fit, lost))
    (record,) = told.records()
    assert record["unknown"] == 6 and record["rmse"].median == 0.0
    assert any("6 readings could not be simulated" in line for line in told.table("check").footer)


@pytest.mark.slow
@pytest.mark.skipif(not BLOTS.exists(), reason=f"{BLOTS} is not there")
def test_the_western_blots_beside_the_shipped_ensemble():
    done = check(["mcf7"], ["S07"], members=2, measurements=BLOTS)
    assert done.measured is not None and {r["context"] for r in done.measured.records()} == {"mcf7"}
    told = MeasuredFit(done.measured.data, done.measured.fits).record()
    assert told["points"] == 360 and all(r["unknown"] == 0 for r in told["records"])
    assert [s.margin for s in done.summaries] == [
        s.margin for s in check(["mcf7"], ["S07"], members=2).summaries
    ]
