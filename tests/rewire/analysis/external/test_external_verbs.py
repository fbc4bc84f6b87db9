"""What the verbs say of a third-party model: on a decay whose answer is known, with a run folder of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.external.claim_problem import ClaimProblem
from calibration.external.posterior_problem import PosteriorProblem
from calibration.objective.problem import Task
from models.core.errors import UserError
from rewire.analysis.external.calibrate_external import calibrate_external
from rewire.analysis.external.external_check import check_external
from rewire.analysis.external.external_conflicts import conflicts_external
from rewire.analysis.external.external_explain import explain_external
from rewire.analysis.external.external_members import ExternalMembers, is_about_external, open_external
from rewire.analysis.external.external_report import external_page
from rewire.analysis.external.external_simulate import simulate_external
from rewire.analysis.simulate.seed_courses import table_of
from rewire.cli.main import main
from rewire.export.third_party import export_external

NET = """
begin parameters
    1 k 0.1
    2 A0 100
    3 drug 0
end parameters
begin functions
    1 rate() k/(1+drug)
end functions
begin species
    1 A(s~x) A0
    2 B() 0
end species
begin reactions
    1 1 2 rate
end reactions
begin groups
    1 A_obs 1
    2 B_obs 2
end groups
"""
FILES = {
    "decay.net": NET,
    "f/free.toml": 'format = "free/1"\ntime = "min"\n[solver]\nrtol = 1e-8\natol = 1e-8\n'
    "[free.k]\nguess = 0.1\nsd = 0.5\n[free.A0]\nbounds = [50, 200]\n",
    "f/arms.toml": """format = "findings/1"
source = { citation = "made up" }
[arm.plain]
until = 20
[arm.drugged]
set = { drug = 9 }
until = 20
[[finding]]
id = "drug_keeps_A"
says = "The drug keeps A."
kind = "ratio"
observable = "A_obs"
of = { arm = "drugged", at = "10 min" }
to = { arm = "plain", at = "10 min" }
at_least = 2.0
trust = "fair"
use = "fit"
""",
    "f/plain.prop": "A_obs < 60 at 10\nA_obs > 30 at 5 confidence 0.98 tolerance 5\nA_obs > 90 at 10\n",
    "f/plain.exp": "# time A_obs A_obs_SD\n10 36.8 2\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("decay")
    (made / "f").mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text)
    calibrate_external(made / "decay.net", made / "f", folder=made / "run", evaluations=40, workers=1)
    return made


@pytest.fixture(scope="module")
def told(folder: Path) -> ExternalMembers:
    return open_external(run=folder / "run", count=2)


def test_members_of_a_run_are_its_fits(folder: Path, told: ExternalMembers):
    assert is_about_external(None, folder / "run") and not is_about_external(None, folder)
    fits = np.atleast_1d(np.genfromtxt(folder / "run" / "fits.csv", delimiter=",", names=True))
    assert told.values[0]["k"] == pytest.approx(float(fits["k"][0]), rel=1e-6)
    best = told.problem.evaluate(told.z[0])
    assert best.objective == pytest.approx(float(fits["objective"][0]), rel=1e-4)


def test_a_model_without_a_run_is_asked_at_its_prior_s_centre(folder: Path):
    fresh = open_external(folder / "decay.net", folder / "f")
    assert len(fresh) == 1 and fresh.values[0]["k"] == pytest.approx(0.1)
    with pytest.raises(UserError, match="not both"):
        open_external(folder / "decay.net", folder / "f", run=folder / "run")
    with pytest.raises(UserError, match="needs --findings"):
        open_external(folder / "decay.net")


def test_simulate_shows_the_arm_in_the_model_s_time(told: ExternalMembers):
    band = simulate_external(told, "drugged", ["A_obs"])
    values = told.values[0]
    assert band.shown[-1] == 20.0 and band.axis.label == "min"
    assert band.of("A_obs")[0, -1] == pytest.approx(values["A0"] * np.exp(-values["k"] * 2.0), rel=1e-4)
    assert table_of(band).records[-1]["time"] == 20.0
    with pytest.raises(UserError, match="drugged"):
        simulate_external(told, "druged")


def test_check_and_report_see_what_fails(folder: Path, told: ExternalMembers):
    table, ok = check_external(told)
    verdicts = {r["id"]: r["verdict"] for r in table.records}
    assert not ok and verdicts["drug_keeps_A"] == "holds" and verdicts["plain.prop:3"] == "fails"
    assert table.extra["objective"] > 0.0
    record = external_page(told, folder / "page.html")
    assert (record["hold"], record["of"]) == (3, 4)
    page = (folder / "page.html").read_text()
    assert "plain.prop:3" in page and "measured points" in page and "Arm drugged." in page


def test_explain_names_the_rate_and_its_reaction(told: ExternalMembers):
    carry, trade = explain_external(told, "plain.prop:1")
    assert {r["name"] for r in carry.records} == {"k", "A0"}
    assert next(r for r in carry.records if r["name"] == "k")["rules"] == ["reaction 1"]
    assert {r["name"] for r in trade.records} == {"drug_keeps_A", "plain.prop:2", "plain.prop:3"}
    with pytest.raises(UserError, match=r"plain\.prop:1"):
        explain_external(told, "plain.prop:9")


def test_conflicts_are_found(told: ExternalMembers):
    table = conflicts_external(told, workers=1)
    assert [r["finding"] for r in table.records] == ["plain.prop:3"]
    assert {part["id"] for part in table.records[0]["core"]} == {"plain.prop:1", "plain.prop:3"}


def test_claims_hold_where_the_problem_says_so(told: ExternalMembers):
    claims = ClaimProblem(told.problem)
    for z in (*told.z, np.zeros(2), np.array([1.0, -1.0])):
        terms = claims.evaluate_task(Task(z)).terms
        whole = told.problem.evaluate_task(Task(z)).terms
        assert claims.holds(terms).tolist() == told.problem.holds(whole).tolist()


def test_the_log_likelihood_is_minus_the_objective(told: ExternalMembers):
    posterior, whole = PosteriorProblem(told.problem), told.problem
    assert [claim.id for claim in posterior.findings][-1] == whole.points[0].id
    for z in (told.z[0], np.zeros(2), np.array([0.7, 0.5])):
        terms = posterior.evaluate_task(Task(z)).terms
        seen = whole.evaluate(z)
        costs = [j.penalty for j in seen.judged.values()] + [r**2 for r in seen.residuals.values()]
        assert posterior.reports(terms)[1:] == pytest.approx([-c for c in costs], rel=1e-6, abs=1e-9)
        assert posterior.holds(terms)[-1] == (abs(seen.residuals[whole.points[0].id]) <= np.sqrt(2.0))


def test_its_gradient_is_that_of_differences(told: ExternalMembers):
    posterior = PosteriorProblem(told.problem)
    if not posterior.has_derivatives:
        pytest.skip("no C compiler")
    for z in (np.array([0.3, 0.2]), np.array([-0.8, 1.0])):
        gradient = posterior.evaluate_task(Task(z, derivatives="log")).derivatives
        assert gradient is not None
        for i, step in enumerate(1e-3 * np.eye(2)):
            more, less = (posterior(posterior.evaluate_task(Task(at)).terms) for at in (z + step, z - step))
            assert gradient[i] == pytest.approx((more - less) / 2e-3, rel=0.02, abs=0.02)


@pytest.mark.parametrize(("form", "name"), [("net", "a.net"), ("sbml", "a.xml")])
def test_export_keeps_the_model_and_its_values(told: ExternalMembers, tmp_path: Path, form: str, name: str):
    from models.readers.model_file import open_model

    done = export_external(told, form, tmp_path / name, verify=form == "sbml")
    assert done.ok
    again = open_model(tmp_path / name)
    assert again.settings["k"] == pytest.approx(told.values[0]["k"])
    with pytest.raises(UserError, match="exists already"):
        export_external(told, form, tmp_path / name)


def test_mistakes_of_an_export_are_told_together(told: ExternalMembers, tmp_path: Path):
    with pytest.raises(UserError) as error:
        export_external(told, "bngl", tmp_path / "a", "99")
    assert "'bngl'" in str(error.value) and "'99'" in str(error.value)


def test_the_command_line(folder: Path):
    def run(*words: str):
        return CliRunner().invoke(main, list(words), standalone_mode=False)

    ensemble = ["--ensemble", str(folder / "run")]
    answer = json.loads(run("simulate", "plain", *ensemble, "--json").stdout)
    assert answer["records"][0]["time"] == 0.0
    done = run("check", *ensemble, "--json")
    assert json.loads(done.stdout)["model"] == "decay.net" and done.return_value == 1
    wrong = run("simulate", "plain", *ensemble, "--gene", "x=y", "--starve", "1h").exception
    assert "--gene, --starve" in str(wrong)
