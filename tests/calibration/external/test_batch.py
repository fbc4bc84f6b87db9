"""Batch of a third-party model: tables as the simulator gives them, derivatives as differences give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.external import batch as batches
from calibration.external.constraint import Strength
from calibration.external.least_squares import polish
from calibration.external.penalty import likelihood
from calibration.external.problem import ExternalProblem
from calibration.external.term_derivatives import bent_derivative, likelihood_derivative
from calibration.objective.measured.residual_terms import bent
from calibration.objective.problem import WORST, Task
from models.core.text_file import TextFile
from models.readers.model_file import read_model
from models.simulation.codegen.compile import compiler
from models.simulation.engine import Failure

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

NET = """
begin parameters
1 made 2
2 lost 0.3
3 join 0.05
4 in 0.2
5 fed 10*in
6 drop in*lost
end parameters
begin functions
1 share() B/(1+B)
2 loss() in*B/(1+B)
end functions
begin species
1 A() fed
2 B() 0
3 $C() 1
end species
begin reactions
1 0 1 made
2 1 0 lost
3 1,3 2,3 join
4 2 0 loss
5 1 0 drop
end reactions
begin groups
1 A 1
2 B 2
3 All 1,2
end groups
"""

FREE = """
format = "free/1"
time = "min"
[solver]
rtol = 1e-9
atol = 1e-9
[free.made]
guess = 2.0
sd = 0.3
[free.lost]
bounds = [0.05, 2.0]
[free.join]
guess = 0.05
sd = 0.02
scale = "linear"
[free.in]
bounds = [0.05, 0.9]
scale = "linear"
"""

FINDINGS = """
format = "findings/1"
source = { citation = "Nobody 2020" }

[arm.first]
until = 4
steps = 8

[arm.again]
after = "first"
before = [{ for = 3, amounts = { "A()" = 0 } }, { rest = 200, set = { made = 3 } }]
amounts = { "B()" = "fed", "A()" = 1.5 }
until = 2
steps = 4

[arm.dose]
scan = "made"
values = [0.5, 1, 4]
until = 30

[[finding]]
id = "rises"
says = "A rises."
kind = "ratio"
observable = "A"
of = { arm = "again", at = "2 min" }
to = { arm = "first", at = "1 min" }
at_least = 1.3
trust = "fair"
use = "fit"

[[finding]]
id = "peaks"
says = "B peaks."
kind = "peak"
observable = "B"
arm = "again"
between = ["30 s", "90 s"]
falls_to = 0.9
until = "2 min"
trust = "fair"
use = "fit"
"""

PROP = """
A < 3 at 2 weight 2
A > 2.2 always weight 1.5
B < again.A at 1 confidence 0.9 tolerance 0.5
A < B once between 1,3
"""
EXP = {
    "first": "# time A A_SD All All_SD\n1 2.5 0.4 3 0.5\n3 4 0.5 6 1\n",
    "dose": "# made B B_SD\n1 0.4 0.1\n4 1 0.2\n",
}


def problem(net=NET, findings=FINDINGS, prop=PROP, exps=EXP):
    files = [TextFile("findings.toml", findings), TextFile("first.prop", prop)]
    files += [TextFile(f"{name}.exp", text) for name, text in exps.items()]
    return ExternalProblem(read_model("small.net", net), TextFile("free.toml", FREE), files)


@pytest.fixture(scope="module")
def small():
    return problem()


def points(small, count=6):
    return np.random.default_rng(4).standard_normal((count, small.n))


def differences(function, z, step=1e-5):
    ways = step * np.eye(len(z))
    return np.transpose([(function(z + way) - function(z - way)) / (2.0 * step) for way in ways])


def test_tables_are_those_of_the_simulator(small):
    assert small.has_derivatives
    for z in points(small):
        found, wanted = small.batch.batch.tables(z), small.tables(z)
        for name, table in wanted.items():
            assert np.array_equal(found[name].variable, table.variable)
            assert found[name].values == pytest.approx(table.values, rel=5e-4, abs=1e-6)


def test_derivatives_of_all_terms_are_those_of_differences(small):
    moved = np.zeros(small.n_terms, dtype=bool)
    for z in points(small):
        outcome = small.evaluate_task(Task(z, derivatives="terms"))
        plain = small.evaluate_task(Task(z)).terms
        assert outcome.terms == pytest.approx(plain, abs=2e-3)
        wanted = differences(lambda at: small.evaluate_task(Task(at)).terms, z)
        within = np.abs(plain) < -WORST
        size = np.abs(wanted[within]).max()
        assert outcome.derivatives[within] == pytest.approx(wanted[within], rel=0.03, abs=5e-3 * size)
        moved |= np.any(outcome.derivatives != 0.0, axis=1)
    assert moved.all()  # of every kind of term


def test_derivatives_of_roots_are_those_of_differences(small):
    for z in points(small):
        found, wanted = small.batch.roots_jacobian(z), differences(small.roots, z)
        assert found == pytest.approx(wanted, rel=0.03, abs=5e-3 * np.abs(wanted).max())


def test_only_the_terms_that_are_wanted_come_back(small):
    only = np.zeros(small.n_terms, dtype=bool)
    only[[0, 4]] = True
    outcome = small.evaluate_task(Task(points(small)[0], only=only, derivatives="terms"))
    assert np.array_equal(np.isfinite(outcome.terms), only) and not outcome.derivatives[~only].any()
    assert outcome.derivatives[only].any()


def test_what_the_batch_cannot_run_the_simulator_runs(small, monkeypatch):
    z, tables = points(small)[0], small.batch.batch.tables
    lost = lambda self, z: tables(z) | {"again": Failure("not run")}  # noqa: E731
    monkeypatch.setattr(batches.ExternalBatch, "tables", lost)
    before = small.batch.again
    outcome = small.evaluate_task(Task(z, derivatives="terms"))
    assert np.array_equal(outcome.terms, small.evaluate_task(Task(z)).terms)
    assert small.batch.again == before + 1 and np.isfinite(outcome.derivatives).all()


def test_polishing_goes_by_the_derivatives(small):
    z = np.zeros(small.n)
    better, count = polish(small, z, 60)
    assert np.sum(small.roots(better) ** 2) < 0.9 * np.sum(small.roots(z) ** 2) and count <= 70


def test_what_cannot_be_read_has_no_derivatives_and_that_is_said(caplog):
    odd = problem(NET.replace("2 loss() in*B", "2 loss() exp(in)*B"))
    assert not odd.has_derivatives and "exp(in)" in caplog.text


def test_a_batch_that_is_off_is_not_used(caplog, monkeypatch):
    monkeypatch.setattr(batches, "NEAR", 0.0)
    assert not problem().has_derivatives and "is off by" in caplog.text


@pytest.mark.parametrize("family", ["probit", "logit"])
@pytest.mark.parametrize("chances", [(0.0, 1.0), (0.02, 0.98)])
def test_the_derivative_of_a_likelihood(family, chances):
    strength = replace(Strength(family), pmin=chances[0], pmax=chances[1], scale=0.7)
    for at in (-2.0, -0.1, 0.0, 0.4, 3.0):
        wanted = (likelihood(strength, at + 1e-6) - likelihood(strength, at - 1e-6)) / 2e-6
        assert likelihood_derivative(strength, at) == pytest.approx(wanted, rel=1e-5)


def test_the_derivative_of_what_is_bent():
    for gap in (-7.0, -1.0, 0.5, 2.9, 3.1, 40.0):
        assert bent_derivative(gap) == pytest.approx((bent(gap + 1e-6) - bent(gap - 1e-6)) / 2e-6, abs=1e-6)
