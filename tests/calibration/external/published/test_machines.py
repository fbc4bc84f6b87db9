"""Two engines: what they read, where they rest, and that they agree with each other and with algebra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.external.published.engine import simulate
from calibration.external.published.machines import BngsimMachine, Machine, RoadRunnerMachine
from calibration.external.published.published_model import Handled, Published
from calibration.external.published.runner import Work, work
from calibration.external.published.translation import Translation
from calibration.external.published.treatment import PublishedPhase, PublishedTreatment, Rest
from calibration.external.published.verdicts import handles
from models.engines.sbml_engines import EngineFailure
from models.simulation.engine import Failure
from tests.calibration.external.published.toy import resting

KINDS = (RoadRunnerMachine, BngsimMachine)


@pytest.fixture(scope="module")
def handled(published: Published, own: Translation) -> Handled:
    return handles(published, own)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def machine(request: pytest.FixtureRequest, handled: Handled) -> Machine:
    made: Machine = request.param(handled.text, list(handled.readings.values()))
    return made


def job(handled: Handled, inputs: dict[str, float], factors: dict[str, float], **more: object) -> dict:
    settings = {"inputs": list(inputs.items()), "factors": list(factors.items())}
    return {
        "second": 60.0,
        "least": 1e-9,
        "rest": None,
        "cycle": 0.0,
        "inputs": handled.inputs,
        "factors": handled.factors,
        "names": list(handled.readings),
        "rests": [{"inputs": settings["inputs"], "factors": []}],
        "runs": [{"rest": 0, "stretches": [{"start": 0.0, **settings}], "times": [0.0, 86400.0]}],
        **more,
    }


def test_rest_and_a_drug_are_as_worked_out(machine: Machine, handled: Handled):
    table = np.array(work(job(handled, {"growth": 7.0, "blocker": 0.0}, {"s_on": 0.01}), machine)[0])
    names = list(handled.readings)
    at = [names.index(name) for name in ("pAKT_T308", "pS6K_T389", "tAKT", "pAKT_S473")]
    a, s = resting(), resting(mtorc1=0.01)
    assert table[0, at] == pytest.approx([a, 50.0, 100.0, a], rel=1e-4)
    assert table[1, at] == pytest.approx([s, 100 * 0.01 / 1.01, 100.0, s], rel=1e-4)


def test_a_dose_and_an_abundance(machine: Machine, handled: Handled):
    more = {"rests": [{"inputs": [["growth", 7.0], ["blocker", 1.0]], "factors": [["S", 0.0], ["S_p", 0.0]]}]}
    (table,) = work(job(handled, {"growth": 7.0, "blocker": 1.0}, {"S": 0.0}, **more), machine)
    wanted = 100.0 * 3.5 / (3.5 + 1.0)
    assert np.array(table)[:, list(handled.readings).index("pAKT_T308")] == pytest.approx(wanted, rel=1e-4)


def test_a_state_is_put_back_as_it_was(machine: Machine, handled: Handled):
    made = Work(job(handled, {"growth": 7.0, "blocker": 0.0}, {}), machine)
    (state,) = made.untreated(made.job["rests"][0])
    machine.go([0.0, 1.0])
    machine.put(state)
    assert machine.state() == pytest.approx(state)


@settings(max_examples=15, deadline=None)
@given(growth=st.floats(0.1, 50.0), left=st.floats(1e-3, 1.0))
def test_the_engines_agree(handled: Handled, growth: float, left: float):
    asked = job(handled, {"growth": growth, "blocker": 0.0}, {"s_on": left})
    asked["runs"][0]["times"] = [0.0, 60.0, 600.0, 86400.0]
    tables = [work(asked, kind(handled.text, list(handled.readings.values())))[0] for kind in KINDS]
    assert np.array(tables[0]) == pytest.approx(np.array(tables[1]), rel=1e-4)
    place = list(handled.readings).index("pAKT_T308")
    assert np.array(tables[0])[[0, -1], place] == pytest.approx(
        [resting(growth), resting(growth, left)], rel=1e-3
    )


def test_a_run_in_a_process_of_its_own(handled: Handled):
    inputs = (("blocker", 0.0), ("growth", 7.0))
    rest = Rest(inputs, ())
    runs = {
        PublishedTreatment(rest, (PublishedPhase(0.0, inputs, (("s_on", left),)),)): [0.0, 60.0, 86400.0]
        for left in (1.0, 0.5)
    }
    found = simulate(handled, 60.0, runs)
    folds = []
    for course in found.values():
        assert not isinstance(course, Failure)
        folds.append(course.at("pAKT_T308", 86400.0) / course.at("pAKT_T308", 0.0))
    assert folds == pytest.approx([1.0, resting(mtorc1=0.5) / resting()], rel=1e-4)


def test_a_model_that_cannot_be_loaded_says_so(handled: Handled):
    broken = Handled(handled.text.replace("</sbml>", ""), handled.readings, handled.inputs, handled.factors)
    with pytest.raises(EngineFailure):
        simulate(broken, 60.0, {PublishedTreatment(Rest((), ()), (PublishedPhase(0.0, (), ()),)): [0.0]})


CYCLE = """<?xml version="1.0"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
<model id="cycle"><listOfParameters>
<parameter id="x" value="2" constant="false"/><parameter id="y" value="0" constant="false"/>
<parameter id="r" value="0" constant="false"/></listOfParameters><listOfRules>
<rateRule variable="x"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/><ci>y</ci></apply></math>
</rateRule><rateRule variable="y"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/><ci>x</ci>
<cn>2</cn></apply></math></rateRule><assignmentRule variable="r"><math
xmlns="http://www.w3.org/1998/Math/MathML"><ci>x</ci></math></assignmentRule></listOfRules></model></sbml>"""


def test_cells_that_never_rest_are_said_or_averaged():
    """x goes in a circle around 2, with radius 0 where it begins there; so it is begun elsewhere."""
    text = CYCLE.replace('id="x" value="2"', 'id="x" value="3"')
    machine = RoadRunnerMachine(text, ["r"])
    asked = {
        **{
            "second": 86400.0,
            "least": 1e-9,
            "rest": None,
            "cycle": 0.0,
            "inputs": {},
            "factors": {},
            "names": ["r"],
        },
        "rests": [{"inputs": [], "factors": []}],
        "runs": [
            {
                "rest": 0,
                "stretches": [{"start": 0.0, "inputs": [], "factors": []}],
                "times": [0.0, 5 * 86400.0],
            }
        ],
    }
    assert "do not come to rest: r goes on moving" in work(asked, machine)[0]
    (table,) = work({**asked, "rest": 864000.0, "cycle": 86400.0 * 2 * np.pi}, machine)
    assert np.array(table)[:, 0] == pytest.approx([2.0, 2.0], rel=1e-3)
