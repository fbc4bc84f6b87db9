"""One kinetic model, of a file and of the project's own rules."""

from __future__ import annotations

import pytest

from models.assemble import build
from models.core.errors import Mistakes
from models.kinetic_model import KineticModel
from models.readers.model_file import read_model
from models.readers.net import read_net

NET = """
begin parameters
    1 k 0.1
    2 half k/2
end parameters
begin species
    1 $A(s~x) 100
    2 B() 0
end species
begin reactions
    1 1 2 k
end reactions
begin groups
    1 B_obs 2
end groups
"""


def test_a_model_that_was_read():
    model = read_model("small.net", NET, ("an event",))
    assert model.species == ("A(s~x)", "B()") and model.settings == {"k": 0.1}
    assert model.parameters == {"k": "0.1", "half": "k/2"} and model.observables == ("B_obs",)
    assert model.notes == ("an event",) and model.time_unit is None
    engine = model.compile(compiled=False)
    run = engine.run(engine.initial(), [0.0, 1.0], 1e-8, 1e-8)
    assert run.observables[-1, 0] == pytest.approx(10.0)  # A is held


def test_other_values_and_the_file_s_own_names():
    text = read_model("small.net", NET).with_values({"k": 0.25}).text()
    again = read_net(text, Mistakes("again"))
    assert again is not None and again.settings == {"k": 0.25} and again.species == ("A(s~x)", "B()")
    assert "$A(s~x)" in text


def test_the_model_of_the_project():
    built = build()
    model = KineticModel.of_built(built)
    assert model.time_unit == 1.0 and set(built.rates) <= set(model.settings)
    assert set(built.observables) <= {*model.observables, *model.functions}
    assert model.units["pERK"] == built.observables["pERK"].unit
