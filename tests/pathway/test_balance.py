"""Amounts that nothing makes or breaks stay; closed cycles of binding do no work."""

from pathlib import Path

import numpy as np
import pytest
from pysb.bng import generate_equations
from pysb.core import Model
from scipy.linalg import null_space

from models.assemble import build

TURNED_OVER = set(Path(__file__).with_name("turned_over.txt").read_text().split())


@pytest.fixture(scope="module")
def model() -> Model:
    model = build().model
    generate_equations(model)
    return model


def composition(model, monomer):
    """Copies of a monomer in each species, shape (n_species,)."""
    return np.array([sum(mp.monomer.name == monomer for mp in s.monomer_patterns) for s in model.species])


def stoichiometry(model, reactions):
    s = np.zeros((len(model.species), len(reactions)))
    for j, reaction in enumerate(reactions):
        for i in reaction["reactants"]:
            s[i, j] -= 1
        for i in reaction["products"]:
            s[i, j] += 1
    return s


def test_totals_are_conserved(model):
    s = stoichiometry(model, model.reactions)
    kept = (
        {m.name for m in model.monomers}
        - TURNED_OVER
        - {m.name for m in model.monomers if m.name.endswith("_mRNA")}
    )
    assert len(kept) >= 19
    leaks = {m for m in kept if np.any(composition(model, m) @ s)}
    assert leaks == set()


def test_what_turns_over_is_made_and_lost(model):
    s = stoichiometry(model, model.reactions)
    for monomer in TURNED_OVER:
        change = composition(model, monomer) @ s
        assert change.max() > 0 > change.min(), monomer


def test_binding_cycles_balance(model):
    """Wegscheider: round any closed cycle of reversible steps the equilibrium constants multiply to one."""
    values = {p.name: p.value for p in model.parameters} | {
        f"load_{t}": 3.0 for t in ("FKBP12", "AKT_ATP", "AKT_allosteric")
    }
    values |= {o.name: 1e4 for o in model.observables}
    passive = {r.name for r in model.rules if r.is_reversible} | {
        "akt_none_docks",
        "akt_atp_docks",
        "akt_undocks",
    }
    steps = [r for r in model.reactions_bidirectional if r["reversible"] and set(r["rule"]) <= passive]

    def rate(reactants, products):
        (reaction,) = [
            r for r in model.reactions if (set(r["reactants"]), set(r["products"])) == (reactants, products)
        ]
        law = model.rules[reaction["rule"][0]]
        law = law.rate_reverse if reaction["reverse"][0] else law.rate_forward
        formula = law.expand_expr() if hasattr(law, "expand_expr") else law
        if not formula.free_symbols - {law}:
            return values[law.name]
        return float(formula.subs({s: values[s.name] for s in formula.free_symbols}))

    log_k = []
    for step in steps:
        ends = set(step["reactants"]), set(step["products"])
        log_k.append(np.log(rate(*ends) / rate(*ends[::-1])))
    loops = null_space(stoichiometry(model, steps))
    assert len(steps) >= 12
    assert np.allclose(np.array(log_k) @ loops, 0, atol=1e-6)
