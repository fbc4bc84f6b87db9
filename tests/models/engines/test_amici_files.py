"""AMICI in an environment of its own: what is said where it is none, and that files differ in values only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from models.core.isolated import EngineFailure
from models.engines.amici_files import simulate_all
from models.engines.in_amici import values
from models.export.sbml.document import sbml
from rewire.export.notes import about
from rewire.export.request import ExportOrder, content, fill
from rewire.export.verify.verify_all import verify_all

TREAT = ("rapamycin=20 nM@1 h", "EGF=5 nM@2 h..3 h")


def written(folder: Path, context: str, member: str) -> Path:
    filled = fill(ExportOrder(context, TREAT, member=member, created="2026-01-31"))
    path = folder / f"{context}-{member}.xml"
    path.write_text(sbml(content(filled), about(filled)), encoding="utf-8")
    return path


def test_a_python_without_amici_is_an_engine_that_failed(tmp_path: Path):
    path = written(tmp_path, "mef", "0")
    with pytest.raises(EngineFailure, match="No module named 'amici'"):
        simulate_all(sys.executable, [path], [1.0], ["pAKT_S473"])
    with pytest.raises(EngineFailure, match="No such file"):
        simulate_all(str(tmp_path / "python"), [path], [1.0], ["pAKT_S473"])


def test_values_of_a_file_are_its_own(tmp_path: Path):
    filled = fill(ExportOrder("mef", TREAT, member="1", created="2026-01-31"))
    found = values(str(written(tmp_path, "mef", "1")))
    held = content(filled)
    rates = {name: value for name, value in held.values.items() if name in found}
    assert len(rates) > 150 and all(found[name] == pytest.approx(value) for name, value in rates.items())
    amounts = sorted(held.amounts.values())[-20:]  # the largest; start amounts that follow an abundance, too
    assert np.isin(np.round(amounts, 3), np.round([*found.values()], 3)).all()


@pytest.mark.slow
@pytest.mark.skipif("REWIRE_AMICI" not in os.environ, reason="REWIRE_AMICI names no Python with AMICI")
def test_amici_agrees_on_files_that_differ_in_values_only():
    cells = [(context, "growth factor", member) for context in ("mcf7", "mef") for member in ("0", "1")]
    found = list(verify_all(cells, [], 1, os.environ["REWIRE_AMICI"]))
    assert len(found) == 4 and all(tried.ok for tried in found), found
    assert len({tried.agreements[0].ours for tried in found}) > 1
