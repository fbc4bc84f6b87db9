"""Members for an edited model: matched by name, and what does not match is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.errors import UserError
from rewire.project.members import fitted_space, load_members
from rewire.project.project import load_project


def test_always_the_same_members(ensemble: Path):
    world, place = load_project(), ensemble
    one, two = load_members(world, place, 20), load_members(world, place, 20)
    assert len(one) == 20 and np.array_equal(one.z, two.z)
    assert len(load_members(world, place, None)) == 30


def test_new_and_removed_rates_are_named(tmp_path: Path, write_ensemble):
    world, said = load_project(), []
    place = write_ensemble(tmp_path / "e", rename="akt_docks_kact")
    members = load_members(world, place, 3, said.append)
    assert any("New, at their first guess: akt_docks_kact" in line for line in said)
    assert any("No longer in the model: old_rate_kcat" in line for line in said)
    assert np.all(members.z[:, members.space.names.index("akt_docks_kact")] == 0.0)
    assert members.values[0]["akt_docks_kact"] == pytest.approx(world.built.rates["akt_docks_kact"].guess)


def test_another_models_ensemble_is_refused(tmp_path: Path, write_ensemble):
    place = write_ensemble(tmp_path / "e", drop=len(fitted_space(load_project())) - 20)
    with pytest.raises(UserError, match="at least half"):
        load_members(load_project(), place)


def test_a_folder_of_something_else_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="ensemble or a run folder"):
        load_members(load_project(), tmp_path)
