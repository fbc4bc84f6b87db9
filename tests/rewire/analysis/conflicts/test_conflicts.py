"""Conflicts of real findings: what is asked, kept and said, and one search on the real network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calibration.objective.problem import Task
from calibration.objective.recorded_subset import failing
from calibration.optimize.joint_feasibility import SearchEffort
from calibration.storage.journal import Journal
from models.core.errors import UserError
from pathway import VARIANTS
from rewire.analysis.conflicts.conflicts import FORMAT, asked_of, conflicts
from rewire.analysis.conflicts.inquiry import InquiryOptions
from rewire.analysis.conflicts.variants import VariantAttempt, alternatives
from rewire.analysis.conflicts.wording import conflict_table, verdict
from rewire.project import questions
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.tables import plain

DEFAULT = {name: choices[0] for name, choices in VARIANTS.items()}

HEAD = """
format = "findings/1"
source = { citation = "A paper, 2000", where = "abstract" }
context = "mef"
grown_in = "serum_free"
[arm.insulin]
insulin = "100 nM"
[arm.rapamycin]
insulin = "100 nM"
rapamycin = "20 nM @ -30 min"
[arm.blocked]
insulin = "100 nM"
GDC-0941 = "1 uM @ -30 min"
"""

RATIO = """
[[finding]]
id = "{id}"
says = "{id}."
kind = "ratio"
observable = "{observable}"
of = {{ arm = "{arm}", at = "30 min" }}
to = {{ arm = "insulin", at = "30 min" }}
{limit}
trust = "strong"
use = "{use}"
{conflict}
"""


def finding(id, observable, arm, limit, use="validation", conflict='conflict = "C1"'):
    return RATIO.format(id=id, observable=observable, arm=arm, limit=limit, use=use, conflict=conflict)


@pytest.fixture
def contested(findings: Path) -> Path:
    """One fit finding, one that contradicts it, one that goes with it, and one that needs another Sin1."""
    (findings / "paper_2000.toml").write_text(
        HEAD
        + finding("S19_s6k_falls", "pS6K_T389", "rapamycin", "at_most = 0.5", "fit", "")
        + finding("X90_s6k_stays", "pS6K_T389", "rapamycin", "at_least = 0.8")
        + finding("X91_s473_stays", "pAKT_S473", "rapamycin", "at_least = 0.8")
        + finding("X92_mtorc2_needs_pi3k", "aMTORC2", "blocked", "at_most = 0.5")
        + finding("X93_not_contested", "pERK", "blocked", "at_most = 0.9", conflict="")
    )
    return findings


def test_what_is_asked(contested: Path):
    findings = all_findings(load_project(), contested)

    def ids(**order):
        beside, must = asked_of(findings, InquiryOptions(**order))
        return [f.id for f in beside], [f.id for f in must]

    every = ["X90_s6k_stays", "X91_s473_stays", "X92_mtorc2_needs_pi3k"]
    assert ids() == (every, [])
    assert ids(add=("X93",)) == ([*every, "X93_not_contested"], [])
    assert ids(only=("X91",)) == (["X91_s473_stays"], [])
    assert ids(only=("S19",)) == (every, ["S19_s6k_falls"])


def test_mistakes_are_said_all_at_once_with_the_reason(rewire):
    said = rewire("conflicts", "--add", "X80", "--only", "X54")
    assert said.status == 2 and said.out == ""
    assert "PIM" in said.err and "14-3-3" in said.err
    assert "did you mean" in rewire("conflicts", "--only", "X28_akt_not_s6k_phosphorylates").err.lower()
    assert "sin1" in rewire("conflicts", "--variant", "sin=akt_activates").err


def test_alternatives_change_as_many_hypotheses_as_asked():
    one, two = list(alternatives(DEFAULT, 1)), list(alternatives(DEFAULT, 2))
    assert len(one) == sum(len(choices) - 1 for choices in VARIANTS.values())
    assert all(len(other) == 2 for other in two) and {"sin1": "akt_activates", "pip3_ras": "off"} in two
    assert all(choice != DEFAULT[name] for other in one + two for name, choice in other.items())


CORE = {"says": "x", "wanted": "y", "source": "z", "known_conflict": "C1", "use": "fit"}
CONFLICT = {
    "finding": "X1_a",
    "use": "validation",
    "verdict": "conflict",
    "members": 0,
    "core": [{"id": "X1_a", "margin": -0.31, **CORE}, {"id": "S1_b", "margin": 0.02, **CORE}],
    "evaluations": 1234.4,
    "starts": 6,
    "variants": [
        VariantAttempt({"sin1": "akt_activates"}, "holds", 50.0, {"X1_a": 0.1, "S1_b": 0.3}).record(),
        VariantAttempt({"egfr_feedback": "none"}, "holds", 50.0, {"X1_a": 0.001, "S1_b": 0.3}).record(),
        VariantAttempt({"sin1": "akt_inhibits"}, "not found").record(),
        VariantAttempt({"pip3_ras": "off"}, "no effect").record(),
    ],
}


def test_words_say_what_was_not_found_and_no_more():
    assert verdict(CONFLICT) == "could not satisfy together within 1,234 evaluations from 6 starts"
    table = conflict_table([CONFLICT], {})
    cells = [column.cell(CONFLICT).plain for column in table.columns]
    assert cells[3:] == ["S1_b", "X1 -0.31", "sin1=akt_activates; egfr_feedback=none (borderline)"]
    assert any("no proof" in line for line in table.footer) and "1 conflicts" in " ".join(table.footer)
    none = {**CONFLICT, "variants": CONFLICT["variants"][2:]}
    assert table.columns[5].cell(none).plain == "none of 1 that touch it"
    near = {**CONFLICT, "core": [{**CONFLICT["core"][0], "margin": -0.001}]}
    assert verdict(near).endswith("from 6 starts (borderline)")
    other = {**CONFLICT, "finding": "X2_c"}
    assert table.columns[3].cell(other).plain == "in its way, without it: X1_a, S1_b"
    left = {**CONFLICT, "verdict": "open", "core": [], "spent": 812.3, "last": ["a", "b"]}
    assert "within 812 evaluations" in verdict(left) and verdict(left).endswith("a set of 2")
    held = {**CONFLICT, "verdict": "together", "members": 3, "core": []}
    assert verdict(held) == "holds with all the fit, at 3 known points"
    assert not any("no proof" in line for line in conflict_table([held], {}).footer)


def opened(path: Path, question) -> Journal:
    return Journal(path, "file of conflicts", FORMAT, question)


def test_an_interrupted_command_resumes_and_a_file_about_something_else_is_refused(tmp_path: Path):
    path = tmp_path / "kept.json"
    kept = opened(path, {"seed": 1})
    kept.add("X1_a", plain([{**CONFLICT, "evaluations": np.float64(3.0)}]))
    kept.close()
    assert opened(path, {"seed": 1}).records["X1_a"][0]["core"] == CONFLICT["core"]
    with pytest.raises(UserError, match=r"question.seed: 1; allowed: 2"):
        opened(path, {"seed": 2})
    path.write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        opened(path, {"seed": 1})


def test_what_is_asked_about_becomes_a_term_that_hangs_on_its_cells():
    id = "X28_sin1_phosphorylation_activates_mtorc2"
    problem = questions.make([id], ids=[id, "X30_mtorc2_blind_to_tsc2"])
    assert [f.id for f in problem.findings] == [id]
    hangs = questions.needs(problem)
    assert hangs.all() and hangs.shape == (1, problem.n_terms)
    assert problem.n_terms > problem.findings[0].n_parts  # the ranges of its cells at rest
    terms = problem.evaluate_task(Task(np.zeros(problem.n))).terms
    assert np.array_equal(~failing(terms, hangs), problem.holds(terms))


@pytest.mark.slow
def test_the_pair_that_contradicts_is_found_and_the_variant_that_satisfies_is_named(
    contested: Path, ensemble: Path, tmp_path: Path
):
    kept = tmp_path / "kept.json"
    order = InquiryOptions(
        findings=contested, ensemble=ensemble, members=3, effort=SearchEffort(90.0, tries=1)
    )
    table = conflicts(order, kept, workers=1)
    told = {record["finding"]: record for record in table.records}
    assert told["X91_s473_stays"]["verdict"] == "together"
    pair = told["X90_s6k_stays"]
    assert [part["id"] for part in pair["core"]] == ["S19_s6k_falls", "X90_s6k_stays"]
    assert pair["evaluations"] >= 90.0 and pair["starts"] >= 4
    assert sum(part["margin"] for part in pair["core"]) == pytest.approx(np.log2(0.5 / 0.8), abs=0.01)
    assert "holds" not in {tried["verdict"] for tried in pair["variants"]}
    alone = told["X92_mtorc2_needs_pi3k"]
    assert [part["id"] for part in alone["core"]] == ["X92_mtorc2_needs_pi3k"]
    holds = {tried["variant"] for tried in alone["variants"] if tried["verdict"] == "holds"}
    assert holds == {"sin1=akt_activates"}
    again = conflicts(order, kept, workers=1)
    assert again.records == table.records
