"""Probabilities of reports, and scores that reward honest ones."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from calibration.findings.claims.kinds import AllOf, Order, Ratio, Unchanged
from calibration.findings.claims.points import Point
from calibration.objective.likelihood import Likelihood
from models.treatments.arm import Arm
from rewire.analysis.validation.forecast import (
    MemberView,
    Scores,
    directions,
    probability,
    reliability,
    reverses,
    smoothed,
)

P = Point(Arm("vehicle", "mcf7", "serum", False, (), ()), 0.0, "x")
FAIR = SimpleNamespace(trust="fair", claim=None)
margins = st.lists(st.floats(-6, 6), min_size=1, max_size=4)
chances = st.floats(0.01, 0.99)


@given(margins, st.sampled_from(["strong", "fair", "weak"]))
def test_the_probability_is_that_of_the_likelihood(parts, trust):
    laid = SimpleNamespace(
        n_terms=len(parts),
        findings=[SimpleNamespace(trust=trust)],
        rows=[slice(0, len(parts))],
        range_rows={},
    )
    told = probability(SimpleNamespace(trust=trust), [MemberView("holds", tuple(parts))])
    assert told == pytest.approx(math.exp(Likelihood(laid).reports(np.array(parts))[0]), rel=1e-9)


def test_what_cannot_be_read_and_implausible_cells_leave_only_what_an_unsound_report_has():
    least = (1 - 0.9) / 2
    nowhere = [
        MemberView("implausible", (5.0,)),
        MemberView("unevaluable", (math.nan,)),
        MemberView("unevaluable", ()),
    ]
    assert all(probability(FAIR, [look]) == pytest.approx(least) for look in nowhere)
    assert probability(FAIR, nowhere[:1], in_any_cells=True) > 0.9
    assert probability(FAIR, [MemberView("holds", (9.0,)), nowhere[0]]) == pytest.approx((0.95 + least) / 2)


@given(st.lists(chances, min_size=1, max_size=20))
def test_scores_are_what_the_books_say(said):
    scores = Scores.of(said)
    assert scores.n == len(said)
    assert scores.brier == pytest.approx(np.mean([(1 - p) ** 2 for p in said]))
    assert scores.log == pytest.approx(np.mean([-math.log2(p) for p in said]))


@given(chances, chances)
def test_no_other_probability_is_expected_to_score_better_than_the_true_one(true, other):
    def expected(p: float) -> tuple[float, float]:
        yes, no = Scores.of([p], [True]), Scores.of([p], [False])
        return tuple(true * a + (1 - true) * b for a, b in ((yes.brier, no.brier), (yes.log, no.log)))

    assert all(a <= b + 1e-12 for a, b in zip(expected(true), expected(other), strict=True))


def test_scores_of_nothing_are_no_number_and_those_of_a_coin_are_known():
    assert Scores.of([]).n == 0 and math.isnan(Scores.of([]).brier)
    coin = Scores.of([0.5] * 4, [True, False, True, False])
    assert (coin.brier, coin.log) == (0.25, 1.0)


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_share_is_never_certain(count, more):
    assert 0 < smoothed(count, count + more) < 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_every_event_is_in_one_bin(events):
    bins = reliability([p for p, _ in events], [came for _, came in events])
    assert sum(one.n for one in bins) == len(events)
    assert sum(one.n * one.came for one in bins if one.n) == pytest.approx(sum(came for _, came in events))
    for one in bins:
        if one.n:
            assert one.low - 1e-12 <= one.said <= one.high + 1e-12
        else:
            assert math.isnan(one.said)


def test_honest_probabilities_come_true_as_often_as_they_say():
    rng = np.random.default_rng(3)
    p = rng.uniform(size=20_000)
    for one in reliability(p, rng.uniform(size=p.size) < p):
        assert one.came == pytest.approx(one.said, abs=0.03)


@given(st.floats(1.0, 4.0), st.floats(0.05, 20.0))
def test_the_reverse_of_a_rise_is_as_large_a_fall(fold, ratio):
    """At least 1.5-fold: its reverse holds where the ratio is at most 1/1.5."""
    for claim, margin, reverse in (
        (Ratio(P, P, fold, None), math.log2(ratio / fold), -math.log2(ratio * fold)),
        (Ratio(P, P, None, 1 / fold), -math.log2(ratio * fold), math.log2(ratio / fold)),
    ):
        ((part, reach),) = reverses(claim)
        assert part == 0 and -margin - 2 * reach == pytest.approx(reverse, abs=1e-9)


def test_only_rises_and_falls_have_a_reverse():
    assert reverses(Unchanged(P, P, 1.25)) == reverses(Ratio(P, P, 0.8, None)) == []
    assert reverses(Ratio(P, P, 1.1, 2.0)) == reverses(None) == []
    both = AllOf((Ratio(P, P, 0.8, 1.2), Order((P, P, P), 2.0), Ratio(P, P, None, 0.5)))
    assert reverses(both) == [(2, 1.0), (3, 1.0), (4, 1.0)]


def test_a_direction_and_its_reverse_are_told_by_the_same_points():
    finding = SimpleNamespace(trust="strong", claim=Ratio(P, P, 1.5, None))
    (ahead, back) = directions(finding, [MemberView("holds", (0.5,))])
    assert ahead[1] and not back[1] and back[0] < 0.02
    assert ahead[0] == pytest.approx(0.98 * norm.cdf(2.0) + 0.01)
    assert all(p == pytest.approx(0.01) for p, _ in directions(finding, [MemberView("implausible", (0.5,))]))
    assert directions(SimpleNamespace(trust="fair", claim=None), []) == []
