"""Findings to simulations: equal treatments once, sampled wherever anybody looks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from calibration.findings.claims.points import SampleRequest
from calibration.objective.simulation_plan import FINEST, describe, plan, untreated, window
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

CONTEXTS = {name: SimpleNamespace(name=name, medium="serum") for name in ("a", "b")}


def arm(name: str, context: str = "a", **drugs: float) -> Arm:
    return Arm(name, context, "serum", True, (), (Segment(0.0, "serum", tuple(sorted(drugs.items()))),))


def asks(*requests: tuple) -> SimpleNamespace:
    made = [SampleRequest(a, np.asarray(times, float), list(windows)) for a, times, windows in requests]
    return SimpleNamespace(requests=lambda: made)


def test_equal_treatments_are_one_whatever_they_are_called():
    first = asks((arm("drug", x=5.0), [3600], []), (arm("vehicle"), [3600], []))
    second = asks((arm("the same", x=5.0), [7200], []), (arm("more", x=6.0), [3600], []))
    made = plan([first, second], CONTEXTS)
    assert len(made.times) == 3 + 1  # and the untreated cells
    assert made.times[arm("", x=5.0)] == (0.0, 3600.0, 7200.0)
    assert made.arms[0] & made.arms[1] == {arm("", x=5.0)}


def test_untreated_cells_of_every_context_are_looked_at():
    made = plan([asks((arm("v", "a"), [60], []), (arm("v", "b"), [60], []))], CONTEXTS, rest_until=259200.0)
    assert set(made.rests) == {"a", "b"}
    rest = made.rests["b"]
    assert made.times[rest] == (0.0, 259200.0)
    assert rest == untreated(CONTEXTS["b"]) and not rest.renew_medium and rest.drugs == ()
    assert plan([asks((arm("v"), [60], []))], CONTEXTS).times[made.rests["a"]] == (0.0,)


def test_windows_are_dense_and_keep_their_ends():
    times = window(300.0, 1800.0)
    assert times[0] == 300.0 and times[-1] == 1800.0
    assert np.all(np.diff(times) > 0) and np.diff(times)[0] == pytest.approx(FINEST)
    assert max(np.diff(window(0.0, 86400.0))) < 86400.0 / 5
    assert window(5.0, 10.0) == [5.0, 10.0]
    made = plan([asks((arm("v"), [0, 86400], [(300.0, 1800.0)]))], CONTEXTS)
    assert set(times) <= set(made.times[arm("v")])


def test_a_scope_touches_its_arms_only():
    made = plan([asks((arm("d", "a", x=1.0), [60], []), (arm("e", "b", y=1.0), [60], []))], CONTEXTS)
    assert made.touched(("shared",)) == set(made.times)
    assert made.touched(("context", "b")) == {arm("e", "b", y=1.0), made.rests["b"]}
    assert made.touched(("drug", "x")) == {arm("d", "a", x=1.0)}
    assert made.touched(("drug", "unused")) == frozenset()


def test_counts_for_a_cost_preview():
    made = plan([asks((arm("d", "a", x=1.0), [60], []), (arm("v", "a"), [60], []))], CONTEXTS)
    assert describe(made) == {"findings": 1, "arms": 3, "settled": 1, "contexts": 1}
