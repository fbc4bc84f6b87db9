"""A small model with the traits of the real one, and a cache of its own.

A receptor that turns over and is inhibited by a feedback, a kinase it activates, a drug that needs a partner
protein to bind its target, a switch that stops a rate at 1, and a secreted cytokine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pysb
import pytest

from models.simulation.simulator import Simulator


def small_model() -> pysb.Model:
    """Explicit PySB model, 10 species."""
    m = pysb.Model("small", _export=False)

    def add(part: Any) -> Any:
        m.add_component(part)
        return part

    def p(name: str, value: float) -> Any:
        return add(pysb.Parameter(name, value, _export=False))

    def e(name: str, formula: Any) -> Any:
        return add(pysb.Expression(name, formula, _export=False))

    def see(name: str, pattern: Any) -> Any:
        return add(pysb.Observable(name, pattern, _export=False))

    def rule(name: str, reaction: Any, *rates: Any, **options: Any) -> None:
        add(pysb.Rule(name, reaction, *rates, _export=False, **options))

    receptor = add(pysb.Monomer("R", ["y"], {"y": ["u", "p"]}, _export=False))
    kinase = add(pysb.Monomer("S6K", ["s"], {"s": ["u", "p"]}, _export=False))
    partner = add(pysb.Monomer("FKBP", ["d", "t"], {"d": ["free", "drug"]}, _export=False))
    target = add(pysb.Monomer("T", ["t"], _export=False))
    cytokine = add(pysb.Monomer("CXCL8", [], _export=False))
    damaged = add(pysb.Monomer("Damaged", [], _export=False))

    copies = {s: p(f"{s}_copies", v) for s, v in (("R", 1e4), ("S6K", 5e4), ("FKBP", 1e5), ("T", 1e4))}
    ligand, load_r, load_f = p("lig_nM", 1.0), p("load_R", 0.0), p("load_FKBP", 0.0)
    intact = p("R_intact", 1.0)
    start = p("R_start", 100.0)
    for pattern, amount in (
        (receptor(y="u"), start),
        (kinase(s="u"), copies["S6K"]),
        (partner(d="free", t=None), copies["FKBP"]),
        (target(t=None), copies["T"]),
    ):
        m.add_initial(pysb.Initial(pattern, amount, _export=False))

    p_r, p_s, t_s = see("pR", receptor(y="p")), see("pS6K", kinase(s="p")), see("tS6K", kinase())
    see("tR", receptor())
    free = see("T_free", target(t=None))
    see("T_bound", target(t=pysb.ANY))
    see("X", damaged())
    see("IL8", cytokine())
    e("fS6K", p_s / t_s)
    e("growth", 2 * p_s + free)

    k_deg = p("r_kdeg", 2e-5)
    rule("r_made", None >> receptor(y="u"), e("r_made_rate", k_deg * copies["R"]))
    rule("r_lost", receptor() >> None, k_deg, delete_molecules=True)
    left = e("left_R", 1 / (1 + load_r))
    on = e("r_on", p("r_kact", 0.01) * ligand * left / (1 + p_s / p("fb_K", 1e4)))
    rule("r_activated", receptor(y="u") >> receptor(y="p"), on)
    rule("r_off", receptor(y="p") >> receptor(y="u"), p("r_off_kcat", 0.01))
    rule("s_on", kinase(s="u") >> kinase(s="p"), e("s_on_rate", p("s_kact", 1e-6) * p_r * free / copies["T"]))
    rule("s_off", kinase(s="p") >> kinase(s="u"), p("s_off_kcat", 2e-3))
    k_on, k_off = p("f_kon", 1e-2), p("f_koff", 1e-2)
    rule("drug_in", partner(d="free", t=None) >> partner(d="drug", t=None), e("drug_in_rate", k_on * load_f))
    rule("drug_out", partner(d="drug", t=None) >> partner(d="free", t=None), k_off)
    bound = partner(d="drug", t=1) % target(t=1)
    rule("binds", partner(d="drug", t=None) + target(t=None) | bound, p("b_kf", 1e-7), p("b_kr", 1e-3))
    rule(
        "x_made",
        receptor(y="p") >> receptor(y="p") + damaged(),
        e("x_rate", p("x_kcat", 1e-4) * (1 - intact)),
    )
    rule("x_lost", damaged() >> None, p("x_kdeg", 1e-4))
    rule("il8_made", None >> cytokine(), e("il8_rate", p("il8_kact", 1e-4) * p_s))
    rule("il8_lost", cytokine() >> None, p("il8_kdeg", 1e-6))
    return m


SETTINGS = ("R_copies", "S6K_copies", "FKBP_copies", "T_copies", "lig_nM", "load_R", "load_FKBP", "R_intact")
READ = ("pR", "tR", "pS6K", "tS6K", "fS6K", "T_free", "T_bound", "X", "IL8", "growth")


@dataclass(frozen=True)
class SmallArm:
    """Rest settings and segments, said directly."""

    rest: tuple[tuple[str, float], ...] = ()
    segments: tuple[tuple[float, tuple[tuple[str, float], ...]], ...] = ((0.0, ()),)
    renew_medium: bool = True
    context: str = "none"


@dataclass(frozen=True)
class SmallReady:
    """What `compile_arm` gives: segments hold on top of the rest settings."""

    arm: SmallArm
    reads: tuple[str, ...] = ("none.S6K_copies", "drug.potency")

    def conditions(self, overrides: Any) -> Any:
        rest = dict(self.arm.rest)
        if (value := overrides.get("none.S6K_copies")) is not None:
            rest["S6K_copies"] = value
        weaker = 10.0 ** -overrides.get("drug.potency", 0.0)
        steps = [
            (t, {**rest, **{k: v * (weaker if "load" in k else 1) for k, v in s}})
            for t, s in self.arm.segments
        ]
        return SimpleNamespace(rest=rest, segments=steps)


@pytest.fixture(scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of this test session."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REWIRE_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def small(own_cache: Path) -> Any:
    """The small model with what the simulation needs to know of it."""
    return SimpleNamespace(
        model=small_model(),
        observables=dict.fromkeys(READ),
        settings=dict.fromkeys(SETTINGS),
        rates={},
        variants={},
        secreted=("IL8",),
    )


@pytest.fixture(scope="session")
def small_bench(small: Any) -> Simulator:
    """Cut and compiled."""
    return Simulator(small, compile_arm=SmallReady)


@pytest.fixture(scope="session")
def small_whole(small: Any) -> Simulator:
    """Nothing cut."""
    return Simulator(small, compile_arm=SmallReady, whole=True)


@pytest.fixture(scope="session")
def arm() -> type[SmallArm]:
    """Makes arms of the small model."""
    return SmallArm
