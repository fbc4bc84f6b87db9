"""The adjoint has the slopes that bngsim has, and its linear systems the solutions of LAPACK."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest

from models.assemble import build
from models.network import network_text
from models.simulation.codegen.compile import adjoint, compiler
from models.simulation.codegen.network_code import generate
from models.simulation.codegen.reverse_ad import Unsupported
from models.simulation.codegen.sparse_factors import TooLarge
from models.simulation.engine import Engine
from models.simulation.network_reduction import parse

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")


@pytest.fixture(scope="module")
def network():
    return parse(network_text(build().model))


@pytest.fixture(scope="module")
def made(network):
    code = generate(network)
    engine = Engine(network.text(), compiled=False)
    q = np.array([engine.core.get_param(name) for name in code.parameters])
    return code, adjoint(code.source), engine, q


def jacobian(made, state):
    code, library, _, q = made
    out = np.empty((code.n_species, code.n_species))
    pointers = (ctypes.c_void_p(a.ctypes.data) for a in (state, q, out))
    library._lib.dense(*pointers)
    return out


def states(made):
    code, _, engine, _ = made
    rng = np.random.default_rng(0)
    start = engine.initial()
    return [
        start * rng.uniform(0.1, 1.0, code.n_species) + rng.uniform(1.0, 100.0, code.n_species)
        for _ in range(5)
    ]


def test_a_network_that_is_too_large_is_refused_with_its_size(network, monkeypatch):
    monkeypatch.setattr("models.simulation.codegen.sparse_factors.MOST", 1000)
    with pytest.raises(TooLarge, match=f"{len(network.species)} species is too large"):
        generate(network)


def test_the_jacobian_is_that_of_the_engine(made):
    for state in states(made):
        ours, theirs = jacobian(made, state), made[2].jacobian(state)
        assert np.abs(ours - theirs).max() <= 1e-12 * np.abs(theirs).max()


@pytest.mark.parametrize("step", [1.0, 1e3, 1e8])
def test_a_resting_state_is_taken_back_as_one_implicit_step(made, step):
    """What each species is worth then solves a linear system; the parameters' slopes are its differences."""
    code, library, engine, q = made
    (state, *_) = states(made)
    worth = np.random.default_rng(1).normal(size=(2, code.n_species))
    lam, bar = worth.copy(), np.zeros((2, len(code.place)))
    assert library.rest(step, state, q, lam, bar)
    matrix = np.eye(code.n_species) - step * jacobian(made, state)
    assert lam == pytest.approx(np.linalg.solve(matrix.T, worth.T).T, rel=1e-5, abs=1e-9)
    names = ("mtorc1_phosphorylates_s6k_t389_kact", "rheb_activates_mtorc1_K", "insr_degraded_kdeg")
    for name in names:
        value = engine.core.get_param(name)
        rates = []
        for factor in (1.001, 0.999):
            engine.set({name: value * factor})
            rates.append(step * engine.slopes(state))
        engine.set({name: value})
        wanted = lam @ (rates[0] - rates[1]) / (0.002 * value)
        assert bar[:, code.place[name]] == pytest.approx(wanted, rel=1e-4)


def test_a_formula_that_cannot_be_read_is_said(network):
    odd = replace(network, functions=(*network.functions, ("odd", "exp(pAKT_S473)")))
    with pytest.raises(Unsupported, match="exp"):
        generate(odd)
    (first, *others) = network.reactions
    with pytest.raises(Unsupported, match="Sat"):
        generate(replace(network, reactions=(replace(first, law="Sat 1 2"), *others)))
    (pattern, amount), *rest = network.species
    with pytest.raises(Unsupported, match="INSR"):
        generate(replace(network, species=((f"${pattern}", amount), *rest)))
