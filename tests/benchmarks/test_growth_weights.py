"""What the weights of growth are fitted with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.growth_weights import (
    GUESSES,
    Formula,
    auc,
    read_screen,
    short_of,
    treatment,
    weights_at,
)
from models.core.errors import UserError
from pathway.growth import STEP_S, STEPS
from rewire.project.project import load_project

HEAD = "cell_line\tdrug_a\ttarget_a\tdrug_b\ttarget_b\thsa_excess\tbliss_excess\tcurated\n"


def test_the_screen_keeps_pairs_that_the_model_has(tmp_path: Path):
    file = tmp_path / "screen.tsv"
    file.write_text(
        HEAD
        + "DU145\tPD\tMEK1/2\tPI\tPI3K and mTOR\t\t-0.17\tSynergy\nDU145\tAK\tAKT1-3\tBI\tMAPK14\t\t-0.3\t\n"
    )
    (pair,) = read_screen(file)
    assert pair.targets == ("MEK1/2", "PI3K and mTOR") and pair.excess == 0.17
    assert pair.synergy and pair.drugs


def test_another_table_is_refused(tmp_path: Path):
    file = tmp_path / "other.tsv"
    file.write_text("a\tb\n1\t2\n")
    with pytest.raises(UserError, match="bliss_excess"):
        read_screen(file)


def test_a_knock_down_leaves_what_the_dose_of_a_drug_would():
    assert treatment("AKT1-3", 4.0) == "MK-2206=80 nM"
    assert treatment("PTEN", 4.0) == "gene:PTEN=knock-down 80%"


def test_the_formula_is_the_pathways():
    formula = Formula(load_project())
    assert set(GUESSES) < set(formula.weights)
    readings = np.array([{"nFOXO": 0.0, "E2F_free": 1.0}.get(name, 1e9) for name in formula.readings])
    rate, survival, growth = formula(readings, {"cells_divide_kcat": 1e-5})
    assert survival == 1.0 and rate == pytest.approx(1e-5)
    assert growth == pytest.approx((1 + STEP_S * 1e-5) ** STEPS)


def test_auc_counts_pairs_in_the_right_order():
    assert auc([3.0, 1.0, 2.0], [True, False, False]) == 1.0
    assert auc([1.0, 1.0], [True, False]) == 0.5


def test_a_shortfall_is_bounded_and_what_cannot_be_read_is_the_worst():
    assert short_of(np.array([1.0, 0.0, -99.0, np.nan]), 0.5, 0.5) == pytest.approx((0 + 1 + 2 + 2) / 4)


def test_first_guesses_are_at_zero():
    assert weights_at(np.zeros(len(GUESSES))) == {name: guess for name, (guess, _) in GUESSES.items()}
