"""`rewire calibrate`: what goes on, what is refused, and where the work is done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.core.locks import Lock
from tests.rewire.conftest import Rewire

ROOT = Path(__file__).parents[3]


@pytest.fixture
def finished(rewire, findings: Path, tmp_path: Path) -> Path:
    """A run of 30 evaluations."""
    out = tmp_path / "run"
    args = ("--findings", findings, "--workers", "1", "--evaluations", "30", "--out", out)
    assert rewire("calibrate", *args).status == 0
    return out


def ensemble(folder: Path) -> bytes:
    return (folder / "ensemble" / "members.csv").read_bytes()


def test_a_finished_run_goes_on_to_nothing_and_writes_its_report_again(rewire, finished: Path):
    before, trace = ensemble(finished), (finished / "trace.csv").read_bytes()
    (finished / "report.html").unlink()
    (finished / "ensemble" / "ensemble.json").unlink()  # as where it was killed while it was writing
    said = rewire("calibrate", "--resume", finished, "--workers", "1")
    assert said.status == 0, said.err
    assert ensemble(finished) == before and (finished / "trace.csv").read_bytes() == trace
    assert (finished / "report.html").exists()


def test_more_is_counted_from_where_it_stands(rewire, finished: Path):
    budget = json.loads((finished / "run.json").read_text())["budget"]
    assert budget["evaluations"] == 30.0
    said = rewire("calibrate", "--resume", finished, "--evaluations", "9", "--workers", "1", "--json")
    assert json.loads(said.out)["evaluations"] >= 39.0
    assert json.loads((finished / "run.json").read_text())["budget"]["evaluations"] >= 39.0


def test_two_processes_in_one_folder(rewire, finished: Path):
    held = Lock(finished)
    said = rewire("calibrate", "--resume", finished)
    assert said.status == 2 and "another process works in this run folder" in said.err
    held.close()


def test_another_engine_is_refused_and_taken_on_request(rewire, finished: Path):
    about = json.loads((finished / "run.json").read_text())
    about["environment"]["numbers"]["versions"]["bngsim"] = "0.1"
    (finished / "run.json").write_text(json.dumps(about))
    said = rewire("calibrate", "--resume", finished)
    assert said.status == 2 and "bngsim was 0.1" in said.err and "--accept-changes" in said.err
    assert rewire("calibrate", "--resume", finished, "--accept-changes", "--workers", "1").status == 0
    assert "bngsim" in json.loads((finished / "run.json").read_text())["changes"][0]["what"][0]


def test_a_run_whose_budget_is_not_known_asks_for_one(rewire, finished: Path):
    about = json.loads((finished / "run.json").read_text())
    del about["budget"]
    (finished / "run.json").write_text(json.dumps(about))
    said = rewire("calibrate", "--resume", finished)
    assert said.status == 2 and "--minutes or --evaluations" in said.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--accept-changes",), "goes with --resume"),
        (("--scheduler", "tcp://head:8786"), "tls://"),
        (("--scheduler", "tls://head:8786"), "no certificates are named"),
        (("--scheduler", "head"), "allowed"),
    ],
)
def test_misuse_is_said_before_anything_is_written(rewire, findings: Path, tmp_path: Path, args, words: str):
    said = rewire("calibrate", "--findings", findings, "--out", tmp_path / "new", *args)
    assert said.status == 2 and words in said.err and "Traceback" not in said.err
    assert not (tmp_path / "new").exists()


def test_a_disk_that_is_full_at_the_first_file(rewire, findings: Path, tmp_path: Path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.core.files.os.fsync", full)
    said = rewire("calibrate", "--findings", findings, "--out", tmp_path / "new", "--evaluations", "30")
    assert said.status == 2 and "No space left on device" in said.err and "Make room" in said.err
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["lock"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_model_gives_the_same_bits_wherever_it_is_evaluated(findings: Path, tmp_path: Path):
    """One process, two, and the workers of a scheduler: each builds the model for itself."""
    import distributed

    def calibrated(name: str, *args: str) -> dict[str, bytes]:
        call = [sys.executable, "-m", "rewire", "calibrate", "--findings", str(findings), *args]
        call += ["--evaluations", "150", "--seed", "3", "--out", str(tmp_path / name)]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=170)
        assert done.returncode == 0, done.stderr
        with np.load(tmp_path / name / "state.npz", allow_pickle=False) as kept:
            arrays = {key: kept[key].tobytes() for key in kept.files if key != "plain"}
        return arrays | {"members": ensemble(tmp_path / name)}

    one = calibrated("one", "--workers", "1")
    assert calibrated("two", "--workers", "2") == one
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        assert calibrated("far", "--scheduler", made.scheduler_address, "--workers", "2") == one


def test_frozen_findings_are_never_fitted(rewire: Rewire, findings: Path, tmp_path: Path):
    """A fit to a folder with a frozen row is refused with its id; `check` scores it apart."""
    paper = findings / "paper_2000.toml"
    paper.write_text(paper.read_text().replace('use = "validation"', 'use = "frozen"'))
    said = rewire("calibrate", "--findings", findings, "--out", tmp_path / "run", "--evaluations", 1)
    assert said.status == 2 and "X99_erk_vanishes" in said.err and "frozen" in said.err
    assert not (tmp_path / "run").exists()
    assert (
        "frozen findings hold (never fitted, never used for a choice): 0 of 1"
        in rewire("check", "--findings", findings, "--members", 1).out
    )
