"""Findings in BPSL: each line means what the finding's margin means."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.external.bpsl import read_prop
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.kinds import AllOf, Ratio
from calibration.findings.claims.observation import ABSENT, Observation
from calibration.findings.claims.reader import load_findings
from models.core.errors import Mistakes
from models.core.text_file import TextFile
from models.simulation.simulator import Simulator
from rewire.export.pybnf.bpsl_constraints import AGAINST, CANNOT, BpslFunctions, expressible, lost, points
from rewire.export.pybnf.pybnf_bundle import Bundle, bundle
from rewire.project.project import load_project

CONTEXTS = {"hek293", "mef"}


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    """Those of two contexts, one with cells of many kinds."""
    world = load_project()
    found = load_findings(words=world.words, built=world.built)
    return [f for f in found if f.use == "fit" and f.claim is not None and set(f.contexts) <= CONTEXTS]


@pytest.fixture(scope="module")
def made(findings: list[Finding]) -> Bundle:
    return bundle(findings, load_project())


def test_each_term_is_mapped_or_said_to_be_lost(findings: list[Finding], made: Bundle):
    told = {(line.finding, line.part): bool(line.text) for line in made.lines if not line.untreated}
    assert set(told) == {(f.id, part) for f in findings for part in range(f.n_parts)}
    assert sum(told.values()) > 50
    assert all(line.why for line in made.lines if not line.text)
    assert set(made.mapped) == {f.id for f in findings if expressible(f)}


def test_what_bpsl_has_no_words_for(findings: list[Finding]):
    whys = {line.why for finding in findings for line in lost(finding)}
    assert CANNOT["Earlier"] in whys
    point = next(p for f in findings for p in points(f))
    claim = Ratio(replace(point, against=point.arm), replace(point, against=point.arm), 1.5, None)
    parts = AllOf((claim, Ratio(point, point, 0.5, 2.0)))
    finding = replace(findings[0], claim=parts)
    assert [line.why for line in lost(finding)] == [AGAINST]
    assert not expressible(finding) and len(points(finding)) == 4


def test_a_line_charges_the_margin(findings: list[Finding], made: Bundle):
    """Both sides of each line, read from our own courses, differ by the finding's margin."""
    world = load_project()
    bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)
    arms: dict = {}
    for finding in findings:
        for point in points(finding):
            arms.setdefault(point.arm, {0.0}).add(point.time)
    courses = bench.run(arms)
    placed = {made.layout.place(arm, t): (arm, t) for arm, times in arms.items() for t in times}
    by_id = {f.id: f for f in findings}
    margins: dict[tuple[str, int], list[float]] = {}
    for line in made.lines:
        if line.text and not line.untreated:
            low, high = _sides(line.text, placed, courses)
            margins.setdefault((line.finding, line.part), []).append(high - low)
    for (name, part), found in margins.items():
        terms = _terms(by_id[name].claim, Observation(courses))
        assert min(found) == pytest.approx(terms[part], abs=1e-9), (name, part)


def _terms(claim, seen: Observation) -> list[float]:
    if isinstance(claim, AllOf):
        return [term for part in claim.claims for term in _terms(part, seen)]
    try:
        return list(claim.score(seen).parts)
    except ValueError:  # its arms were not simulated
        return [math.nan] * len(claim.terms)


_SIDE = re.compile(r"(\w+)\.log2_(\w+?)(?:_times_(\w+))? at (\w+)\.time=([\d.e+-]+)")


def _sides(text: str, placed: dict, courses: dict) -> tuple[float, float]:
    (high, low) = _SIDE.findall(text)
    values = []
    for output, name, times, clock, time in (high, low):
        assert output == clock
        arm, at = placed[output, float(time)]
        factor = float(times.replace("p", ".").replace("m", "-")) if times else 1.0
        value = courses[arm].at(name, at)
        values.append(math.log2(max(value, ABSENT)) + math.log2(factor))
    return values[1], values[0]


def test_our_own_reader_reads_the_lines(made: Bundle):
    problems = Mistakes()
    for name, text in made.texts.items():
        if name.endswith(".prop"):
            read = read_prop(TextFile(name, text), problems)
            assert len(read) == sum(bool(x.text) and f"{x.base}.prop" == name for x in made.lines)
            assert all(constraint.strength.family == "hinge" for constraint in read)
    problems.raise_if_any()


def test_ranges_of_untreated_cells_are_lines(made: Bundle):
    own = [line for line in made.lines if line.untreated]
    assert {line.finding.split(":")[0] for line in own} == CONTEXTS
    assert all(" at 1e-06" in line.text and line.weight == 2.0 for line in own)


_factors = st.floats(1e-6, 1e6, allow_nan=False).filter(lambda x: x != 1.0)


@given(_factors, _factors)
def test_factors_that_differ_have_names_that_differ(a: float, b: float):
    words = BpslFunctions()
    first, second = words.reading("pERK", None, a), words.reading("pERK", None, b)
    assert (first == second) == (f"{a:.12g}" == f"{b:.12g}")
    assert re.fullmatch(r"[A-Za-z]\w*", first)


def test_a_factor_is_an_addition():
    words = BpslFunctions()
    name = words.reading("pERK", "tERK", 1.5)
    body = words.functions[name]
    assert name == "log2_pERK_per_tERK_times_1p5" and body.startswith("log2_pERK_per_tERK + ")
    assert float(body.split(" + ")[1]) == pytest.approx(np.log2(1.5))
