"""What was not fitted is predicted by points that never saw it, and an interrupted run goes on to the bit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibration.objective.build import recipe
from calibration.objective.problem import Loss, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize.start import draw
from calibration.optimize.state import Settings, State
from calibration.storage.checkpoint import Autosave, unpack
from models.core.errors import UserError
from rewire.analysis.validation import leave_out as module
from rewire.analysis.validation.forecast import MemberView
from rewire.analysis.validation.holdout import Fold, Kin, folds
from rewire.analysis.validation.leave_out import ANEW, SETTINGS, RefitEffort, leave_out, prior_reports, refit
from rewire.analysis.validation.predictions import Prediction, scores, table
from rewire.analysis.validation.refit_journal import RefitJournal, restored
from rewire.analysis.validation.validate import choose
from rewire.report.tables import to_json

MORE = """
format = "findings/1"
source = { citation = "Another paper, 2001", where = "abstract" }
context = "mef"
grown_in = "serum"
[arm.vehicle]
[arm.rapamycin]
rapamycin = "20 nM"
[arm.mk2206]
MK-2206 = "1 uM"

[[finding]]
id = "S19_s6k_falls_again"
row = "S19"
says = "Rapamycin lowers S6K phosphorylation at once."
kind = "ratio"
observable = "pS6K_T389"
of = { arm = "rapamycin", at = "1 h" }
to = { arm = "vehicle", at = "1 h" }
at_most = 0.8
trust = "fair"
use = "fit"

[[finding]]
id = "S99_akt_site_falls"
row = "S99"
says = "An AKT inhibitor removes the AKT site of PRAS40."
kind = "ratio"
observable = "pPRAS40_T246"
of = { arm = "mk2206", at = "2 h" }
to = { arm = "vehicle", at = "2 h" }
at_most = 0.5
trust = "strong"
use = "fit"
"""
EFFORT = RefitEffort(refits=1, evaluations=1.0, seed=3)  # the draws, and no step
SHORT = replace(SETTINGS, draws=4)


@pytest.fixture
def papers(findings: Path) -> Path:
    """Two papers on one kind of cells; two of their three fit findings say the same."""
    (findings / "other_2001.toml").write_text(MORE)
    return findings


@pytest.fixture
def pool(papers: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SETTINGS", SHORT)
    monkeypatch.setattr(module, "PRIOR_DRAWS", 6)
    with Pool(recipe(findings=[str(papers)], whole=True), 0) as pool:
        yield pool


def test_a_refit_begins_at_prior_draws_and_never_sees_what_is_left_out(pool, tmp_path, monkeypatch):
    (fold,) = [f for f in folds(pool.problem.findings, "paper").values() if f.name == "other_2001"]
    asked: list[Task] = []
    plain = pool.problem.evaluate_task
    monkeypatch.setattr(pool.problem, "evaluate_task", lambda task: asked.append(task) or plain(task))
    member = refit(pool, fold, 1, EFFORT, RefitJournal(tmp_path / "kept.json", {}))
    rows = [r for f, r in zip(pool.problem.findings, pool.problem.rows, strict=True) if f.id in fold.leave]
    assert len(rows) == 2 and asked
    assert all(task.only is not None and not any(task.only[r].any() for r in rows) for task in asked)
    first = draw(EFFORT.seed, 1, SHORT.draws, pool.problem.n)
    assert all(np.array_equal(task.z, z) for task, z in zip(asked, first, strict=False))
    assert (member.start, member.of) == (1, 1)


def test_a_refit_that_begins_far_off_is_begun_anew_elsewhere(pool, tmp_path, monkeypatch):
    fold = Fold("other_2001", ("S99_akt_site_falls",))
    hopeless = replace(SHORT, trial=0.0, promise=1.1, content=2.0, enough=9.0)
    monkeypatch.setattr(Settings, "with_derivatives", lambda self: self)
    monkeypatch.setattr(module, "SETTINGS", hopeless)
    asked: list[Task] = []
    plain = pool.problem.evaluate_task
    monkeypatch.setattr(pool.problem, "evaluate_task", lambda task: asked.append(task) or plain(task))
    member = refit(pool, fold, 1, replace(EFFORT, evaluations=9.0), RefitJournal(tmp_path / "kept.json", {}))
    starts = [1, 1 + ANEW, 1 + 2 * ANEW]
    seen = {task.z.tobytes() for task in asked}
    for start in starts:
        assert draw(EFFORT.seed, start, SHORT.draws, pool.problem.n)[0].tobytes() in seen
    assert member.start in starts and member.evaluations > 9.0


def test_an_interrupted_refit_resumes_to_the_same_point(pool, tmp_path, monkeypatch):
    fold = Fold("other_2001", ("S99_akt_site_falls",))
    effort = replace(EFFORT, evaluations=8.0)  # the draws, a Jacobian and a step
    endless = replace(SHORT, content=1.0, enough=9.0, loss=Loss(target=5.0))
    monkeypatch.setattr(module, "SETTINGS", endless)
    whole = refit(pool, fold, 0, effort, RefitJournal(tmp_path / "whole.json", {}))
    kept = RefitJournal(tmp_path / "kept.json", {})
    plain, calls = pool.problem.evaluate_task, []

    def stops(task):
        calls.append(task)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return plain(task)

    monkeypatch.setattr(pool.problem, "evaluate_task", stops)
    with pytest.raises(KeyboardInterrupt):
        refit(pool, fold, 0, effort, kept)
    assert unpack(kept.checkpoint("other_2001", 0).path)[0].evaluations > 0
    monkeypatch.setattr(pool.problem, "evaluate_task", plain)
    again = refit(pool, fold, 0, effort, kept)
    assert np.array_equal(again.z, whole.z) and again.evaluations == whole.evaluations


def test_a_checkpoint_that_cannot_be_resumed_is_begun_anew(tmp_path):
    half, begin = Autosave(tmp_path / "half.npz"), State(seed=3, start=1)
    assert restored(half, begin, 2, 5) is begin
    there = replace(begin, z=np.ones(2), terms=np.ones(5), origin=np.zeros(2), weights=np.ones(5))
    half.save(there, None, force=True)
    assert np.array_equal(restored(half, begin, 2, 5).z, there.z)
    assert restored(half, begin, 3, 5) is begin and restored(half, begin, 2, 4) is begin
    assert restored(half, replace(begin, seed=4), 2, 5).z is None
    half.path.write_bytes(b"half")
    assert restored(half, begin, 2, 5) is begin


def test_what_is_done_is_not_done_again_and_another_question_is_refused(pool, tmp_path, monkeypatch):
    path, every = tmp_path / "runs" / "kept.json", list(folds(pool.problem.findings, "finding").values())
    kept = RefitJournal(path, {"seed": 3})
    leave_out(pool, every[:2], EFFORT, kept, lambda line: None)
    told = {id: p for id, (p, _) in kept.prior.items()}
    assert told.keys() == {f.id for f in pool.problem.findings} and all(0 < p < 1 for p in told.values())
    assert {*path.parent.iterdir()} == {path, path.with_name(".kept.json.lock")}, "the way there is forgotten"
    kept.close()
    again = RefitJournal(path, {"seed": 3})
    assert (again.prior, again.records) == (kept.prior, kept.records)
    monkeypatch.setattr(module, "refit", lambda *args: pytest.fail("done already"))
    leave_out(pool, every[:2], EFFORT, again, lambda line: None)
    again.close()
    with pytest.raises(UserError, match="delete this one"):
        RefitJournal(path, {"seed": 4})
    for damage in ('{"question": {"seed": 3}}', '{"format": "leave_out/1", "question": {"seed": 3}}', "{"):
        path.write_text(damage)
        with pytest.raises(UserError):
            RefitJournal(path, {"seed": 3})


def test_the_prior_is_told_by_the_likelihood_and_by_counting(pool):
    told = prior_reports(pool, pool.problem, seed=1, count=6)
    for p, held in told.values():
        assert 0.0 < p < 1.0 and 0.0 <= held <= 1.0 and (held * 6) == pytest.approx(round(held * 6))


def predicted(id: str, verdicts: str, prior: float, twin: str = "", parts: float = 0.5) -> Prediction:
    from calibration.findings.claims.reader import FINDINGS, read_findings
    from rewire.project.project import load_project

    world = load_project()
    path = FINDINGS / "irs1_grb10_feedback" / "haruta_2000.toml"
    finding = read_findings(path, world.words, world.built.observables)[-1]
    looks = [MemberView(v, (parts if v == "holds" else -parts,)) for v in verdicts.split()]
    return Prediction(replace(finding, id=id), "f", looks, (0.3, prior), 200, Kin(bool(twin), twin))


def test_groups_are_told_apart_and_most_of_the_points_make_a_hit():
    told = [
        predicted("a", "holds holds fails", 0.1),
        predicted("b", "holds fails", 0.9),
        predicted("c", "holds", 0.7, twin="a"),
    ]
    assert [p.hit for p in told] == [True, False, True]  # half is not most
    groups = {row["group"]: row for row in scores(told)}
    assert [groups[name]["n"] for name in ("all", "informative", "without a twin")] == [3, 2, 2]
    assert (groups["all"]["hits"], groups["all"]["prior_hits"]) == (2, 2)
    assert groups["informative, without a twin"]["prior_hits"] == 0
    want = np.mean([(1 - p.p) ** 2 for p in told])
    assert groups["all"]["brier"] == pytest.approx(want)
    assert groups["all"]["prior_brier"] == pytest.approx(0.49)
    assert math.isnan(scores([])[0]["brier"])
    shown = table(told, ["head"], {"by": "paper"})
    answer = json.loads(to_json(shown.kind, shown.records, shown.extra))
    assert answer["schema"] == "rewire.validate/1" and len(answer["records"]) == 3
    assert answer["records"][2]["twin"] == "a" and sum(b["n"] for b in answer["reliability"]) == 6
    assert sum(line.startswith(("all", "informative", "without")) for line in shown.footer) == 4


def test_only_takes_ids_rows_and_names_and_says_the_nearest(pool):
    fit = pool.problem.findings
    assert {f.name for f in choose(fit, "finding", ["S19"])} == {"S19_s6k_falls", "S19_s6k_falls_again"}
    assert [f.name for f in choose(fit, "paper", ["other_2001"])] == ["other_2001"]
    assert len(choose(fit, "context", [])) == 1
    with pytest.raises(UserError) as caught:
        choose(fit, "paper", ["other_2002", "papr_2000"])
    assert len(caught.value.problems) == 2 and "Did you mean 'other_2001'?" in str(caught.value)


@pytest.mark.parametrize(
    "options, said",
    [
        (["--only", "mef"], "--only: only with --by"),
        (["--refits", "3", "--keep", "x.json"], "only with --by"),
        (["--by", "paper", "--members", "3"], "--members: only without --by"),
        (["--by", "row"], "row"),
    ],
)
def test_options_that_do_not_go_together_are_said(rewire, options, said):
    answer = rewire("validate", *options)
    assert answer.status == 2 and said in answer.err and not answer.out


def test_the_command_leaves_papers_out_and_names_twins(rewire, papers, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SETTINGS", SHORT)
    monkeypatch.setattr(module, "PRIOR_DRAWS", 6)
    keep = tmp_path / "kept.json"
    asked = ("validate", "--by", "finding", "--findings", papers, "--evaluations", 1, "--refits", 1)
    asked = (*asked, "--keep", keep, "--workers", 1)
    first = rewire(*asked, "--only", "S19_s6k_falls", "--json")
    assert first.status == 0, first.err
    (record,) = json.loads(first.out)["records"]
    assert record["twin"] == "S19_s6k_falls_again" and record["points"] == 1
    assert 0.0 < record["p"] < 1.0 and 0.0 < record["prior_p"] < 1.0
    second = rewire(*asked, "--json")
    told = json.loads(second.out)
    assert len(told["records"]) == 3 and record in told["records"]  # what was done is kept as it was
    assert told["scores"][0]["n"] == 3 and told["by"] == "finding" and told["seed"] == 1
    assert [row["n"] for row in told["scores"] if row["group"] == "without a twin"] == [1]
    people = rewire(*asked)
    assert "S99_akt_site_falls" in people.out and "Scores" in people.out
    assert rewire(*asked, "--seed", 9).status == 2  # another question than the file answers


def test_the_command_scores_validation_rows_in_an_ensemble(rewire, papers, ensemble, monkeypatch):
    monkeypatch.setattr("rewire.analysis.validation.validate.PRIOR_DRAWS", 3)
    asked = ("validate", "--findings", papers, "--ensemble", ensemble, "--members", 4, "--workers", 1)
    said = rewire(*asked, "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    (record,) = told["records"]
    assert record["id"] == "X99_erk_vanishes" and (record["held"], record["points"]) == (0, 4)
    assert record["p"] == pytest.approx(0.125, abs=1e-3)  # what an unsound weak report has
    assert told["scores"][0]["hits"] == 0 and told["by"] == "none"
