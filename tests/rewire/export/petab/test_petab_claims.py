"""Every elementary inequality is said or told as unsaid, and what is said is the one that we score."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import pytest

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.observation import Observation
from calibration.findings.claims.reader import load_findings
from models.treatments.arm import Arm
from rewire.export.petab.petab_claims import Inequality, Unsaid, has_schedule, in_context, ranges, said
from rewire.project.project import load_project


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    world = load_project()
    return load_findings(words=world.words, built=world.built)


HOURS = (0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 10, 12, 16, 18, 24, 36, 48, 72, 96, 168)
"""Times of readings [h]."""


@dataclass
class Invented:
    """Courses that differ between arms, observables and times in no simple way, all positive."""

    seed: int

    def value(self, arm: Arm, name: str, time: float) -> float:
        key = repr((self.seed, arm.context, arm.grown_in, arm.genes, arm.segments, name, time))
        return 1.0 + zlib.crc32(key.encode()) / 2.0**32 * 9.0

    def __call__(self, arm: Arm) -> _Course:
        return _Course(self, arm)


@dataclass
class _Course:
    source: Invented
    arm: Arm

    times = np.array([3600.0 * hour for hour in HOURS])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(load_project().built.observables)

    def of(self, name: str) -> np.ndarray:
        return np.array([self.source.value(self.arm, name, float(t)) for t in self.times])


def test_each_part_of_each_finding_once(findings: list[Finding]):
    for finding in findings:
        rows = said(finding)
        assert [row.part for row in rows] == list(range(len(rows)))
        if finding.claim is not None and not finding.is_cohort:
            assert len(rows) == finding.n_parts
        assert all(row.why for row in rows if isinstance(row, Unsaid))


@pytest.mark.parametrize("seed", [0, 1])
def test_margins_are_ours(findings: list[Finding], seed: int):
    """At readings drawn at random, the margin of an inequality is the one of the finding's own score."""
    source = Invented(seed)
    checked = 0
    for finding in findings:
        rows = [row for row in said(finding) if isinstance(row, Inequality)]
        if not rows or finding.claim is None:
            continue
        parts = finding.claim.score(Observation(source)).parts
        for row in rows:
            if row.time_s / 3600.0 not in HOURS or (row.stop_s or 0.0) / 3600.0 not in HOURS:
                continue
            above = source.value(row.cell, row.observable, row.time_s)
            before = row.time_s if row.stop_s is None else row.stop_s
            log2 = math.log2(above / source.value(row.reference, row.observable, before))
            margin = {
                "at_least": log2 - row.log2,
                "at_most": row.log2 - log2,
                "within": row.log2 - abs(log2),
            }[row.sense]
            assert margin == pytest.approx(parts[row.part], abs=1e-9), (finding.id, row.words)
            checked += 1
    assert checked > 300


def test_the_reference_is_never_read_later(findings: list[Finding]):
    for row in (r for f in findings for r in said(f) if isinstance(r, Inequality)):
        assert row.stop_s is None or 0.0 <= row.stop_s < row.time_s


def test_what_cannot_be_said(findings: list[Finding]):
    by_kind = {f.kind: said(f) for f in findings if f.kind in ("dip", "peak", "earlier", "cohort")}
    assert set(by_kind) == {"dip", "peak", "earlier", "cohort"}
    for rows in by_kind.values():
        assert all(isinstance(row, Unsaid) for row in rows)
    whole = [row for f in findings for row in said(f)]
    assert any(isinstance(r, Unsaid) and "two ratios" in r.why for r in whole)


def test_ranges_are_in_the_order_of_ours():
    from calibration.objective.baseline import range_terms
    from calibration.objective.build import PLAUSIBLE
    from models.cells.plausible_ranges import load_plausible
    from models.simulation.engine import Failure

    world = load_project()
    for name, context in world.contexts.items():
        bands = context.bands(load_plausible(PLAUSIBLE).bands)
        rows = ranges(context, bands)
        assert len(rows) == len(range_terms(Failure("x"), bands)), name
        assert [r.part for r in rows] == list(range(len(rows)))
        assert all(r.per and r.cell == r.reference and r.time_s == 0.0 for r in rows)


def test_schedules_and_contexts_are_told_apart(findings: list[Finding]):
    rows = [r for f in findings if f.use == "fit" for r in said(f) if isinstance(r, Inequality)]
    assert any(map(has_schedule, rows)) and not all(map(has_schedule, rows))
    inside = in_context(rows, ["mcf7"])
    assert inside and {a.context for r in inside for a in (r.cell, r.reference)} == {"mcf7"}
