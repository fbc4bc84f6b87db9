"""`rewire check` on a folder of findings, and what hangs on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewire.analysis.check.check import check
from rewire.analysis.check.diff import moved_findings
from rewire.project.project import load_project
from rewire.project.selections import all_findings, chosen


def test_one_record_a_finding(rewire, findings: Path):
    said = rewire("check", "--findings", findings, "--members", "2", "--json")
    answer = json.loads(said.out)
    assert answer["schema"] == "rewire.check/1" and said.status == 0  # the one that fails is validation
    holds, fails = answer["records"]
    keys = ("id", "use", "kind", "wanted", "got", "margin", "verdict", "held", "prior_held")
    assert all(set(keys) <= set(record) for record in answer["records"])
    assert (holds["id"], holds["verdict"], holds["held"]) == ("S19_s6k_falls", "holds", 1.0)
    assert (fails["use"], fails["verdict"], fails["held"]) == ("validation", "fails", 0.0)
    assert set(holds["margin"]) == {"median", "p05", "p95"} and holds["margin"]["median"] > 0


def test_a_fit_finding_that_fails_is_status_1(rewire, findings: Path):
    path = findings / "paper_2000.toml"
    path.write_text(path.read_text().replace('use = "validation"', 'use = "fit"'))
    said = rewire("check", "--findings", findings)
    assert said.status == 1 and "X99_erk_vanishes" in said.out and "fit findings hold: 1 of 2" in said.out


def test_what_changed_is_said(rewire, findings: Path):
    assert "changed" not in rewire("check", "--findings", findings).out
    assert "changed" not in rewire("check", "--findings", findings).out
    path = findings / "paper_2000.toml"
    path.write_text(path.read_text().replace("at_most = 0.5", "at_most = 1e-6"))
    said = rewire("check", "--findings", findings, "--changed")
    assert "holds → fails" in said.out and "X99" not in said.out


def test_bad_findings_are_all_said(rewire, findings: Path):
    text = (findings / "paper_2000.toml").read_text()
    (findings / "other.toml").write_text(
        text.replace("pS6K_T389", "pS6K_T398").replace('kind = "ratio"', 'kind = "rato"')
    )
    (findings / "broken.toml").write_text("format = ")
    said = rewire("check", "--findings", findings)
    assert said.status == 2 and said.out == "" and "Traceback" not in said.err
    assert "broken.toml" in said.err and "other.toml" in said.err and "ratio" in said.err


def test_narrowing():
    world = load_project()
    every = all_findings(world)
    assert {f.row for f in chosen(every, ids=["S07"])} == {"S07"}
    assert all("mcf7" in f.contexts for f in chosen(every, contexts=["mcf7"]))
    assert {f.use for f in chosen(every, use="validation")} == {"validation"}


def test_workers_do_not_change_the_answer(findings: Path, ensemble: Path):
    one, two = (check(folder=findings, ensemble=ensemble, members=4, workers=n).summaries for n in (1, 2))
    assert [s.margin for s in one] == [s.margin for s in two]


def record(verdict: str, margin: float | None) -> dict[str, object]:
    return {"verdict": verdict, "margin": {"median": margin}, "held": 0.5}


def test_diff_puts_turned_verdicts_first():
    a = {
        "S1": record("holds", 0.5),
        "S2": record("holds", 0.5),
        "S3": record("fails", -1.0),
        "S5": record("holds", 1),
    }
    b = {
        "S1": record("holds", 1.5),
        "S2": record("fails", -0.1),
        "S3": record("fails", -1.0),
        "S4": record("holds", 1),
    }
    rows = moved_findings(a, b)
    assert [r["name"] for r in rows][-1] == "S1" and {r["name"] for r in rows} == {"S1", "S2", "S4", "S5"}
    assert rows[-1]["moved"] == pytest.approx(1.0)


def test_diff_of_two_answers(rewire, findings: Path, tmp_path: Path):
    said = rewire("check", "--findings", findings, "--json")
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    a.write_text(said.out)
    b.write_text(said.out.replace('"verdict": "holds"', '"verdict": "fails"'))
    moved = json.loads(rewire("diff", a, b, "--json").out)["records"]
    assert [r["name"] for r in moved] == ["S19_s6k_falls"]
    assert "Nothing moved" in rewire("diff", a, a).out
    b.write_text('{"schema": "rewire.check/9", "records": []}')
    assert rewire("diff", a, b).status == 2
    b.write_text(said.out[:100])
    assert rewire("diff", a, b).status == 2
