"""Verdicts, borderline margins, implausible cells and populations."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from calibration.findings.claims.fields import Fields
from calibration.findings.claims.finding import Finding, Source
from calibration.findings.claims.kinds import read_claim
from calibration.findings.claims.observation import Array
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.score import Score, score, score_cohort
from models.core.errors import Mistakes
from models.simulation.engine import Failure
from models.treatments.arm import Arm
from models.treatments.schedule import Segment


def arm(name: str, context: str = "cell") -> Arm:
    return Arm(name, context, "serum", True, (), (Segment(0.0, "serum", ((name, 1.0),)),))


@dataclass
class Flat:
    """Everything stays as it is."""

    table: dict[str, float]

    @property
    def times(self) -> Array:
        return np.array([0.0, 1e6])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.table)

    def of(self, name: str) -> Array:
        return np.full(2, self.table[name])


def finding(**table: Any) -> Finding:
    problems = Mistakes()
    points: dict[str, Any] = {"observable": "x"}
    if table["kind"] != "all_of":
        points |= {"of": {"arm": "drug", "at": "1 h"}, "to": {"arm": "vehicle", "at": "1 h"}}
    find = lambda name, context, at: arm(name, context or "cell")  # noqa: E731
    claim = read_claim(Fields({**points, **table}, "finding S01_f", find, ("x", "y", "growth"), problems))
    problems.raise_if_any()
    kind = str(table["kind"])
    return Finding("S01_f", "S01", "x rises.", kind, claim, "cell", "strong", "fit", Source("A paper"))


def runs(drug: float, vehicle: float = 1.0, **more: float) -> dict[Arm, Any]:
    return {arm("drug"): Flat({"x": drug, **more}), arm("vehicle"): Flat({"x": vehicle, **more})}


RISES_OF, RISES_TO = {"arm": "drug", "at": "1 h"}, {"arm": "vehicle", "at": "2 h"}
RISES = finding(kind="ratio", at_least=1.25)


@pytest.mark.parametrize(
    ("drug", "verdict", "borderline"),
    [
        (2.0, "holds", False),
        (1.25, "holds", True),
        (1.26, "holds", True),
        (1.24, "fails", True),
        (0.5, "fails", False),
    ],
)
def test_verdicts(drug: float, verdict: str, borderline: bool) -> None:
    told = score(RISES, runs(drug))
    assert (told.verdict, told.borderline) == (verdict, borderline)
    assert told.got == pytest.approx(drug)
    assert told.wanted == ">= 1.25 x vehicle at 1 h"
    assert told.holds == (verdict == "holds")


def test_a_failure_is_a_verdict() -> None:
    told = score(RISES, {arm("drug"): Failure("too many steps"), arm("vehicle"): Flat({"x": 1.0})})
    assert told.verdict == "unevaluable" and not told.holds and not told.borderline
    assert told.reason == "the simulation of arm drug failed: too many steps"
    assert math.isnan(told.margin) and len(told.parts) == RISES.n_parts


def test_what_was_not_simulated_does_not_hold() -> None:
    assert score(RISES, {}).verdict == "unevaluable"


def test_margin_stays_in_implausible_cells() -> None:
    told = score(RISES, runs(2.5), implausible={"cell": "pAKT is 0.9", "other": "no"})
    assert (told.verdict, told.reason) == ("implausible", "cell: pAKT is 0.9")
    assert told.margin == pytest.approx(1.0) and not told.holds
    assert score(RISES, runs(2.5), implausible={"other": "no"}).verdict == "holds"
    assert score(RISES, {}, implausible={"cell": "no"}).verdict == "unevaluable"


def test_what_the_model_cannot_say() -> None:
    unsaid = replace(RISES, claim=None, cannot="no SGK1 in the model", stated="SGK1 rises")
    told = score(unsaid, {})
    assert (told.verdict, told.reason, told.wanted) == ("unevaluable", "no SGK1 in the model", "SGK1 rises")
    assert unsaid.requests() == [] and unsaid.n_parts == 0 and unsaid.contexts == ("cell",)


def test_equal_arms_are_asked_for_once() -> None:
    part = {"kind": "ratio", "at_least": 1.25, "of": RISES_OF, "to": RISES_TO}
    both = finding(kind="all_of", parts=[part, part])
    assert len(both.requests()) == 2 == len(both.arms)
    assert both.n_parts == 2


# --- populations --------------------------------------------------------------------------------------------
SHARE = finding(kind="cohort", rises_by=1.25, fraction=[0.25, 0.75], report=["y"])


def cells(*changes: float, **more: float) -> list[dict[Arm, Any]]:
    return [runs(change, **{"y": 1.0, **more}) for change in changes]


def test_one_parameter_set_is_no_population() -> None:
    assert SHARE.is_cohort
    told = score(SHARE, runs(2.0))
    assert told.verdict == "unevaluable" and "population" in told.reason


def test_share_of_cells() -> None:
    told = score_cohort(SHARE, cells(2.0, 2.0, 1.0, 1.0))
    assert told.got == pytest.approx(0.5) and told.verdict == "holds"
    assert told.parts == pytest.approx((1.0, math.log2(1.5)))
    assert told.also == {"y": 0.0}


def test_a_share_of_none_fails_and_has_a_margin() -> None:
    told = score_cohort(SHARE, cells(1.0, 1.0, 1.0))
    assert told.verdict == "fails" and told.got == 0.0
    told = score_cohort(SHARE, cells(*[1.0] * 10))
    assert told.margin == pytest.approx(math.log2(0.05 / 0.25))  # as if half a cell had risen


def test_lost_cells_count_against_the_claim_and_many_end_it() -> None:
    population = cells(*[2.0] * 15, *[1.0] * 5)
    assert score_cohort(SHARE, population).margin == pytest.approx(0.0)
    one_lost: list[Any] = [*population[:-1], {}]
    assert score_cohort(SHARE, one_lost).verdict == "fails"  # 15 of 20 rise for sure, 16 may
    many_lost: list[Any] = [*population[:17], {}, {}, {}]
    assert "3 of 20 cannot be evaluated; cell 18" in score_cohort(SHARE, many_lost).reason
    assert score_cohort(SHARE, []).reason == "0 of 0 cannot be evaluated; no cells"


def test_correlation() -> None:
    goes_with = finding(kind="cohort", correlation_with="growth", at_least=0.0)
    population = [runs(x, growth=g) for x, g in ((1.0, 1.0), (2.0, 2.0), (3.0, 9.0))]
    told = score_cohort(goes_with, population)
    assert told.got == pytest.approx(1.0) and told.margin == pytest.approx(1.0)
    told = score_cohort(goes_with, [runs(x, growth=1 / x) for x in (1.0, 2.0, 3.0)])
    assert told.verdict == "fails" and math.isfinite(told.margin)
    assert "no rank correlation" in score_cohort(goes_with, [runs(x, growth=1.0) for x in (1.0, 2.0)]).reason


def test_share_over_contexts_and_arms_needs_one_parameter_set() -> None:
    over = finding(
        kind="cohort",
        over={"contexts": ["a", "b"], "arms": ["drug", "other"]},
        of={"at": "1 h"},
        fraction=[0.2, 0.5],
    )
    assert isinstance(over.claim, Cohort) and len(over.claim.pairs) == 4
    names = ("drug", "other", "vehicle")
    table = {arm(name, context): Flat({"x": 1.0}) for name in names for context in "ab"}
    table[arm("drug", "b")] = Flat({"x": 2.0})
    assert set(table) == over.arms and over.contexts == ("a", "b")
    told = score(over, table)
    assert told.got == 0.25 and told.parts == pytest.approx((math.log2(1.25), 1.0))


def test_only_cohorts_have_cells() -> None:
    with pytest.raises(TypeError, match="not cohort"):
        score_cohort(RISES, [])


def test_a_score_is_a_value() -> None:
    assert score(RISES, runs(2.0)) == score(RISES, runs(2.0))
    assert isinstance(score(RISES, runs(2.0)), Score)
