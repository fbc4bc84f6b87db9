"""Simulating with an ensemble: band, table, files, picture, SBML."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rewire.analysis.simulate.ensemble_band import bands, read_arm, simulate
from rewire.analysis.simulate.seed_courses import COURSES, table_of
from rewire.project.members import Members, fitted_space
from rewire.project.project import load_project


@pytest.fixture(scope="module")
def three() -> Members:
    """Three members next to the first guesses."""
    space = fitted_space(load_project())
    z = 0.2 * np.random.default_rng(0).standard_normal((3, len(space)))
    return Members("three", space, z, None, {})


def test_the_band_has_members_times_and_observables(three: Members):
    world = load_project()
    arm = read_arm(world, "mef", ["rapamycin=20 nM"])
    times = np.array([0.0, 3600.0, 7200.0])
    band = bands(world, three, [arm], times, ("pS6K_T389", "tAKT"))[arm]
    assert band.copies.shape == (3, 3, 2) and band.failures == ()
    low, middle, high = band.spread()
    assert np.all(low <= middle) and np.all(middle <= high) and np.any(low < high)
    assert np.all(band.of("pS6K_T389")[:, -1] < 0.5 * band.of("pS6K_T389")[:, 0])
    assert table_of(band, None).records[0]["tAKT"]["median"] == pytest.approx(1.5e5, rel=1e-3)


def test_a_treatment_changes_what_follows_and_not_what_was():
    early = simulate("mef", [], "4 h", ["pS6K_T389"], points=9)
    late = simulate("mef", ["rapamycin=20 nM@2 h"], "4 h", ["pS6K_T389"], points=9)
    assert late.of("pS6K_T389")[0, :5] == pytest.approx(early.of("pS6K_T389")[0, :5], rel=1e-5)
    assert late.of("pS6K_T389")[0, -1] < 0.5 * early.of("pS6K_T389")[0, -1]


def test_files_hold_every_member(rewire, tmp_path: Path):
    for name in ("a.csv", "a.parquet"):
        args = ("--until", "1h", "--observable", "pERK", "--members", "2", "--out", tmp_path / name)
        said = rewire("simulate", "mef", *args, "--json")
        assert said.status == 0 and "written" in said.err
        answer = json.loads(said.out)
    csv, parquet = pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "a.parquet")
    assert list(csv.columns) == ["member", "time_h", "pERK"]
    pd.testing.assert_frame_equal(csv, parquet, rtol=1e-12)
    assert len(csv) == answer["members"] * len(answer["records"]) and answer["units"] == {
        "pERK": "copies/cell"
    }


def test_a_picture(rewire, tmp_path: Path):
    path = tmp_path / "a.png"
    assert rewire("simulate", "mef", "--until", "1h", "--observable", "pERK", "--plot", path).status == 0
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("option", ["--plot", "--out"])
def test_an_unknown_ending_is_misuse(rewire, tmp_path: Path, option: str):
    said = rewire("simulate", "mef", "--until", "1h", option, tmp_path / "a.docx")
    assert said.status == 2 and ".docx" in said.err


def test_sbml(rewire, tmp_path: Path):
    path = tmp_path / "mef.xml"
    said = rewire("export", "sbml", "mef", "--treat", "rapamycin=20 nM", "--out", path, "--json")
    record = json.loads(said.out)["records"][0]
    assert said.status == 0 and record["species"] > 50
    load = re.search(r'id="load_FKBP12" value="([^"]+)"', path.read_text())
    # 20 nM over a Kd of 0.2 nM, which the member shifts by at most three widths of its prior.
    assert load and 100 / 8 < float(load[1]) < 100 * 8


def test_the_courses_of_the_report_can_be_read():
    world = load_project()
    for course in COURSES:
        assert set(course.observables) <= set(world.built.observables)
        for treat in course.arms.values():
            assert read_arm(world, course.context, treat).context == course.context
