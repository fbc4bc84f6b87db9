"""A calibration from start to end on one finding, resumed, and refused where it must be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration.storage.ensemble import Ensemble
from rewire.analysis.fit.calibrate import fresh_folder


def test_from_start_to_end(rewire, findings: Path, tmp_path: Path):
    out = tmp_path / "run"
    args = ("--findings", findings, "--workers", "1")
    said = rewire("calibrate", *args, "--evaluations", "30", "--out", out, "--json")
    answer = json.loads(said.out)
    assert said.status == 0 and answer["schema"] == "rewire.run/1"
    assert "1 fit findings" in said.err and "Ctrl-C" in said.err
    by_id = {r["id"]: r for r in answer["records"]}
    assert by_id["S19_s6k_falls"]["verdict"] == "holds" and by_id["S19_s6k_falls"]["prior_held"] is not None
    assert "S19_s6k_falls" in (out / "report.html").read_text()
    assert len(Ensemble.load(out / "ensemble")) == answer["members"]

    again = json.loads(
        rewire("calibrate", "--resume", out, "--evaluations", "9", "--workers", "1", "--json").out
    )
    assert again["evaluations"] > answer["evaluations"]
    refused = rewire("calibrate", *args, "--evaluations", "9", "--out", out)
    assert refused.status == 2 and "exists already" in refused.err

    path = findings / "paper_2000.toml"
    path.write_text(path.read_text().replace("at_most = 0.5", "at_most = 0.4"))
    assert rewire("calibrate", "--resume", out).status == 2


def test_starts_go_side_by_side_and_on(rewire, findings: Path, tmp_path: Path):
    out = tmp_path / "run"
    args = ("--findings", findings, "--workers", "1", "--lanes", "2")
    said = rewire("calibrate", *args, "--evaluations", "20", "--out", out, "--json")
    assert said.status == 0 and json.loads(said.out)["members"] >= 2
    assert json.loads((out / "run.json").read_text())["options"]["lanes"] == 2
    again = rewire("calibrate", "--resume", out, "--evaluations", "9", "--workers", "1", "--json")
    assert again.status == 0
    about = json.loads((out / "run.json").read_text())
    about["options"]["lanes"] = "many"
    (out / "run.json").write_text(json.dumps(about))
    refused = rewire("calibrate", "--resume", out, "--evaluations", "9")
    assert refused.status == 2 and "options.lanes" in refused.err and "many" in refused.err
    cma = rewire("calibrate", *args, "--method", "cma")
    assert cma.status == 2 and "--method gn" in cma.err


@pytest.mark.parametrize("content", ["", "{", '{"format": "other/1"}', "[]"])
def test_a_foreign_folder_is_refused(rewire, tmp_path: Path, content: str):
    (tmp_path / "run.json").write_text(content)
    said = rewire("calibrate", "--resume", tmp_path)
    assert said.status == 2 and "run.json" in said.err and "Traceback" not in said.err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["run.json"]


def test_fresh_folders_differ(tmp_path: Path):
    first = fresh_folder(tmp_path)
    first.mkdir()
    assert fresh_folder(tmp_path) != first
