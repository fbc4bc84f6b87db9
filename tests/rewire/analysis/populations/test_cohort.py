"""Virtual cells: what varies, and only that."""

from __future__ import annotations

import numpy as np
import pytest

from models.cells.context import Varied
from rewire.analysis.populations.cohort import ALL, KINETICS, moved, populations
from rewire.project.project import load_project
from rewire.project.selections import all_findings

ROWS = (
    Varied("EGFR_copies", 0.5, "guess"),
    Varied("rapamycin.potency", 1.0, "guess"),
    Varied("akt_docks_kact", 0.3, "guess"),
)


def cell(only: str, base: dict[str, float] | None = None) -> dict[str, float]:
    world = load_project()
    return moved(base or {}, world, world.contexts["gbm_pten_null"], ROWS, np.random.default_rng(3), only)


def test_each_source_alone_moves_what_it_moves_together():
    together = cell(ALL)
    assert set(together) == {"gbm_pten_null.EGFR_copies", "rapamycin.potency", "akt_docks_kact"}
    for row in ROWS:
        alone = cell(row.what)
        assert len(alone) == 1
        assert all(together[name] == value for name, value in alone.items())
    assert cell(KINETICS) == {}


def test_a_member_is_moved_from_where_it_is():
    base = {"akt_docks_kact": 1.0, "rapamycin.potency": 2.0, "gbm_pten_null.EGFR_copies": 10.0}
    near, far = cell(ALL), cell(ALL, base)
    guess = load_project().built.rates["akt_docks_kact"].guess
    assert far["akt_docks_kact"] / near["akt_docks_kact"] == pytest.approx(1.0 / guess)
    assert far["rapamycin.potency"] - near["rapamycin.potency"] == pytest.approx(2.0)
    assert base["akt_docks_kact"] == 1.0


def test_populations_are_told_apart():
    rows = {f.row for f in populations(all_findings(load_project()))}
    assert "S12" in rows and "S13" in rows and "S07" not in rows


def test_populations_say_what_varies():
    world = load_project()
    for finding in populations(all_findings(world)):
        varied = world.contexts[finding.context].cohort
        known = (
            set(world.built.settings)
            | set(world.built.rates)
            | {f"{d}.potency" for d in world.catalogue.names}
        )
        assert varied and {row.what for row in varied} <= known
