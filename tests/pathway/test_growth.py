"""Growth is read from the pathway and feeds nothing back."""

from __future__ import annotations

import re

import numpy as np
import pytest

from models.assemble import build
from models.network import network_text
from models.simulation.simulator import Simulator
from pathway import growth
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.project.members import load_members
from rewire.project.project import load_project

HOUR = 3600.0
PROXY = (("growth", "fixed_weights"),)


def block(net: str, name: str) -> list[str]:
    return re.search(rf"begin {name}\n(.*?)end {name}", net, re.S).group(1).splitlines()


def course(
    variants: tuple[tuple[str, str], ...], context: str, *treat: str, member: int = 0, hours: float = 72.0
):
    world = load_project(variants)
    simulator = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, whole=True)
    values = load_members(world, None, None).values[member]
    return simulator.run({(arm := read_arm(world, context, treat)): [0.0, hours * HOUR]}, values)[arm]


def test_no_rule_reads_growth():
    """So the network's states, and all findings on other things, are those of any weights."""
    net, other = network_text(build().model), network_text(build(dict(PROXY)).model)
    assert len(block(net, "species")) == len(block(other, "species"))
    assert len(block(net, "reactions")) == len(block(other, "reactions"))
    rules = {name for name, home in ((r, n.module) for r, n in build().rules.items()) if home == "growth"}
    assert rules == set()
    names = {
        "growth",
        "growth_rate",
        "growth_in_a_step",
        "death_genes",
        "survival",
        "dividing",
        "division_drive",
    }
    rates = [e for e in build().model.expressions if e.name.endswith("_rate") and e.name != "growth_rate"]
    assert rates and not any(names & {s.name for s in e.expr.free_symbols} for e in rates)


def test_at_most_eight_weights_are_fitted_and_all_have_a_source():
    fitted = [r for r in build().rates.values() if r.module == "growth" and r.source == growth.FITTED]
    assert 0 < len(fitted) <= 8
    assert all(r.source for r in build().rates.values() if r.module == "growth")
    assert not [r for r in build(dict(PROXY)).rates.values() if r.module == "growth"]


def test_the_readings_obey_their_formulas():
    done = course((), "mcf7", "GDC-0941=300 nM")
    value = {p.name: p.value for p in build().model.parameters}
    drive = np.prod([1 + value[w] * done.of(n) / scale for n, (w, _, scale) in growth.DRIVES.items()], axis=0)
    half = value["drive_halves_division_x"]
    dividing = drive**2 / (drive**2 + half**2)
    death = done.of("nFOXO") / (1 + done.of("pERK") / growth.ERK_HALVES_BIM)
    survival = 1 / (1 + (death / value["foxo_kills_K"]) ** 2)
    rate = value["cells_divide_kcat"] * dividing - value["cells_die_kcat"] * (1 - survival)
    assert done.of("survival") == pytest.approx(survival, rel=1e-6)
    assert done.of("growth_rate") == pytest.approx(rate, rel=1e-6)
    assert done.of("growth") == pytest.approx((1 + rate * 72 * HOUR / growth.STEPS) ** growth.STEPS, rel=1e-6)
    assert done.of("growth") == pytest.approx(np.exp(rate * 72 * HOUR), rel=0.35)


def test_the_proxy_with_fixed_weights_is_still_there():
    done = course(PROXY, "mcf7", hours=1.0)
    terms = [(growth.FLOOR + done.of(n) / scale) ** w for n, (w, scale) in growth.WEIGHTS.items()]
    assert done.of("growth") == pytest.approx(np.prod(terms, axis=0), rel=1e-6)
    assert "growth_rate" not in done.names


def test_a_rapalog_slows_mcf7():
    """By the proxy it did not: cyclin D rises as AKT comes back."""

    def ratio(variants: tuple[tuple[str, str], ...]) -> float:
        vehicle, treated = (course(variants, "mcf7", *t) for t in ((), ("rapamycin=20 nM",)))
        return treated.of("growth")[-1] / vehicle.of("growth")[-1]

    assert ratio(()) <= 0.8 < ratio(PROXY)
