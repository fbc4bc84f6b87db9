"""kill -9 at any moment: the run goes on and ends as the one that was never stopped, bit for bit."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
KILLER = Path(__file__).with_name("kill.py")
OWN = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def arrays(folder: Path) -> dict[str, bytes]:
    """What the last checkpoint holds; seconds and the JSON that has them are compared as tables."""
    with np.load(folder / "state.npz", allow_pickle=False) as kept:
        return {name: kept[name].tobytes() for name in kept.files if name != "plain"}


def rows(path: Path) -> list[dict[str, str]]:
    """A table without the one column that is a matter of the day."""
    with path.open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def same(one: Path, other: Path) -> bool:
    tables = [name for name in ("trace.csv", "members.csv") if (one / name).exists()]
    return arrays(one) == arrays(other) and all(rows(one / name) == rows(other / name) for name in tables)


def killed(folder: Path, method: str, kind: str, seed: int) -> int:
    """A run that is killed until it gets through; how often it was."""
    call = [sys.executable, str(KILLER), str(folder), method, kind, str(seed)]
    done = subprocess.run(call, env=os.environ | OWN, cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run by each method that was never stopped."""
    folders = {method: tmp_path_factory.mktemp("whole") / method for method in ("gn", "slopes", "cma")}
    for method, folder in folders.items():
        assert killed(folder, method, "never", 0) == 0
    return folders


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "kind", "least"),
    [
        ("gn", "time", 20),
        ("gn", "file", 15),
        ("gn", "half", 10),
        ("slopes", "time", 15),
        ("slopes", "file", 10),
        ("cma", "time", 6),
        ("cma", "file", 5),
    ],
)
def test_killed_again_and_again_it_ends_the_same(tmp_path: Path, whole, method: str, kind: str, least: int):
    kills = seed = 0
    while kills < least:
        folder = tmp_path / f"{seed}"
        kills += killed(folder, method, kind, seed)
        assert same(folder, whole[method])
        assert not list(folder.glob(".part-*"))
        seed += 1


def rewire(*args: object) -> subprocess.Popen[str]:
    """The command line, in a process that may be killed."""
    call = [sys.executable, "-m", "rewire", "calibrate", "--workers", "1", *map(str, args)]
    return subprocess.Popen(
        call, cwd=ROOT, env=os.environ | OWN, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


FEW = """
format = "findings/1"
source = { citation = "A paper, 2000", where = "abstract" }
context = "mef"
grown_in = "serum"
[arm.vehicle]
[arm.rapamycin]
rapamycin = "20 nM"

[[finding]]
id = "S19_s6k_falls"
row = "S19"
says = "Rapamycin shuts off S6K."
kind = "ratio"
observable = "pS6K_T389"
of = { arm = "rapamycin", at = "2 h" }
to = { arm = "vehicle", at = "2 h" }
at_most = 0.1
trust = "strong"
use = "fit"

[[finding]]
id = "X99_erk_vanishes"
row = "X99"
says = "Rapamycin abolishes ERK phosphorylation (it does not, so the search does not end)."
kind = "ratio"
observable = "pERK"
of = { arm = "rapamycin", at = "2 h" }
to = { arm = "vehicle", at = "2 h" }
at_most = 0.1
trust = "weak"
use = "fit"
"""


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    folder = tmp_path / "findings"
    folder.mkdir()
    (folder / "paper_2000.toml").write_text(FEW)
    return folder


@pytest.mark.slow
def test_the_model_itself_killed_at_random_moments_ends_the_same(tmp_path: Path, findings: Path):
    begin = ("--findings", findings, "--evaluations", "1500", "--seed", "3", "--out")
    straight = rewire(*begin, tmp_path / "whole")
    began = time.monotonic()
    _, err = straight.communicate(timeout=170)
    took = time.monotonic() - began
    assert straight.returncode == 0, err
    rng, folder, kills = np.random.default_rng(0), tmp_path / "run", 0
    end = time.monotonic() + 120.0
    while True:
        again = ("--resume", folder) if (folder / "run.json").exists() else (*begin, folder)
        child = rewire(*again)
        try:
            patience = rng.uniform(0.2, 1.0) * took if kills < 8 and time.monotonic() < end else 170.0
            _, err = child.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            kills += 1
            continue
        assert child.returncode == 0, err
        break
    assert kills >= 3
    assert same(folder, tmp_path / "whole")
    for name in ("members.csv", "prior.json"):
        ours, theirs = (place / "ensemble" / name for place in (folder, tmp_path / "whole"))
        assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 130)])
def test_a_background_job_stops_cleanly(tmp_path: Path, findings: Path, number: int, status: int):
    """A shell without job control starts background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = rewire("--findings", findings, "--minutes", "2", "--out", tmp_path / "run")
    finally:
        signal.signal(signal.SIGINT, before)
    end = time.monotonic() + 60.0
    while not (tmp_path / "run" / "state.npz").exists() and time.monotonic() < end:
        time.sleep(0.1)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert child.returncode == status and "Traceback" not in err
    with np.load(tmp_path / "run" / "state.npz", allow_pickle=False) as kept:
        assert "plain" in kept.files
    assert number != signal.SIGTERM or "--resume" in err
