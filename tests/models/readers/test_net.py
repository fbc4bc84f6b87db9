"""Networks of others, looked through line by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import Mistakes
from models.kinetic_model import KineticModel
from models.readers.net import read_net
from models.simulation.engine import Engine


def told(text: str) -> str:
    problems = Mistakes("x.net")
    assert read_net(text, problems) is None
    return "\n".join(map(str, problems.found))


def test_species_lose_their_names_and_nothing_else(decay: KineticModel):
    assert decay.species == ("A(s~x)", "B()") and "A(s~x)" not in decay.text
    assert decay.primary == ("k", "A0", "drug") and decay.observables == ("A_obs", "B_obs")
    engine = Engine(decay.text, compiled=False)
    run = engine.run(engine.initial(), (0.0, 10.0), 1e-9, 1e-9)
    assert run.state == pytest.approx([100 * np.exp(-1), 100 * (1 - np.exp(-1))], rel=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("k/(1+drug)", "system(k)", "line 9"),
        ("1 1 2 rate", "1 1 2 nothing", "unknown name 'nothing'"),
        ("1 1 2 rate", "1 1 7 rate", "a species that is not there"),
        ("1 A_obs 1", "1 A_obs 9", "a species that is not there"),
        ("1 A_obs 1", "1 k 1", "k: more than one"),
        ("begin groups", "begin shell", "line 19: the block 'shell'"),
        ("1 A(s~x) A0", "1 A(`x`) A0", "line 13"),
        ("A0/2", "later/2", "unknown name 'later'"),
        ("rate() k", "rate(x) k", "local functions"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(net: str, old: str, new: str, said: str):
    assert said in told(net.replace(old, new))


def test_numbers_that_stand_in_for_functions_go(net: str):
    problems = Mistakes()
    made = read_net(net.replace("4 drug  0\n", "4 drug  0\n5 rate 0.3\n"), problems)
    assert made is not None and "rate" not in made.parameters and "rate" in made.functions


@settings(deadline=None)
@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["begin species", "1 A 2", "end species", "1 2 3 k"])).map("\n".join)
)
def test_anything_is_refused_in_words(text: str):
    problems = Mistakes()
    assert read_net(text, problems) is None and problems.found
