"""The report is one page that needs nothing else, and shows each finding."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from rewire.report.finding_summary import FindingSummary, Spread
from rewire.report.run_report import Drawn, Report, margin_bar, plots


def a_standing(id: str = "S07_irs1", median: float = 0.4, verdict: str = "holds") -> FindingSummary:
    return FindingSummary(
        id, "S07", "IRS1 <rises> & stays.", "fit", "ratio", "strong", "at least 1.5", Spread(2.0, 1.6, 2.4),
        Spread(median, median - 0.1, median + 0.1), verdict, "", 0.95, 0.3, 20,
    )  # fmt: skip


def a_page(tmp_path: Path) -> str:
    hours = np.linspace(0, 24, 9)
    band = np.random.default_rng(0).random((5, 9, 2))
    band[4] = np.nan
    made = plots.courses(
        hours, {"vehicle": band, "rapamycin": 2 * band}, ["tIRS1", "pERK"], {"tIRS1": "copies/cell"}
    )
    rounds = [
        {"seconds": 60.0 * i, "hold": 10.0 + i, "best_hold": 10.0 + i, "of": 20.0, "start": 0.0}
        for i in range(4)
    ]
    report = Report(
        "A run", {"seed": "1"}, [a_standing(), a_standing("S08_x", -0.2, "fails")], {"S07_irs1": -0.5},
        [Drawn("MCF-7.", "rises", plots.svg(made, "c0"))], rounds,
    )  # fmt: skip
    return report.write(tmp_path / "report.html").read_text()


def test_it_needs_nothing_else(tmp_path: Path):
    page = a_page(tmp_path)
    assert not re.findall(r"<script|<link|<img|@import", page)
    urls = set(re.findall(r'(?:href|src)="([^"#]+)"', page))
    assert urls == set()
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_it_shows_findings_courses_and_trace(tmp_path: Path):
    page = a_page(tmp_path)
    assert "S07_irs1" in page and 'class="fails"' in page and "1 of 2" in page
    assert "IRS1 &lt;rises&gt; &amp; stays." in page
    assert (
        page.count("<svg") == 2 + 1 + 1 + 1
    )  # a bar a finding, again for the one that fails, a course, the trace


def test_ids_of_two_pictures_do_not_meet(tmp_path: Path):
    page = a_page(tmp_path)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', page))
    assert used <= set(ids)


def test_a_margin_beyond_the_end_stays_inside():
    bar = margin_bar(-9.0, a_standing(median=7.0))
    assert all(0 <= float(x) <= 150 for x in re.findall(r'(?:x1|x2|cx)="([\d.]+)"', bar))
