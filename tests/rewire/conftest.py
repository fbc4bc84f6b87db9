"""The command line in this process, and findings that are quick to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from calibration.storage.ensemble import Ensemble, MemberOrigin
from rewire.cli.main import run
from rewire.project.members import fitted_space
from rewire.project.project import load_project

ONE = """
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
at_most = 0.5
trust = "strong"
use = "fit"

[[finding]]
id = "X99_erk_vanishes"
row = "X99"
says = "Rapamycin abolishes ERK phosphorylation (it does not)."
kind = "ratio"
observable = "pERK"
of = { arm = "rapamycin", at = "2 h" }
to = { arm = "vehicle", at = "2 h" }
at_most = 0.01
trust = "weak"
use = "validation"
"""


@dataclass(frozen=True)
class Said:
    """What a command said."""

    status: int
    out: str
    err: str


Rewire = Callable[..., Said]


@pytest.fixture
def rewire(capsys: pytest.CaptureFixture[str]) -> Rewire:
    """Run a command line here: `rewire("list", "drugs").out`."""

    def call(*args: object) -> Said:
        with pytest.raises(SystemExit) as left:
            run([str(arg) for arg in args])
        seen = capsys.readouterr()
        return Said(int(left.value.code or 0), seen.out, seen.err)

    return call


@pytest.fixture
def write_ensemble() -> Callable[..., Path]:
    """Write 30 prior draws as an ensemble: with a rate renamed, or without the first `drop` parameters."""

    def write(folder: Path, rename: str = "", drop: int = 0) -> Path:
        space = fitted_space(load_project())
        names = tuple("old_rate_kcat" if name == rename else name for name in space.names)[drop:]
        z = np.random.default_rng(0).standard_normal((30, len(names)))
        centre, sd = space.centre_log10[drop:], space.sd[drop:]
        origins = tuple(MemberOrigin(1, i, 10, 10, 1.0, 1.0) for i in range(30))
        Ensemble(names, centre + sd * z, centre, sd, origins, {}).save(folder)
        return folder

    return write


@pytest.fixture
def ensemble(tmp_path: Path, write_ensemble: Callable[..., Path]) -> Path:
    """An ensemble of 30 prior draws."""
    return write_ensemble(tmp_path / "ensemble")


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a finding that holds and one that cannot, whatever untreated cells look like."""
    anything = tmp_path / "plausible.toml"
    anything.write_text('format = "plausible/1"\nuntil = "1 h"\ndrift = 1.0\n')
    monkeypatch.setattr("calibration.objective.build.PLAUSIBLE", anything)
    folder = tmp_path / "findings"
    folder.mkdir()
    (folder / "paper_2000.toml").write_text(ONE)
    return folder
