"""Arms and what they give, against the known solution."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.external.setups import in_order, read_arms
from calibration.external.simulator import ArmTable, ExternalSimulator
from models.core.errors import Mistakes
from models.kinetic_model import KineticModel
from models.simulation.engine import Failure


@pytest.fixture(scope="module")
def bench(decay: KineticModel) -> ExternalSimulator:
    return ExternalSimulator(decay, 1e-9, 1e-9, compiled=False)


def tables(bench: ExternalSimulator, arms: dict, values: dict | None = None) -> dict:
    problems = Mistakes()
    read = in_order(read_arms(arms, bench.model, problems), problems)
    assert not problems.found
    return bench.run(read, values or {})


def test_settings_amounts_and_free_values(bench: ExternalSimulator):
    made = tables(
        bench,
        {
            "plain": {"until": 10, "steps": 2},
            "drugged": {"until": 10, "set": {"drug": 9}},
            "half": {"until": 10, "amounts": {"A( s~x )": "half", "B()": 7}},
        },
        {"k": 0.2},
    )
    assert made["plain"].of("A_obs") == pytest.approx(100 * np.exp(-0.2 * np.array([0, 5, 10])), rel=1e-6)
    assert made["drugged"].of("A_obs")[-1] == pytest.approx(100 * np.exp(-0.2), rel=1e-6)
    assert made["half"].of("B_obs")[-1] == pytest.approx(57 - 50 * np.exp(-2), rel=1e-6)
    assert made["plain"].of("share")[0] == 0.0 and made["plain"].of("rate")[0] == pytest.approx(0.2)


def test_arms_go_on_from_each_other(bench: ExternalSimulator):
    made = tables(
        bench,
        {
            "second": {
                "after": "first",
                "before": [{"for": 5, "set": {"drug": 9}}, {"rest": 500}],
                "until": 1,
                "amounts": {"A(s~x)": 3},
            },
            "first": {"until": 10},
        },
    )
    assert list(made) == ["first", "second"]
    assert made["second"].of("A_obs")[0] == 3 and made["second"].of("B_obs")[0] == pytest.approx(
        100, rel=1e-6
    )


def test_a_scan_gives_a_row_a_value(bench: ExternalSimulator):
    made = tables(bench, {"dose": {"scan": "drug", "values": [0, 1, 9], "until": 10}})
    assert made["dose"].variable.tolist() == [0, 1, 9]
    assert made["dose"].of("A_obs") == pytest.approx(100 * np.exp([-1, -0.5, -0.1]), rel=1e-6)


def test_a_failure_is_a_value(bench: ExternalSimulator):
    made = tables(
        bench,
        {"bad": {"until": 10, "set": {"drug": -1}}, "on": {"after": "bad", "until": 1}, "good": {"until": 1}},
    )
    assert isinstance(made["bad"], Failure) and "arm bad failed" in made["on"].reason
    assert isinstance(made["good"], ArmTable)


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ({"until": -1}, "until"),
        ({}, "arm.x.until: missing"),
        ({"until": 1, "set": {"drg": 1}}, "Did you mean 'drug'"),
        ({"until": 1, "set": {"half": 1}}, "computed"),
        ({"until": 1, "amounts": {"C()": 1}}, "unknown species"),
        ({"until": 1, "amounts": {"B()": "kk"}}, "'kk'"),
        ({"until": 1, "amounts": {"B()": -1}}, "-1"),
        ({"until": 1, "before": [{"for": 1, "rest": 2}]}, "one of for and rest"),
        ({"until": 1, "after": "y"}, "'y'"),
        ({"until": 1, "after": "x"}, "circle"),
        ({"until": 1, "scan": "drug", "values": [2, 1]}, "do not rise"),
        ({"until": 1, "values": [2]}, "without scan"),
        ({"until": 1, "steps": 1e9}, "steps"),
    ],
)
def test_mistakes_are_told(decay: KineticModel, arm: dict, said: str):
    problems = Mistakes()
    in_order(read_arms({"x": arm}, decay, problems), problems)
    assert any(said in str(problem) for problem in problems.found), problems.found
