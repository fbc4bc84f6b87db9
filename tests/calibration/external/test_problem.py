"""The whole problem, on the decay whose answer is known; and its terms against the objective."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from calibration.external.external_folder import digest
from calibration.external.least_squares import polish
from calibration.external.problem import ExternalProblem, make, plain, recipe
from calibration.objective.problem import WORST, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget
from models.core.errors import UserError
from models.core.text_file import TextFile
from models.kinetic_model import KineticModel
from models.readers.model_file import read_model

PROP = TextFile(
    "plain.prop",
    """A_obs < 20 at 10
A_obs < drugged.A_obs at 10
A_obs > 1000 at 0 weight 0.001
A_obs at 5 > A_obs at 20 confidence 0.98 tolerance 5
A_obs > 1 at B_obs=500
""",
)
EXP = TextFile("plain.exp", "# time A_obs A_obs_SD\n10 13.5335 1\n20 1.8316 1\n")
FINDING = TextFile(
    "claims.toml",
    """
format = "findings/1"
source = { citation = "made up" }
[[finding]]
id = "F1_drug_keeps_A"
says = "The drug keeps A."
kind = "ratio"
observable = "A_obs"
of = { arm = "drugged", at = "10 min" }
to = { arm = "plain", at = "10 min" }
at_least = 2.0
trust = "fair"
use = "fit"
""",
)


@pytest.fixture(scope="module")
def model(net: str) -> KineticModel:
    return read_model("decay.net", net)


def built(model: KineticModel, free: TextFile, *files: TextFile) -> ExternalProblem:
    return make(**json.loads(json.dumps(plain(model, free, files))), compiled=False)


def test_terms_add_up_to_the_objective(model: KineticModel, free: TextFile, arms_text: TextFile):
    prop = TextFile("plain.prop", PROP.content.replace("A_obs > 1 at B_obs=500\n", ""))
    problem = built(model, free, arms_text, prop, EXP)
    loss = problem.settings.loss
    for z in (-0.5, 0.2, 0.602):
        point = np.array([z])
        seen = problem.evaluate(point)
        terms = problem.evaluate_task(Task(point)).terms
        k = 0.1 * 10 ** (0.5 * z)
        data = ((100 * np.exp(-k * 10) - 13.5335) ** 2 + (100 * np.exp(-k * 20) - 1.8316) ** 2) / 2
        assert sum(r**2 for r in seen.residuals.values()) == pytest.approx(data, rel=1e-4, abs=1e-8)
        floor = -math.log(0.99)
        assert np.sum(problem.roots(point) ** 2) == pytest.approx(seen.objective - floor, rel=1e-9)
        parts = problem.roots(point) ** 2 / problem.unit
        if (parts < 9).all():
            assert loss(terms, point, problem.weights) == pytest.approx(parts.sum(), rel=1e-4)
        assert problem.holds(terms).tolist() == [j.holds for j in seen.judged.values()]
        assert seen.objective - seen.pybnf == pytest.approx(0.9)  # line 3, which PyBNF passes over


def test_what_never_comes_is_no_success(model: KineticModel, free: TextFile, arms_text: TextFile):
    problem = built(model, free, arms_text, PROP)
    seen = problem.evaluate(np.zeros(1))
    terms = problem.evaluate_task(Task(np.zeros(1))).terms
    assert "never comes" in seen.judged["plain.prop:5"].reason and seen.objective == math.inf
    assert math.isfinite(seen.pybnf) and terms[4] == WORST and not problem.holds(terms)[4]
    assert problem.overlooked == {
        "plain.prop:3": "passed over: 0 is the first row of arm plain, or before it"
    }


def test_findings_of_the_project_s_own_kinds(model: KineticModel, free: TextFile, arms_text: TextFile):
    problem = built(model, free, arms_text, FINDING)
    seen = problem.evaluate(np.zeros(1))
    score = seen.scores["F1_drug_keeps_A"]
    assert score.holds and score.got == pytest.approx(np.exp(0.9), rel=1e-4)
    terms = problem.evaluate_task(Task(np.zeros(1))).terms
    assert terms == pytest.approx([np.log2(np.exp(0.9) / 2.0)], rel=1e-4)
    assert problem.settings.loss.prior > 0
    assert seen.objective == 0.0  # its margin of 0.3 is beyond what is asked


def test_a_finding_that_fails_costs_its_shortfall(model: KineticModel, free: TextFile, arms_text: TextFile):
    stricter = replace(FINDING, content=FINDING.content.replace("at_least = 2.0", "at_least = 4.0"))
    for files in ([stricter], [stricter, EXP]):
        problem = built(model, free, arms_text, *files)
        seen = problem.evaluate(np.zeros(1))
        short = 0.2 - np.log2(np.exp(0.9) / 4.0)
        assert not seen.scores["F1_drug_keeps_A"].holds
        assert seen.costs == {"F1_drug_keeps_A": pytest.approx(short**2, rel=1e-4)}
        data = sum(gap**2 for gap in seen.residuals.values())
        assert seen.objective == pytest.approx(data + short**2, rel=1e-4)
        assert np.sum(problem.roots(np.zeros(1)) ** 2) == pytest.approx(seen.objective, rel=1e-9)


def test_a_finding_that_is_not_fitted_costs_nothing(model: KineticModel, free: TextFile, arms_text: TextFile):
    text = FINDING.content.replace("at_least = 2.0", "at_least = 4.0").replace('"fit"', '"validation"')
    seen = built(model, free, arms_text, replace(FINDING, content=text)).evaluate(np.zeros(1))
    assert not seen.scores["F1_drug_keeps_A"].holds and seen.costs == {} and seen.objective == 0.0


def test_a_simulation_that_fails_is_the_worst_and_no_error(model: KineticModel, free: TextFile):
    arms = TextFile("a.toml", 'format = "findings/1"\n[arm.plain]\nuntil = 20\nset = { drug = -1 }\n')
    problem = built(model, free, arms, TextFile("plain.prop", "A_obs < 20 at 10\n"), EXP)
    assert (problem.evaluate_task(Task(np.zeros(1))).terms == WORST).all()
    assert problem.evaluate(np.zeros(1)).pybnf == math.inf


def test_only_what_is_asked_for(model: KineticModel, free: TextFile, arms_text: TextFile):
    problem = built(model, free, arms_text, PROP)
    only = np.array([True, False, True, False, False])
    terms = problem.evaluate_task(Task(np.zeros(1), only=only)).terms
    assert np.isnan(terms[~only]).all() and np.isfinite(terms[only]).all()


def test_the_rate_is_found_and_polished(model: KineticModel, free: TextFile, arms_text: TextFile):
    problem = built(model, free, arms_text, EXP)
    with Pool(recipe(plain(model, free, [arms_text, EXP])), 0, problem) as pool:
        state = multistart.calibrate(pool, 1, Budget(evaluations=150), problem.settings)
        best = min(multistart.members_of(state, problem), key=lambda m: problem.evaluate(m.z).objective)
    z, count = polish(problem, best.z, 60)
    assert 0 < count < 200 and problem.evaluate(z).objective <= problem.evaluate(best.z).objective
    assert problem.space.values(z)["k"] == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "no arms"),
        ((TextFile("a.toml", "x = "),), "not valid TOML"),
        ((TextFile("a.toml", 'format = "findings/2"'),), "findings/1"),
        ((TextFile("b.toml", 'format = "findings/1"\n[arm.plain]\nuntil = 1'),), "another file"),
        ((TextFile("x.prop", "A_obs > 1 always"),), "no arm 'x'"),
        ((TextFile("plain.prop", "Aobs > 1 always"),), "Did you mean 'A_obs'"),
    ],
)
def test_mistakes_of_all_files_are_told(
    model: KineticModel, free: TextFile, arms_text: TextFile, files: tuple[TextFile, ...], said: str
):
    first = (arms_text,) if said != "no arms" else ()
    with pytest.raises(UserError, match=said):
        built(model, free, *first, *files)


def test_nothing_to_fit_is_told(model: KineticModel, free: TextFile, arms_text: TextFile):
    with pytest.raises(UserError, match="nothing to fit"):
        built(model, free, arms_text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('arm = "drugged"', 'arm = "druged"', "Did you mean 'drugged'"),
        ('"A_obs"', '"Aobs"', "unknown observable"),
        ('kind = "ratio"', 'kind = "cohort"', "kind"),
        ('trust = "fair"', "", "trust: missing"),
        ('id = "F1_drug_keeps_A"', 'id = "a b"', "letters, digits"),
        ('at = "10 min"', "at = 10", "has no unit"),
        ("at_least = 2.0", "at_least = 2.0\ncontext = 'x'", "context"),
    ],
)
def test_mistakes_of_findings_are_told(
    model: KineticModel, free: TextFile, arms_text: TextFile, old: str, new: str, said: str
):
    with pytest.raises(UserError, match=said):
        built(model, free, arms_text, replace(FINDING, content=FINDING.content.replace(old, new)))


def test_findings_need_the_unit_of_time(model: KineticModel, free: TextFile, arms_text: TextFile):
    with pytest.raises(UserError, match="the model's unit is not known"):
        built(model, replace(free, content=free.content.replace('time = "min"', "")), arms_text, FINDING)


def test_the_hash_is_of_the_content(model: KineticModel, free: TextFile, arms_text: TextFile):
    one = digest(plain(model, free, [arms_text, EXP]))
    assert one == digest(plain(model, free, [arms_text, EXP]))
    assert one != digest(plain(model, free, [arms_text, PROP]))
