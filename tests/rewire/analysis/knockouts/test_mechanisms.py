"""Mechanisms are read and checked, and their marks are what the knock-outs showed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.core.errors import UserError
from rewire.analysis.knockouts.mechanisms import load_mechanisms
from rewire.project.members import shipped
from rewire.project.project import load_project
from rewire.project.selections import all_findings, names


def test_every_mechanism_names_rates_and_rows_that_exist():
    world = load_project()
    mechanisms = load_mechanisms(world)
    known = {name for f in all_findings(world) for name in names(f)}
    assert len(mechanisms) >= 20
    for mechanism in mechanisms.values():
        assert mechanism.description and mechanism.rates.keys() <= world.built.rates.keys()
        assert set(mechanism.explains) <= known, mechanism.name
        assert set(mechanism.not_evidence) <= known, mechanism.name


def test_what_is_not_evidence_is_what_the_knock_outs_showed():
    """The marks in `mechanisms.toml` are those of the knock-outs that ship beside the ensemble."""
    shown = {r["mechanism"]: r for r in json.loads((shipped() / "knockouts.json").read_text())["records"]}
    mechanisms = load_mechanisms(load_project())
    assert shown.keys() == mechanisms.keys()
    for name, mechanism in mechanisms.items():
        assert set(mechanism.not_evidence) == set(shown[name]["not_evidence"]), name
        assert shown[name]["needs"] is not None


def test_mistakes_are_all_said(tmp_path: Path):
    path = tmp_path / "mechanisms.toml"
    path.write_text(
        'format = "mechanisms/1"\n[a]\nsays = "x"\nrates = { akt_docks_kat = 0 }\n'
        '[b]\nsays = "y"\nrates = { akt_docks_kact = "0" }\nrows = []\n'
    )
    with pytest.raises(UserError) as caught:
        load_mechanisms(load_project(), path)
    text = str(caught.value)
    assert "Did you mean 'akt_docks_kact'?" in text and "'0'" in text and "unknown key 'rows'" in text
