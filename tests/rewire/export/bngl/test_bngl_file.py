"""`rewire export bngl`: actions that do in BioNetGen what the simulation does here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from models.export.bngl.bngl_text import STEADY_S
from rewire.export.protocols import bare, in_words, protocols, resting, untreated
from rewire.export.proven_sbml import report_path
from rewire.export.request import ExportOrder, fill
from rewire.project.project import load_project

TREAT = ("--treat", "rapamycin=20 nM@-30 min..6 h", "--treat", "insulin=100 nM", "--starve", "16 h")


def test_a_schedule_is_run_and_proven(rewire, tmp_path: Path):
    path = tmp_path / "mef.bngl"
    said = rewire("export", "bngl", "mef", *TREAT, "--gene", "GRB10=x0.5", "--out", path, "--json")
    assert said.status == 0, said.err
    stored = json.loads(report_path(path).read_text())
    (run,) = stored["engines"]
    assert stored["agrees"] and run["engine"].startswith("BioNetGen") and 0.0 < run["difference"] < 1e-5
    assert stored["observables"] == len(load_project().built.observables)
    actions = path.read_text().partition("begin actions")[2]
    assert actions.count("continue=>1") == 3  # starved, pre-treated, treated, released
    assert "t_start=>-57600.0" in actions and 'setConcentration("CXCL8()",0.0)' in actions
    assert re.findall(r'setParameter\("(rapamycin_nM)",([\d.]+)\)', actions) == [
        ("rapamycin_nM", "20.0"),
        ("rapamycin_nM", "0.0"),
    ]


def test_an_action_that_is_off_is_seen(rewire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "models.export.bngl.bngl_text.STEADY_S", STEADY_S / 1e6
    )  # a quarter of an hour is too short for a steady state
    said = rewire("export", "bngl", "mef", "--out", tmp_path / "a.bngl")
    assert said.status == 1 and "does NOT agree" in said.out and "Not written" in said.out
    assert list(tmp_path.iterdir()) == []


def test_without_perl_nothing_is_written(rewire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("models.engines.bionetgen.missing_for_expansion", lambda: ["Perl"])
    said = rewire("export", "bngl", "mef", "--out", tmp_path / "a.bngl")
    assert said.status == 2 and "--no-verify" in said.err and list(tmp_path.iterdir()) == []
    assert rewire("export", "bngl", "mef", "--out", tmp_path / "a.bngl", "--no-verify").status == 0


def test_findings_and_a_treatment_exclude_each_other(rewire, tmp_path: Path):
    said = rewire("export", "bngl", "mcf7", "--findings", *TREAT, "--out", tmp_path / "a.bngl")
    assert said.status == 2 and "given together" in said.err and list(tmp_path.iterdir()) == []


def test_all_treatments_of_the_findings_are_there_once(rewire, tmp_path: Path):
    path = tmp_path / "mcf7.bngl"
    said = rewire("export", "bngl", "mcf7", "--findings", "--out", path, "--no-verify", "--json")
    record = json.loads(said.out)["records"][0]
    text = path.read_text()
    suffixes = set(re.findall(r'suffix=>"(\w+)"', text))
    arms = {name for name in suffixes if not name.startswith("rest")}
    assert len(arms) == record["treatments"] > 10 and "untreated" in arms
    assert "Read by S07" in text  # the finding that rapamycin raises IRS1


@pytest.mark.slow
@pytest.mark.parametrize("context", ["mcf7", "mef", "hek293"])
def test_the_treatments_of_the_findings_agree(rewire, tmp_path: Path, context: str):
    path = tmp_path / "a.bngl"
    said = rewire("export", "bngl", context, "--findings", "--member", "3", "--out", path)
    assert said.status == 0, said.out + said.err


# --- protocols --------------------------------------------------------------------------------------------
def test_protocols_set_what_differs_and_nothing_else():
    filled = fill(
        ExportOrder("mef", ("EGF=1 nM@1 h..2 h",), ("AKT=knock-out",), plain={"grown_in": "serum_free"})
    )
    content = bare(filled)
    made = protocols(filled, content, {filled.arm: ()})
    ((arm, protocol),) = made.values()
    assert arm == filled.arm
    rest = {**content.values, **protocol.rest}
    wanted = resting(filled, filled.arm)
    assert all(rest[name] == value for name, value in wanted.items())
    assert protocol.rest["AKT_copies"] == 0.0 and not {"IRS1_copies", "S6K_copies"} & set(protocol.rest)
    begin, on, off = protocol.phases
    assert begin.amounts == {"CXCL8()": 0.0} and begin.times[0] == 0.0 and begin.times[-1] == 3600.0
    level = load_project().media[filled.arm.segments[0].medium].levels.get("EGF", 0.0)
    assert on.parameters == {"EGF_nM": level + 1.0} and off.parameters == {"EGF_nM": level}
    assert "AKT" in in_words(arm, filled.world) and "EGF 1 nM" in in_words(arm, filled.world)


def test_arms_of_one_name_get_names_of_their_own():
    filled = fill(ExportOrder("mef"))
    other = fill(ExportOrder("mef", ("EGF=1 nM",)))
    arms = {filled.arm: (0.0, 60.0), other.arm: (60.0,), untreated(filled): (0.0,)}
    made = protocols(filled, bare(filled), arms, {other.arm: ["S01"]})
    assert list(made) == ["simulate", "simulate_2", "untreated"]
    assert made["simulate_2"][1].description.endswith("Read by S01")
    for _, protocol in made.values():
        for stretch in protocol.phases:
            assert len(stretch.times) >= 3 and sorted(set(stretch.times)) == list(stretch.times)
