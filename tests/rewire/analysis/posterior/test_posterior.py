"""`rewire posterior`: what the draws say, and what they may be called."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from rewire.analysis.posterior.posterior import convergence_verdict, findings_table, posterior, rates_table
from rewire.analysis.posterior.posterior_file import NAME, shipped_posterior
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.report.posterior_page import html
from tests.calibration.sample.test_draws import some_draws


def test_probabilities_are_those_of_the_draws(tmp_path):
    draws = some_draws()
    table = findings_table(draws, tmp_path / "p.nc")
    for record in table.records:
        i = draws.findings.index(record["id"])
        assert record["posterior"] == pytest.approx((draws.margin[..., i] >= 0).mean())
        assert record["prior"] == pytest.approx((draws.prior_margin[:, i] >= 0).mean())
        assert record["report"] == pytest.approx(np.exp(draws.log_likelihood[..., i]).mean())
    assert [r["posterior"] for r in table.records] == sorted(r["posterior"] for r in table.records)


def test_what_has_not_mixed_is_never_called_a_posterior():
    apart = replace(some_draws(), r_hat=np.array([1.0, 1.3]), bulk=np.array([900.0, 12.0]))
    assert convergence_verdict(apart).startswith("NOT a posterior yet") and "1.30" in convergence_verdict(
        apart
    )
    assert not findings_table(apart, shipped_posterior()).extra["reached"]
    assert "have not converged" in html(
        findings_table(apart, shipped_posterior()), rates_table(apart, shipped_posterior())
    )
    mixed = replace(apart, r_hat=np.array([1.0, 1.01]), bulk=np.array([900.0, 420.0]))
    assert convergence_verdict(mixed).startswith("These are draws from the posterior")


def test_a_rate_that_the_findings_fix_comes_first(tmp_path):
    draws = some_draws()
    z = draws.z.copy()
    z[..., 1] = 0.1 * z[..., 1] + 1.5
    table = rates_table(replace(draws, z=z), tmp_path / "p.nc")
    first = table.records[0]
    assert first["name"] == "rate_1" and first["narrowed"] == pytest.approx(0.9, abs=0.03)
    assert first["shift"] == pytest.approx(1.5, abs=0.05)
    assert first["posterior"]["log10"] == pytest.approx(first["prior"]["log10"] + 0.75, abs=0.03)


def test_the_page_stands_alone(tmp_path):
    draws = replace(some_draws(), findings=("<b>S1", "S2"))
    page = html(findings_table(draws, tmp_path / "p.nc"), rates_table(draws, tmp_path / "p.nc"))
    assert "<b>S1" not in page and "http" not in page.replace("http-equiv", "") and "<script" not in page
    assert page.count("<svg") == 2 + 3


def test_the_command(tmp_path, rewire):
    some_draws().save(tmp_path / NAME)
    done = rewire("posterior", str(tmp_path), "--json")
    assert done.status == 0 and json.loads(done.out)["schema"] == "rewire.posterior/1"
    done = rewire("posterior", str(tmp_path / NAME), "--rates", "--json", "--html", str(tmp_path / "p.html"))
    assert len(json.loads(done.out)["records"]) == 3 and (tmp_path / "p.html").exists()
    done = rewire("posterior", str(tmp_path / "none.nc"))
    assert done.status == 2 and "none.nc" in done.err


@pytest.mark.skipif(not shipped_posterior().exists(), reason="no posterior ships")
def test_the_file_that_ships_is_about_the_findings_that_ship():
    findings, rates = posterior()
    fitted = {f.id for f in all_findings(load_project()) if f.use == "fit" and not f.is_cohort}
    assert {r["id"] for r in findings.records} == fitted
    assert findings.extra["draws"] >= 200
    assert all(np.isfinite(r["posterior"]["sd"]) for r in rates.records)
