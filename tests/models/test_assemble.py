"""A mistake in a rule is told with its file and line."""

from __future__ import annotations

import pytest

import pathway.foxo
from models.assemble import _build, build
from models.core.errors import UserError


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda model: model.monomers["FOXO"](S253="u"), "unknown sites in Monomer('FOXO'"),
        (lambda model: model.monomers["FOX0"], "KeyError: 'FOX0'"),
        (lambda model: model["aAKT_FOX0"], "KeyError: 'aAKT_FOX0'"),
        (lambda model: model.Parameter("foxo_wrong", 1.0, prior=0.3, source="guess"), "foxo_wrong"),
    ],
)
def test_a_mistake_in_a_rule_has_a_place(monkeypatch, mistake, said):
    def rules(model):
        mistake(model)

    monkeypatch.setattr(pathway.foxo, "rules", rules)
    _build.cache_clear()
    try:
        with pytest.raises(UserError) as caught:
            build()
    finally:
        _build.cache_clear()
    assert str(caught.value).startswith("pathway/foxo.py: ") and said in str(caught.value)
    assert caught.value.__cause__ is not None
