"""Comparing with other engines: what counts as a difference, and that a real one is seen."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.engines.sbml_engines import EngineFailure, simulate
from models.export.sbml.document import sbml
from rewire.export.compare_courses import LEAST, difference, our_courses, sample_times, verify_courses
from rewire.export.notes import about
from rewire.export.request import ExportOrder, Filled, content, fill
from rewire.export.verify.verify_all import TREATMENTS, cases, verify_all
from rewire.project.project import load_project

ENGINES = ("roadrunner", "COPASI")
TABLES = arrays(float, (3, 4), elements=st.floats(-1e6, 1e6))


@pytest.fixture(scope="module")
def order() -> tuple[Filled, str]:
    filled = fill(ExportOrder("mcf7", ("rapamycin=20 nM", "EGF=5 nM@2 h..3 h"), created="2026-01-31"))
    return filled, sbml(content(filled), about(filled))


@settings(deadline=None)
@given(TABLES)
def test_a_table_does_not_differ_from_itself(table):
    assert difference(table, table)[0] == 0.0


@settings(deadline=None)
@given(TABLES, st.integers(0, 2), st.integers(0, 3), st.floats(1.0, 1e6))
def test_the_largest_difference_is_found_where_it_is(table, row: int, column: int, by: float):
    other = table.copy()
    other[row, column] += by
    apart, r, c = difference(table, other)
    peak = np.abs(table[:, column]).max()
    scale = max(abs(table[row, column]), 1e-3 * peak, 1e-6)
    expected = (other - table)[row, column] / scale if peak >= LEAST else np.inf
    assert (r, c) == (row, column) and apart == pytest.approx(expected)


def test_what_is_absent_is_absent_in_both():
    noise, there = np.array([[3e-10], [2e-10]]), np.array([[3e-10], [2e-6]])
    assert difference(noise, 7 * noise)[0] == 0.0
    assert difference(noise, there) == (np.inf, 1, 0) and difference(there, noise)[0] > 0.9


def test_what_is_no_number_here_may_be_anything_but_not_the_other_way():
    ours = np.array([[np.nan, 1.0]])
    assert difference(ours, np.array([[5.0, 1.0]]))[0] == 0.0
    assert difference(ours, np.array([[np.nan, np.nan]]))[0] == np.inf


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**6).map(lambda s: 60.0 * s), unique=True, max_size=5))
def test_samples_see_every_stretch_and_no_change(changes: list[float]):
    times = sample_times(changes)
    assert times == sorted(set(times)) and not set(times) & {0.0, *changes}
    edges = [0.0, *sorted(changes), np.inf]
    for begin, end in pairwise(edges):
        assert sum(begin < t < end for t in times) >= 5


@pytest.mark.parametrize("settled", [True, False])
def test_all_engines_agree(tmp_path: Path, settled: bool):
    filled = fill(
        ExportOrder("skbr3", ("lapatinib=1 uM", "MK-2206=1 uM@6 h..12 h"), member="2", settled=settled)
    )
    filling, path = content(filled), tmp_path / "a.xml"
    path.write_text(sbml(filling, about(filled)))
    found = verify_courses(path, filled, filling)
    assert found.ok and len(found.agreements) == len(ENGINES), found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rate_that_is_one_per_mille_off_is_seen(order, engine: str, tmp_path: Path):
    filled, text = order
    path = tmp_path / "a.xml"
    pattern = r'(id="pp2a_dephosphorylates_s6k_t389_kcat" value=")([^"]+)'
    path.write_text(re.sub(pattern, lambda m: f"{m[1]}{float(m[2]) * 1.001!r}", text))
    found = verify_courses(path, filled, content(filled), [engine])
    assert not found.ok and found.agreements[0].difference > 1e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_fails_says_so(order, engine: str, tmp_path: Path):
    path = tmp_path / "a.xml"
    path.write_text("<sbml/>")
    with pytest.raises(EngineFailure, match=engine):
        simulate(engine, path, [1.0], ["tAKT"])
    filled, _ = order
    found = verify_courses(path, filled, content(filled), [engine])
    assert not found.ok and found.agreements[0].difference is None and found.agreements[0].reason


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_never_ends_is_stopped(order, engine: str, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("models.engines.sbml_engines.LIMIT_S", 0.05)
    path = tmp_path / "a.xml"
    path.write_text(order[1])
    with pytest.raises(EngineFailure, match=r"not done after 0\.05 s"):
        simulate(engine, path, [1.0], ["tAKT"])


def test_courses_from_unsettled_cells_start_as_the_file_does():
    filled = fill(ExportOrder("mef", settled=False))
    names, times, table = our_courses(filled, content(filled), [1e-6, 10.0])
    assert table.shape == (2, len(names)) and times == [1e-6, 10.0]
    assert table[0, names.index("tAKT")] == pytest.approx(1.5e5, rel=1e-3)
    assert table[0, names.index("pAKT_T308")] == pytest.approx(0.0, abs=1e-3)


def spread() -> list[tuple[str, str, str]]:
    """Each context with another treatment and another member."""
    names, members = list(TREATMENTS), ("best", "median", "1", "2", "3")
    return [
        (context, names[i % len(names)], members[i % len(members)])
        for i, context in enumerate(load_project().contexts)
    ]


def test_there_are_enough_cases():
    assert len(TREATMENTS) >= 5
    assert len(cases()) >= 25 * len(load_project().contexts)


@pytest.mark.slow
@pytest.mark.parametrize("case", spread(), ids=" ".join)
def test_every_context_agrees(case: tuple[str, str, str]):
    (found,) = verify_all([case])
    assert found.ok, found.agreements
