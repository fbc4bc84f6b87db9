"""What engines make of models, and what is told from it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rewire.audit.checks.agreement import agreement, tolerance
from rewire.audit.checks.dynamics import negatives, steady, stiffness
from rewire.audit.checks.reach import Reach
from rewire.audit.engines import jobs as engines
from rewire.audit.engines.jobs import EngineOutcome, EngineRuns, difference, last_moment, run_all, timed
from rewire.audit.engines.runners import RUNNERS
from rewire.audit.model import load
from rewire.audit.network import network

TURNS = {"on": (["A"], ["B"], "k * A"), "off": (["B"], ["A"], "r * B")}


def ran(path: Path, **options: object):
    subject = load(path)
    net = network(subject)
    return net, Reach(net, False), run_all(subject, net, **options)


@pytest.fixture(scope="module")
def turning(tmp_path_factory: pytest.TempPathFactory, sbml_text):
    """A and B that turn into each other, once a second and once in a thousand."""
    path = tmp_path_factory.mktemp("turning") / "turning.xml"
    path.write_text(sbml_text({"A": 10.0, "B": 0.0}, TURNS, {"k": 1.0, "r": 1e-3}))
    return ran(path)


def test_every_engine_finds_what_is_known(turning):
    net, reach, runs = turning
    assert [o.engine for o in runs.outcomes] == list(RUNNERS) and not any(o.broken for o in runs.outcomes)
    assert {o.moieties for o in runs.outcomes} == {1} and runs.rests and runs.until == 10.0
    times = np.array(runs.times)
    a_left = 10 * (1e-3 + np.exp(-1.001 * times)) / 1.001
    for outcome in runs.outcomes:
        for rtol, course in outcome.courses.items():
            off = np.abs(course[:, outcome.names.index("A")] - a_left) / a_left
            assert off.max() < 300 * rtol
    assert stiffness(runs).facts["fastest time scale"] == pytest.approx(1 / 1.001, rel=1e-6)
    assert steady(runs).score == 100.0
    assert negatives(net, reach, runs).score == 100.0
    assert agreement(net, runs).score == 100.0 and not agreement(net, runs).findings
    assert tolerance(net, runs).score == 100.0


@pytest.mark.slow
def test_what_goes_on_without_its_reactant_falls_below_zero(build):
    net, reach, runs = ran(build({"A": 1.0, "B": 0.0}, {"take": (["A"], ["B"], "k")}, {"k": 1.0}), until=5.0)
    section = negatives(net, reach, runs)
    assert [f.kind for f in section.findings] == ["negative", "consumes absent species"]
    assert section.score == 50.0 and section.findings[0].severity == "error"
    assert agreement(net, runs).score == 100.0  # all of them


@pytest.mark.slow
def test_engines_that_miss_a_moment_do_not_agree(build):
    path = build({"A": 1.0}, {"r": (["A"], [], "k * A")}, {"k": 0.01}, events=[("time == 5", "A", "9")])
    net, _, runs = ran(path, until=20.0)
    section = agreement(net, runs)
    assert "equality" in {f.kind for f in section.findings} and runs.timed
    assert steady(runs).score is None


@pytest.mark.slow
def test_stiffness_is_what_libroadrunner_says(published: Path):
    import roadrunner

    (path,) = published.glob("BIOMD0000000347_*.xml")
    _, _, runs = ran(path, engines=["bngsim"])
    theirs = np.linalg.eigvals(np.array(roadrunner.RoadRunner(str(path)).getFullJacobian()))
    ours = runs.outcomes[0].rates[0]
    assert ours.real.min() == pytest.approx(theirs.real.min(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("number", ["347", "448", "581", "854"])
def test_a_steady_state_is_the_one_that_the_solvers_find(published: Path, number: str):
    (path,) = published.glob(f"BIOMD0000000{number}_*.xml")
    _, _, runs = ran(path)
    section = steady(runs)
    assert runs.rests and section.score is not None and section.score >= 60.0
    assert section.facts["COPASI"] == "finds it"


def test_an_engine_that_takes_too_long_leaves_what_it_found(build, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "PATIENCE", 1e-6)
    _, _, runs = ran(build({"A": 10.0, "B": 0.0}, TURNS, {"k": 1.0, "r": 1e-3}), engines=["COPASI"])
    assert "not done after" in runs.outcomes[0].broken and math.isnan(runs.until)
    assert stiffness(runs).score is None and "COPASI: not done" in steady(runs).reason


def test_a_model_that_no_engine_reads_is_told_by_each(build, monkeypatch: pytest.MonkeyPatch):
    subject = load(build({"A": 10.0, "B": 0.0}, TURNS, {"k": 1.0, "r": 1e-3}))
    lines: list[dict[str, object]] = [{"is": "broken", "reason": "cannot read it"}]
    monkeypatch.setattr(engines, "stream_isolated", lambda *_: (lines, ""))
    net = network(subject)
    runs = run_all(subject, net)
    section = agreement(net, runs)
    assert section.score is None and [f.kind for f in section.findings] == ["not run"] * 3


def made_up(*courses: np.ndarray) -> EngineRuns:
    """Runs whose engines gave these courses of A, at one tolerance."""
    outcomes = tuple(
        EngineOutcome(name, name, ("A",), {1e-8: course})
        for name, course in zip("xyz", courses, strict=False)
    )
    return EngineRuns(1.0, True, (0.0, 1.0), 1.0, False, outcomes)


def test_a_difference_is_an_error_with_its_place(build):
    net = network(load(build({"A": 1.0}, {"r": (["A"], [], "k * A")}, {"k": 1.0})))
    same, other = np.array([[1.0], [0.5]]), np.array([[1.0], [0.51]])
    assert agreement(net, made_up(same, same)).score == 100.0
    section = agreement(net, made_up(same, other))
    assert section.score == 0.0
    assert [(f.severity, f.id, f.line > 0) for f in section.findings] == [("error", "A", True)]


def test_small_numbers_are_counted_against_the_peak():
    reference = np.array([[1.0, 1.0], [1e-9, 0.5]])
    course = reference + np.array([[0.0, 0.0], [1e-9, 0.05]])
    assert difference(course, reference, 1.0) == pytest.approx([1e-6, 0.1])


def test_time_in_a_model(build):
    plain = network(load(build({"A": 1.0}, {"r": (["A"], [], "k * A")}, {"k": 1.0})))
    assert not timed(plain) and last_moment(plain) == 0.0
    rules = {"k": "piecewise(1, time > stop, 0)"}
    forced = network(
        load(build({"A": 1.0}, {"r": (["A"], [], "k * A")}, {"k": 0.0, "stop": 7.0}, rules=rules))
    )
    assert timed(forced) and last_moment(forced) == 7.0
