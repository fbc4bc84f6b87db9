"""Mechanisms are read and checked; taking one out is told apart from needing it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.problems import UserError
from rewire.ablate import Kept, Mechanism, Verdict, load_mechanisms, majority
from rewire.members import shipped
from rewire.select import all_findings, names
from rewire.world import load_world


def test_every_mechanism_names_rates_and_rows_that_exist():
    world = load_world()
    mechanisms = load_mechanisms(world)
    known = {name for f in all_findings(world) for name in names(f)}
    assert len(mechanisms) >= 20
    for mechanism in mechanisms.values():
        assert mechanism.says and mechanism.rates.keys() <= world.built.rates.keys()
        assert set(mechanism.explains) <= known, mechanism.name
        assert set(mechanism.not_evidence) <= known, mechanism.name


def test_what_is_not_evidence_is_what_the_knock_outs_showed():
    """The marks in `mechanisms.toml` are those of the knock-outs that ship beside the ensemble."""
    shown = {r["mechanism"]: r for r in json.loads((shipped() / "knockouts.json").read_text())["records"]}
    mechanisms = load_mechanisms(load_world())
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
        load_mechanisms(load_world(), path)
    text = str(caught.value)
    assert "Did you mean 'akt_docks_kact'?" in text and "'0'" in text and "unknown key 'rows'" in text


@dataclass
class One:
    verdict: str


@dataclass
class Many:
    scores: dict[str, One] = field(default_factory=dict)


def test_majority():
    told = [Many({"a": One("holds"), "b": One("holds")}), Many({"a": One("holds"), "b": One("fails")})]
    assert majority(told) == {"a"}


def test_only_what_no_refit_rescues_is_needed():
    v = Verdict(Mechanism("m", "x", {}, ()), ("a", "b"), ("a",), ("a", "c"), (), 2)
    assert v.said == ("a",) and v.idle == ("c",)
    unasked = Verdict(Mechanism("m", "x", {}, ()), ("a",), None, ("a",), (), 0)
    assert unasked.said == () and unasked.idle == ()


def test_an_interrupted_run_goes_on_and_a_foreign_file_is_refused(tmp_path: Path):
    path = tmp_path / "kept.json"
    kept = Kept.open(path, {"refits": 1})
    kept.add(Verdict(Mechanism("m", "x", {"r": 0.0}, ("S01",)), ("a",), ("a",), ("a", "c"), (), 1))
    again = Kept.open(path, {"refits": 1})
    assert again.records == kept.records and again.records["m"]["need_it"] == ["a"]
    with pytest.raises(UserError, match="delete this one"):
        Kept.open(path, {"refits": 2})
    path.write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        Kept.open(path, {"refits": 1})
