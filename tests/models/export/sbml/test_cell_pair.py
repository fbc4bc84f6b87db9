"""A cell and its reference cell in one file, on a model small enough to work out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import libsbml
import pytest

from models.engines.sbml_engines import simulate
from models.export.sbml.cell_pair import RUNS, STOPS, PairBound, fold_id, share_id, with_reference_cell
from models.export.sbml.dimensions import KNOWN, NONE
from models.export.sbml.writer import SbmlWriter, formula


def small(events: bool = False) -> str:
    """A decays at `k` (shared) x `dose` (own), to B; start amount `copies` (own)."""
    writer = SbmlWriter("small")
    writer.compartment("cell", 290)
    writer.species("A", "A()", "cell", 0.0, 252)
    writer.species("B", "B()", "cell", 0.0, 252)
    writer.parameter("k", KNOWN["1/s"], 0.1, 2)
    writer.parameter("dose", NONE, 1.0, 2)
    writer.parameter("copies", KNOWN["copies"], 8.0, 2)
    writer.parameter("all", KNOWN["copies"], None, 2, constant=False)
    writer.rule("all", formula("A + B"))
    writer.parameter("seen", KNOWN["copies"], None, 2, constant=False)
    writer.rule("seen", formula("A"))
    writer.initial("A", formula("copies"))
    writer.reaction("decay", "decay", ["A"], ["B"], formula("k * dose * A"), 176)
    if events:
        writer.parameter("flag", NONE, 0.0, 2, constant=False)
        writer.event("on", "on", 1.0, [("flag", writer.number(1.0, NONE))])
    return str(libsbml.writeSBMLToString(writer.document))


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    path = tmp_path / "pair.xml"
    bound = PairBound("A_at_most_half", fold_id("seen"), "at_most", "noise")
    text = with_reference_cell(
        small(), ["k"], [("copies", "times")], ["seen"], [("seen", "all")], [(bound, -1.0)], {"noise": 0.5}
    )
    path.write_text(text)
    return path


@pytest.mark.parametrize("engine", ["roadrunner", "COPASI"])
def test_both_cells_have_their_own(pair: Path, engine: str):
    names = ["seen", "reference_seen", fold_id("seen"), share_id("seen", "all"), "surprise_of_A_at_most_half"]
    values = {"reference_dose": 0.0, "times": 2.0}
    ((a, b, fold, share, surprise),), _ = simulate(engine, pair, [10.0], names, values)
    assert a == pytest.approx(16.0 * math.exp(-1.0), rel=1e-6)
    assert b == pytest.approx(8.0, rel=1e-6)  # its own factor stands at 1
    assert fold == pytest.approx(math.log2(a / b), abs=1e-6)
    assert share == pytest.approx(-1.0 / math.log(2.0), abs=1e-6)
    margin = -1.0 - fold
    ours = -math.log(0.5 * math.erfc(-margin / 0.5 / math.sqrt(2.0)))
    assert surprise == pytest.approx(ours, rel=1e-5)


@pytest.mark.parametrize("engine", ["roadrunner", "COPASI"])
def test_the_reference_cell_is_stopped_and_keeps_what_it_shows(pair: Path, engine: str):
    found, _ = simulate(engine, pair, [5.0, 20.0], ["seen", "reference_seen"], {STOPS: 4.0})
    assert found[:, 0] == pytest.approx([8.0 * math.exp(-0.5), 8.0 * math.exp(-2.0)], rel=1e-6)
    assert found[:, 1] == pytest.approx([8.0 * math.exp(-0.4)] * 2, rel=1e-5)
    found, _ = simulate(engine, pair, [20.0], ["reference_seen"], {RUNS: 0.0})
    assert found[0, 0] == 8.0


def test_what_is_gone_has_a_ratio(pair: Path):
    ((fold,),), _ = simulate("roadrunner", pair, [1.0], [fold_id("seen")], {"times": 0.0})
    assert fold == pytest.approx(math.log2(1e-6 / (8.0 * math.exp(-0.1))), abs=1e-6)


def test_a_cell_with_events_is_refused():
    with pytest.raises(ValueError, match="events"):
        with_reference_cell(small(events=True), ["k"])


def test_equal_input_gives_equal_text():
    assert with_reference_cell(small(), ["k"], folds=["seen"]) == with_reference_cell(
        small(), ["k"], folds=["seen"]
    )
