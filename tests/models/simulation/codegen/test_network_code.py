"""Code of a network: derivatives are those of bngsim, solutions of linear systems those of LAPACK."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest

from models.assemble import build
from models.network import network_text
from models.simulation.codegen.compile import compiler, native
from models.simulation.codegen.network_code import generate
from models.simulation.codegen.reverse_ad import Unsupported
from models.simulation.codegen.sparse_factors import TooLarge
from models.simulation.engine import Engine
from models.simulation.network_reduction import parse

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")


LANES = 2
DENSE = """
void dense(const real *y, const real *q, real *out) {
    load(q);
    slopes(y);
    jacobian(y);
    memset(out, 0, (size_t)N * N * sizeof(real));
    for (int i = 0; i < N; i++)
        for (int k = row[i]; k < row[i + 1]; k++) out[order[i] * N + order[col[k]]] = J[k];
}
"""


@pytest.fixture(scope="module")
def network():
    return parse(network_text(build().model))


@pytest.fixture(scope="module")
def made(network):
    code = generate(network, LANES)
    engine = Engine(network.text(), compiled=False)
    q = np.array([engine.core.get_param(name) for name in code.parameters])
    return code, native(code.source + DENSE), engine, q


def wide(array):
    """The same in all lanes."""
    return np.ascontiguousarray(np.repeat(np.asarray(array, float)[..., None], LANES, axis=-1))


def passed(*arrays):
    return [a.ctypes.data_as(ctypes.c_void_p) for a in arrays]  # which keep them alive


def jacobian(made, state):
    code, library, _, q = made
    out = wide(np.empty((code.n_species, code.n_species)))
    library.dense(*passed(wide(state), wide(q), out))
    assert np.array_equal(out[..., 0], out[..., -1])
    return out[..., 0]


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
        generate(network, LANES)


def test_the_jacobian_is_that_of_the_engine(made):
    for state in states(made):
        ours, theirs = jacobian(made, state), made[2].jacobian(state)
        assert np.abs(ours - theirs).max() <= 1e-12 * np.abs(theirs).max()


@pytest.mark.parametrize("step", [1.0, 1e3, 1e8])
def test_a_steady_state_is_differentiated_as_one_implicit_step(made, step):
    """What each species is worth solves a linear system; derivatives by parameters are differences."""
    code, library, engine, q = made
    (state, *_) = states(made)
    worth = np.random.default_rng(1).normal(size=(2, code.n_species))
    lam, bar, first = wide(worth), wide(np.zeros((2, len(code.place)))), wide(1.0)
    library.rest(2, ctypes.c_double(step), *passed(wide(q), wide(state), first, lam, bar))
    lam, bar = lam[..., 0], bar[..., 0]
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
        generate(odd, LANES)
    (first, *others) = network.reactions
    with pytest.raises(Unsupported, match="Sat"):
        generate(replace(network, reactions=(replace(first, law="Sat 1 2"), *others)), LANES)
    (pattern, _), *rest = network.species
    with pytest.raises(Unsupported, match="2\\*x"):
        generate(replace(network, species=((pattern, "2*x"), *rest)), LANES)
