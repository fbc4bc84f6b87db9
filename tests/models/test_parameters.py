"""Parameter sets as vectors in prior standard deviations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.parameters import Space, space


@pytest.fixture
def free() -> Space:
    def rate(name: str, guess: float, sd: float) -> Any:
        return SimpleNamespace(name=name, guess=guess, sd=sd)

    built = SimpleNamespace(
        rates={r.name: r for r in (rate("k1", 1e-3, 0.5), rate("fixed", 2.0, 0.0), rate("k2", 10.0, 0.3))}
    )
    contexts = {
        "mcf7": SimpleNamespace(free={"IRS1_copies": (3e4, 0.2), "PTEN_copies": (0.0, 0.2)}),
        "du145": SimpleNamespace(free={"IRS1_copies": (1e4, 0.3)}),
    }
    return space(built, contexts, {"rapamycin": 0.25, "exact": 0.0})


def test_names_and_scopes(free: Space) -> None:
    assert free.names == ("k1", "k2", "du145.IRS1_copies", "mcf7.IRS1_copies", "rapamycin.potency")
    assert free.scope == (
        ("shared",),
        ("shared",),
        ("context", "du145"),
        ("context", "mcf7"),
        ("drug", "rapamycin"),
    )
    assert free.of("shared").tolist() == [True, True, False, False, False]
    assert free.of("context", "mcf7").tolist() == [False, False, False, True, False]


def test_zero_is_the_first_guess(free: Space) -> None:
    values = free.values(np.zeros(len(free)))
    assert values == pytest.approx(
        {"k1": 1e-3, "k2": 10.0, "du145.IRS1_copies": 1e4, "mcf7.IRS1_copies": 3e4, "rapamycin.potency": 0.0}
    )


def test_one_is_one_standard_deviation(free: Space) -> None:
    values = free.values(np.ones(len(free)))
    assert values["k1"] == pytest.approx(1e-3 * 10**0.5)
    assert values["rapamycin.potency"] == pytest.approx(0.25)  # a shift in decades, not a factor


def test_there_and_back(free: Space) -> None:
    z = free.draw(np.random.default_rng(3))
    np.testing.assert_allclose(free.position(free.values(z)), z, rtol=1e-12)
    assert free.position({}).tolist() == [0.0] * len(free)
    with pytest.raises(ValueError, match="shape"):
        free.values(z[:-1])


def test_draws_follow_the_prior(free: Space) -> None:
    rng = np.random.default_rng(0)
    draws = np.array([free.draw(rng) for _ in range(4000)])
    np.testing.assert_allclose(draws.mean(axis=0), 0.0, atol=0.06)
    np.testing.assert_allclose(draws.std(axis=0), 1.0, atol=0.06)


def test_vectors_move_by_name(free: Space) -> None:
    moved = free.matched(["k2", "gone", "k1"], np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert moved.tolist() == [[3.0, 1.0, 0.0, 0.0, 0.0], [6.0, 4.0, 0.0, 0.0, 0.0]]
