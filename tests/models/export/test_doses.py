"""Doses and loads in text formats: the formulas say what the simulation does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.assemble import build
from models.cells.drugs import load_catalogue
from models.export.content import Content
from models.export.doses import LOAD, doses, entries, lines, loads
from models.network import network_text
from models.simulation.network_reduction import parse

CATALOGUE = load_catalogue()
BUILT = build()
NETWORK = parse(network_text(BUILT.model))


def value(formula: str, numbers: Mapping[str, float]) -> float:
    """A sum of quotients of names."""
    total = 0.0
    for term in formula.split(" + "):
        above, below = term.split("/")
        total += numbers[above] / numbers[below]
    return total


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_loads_follow_doses_and_potencies(data: st.DataObject):
    names = data.draw(st.lists(st.sampled_from(CATALOGUE.names), max_size=4, unique=True))
    given_nM = {name: data.draw(st.floats(1e-3, 1e6)) for name in names}
    shifts = {name: data.draw(st.floats(-1.0, 1.0)) for name in names}
    made = doses(Content(BUILT, {}, CATALOGUE, shifts, given_nM), NETWORK)
    numbers = {d.id: d.nM for d in made} | {h.id: h.K for d in made for h in d.hits}
    wanted: dict[str, float] = {}
    for name in names:
        for target, load in CATALOGUE[name].loads(given_nM[name], shifts[name]).items():
            wanted[LOAD + target] = wanted.get(LOAD + target, 0.0) + load
    known = {name for name, _ in NETWORK.parameters}
    for name, formula in loads(made).items():
        assert value(formula, numbers) == pytest.approx(wanted.get(name, 0.0), rel=1e-12)
    assert set(wanted) & known <= set(loads(made))


def test_what_follows_stands_after_what_it_follows_from():
    made = entries(Content(BUILT, {"AKT_copies": 7.0}, CATALOGUE), NETWORK)
    seen: set[str] = set()
    formulas = loads(doses(Content(BUILT, {}, CATALOGUE), NETWORK))
    for entry in made:
        if entry.name in formulas:
            assert all(part in seen for term in entry.text.split(" + ") for part in term.split("/"))
        assert entry.name not in seen
        seen.add(entry.name)
    assert {name for name, _ in NETWORK.parameters} <= seen
    assert next(e for e in made if e.name == "AKT_copies").text == "7.0"
    assert len(lines(made)) == len(made) and not any("\n" in line for line in lines(made))
