"""Each kind of finding on planted trajectories, with numbers worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from calibration.findings.claims.fields import Fields
from calibration.findings.claims.finding import Claim
from calibration.findings.claims.kinds import KINDS, read_claim
from calibration.findings.claims.observation import Array, ClaimMargins, Observation
from calibration.findings.claims.points import merge
from calibration.findings.claims.populations import rank_correlation, ranks
from models.core.errors import Mistakes
from models.simulation.engine import Failure
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

MIN, H = 60.0, 3600.0
NAMES = ("x", "y", "part", "growth")


def arm(name: str, context: str = "cell") -> Arm:
    """An arm of its own: its name is the drug that it gives."""
    return Arm(name, context, "serum", True, (), (Segment(0.0, "serum", ((name, 1.0),)),))


@dataclass
class Planted:
    """A trajectory written down by hand."""

    times: Array
    table: dict[str, Array]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.table)

    def of(self, name: str) -> Array:
        return self.table[name]


def planted(times: list[float], **table: list[float]) -> Planted:
    return Planted(np.array(times), {name: np.array(values) for name, values in table.items()})


def flat(value: float, until: float = 24 * H) -> Planted:
    return planted([0.0, until], x=[value, value])


def claim(table: dict[str, Any], problems: Mistakes | None = None, strict: bool = True) -> Claim:
    found = Mistakes() if problems is None else problems
    find = lambda name, context, at: arm(name, context or "cell")  # noqa: E731
    fields = Fields(table, "finding f", find, NAMES, found, strict)
    made = read_claim(fields)
    if problems is None:
        found.raise_if_any()
        assert made is not None
    return made  # type: ignore[return-value]


def mistakes(table: dict[str, Any], strict: bool = True) -> str:
    problems = Mistakes("f.toml")
    claim(table, problems, strict)
    return "\n".join(map(str, problems.found))


def marks(table: dict[str, Any], **runs: Any) -> ClaimMargins:
    made = claim(table)
    by_arm = {arm(name): run for name, run in runs.items()}
    told = made.score(Observation(by_arm))
    assert len(told.parts) == len(made.terms)
    return told


def ratio(**more: Any) -> dict[str, Any]:
    points = {"of": {"arm": "drug", "at": "24 h"}, "to": {"arm": "vehicle", "at": "24 h"}}
    return {"kind": "ratio", "observable": "x", **points, **more}


# --- ratio --------------------------------------------------------------------------------------------------
def test_ratio() -> None:
    told = marks(ratio(at_least=1.5), drug=flat(3.0), vehicle=flat(1.0))
    assert told.got == pytest.approx(3.0)
    assert told.margin == pytest.approx(1.0)
    assert claim(ratio(at_least=1.5)).wanted == ">= 1.5 x vehicle at 24 h"


def test_ratio_between_two_bounds() -> None:
    told = marks(ratio(at_least=0.25, at_most=1.0), drug=flat(1.0), vehicle=flat(2.0))
    assert told.parts == pytest.approx((1.0, 1.0))
    assert claim(ratio(at_least=0.25, at_most=1)).wanted == "0.25 to 1 x vehicle at 24 h"


def test_ratio_per_and_against() -> None:
    table = ratio(at_least=1.0)
    table["of"] = {"arm": "drug", "at": "1 h", "per": "part", "against": "vehicle"}
    table["to"] = {"arm": "vehicle", "at": "0 h"}
    drug, vehicle = planted([0, H], x=[1, 8], part=[1, 2]), planted([0, H], x=[4, 1], part=[1, 2])
    assert marks(table, drug=drug, vehicle=vehicle).got == pytest.approx((8 / 2) / (1 / 2) / 4)
    assert {r.arm.name for r in claim(table).requests()} == {"drug", "vehicle"}


def test_reads_between_samples_and_at_time_0() -> None:
    table = ratio(at_least=1.0, of={"arm": "drug", "at": "30 min"}, to={"arm": "drug", "at": "0 s"})
    assert marks(table, drug=planted([0, H], x=[1, 3])).got == pytest.approx(2.0)


values = st.floats(1e-3, 1e3)


@settings(deadline=None)
@given(values, values, st.floats(0.01, 100.0))
def test_scaling_both_arms_leaves_the_ratio(a: float, b: float, by: float) -> None:
    before = marks(ratio(at_least=1.25), drug=flat(a), vehicle=flat(b))
    after = marks(ratio(at_least=1.25), drug=flat(a * by), vehicle=flat(b * by))
    assert after.margin == pytest.approx(before.margin, abs=1e-9)


@settings(deadline=None)
@given(values, values, st.floats(0.1, 10.0))
def test_a_lower_bound_is_the_upper_one_of_the_swapped_ratio(a: float, b: float, bound: float) -> None:
    up = ratio(at_least=bound, why="paper")
    down = ratio(at_most=1 / bound, of=up["to"], to=up["of"])
    assert marks(up, drug=flat(a), vehicle=flat(b)).margin == pytest.approx(
        marks(down, drug=flat(a), vehicle=flat(b)).margin, abs=1e-9
    )


@settings(deadline=None)
@given(values, values, st.floats(1.001, 10.0))
def test_margin_grows_with_what_is_wanted(a: float, b: float, more: float) -> None:
    table = ratio(at_least=1.25)
    low, high = (marks(table, drug=flat(v), vehicle=flat(b)).margin for v in (a, a * more))
    assert high > low


# --- the other kinds ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("value", "margin"), [(1.0, 0.32193), (1.25, 0.0), (0.8, 0.0), (2.0, -0.67807)])
def test_unchanged(value: float, margin: float) -> None:
    told = marks(ratio(within=1.25) | {"kind": "unchanged"}, drug=flat(value), vehicle=flat(1.0))
    assert told.margin == pytest.approx(margin, abs=1e-5)


def test_order() -> None:
    points = [{"arm": "drug", "at": at} for at in ("0 h", "6 h", "24 h")]
    table = {"kind": "order", "observable": "x", "points": points, "by": 1.1}
    told = marks(table, drug=planted([0, 6 * H, 24 * H], x=[1.0, 2.2, 2.2]))
    assert told.parts == pytest.approx((1.0, math.log2(1 / 1.1)))
    assert told.margin == min(told.parts) and told.got == pytest.approx(1.0)


PEAK = {"kind": "peak", "observable": "x", "arm": "drug", "between": ["5 min", "30 min"], "until": "4 h"}


def test_peak() -> None:
    times = [0, 5 * MIN, 10 * MIN, 30 * MIN, 4 * H]
    told = marks(PEAK | {"falls_to": 0.8, "by": 1.0}, drug=planted(times, x=[1, 2, 8, 4, 3.2]))
    # 8 over 2 before, 8 over 4 after, and 0.4 of it left where 0.8 is allowed
    assert told.parts == pytest.approx((2.0, 1.0, 1.0))
    assert told.got == pytest.approx(0.4)


def test_no_peak_where_a_later_value_is_higher() -> None:
    times = [0, 5 * MIN, 10 * MIN, 30 * MIN, 2 * H, 4 * H]
    told = marks(PEAK | {"falls_to": 0.8}, drug=planted(times, x=[1, 2, 8, 4, 9, 1]))
    assert told.margin == pytest.approx(math.log2(8 / 9 / 1.05))


DIP = {"kind": "dip", "observable": "x", "arm": "drug", "against": "vehicle"}
DIP |= {
    "trough_between": ["1 h", "4 h"],
    "trough_at_most": 0.5,
    "back_at": "24 h",
    "back_to": 0.8,
    "above_trough": 2.0,
}


def test_dip() -> None:
    drug = planted([0, H, 2 * H, 4 * H, 24 * H], x=[4, 2, 1, 2, 3.2])
    told = marks(DIP, drug=drug, vehicle=flat(4.0))
    # trough 0.25 of vehicle, back at 0.8 of it, 3.2 times the trough
    assert told.parts == pytest.approx((1.0, 0.0, math.log2(1.6)), abs=1e-9)
    assert told.got == pytest.approx(0.25)


def test_dip_against_a_point() -> None:
    drug = planted([0, H, 2 * H, 4 * H, 24 * H], x=[4, 2, 1, 2, 3.2])
    told = marks(DIP | {"against": {"arm": "drug", "at": "0 h"}}, drug=drug)
    assert told.got == pytest.approx(0.25)
    assert "x drug at 0 s" in claim(DIP | {"against": {"arm": "drug", "at": "0 h"}}).wanted


EARLIER = {
    "kind": "earlier",
    "first": {"arm": "drug", "observable": "x", "until": "10 h"},
    "second": {"arm": "drug", "observable": "y", "until": "10 h", "against": "vehicle"},
    "at_least": 2.0,
}


def test_earlier() -> None:
    times = [0, 2 * H, 10 * H]
    drug = planted(times, x=[1, 3, 3], y=[4, 4, 2])
    vehicle = planted(times, x=[1, 1, 1], y=[2, 2, 2])
    told = marks(EARLIER, drug=drug, vehicle=vehicle)
    # x is half risen at 1 h; y against vehicle falls from 2 to 1 between 2 h and 10 h, half at 6 h
    assert told.got == pytest.approx(6.0)
    assert told.margin == pytest.approx(math.log2(3.0))
    assert told.parts[1:] == pytest.approx((math.log2(3 / 1.25), math.log2(2 / 1.25)))


def test_earlier_without_a_change_cannot_be_evaluated() -> None:
    drug = planted([0, 10 * H], x=[1, 3], y=[4, 4.4])
    told = marks(EARLIER, drug=drug, vehicle=planted([0, 10 * H], y=[1, 1]))
    assert "trigger never reached: y in drug against vehicle changes 1.1-fold" in told.reason
    assert math.isnan(told.margin) and math.isnan(told.parts[0])
    assert told.parts[1] > 0 > told.parts[2]


def test_earlier_goes_the_way_that_is_asked() -> None:
    first = EARLIER["first"] | {"goes": "down"}  # type: ignore[operator]
    drug = planted([0, 10 * H], x=[1, 3], y=[4, 1])
    told = marks(EARLIER | {"first": first}, drug=drug, vehicle=planted([0, 10 * H], y=[1, 1]))
    assert "trigger never reached: x in drug" in told.reason


def test_of_maximum() -> None:
    table = {"kind": "of_maximum", "observable": "x", "point": {"arm": "drug", "at": "2 h"}, "until": "4 h"}
    drug = planted([0, H, 2 * H, 4 * H], x=[1, 8, 4, 2])
    told = marks(table | {"at_least": 0.25, "at_most": 0.75}, drug=drug)
    assert told.got == pytest.approx(0.5)
    assert told.parts == pytest.approx((1.0, math.log2(1.5)))


def test_all_of_is_as_good_as_its_worst_part() -> None:
    table = {"kind": "all_of", "parts": [ratio(at_least=1.5), ratio(at_most=2.0)]}
    told = marks(table, drug=flat(4.0), vehicle=flat(1.0))
    assert told.parts == pytest.approx((math.log2(4 / 1.5), -1.0))
    assert told.margin == pytest.approx(-1.0) and told.got == pytest.approx(4.0)
    assert claim(table).wanted.startswith("x in drug at 24 h >= 1.5 x vehicle at 24 h; ")


def test_all_of_cannot_be_evaluated_if_a_part_cannot() -> None:
    other = ratio(at_most=2.0, of={"arm": "drug", "at": "48 h"})
    told = marks({"kind": "all_of", "parts": [ratio(at_least=1.5), other]}, drug=flat(4.0), vehicle=flat(1.0))
    assert math.isnan(told.margin) and "part 2: 48 h is beyond the horizon" in told.reason
    assert told.parts[0] == pytest.approx(math.log2(4 / 1.5)) and math.isnan(told.parts[1])


# --- what cannot be evaluated -------------------------------------------------------------------------------
ONE_OF_EACH = {
    "ratio": ratio(at_most=1e6),
    "unchanged": ratio(within=1.25) | {"kind": "unchanged"},
    "order": {"kind": "order", "observable": "x", "points": [ratio()["of"], {"arm": "drug", "at": "48 h"}]},
    "peak": PEAK | {"falls_to": 0.9},
    "dip": DIP,
    "earlier": EARLIER,
    "of_maximum": {"kind": "of_maximum", "observable": "x", "point": ratio()["of"]}
    | {"until": "24 h", "at_most": 1.0},
    "cohort": ratio(fraction=[0.2, 0.8], over={"contexts": ["cell"], "arms": ["drug"]}, of={"at": "24 h"})
    | {"kind": "cohort"},
    "all_of": {"kind": "all_of", "parts": [ratio(at_most=1e6), ratio(at_most=1e6)]},
}


def test_every_kind_is_here() -> None:
    assert set(ONE_OF_EACH) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (lambda: None, "was not simulated"),
        (lambda: Failure("too many steps"), "failed: too many steps"),
        (lambda: planted([0.0, 1.0], x=[1, 1], y=[1, 1]), "beyond the horizon"),
        (lambda: planted([0.0, 90 * H], z=[1, 1]), "is no observable"),
        (lambda: planted([0.0, 90 * H], x=[0, 0], y=[0, 0]), "is absent"),
        (lambda: planted([0.0, 90 * H], x=[math.nan] * 2, y=[math.nan] * 2), "is not defined"),
        (lambda: planted([], x=[], y=[]), "ends at nowhere"),
    ],
)
def test_never_skipped(kind: str, run: Callable[[], Any], reason: str) -> None:
    bad = run()
    told = claim(ONE_OF_EACH[kind]).score(Observation(lambda _: bad))
    assert math.isnan(told.margin)
    assert reason in told.reason


# --- requests and keys --------------------------------------------------------------------------------------
def test_requests() -> None:
    (own, other) = merge(claim(DIP).requests())
    assert own.arm == arm("drug") and other.arm == arm("vehicle")
    assert own.times == pytest.approx([H, 4 * H, 24 * H]) and own.windows == [(H, 4 * H)]


def test_keys_of_a_kind_are_closed() -> None:
    said = mistakes(ratio(atleast=1.5))
    assert "f.toml: finding f: unknown key 'atleast'" in said and "Did you mean 'at_least'?" in said
    assert "neither at_least nor at_most" in said


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (ratio(at_least=1, observable="growht"), "finding f.of.observable: unknown observable 'growht'"),
        (ratio(at_least=1, of={"arm": "drug", "at": "-1 h"}), "finding f.of.at: '-1 h' is negative"),
        (ratio(at_least=1, of={"arm": "drug", "at": 24}), "24 has no unit"),
        (ratio(at_least=1, of={"arm": "drug"}), "finding f.of.at: missing"),
        (ratio(at_least=1, of="drug"), "finding f.of: 'drug'"),
        (ratio(at_least=True), "finding f.at_least: True"),
        (ratio(at_least=math.nan), "finding f.at_least: nan"),
        (ratio(at_least=2, at_most=1), "2 is not below at_most (1)"),
        (ratio(at_least=0.5), "0.5 is easier than may be fitted"),
        (ratio(within=1.5) | {"kind": "unchanged"}, "finding f.within: 1.5; allowed: a number from 1"),
        (ratio(at_least=1) | {"kind": "ration"}, "finding f.kind: 'ration'"),
        (PEAK | {"falls_to": 0.8, "until": "10 min"}, "10 min is not after `between` ends"),
        (PEAK | {"falls_to": 0.8, "between": ["1 h", "1 min"]}, "does not rise"),
        (DIP | {"against": 3}, "finding f.against: 3"),
        (EARLIER | {"first": {"arm": "drug", "observable": "x", "until": "0 h"}}, "no time to change"),
        ({"kind": "all_of", "parts": [ratio(at_least=1)]}, "at least 2 tables"),
        ({"kind": "all_of", "parts": [{"kind": "cohort"}] * 2}, "finding f.parts[1].kind: 'cohort'"),
        (ratio(fraction=[0.8, 0.2]) | {"kind": "cohort"}, "finding f.fraction"),
        (ratio() | {"kind": "cohort"}, "one of fraction and correlation_with"),
    ],
)
def test_mistakes(table: dict[str, Any], said: str) -> None:
    assert said in mistakes(table)


def test_an_easy_threshold_needs_a_reason_only_where_it_is_fitted() -> None:
    assert not mistakes(ratio(at_least=0.5), strict=False)
    assert not mistakes(ratio(at_least=0.5, why="half is left, says the paper"))


# --- ranks --------------------------------------------------------------------------------------------------
def test_ranks_share_ties() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])) == pytest.approx([2.5, 0.0, 2.5, 1.0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=3, max_size=30))
def test_rank_correlation_is_scipys(numbers: list[int]) -> None:
    a = np.array(numbers, float)
    b = np.array([(7 * v + i) % 5 for i, v in enumerate(numbers)], float)
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert math.isnan(rank_correlation(a, b))
    else:
        assert rank_correlation(a, b) == pytest.approx(float(spearmanr(a, b).statistic))
