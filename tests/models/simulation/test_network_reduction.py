"""The cut is exact: smaller networks, the same trajectories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.network import network_text
from models.simulation.engine import Engine
from models.simulation.network_reduction import cut, parse, reachable
from models.simulation.simulator import Simulator, Trajectory

HOUR = 3600.0
TIMES = (0.0, 60.0, HOUR, 6 * HOUR, 24 * HOUR)
ARMS = {
    "untouched": {},
    "drug": {"segments": ((0.0, (("load_FKBP", 10.0),)),)},
    "inhibitor": {"segments": ((0.0, (("load_R", 5.0),)),)},
    "knock-out": {"rest": (("S6K_copies", 0.0),)},
    "no ligand": {"rest": (("lig_nM", 0.0),), "segments": ((0.0, (("lig_nM", 3.0),)),)},
    "mutant": {"rest": (("R_intact", 0.0),)},
    "washed out": {"segments": ((-HOUR, (("load_FKBP", 10.0),)), (0.0, ()), (HOUR, (("load_R", 2.0),)))},
}


def test_taking_apart_and_putting_together(small: Any) -> None:
    network = parse(network_text(small.model))
    again = parse(network.text())
    assert again == network
    assert len(network.species) == len(again.species) == 10
    assert dict(network.groups)["tR"]


def test_no_network_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no parameters"):
        parse("begin species\n1 A() 1\nend species\nbegin reactions\nend reactions\n")


@pytest.mark.parametrize("name", ARMS)
def test_trajectories_are_those_of_the_whole_network(
    name: str, arm: Any, small_bench: Simulator, small_whole: Simulator
) -> None:
    treated = arm(**ARMS[name])
    cut_, whole = (bench.run({treated: TIMES}, rtol=1e-10)[treated] for bench in (small_bench, small_whole))
    assert isinstance(cut_, Trajectory)
    assert isinstance(whole, Trajectory)
    np.testing.assert_allclose(cut_.copies, whole.copies, rtol=1e-8, atol=1e-8)


def test_what_is_left_out(arm: Any, small_bench: Simulator) -> None:
    kept = {
        name: [len(piece.keep) for piece in small_bench.path(arm(**options))]
        for name, options in ARMS.items()
    }
    assert kept["untouched"] == [7, 7]  # no drug, no damaged protein
    assert kept["drug"] == [7, 9]
    assert kept["washed out"] == [7, 9, 9, 9]  # bound drug outlasts its washing out
    assert kept["knock-out"] == [4, 4]  # nor IL-8, which the kinase induces
    assert kept["no ligand"] == [4, 7]
    assert kept["mutant"] == [8, 8]


def test_networks_are_shared_by_values(arm: Any, small_bench: Simulator) -> None:
    weak, strong = (arm(segments=((0.0, (("load_FKBP", load),)),)) for load in (1.0, 9.0))
    assert small_bench.path(weak)[-1] is small_bench.path(strong)[-1]
    assert small_bench.path(weak, {"s_kact": 1.0})[-1] is small_bench.path(weak)[-1]


def test_a_rate_that_is_a_difference_is_not_lost() -> None:
    network = parse(
        "begin parameters\n1 k 1\n2 total 2\nend parameters\n"
        "begin functions\n1 gap() k*(total-A)\nend functions\n"
        "begin species\n1 A() total\n2 B() 0\n3 C() 0\nend species\n"
        "begin reactions\n1 1 1,2 gap\n2 3 2 k\nend reactions\n"
        "begin groups\n1 A 1\n2 all 1,2*2\n3 none\nend groups\n"
    )
    core = Engine(network.text(), compiled=False).core
    species, reactions = reachable(core, network, np.array([True, False, False]))
    assert species.tolist() == [True, True, False]
    assert reactions.tolist() == [True, False]
    small = cut(network, species, reactions, ["A"])
    assert [name for name, _ in small.species] == ["A()", "B()"]
    assert small.groups == (("A", ((1.0, 0),)), ("all", ((1.0, 0), (2.0, 1))), ("none", ()))
    assert Engine(small.text(), compiled=False).observables == ("A", "all", "none")


def test_functions_that_nobody_needs_go(small: Any) -> None:
    network = parse(network_text(small.model))
    every = np.ones(len(network.species), bool), np.ones(len(network.reactions), bool)
    names = {name for name, _ in cut(network, *every, ["pR"]).functions}
    assert "r_on" in names
    assert "growth" not in names
    assert "growth" in {name for name, _ in cut(network, *every, ["growth"]).functions}
