"""Species of a network as PySB says them."""

from __future__ import annotations

import pysb
import pytest

from models.assemble import build
from models.export.content import Content, ContentChange
from models.export.ids import species_id
from models.export.pysb.flat_module import _pattern, pysb_flat
from models.network import network_text
from models.simulation.network_reduction import parse


@pytest.mark.parametrize(
    ("species", "wanted"),
    [
        ("CXCL8()", "CXCL8()"),
        ("AKT(loc~cyt,T308~u,drug~none)", "AKT(T308='u', drug='none', loc='cyt')"),
        ("INSR(Y~p,g)", "INSR(Y='p', g=None)"),
        ("ERBB2(Y~p,d!1).ERBB3(Y~u,d!1)", "ERBB2(Y='p', d=1) % ERBB3(Y='u', d=1)"),
        ("X(s~p!3).Y(t!3)", "X(s=('p', 1)) % Y(t=1)"),
    ],
)
def test_patterns(species: str, wanted: str):
    assert _pattern(species) == wanted


def test_a_module_says_each_thing_once():
    built = build()
    network = parse(network_text(built.model))
    amounts = {pattern: float(i) for i, (pattern, _) in enumerate(network.species)}
    change = ContentChange(60.0, {"EGF_nM": 1.0}, {"CXCL8()": 0.0})
    text = pysb_flat(Content(built, {"EGF_nM": 0.25}, None, amounts=amounts, changes=[change]), ['A "cell".'])
    compile(text, "module", "exec")
    assert "Parameter('EGF_nM', 0.25)" in text
    assert text.count("Initial(") == len(network.species)
    assert f"Parameter('{species_id(network.species[5][0])}_start', 5.0)" in text
    assert "SCHEDULE = ((60.0, {'EGF_nM': 1.0}, {'CXCL8()': 0.0}),)" in text
    named = [
        line.split("'")[1] for line in text.splitlines() if line.startswith(("Parameter(", "Expression("))
    ]
    assert len(named) == len(set(named))


def test_a_small_model_with_its_own_start_amounts():
    model = pysb.Model("small", _export=False)
    monomer = pysb.Monomer("A", _export=False)
    start = pysb.Parameter("A_start", 3.0, _export=False)
    for part in (monomer, start):
        model.add_component(part)
    assert "Initial(A(), A_start)" in pysb_flat_of(model, monomer, start)


def pysb_flat_of(model: pysb.Model, monomer: pysb.Monomer, start: pysb.Parameter) -> str:
    from types import SimpleNamespace

    model.add_initial(pysb.Initial(monomer(), start, _export=False))
    rate = pysb.Parameter("k_kdeg", 0.1, _export=False)
    model.add_component(rate)
    model.add_component(pysb.Rule("lost", monomer() >> None, rate, _export=False))
    built = SimpleNamespace(model=model, settings={}, rates={})
    return pysb_flat(Content(built, {}), ["One molecule."])  # type: ignore[arg-type]
