"""Progress on a terminal and elsewhere, never on stdout."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rewire.report.progress import ProgressDisplay


@dataclass
class Round:
    start: int = 0
    hold: int = 40
    best_hold: int = 45
    of: int = 70
    evaluations: float = 1234.0
    seconds: float = 30.0
    members: int = 0
    phase: str = "fitting"


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]):
    with ProgressDisplay(minutes=1.0) as live:
        live(Round())
        live(Round(best_hold=46))  # neither new enough nor much better
        live(Round(best_hold=60))
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.count("findings hold") == 2
    assert (
        "[ 50%]" in seen.err
        and "45 of 70 findings hold (now 40)" in seen.err
        and "1,234 evaluations" in seen.err
    )


def test_the_nearer_limit_counts():
    live = ProgressDisplay(minutes=10.0, evaluations=2468.0)
    assert live.used(Round()) == 0.5
    assert ProgressDisplay().used(Round()) == 0.0


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    with ProgressDisplay(evaluations=2468.0) as live:
        live(Round())
    seen = capsys.readouterr()
    assert seen.out == "" and "of 70 findings hold" in seen.err
