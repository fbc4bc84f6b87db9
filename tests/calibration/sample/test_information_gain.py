"""What a finding told about a rate is what is lost without it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calibration.sample.information_gain import InformationGain


def test_a_finding_about_one_rate_told_about_that_one():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400_000, 3))
    report = 0.99 * norm.cdf(z[:, 0] / 0.25) + 0.005
    taken = rng.uniform(size=len(z)) < report
    log = np.log(np.stack([report, np.full(len(z), 0.7)], 1))
    found = InformationGain.from_draws(z[taken], log[taken])
    x = np.linspace(-6, 6, 2001)
    density = norm.pdf(x) * (0.99 * norm.cdf(x / 0.25) + 0.005)
    assert found.mean[0] == pytest.approx(x @ density / density.sum(), abs=0.01)
    assert found.mean[1:] == pytest.approx(0, abs=0.02) and found.sd[1:] == pytest.approx(1, abs=0.02)
    assert found.nats[0, 0] > 0.3 and np.all(found.nats[0, 1:] < 0.01) and np.all(found.nats[1] < 0.01)
    assert found.top_findings(0, 0.0) == [0] and found.top_findings(1, 0.0) == []


def test_what_two_findings_say_alike_neither_is_needed_for():
    rng = np.random.default_rng(1)
    z = rng.normal(size=(200_000, 1))
    report = 0.99 * norm.cdf(z[:, 0] / 0.25) + 0.005
    once, twice = rng.uniform(size=(2, len(z))) < report
    alone = InformationGain.from_draws(z[once], np.log(report[once])[:, None])
    both = once & twice
    together = InformationGain.from_draws(z[both], np.log(np.stack([report, report], 1))[both])
    assert together.nats[0, 0] < 0.1 * alone.nats[0, 0]
