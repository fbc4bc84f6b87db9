"""Scores of members to one summary, and what is remembered of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewire.analysis.check.last_check import changes, place, recall, remember
from rewire.report.finding_summary import FindingSummary, Spread, summarize, tallies


@dataclass
class Finding:
    id: str = "S07_irs1"
    row: str = "S07"
    description: str = "IRS1 rises."
    use: str = "fit"
    kind: str = "ratio"
    trust: str = "strong"
    wanted: str = "at least 1.5"
    informative: bool = True


@dataclass
class Score:
    margin: float
    verdict: str
    got: float = 2.0
    wanted: str = "at least 1.5"
    reason: str = ""

    @property
    def parts(self) -> tuple[float, ...]:
        return (self.margin,)


def of(*margins: float, **finding: str) -> FindingSummary:
    return summarize(Finding(**finding), [Score(m, "holds" if m > 0 else "fails") for m in margins], 0.3)


def test_medians_range_and_held():
    s = of(0.1, 0.2, 0.3, -0.1)
    assert s.verdict == "holds" and s.held == 0.75 and s.margin.median == pytest.approx(0.15)
    assert s.margin.p05 < 0 < s.margin.p95 and s.prior_held == 0.3 and s.members == 4


def test_verdict_and_likelihood_are_two_things():
    s = of(0.1, -0.1)
    assert s.likelihood == pytest.approx(0.98 * 0.5 + 0.01)  # as far above as below
    assert of(math.nan).likelihood == pytest.approx(0.01)
    assert of(3.0, trust="weak").record()["likelihood"] == pytest.approx(0.875)


def test_an_even_split_is_the_worse_verdict():
    assert of(0.1, -0.1).verdict == "fails"
    scores = [Score(0.1, "holds"), Score(math.nan, "unevaluable", math.nan, reason="trigger never reached")]
    s = summarize(Finding(), scores)
    assert s.verdict == "unevaluable" and s.reason == "trigger never reached"
    assert s.margin == Spread(0.1, 0.1, 0.1)


def test_borderline_and_informative():
    assert of(0.01).borderline and not of(0.1).borderline
    assert of(0.1).informative and not summarize(Finding(), [Score(0.1, "holds")], 0.8).informative


def test_tallies_count_fit_and_validation_apart():
    said = [str(t) for t in tallies([of(0.1), of(-0.1, 0.1, 0.1), of(-0.1, use="validation")])]
    assert said[0] == "fit findings hold: 2 of 2 (100%)"
    assert said[2] == "fit findings hold in at least 90 % of members: 1 of 2 (50%)"
    assert said[3] == "validation findings hold: 0 of 1 (0%)"


def test_what_changed_since_the_last_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = place("here", "findings")
    assert recall(path) == {} and changes([of(0.1)], {}) == {}
    remember(path, [of(0.1), of(0.2, id="S08")], {})
    assert changes([of(0.1), of(0.2, id="S08")], recall(path)) == {}
    said = changes([of(-0.2), of(0.2, id="S08"), of(0.2, id="S09")], recall(path))
    assert said == {"S07_irs1": "holds → fails, margin −0.3", "S09": "new"}


def test_a_narrow_check_forgets_nothing(tmp_path: Path):
    path = tmp_path / "last.json"
    remember(path, [of(0.1), of(0.2, id="S08")], {})
    remember(path, [of(0.3)], recall(path))
    assert set(recall(path)) == {"S07_irs1", "S08"} and recall(path)["S07_irs1"]["margin"] == 0.3


def test_a_damaged_memory_is_no_memory(tmp_path: Path):
    path = tmp_path / "last.json"
    path.write_text('{"format": "last-ch')
    assert recall(path) == {}
