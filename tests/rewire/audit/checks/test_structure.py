"""Dead and duplicate reactions, unreachable species, unused parameters, undefined amounts."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from rewire.audit.checks.reach import Reach
from rewire.audit.checks.structure import reactions, species
from rewire.audit.checks.values import initials, parameters
from rewire.audit.model import load
from rewire.audit.network import network


def looked(path: Path):
    subject = load(path)
    net = network(subject)
    now, on = Reach(net, False), Reach(net, True)
    return {
        "reactions": reactions(subject, net, now, on),
        "species": species(subject, net, now, on),
        "parameters": parameters(subject, net),
        "initials": initials(subject, net),
    }


def ids(section, kind: str) -> list[str]:
    return [f.id for f in section.findings if f.kind == kind]


CHAIN = {
    "first": (["A"], ["B"], "k * A"),
    "second": (["B"], ["C"], "k * B"),
    "never": (["X"], ["Y"], "k * X"),
    "off": (["A"], ["Z"], "zero * A"),
}


def test_dead_and_switched_off(build):
    found = looked(build({**dict.fromkeys("BCXYZ", 0.0), "A": 1.0}, CHAIN, {"k": 1.0, "zero": 0.0}))
    assert ids(found["reactions"], "dead") == ["never"]
    assert ids(found["reactions"], "switched off") == ["off"]
    assert ids(found["species"], "unreachable") == ["X", "Y"]
    assert ids(found["species"], "switched off") == ["Z"]
    assert found["reactions"].score == 75.0 and found["species"].score == pytest.approx(100 * 4 / 6)


def test_each_finding_has_its_line(build):
    path = build({**dict.fromkeys("BCXYZ", 0.0), "A": 1.0}, CHAIN, {"k": 1.0, "zero": 0.0})
    lines = path.read_text().splitlines()
    for section in looked(path).values():
        for finding in section.findings:
            assert f'id="{finding.id}"' in lines[finding.line - 1]


@pytest.mark.parametrize(
    ("changes", "dead"),
    [
        ({"held": ["X"]}, []),  # an input
        ({"events": [("time > 5", "X", "3")]}, []),
        ({"rates": {"X": "k"}}, []),
        ({"rates": {"X": "0 * k"}}, ["never"]),
        ({"rules": {"X": "2 * A"}}, []),
    ],
)
def test_what_brings_a_species_to_life(build, changes: dict, dead: list[str]):
    found = looked(
        build({**dict.fromkeys("BCXYZ", 0.0), "A": 1.0}, CHAIN, {"k": 1.0, "zero": 0.0}, **changes)
    )
    assert ids(found["reactions"], "dead") == dead


def test_a_rate_that_runs_backwards_makes_its_reactants(build):
    there_and_back = {"r": (["A"], ["B"], "k * A - k * B"), "next": (["A"], ["C"], "k * A")}
    found = looked(build({"A": 0.0, "B": 1.0, "C": 0.0}, there_and_back, {"k": 1.0}))
    assert not ids(found["reactions"], "dead") and not ids(found["species"], "unreachable")


def test_duplicates_whatever_the_order_and_the_names(build):
    made = {
        "one": (["A"], ["B"], "k * A * C"),
        "same": (["A"], ["B"], "C * k * A"),
        "like": (["A"], ["B"], "q * A * C"),
        "else": (["A"], ["B"], "k * A"),
        "back": (["B"], ["A"], "k * A * C"),
        "local_1": (["A"], ["D"], "v * A"),
        "local_2": (["A"], ["D"], "w * A"),
    }
    local = {"local_1": {"v": 2.0}, "local_2": {"w": 2.0}}
    found = looked(build(dict.fromkeys("ABCD", 1.0), made, {"k": 1.0, "q": 2.0}, local=local))
    assert ids(found["reactions"], "duplicate") == ["same", "local_2"]
    assert ids(found["reactions"], "same form") == ["like"]


def test_unused_parameters(build):
    found = looked(
        build(
            {"A": 1.0, "B": 0.0},
            {"r": (["A"], ["B"], "k * A")},
            {"k": 1.0, "idle": 2.0, "seen": 0.0, "into": 3.0},
            rules={"seen": "A * into"},
            local={"r": {"spare": 1.0}},
        )
    )["parameters"]
    assert ids(found, "unused") == ["idle", "spare of r"] and found.score == pytest.approx(60.0)
    assert found.facts["set by a rule and read by nothing"] == 1


def test_undefined_values_are_those_that_libsbml_misses(build):
    path = build({"A": None, "B": 0.0}, {"r": (["A"], ["B"], "k * A")}, {"k": None, "spare": None})
    found = looked(path)["initials"]
    assert [f.id for f in found.findings] == ["A", "k", "spare"]
    assert [f.severity for f in found.findings] == ["error", "error", "warning"]
    document = libsbml.readSBML(str(path))
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, True)
    document.checkConsistency()
    numbers = [document.getError(i).getErrorId() for i in range(document.getNumErrors())]
    missed = (libsbml.SpeciesShouldHaveValue, libsbml.ParameterShouldHaveValue)
    missed += (libsbml.CompartmentShouldHaveSize,)
    assert sum(number in missed for number in numbers) == len(found.findings)


def test_an_idle_species(build):
    found = looked(build({"A": 1.0, "B": 0.0, "alone": 1.0}, {"r": (["A"], ["B"], "k * A")}, {"k": 1.0}))
    assert ids(found["species"], "idle") == ["alone"]


def test_what_is_dead_never_fires_in_an_engine(published: Path):
    """Rates of reactions that are said to be dead or off are zero all along in libRoadRunner."""
    roadrunner = pytest.importorskip("roadrunner")
    (path,) = published.glob("BIOMD0000000640_*.xml")
    found = looked(path)["reactions"]
    still = ids(found, "dead") + ids(found, "switched off")
    assert len(still) == 7
    runner = roadrunner.RoadRunner(str(path))
    runner.timeCourseSelections = list(still)
    table = runner.simulate(0.0, 100.0, 20)
    assert abs(table).max() == 0.0
