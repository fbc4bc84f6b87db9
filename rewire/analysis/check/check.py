"""Do the findings hold? Every member of an ensemble, every finding, one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import FINDINGS
from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluation, Evaluator
from calibration.objective.problem import Vector
from calibration.objective.workers.pool import Pool
from rewire.analysis.check.last_check import changes, place, recall, remember
from rewire.analysis.check.prior_share import PriorShares, load_prior
from rewire.analysis.measured.measured_points import MeasuredFit
from rewire.project.members import ENSEMBLE, Members, load_members, shipped
from rewire.project.project import Project, load_project, parse_variants
from rewire.project.selections import all_findings, chosen
from rewire.report.finding_summary import FindingSummary, summarize, tallies
from rewire.report.findings_table import columns
from rewire.report.tables import Table

Say = Callable[[str], None]


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    summaries : list of FindingSummary
        One a finding, in the order of the files.
    changed : dict of str to str
        Finding id → what changed since the last check.
    members : Members
    measured : MeasuredFit or None
        Measured points, where they are given; they are no findings.
    """

    summaries: list[FindingSummary]
    changed: dict[str, str]
    members: Members
    measured: MeasuredFit | None = None

    @property
    def ok(self) -> bool:
        """Whether every fit finding holds; populations are left to `rewire cohort`."""
        return all(s.verdict == "holds" for s in self.summaries if s.use == "fit" and s.scored)

    def table(self, only_changed: bool = False) -> Table:
        """The findings table."""
        shown = [s for s in self.summaries if not only_changed or s.id in self.changed]
        records = [s.record() | {"changed": self.changed.get(s.id, "")} for s in shown]
        extra: dict[str, Any] = {"members": len(self.members), "ensemble": self.members.label}
        if self.measured:
            extra["measurements"] = self.measured.record()
        footer = [str(tally) for tally in tallies(self.summaries)]
        return Table("check", records, columns(self.changed), extra=extra, footer=["", *footer])


def check(
    contexts: Sequence[str] = (),
    ids: Sequence[str] = (),
    folder: Path | None = None,
    ensemble: Path | None = None,
    members: int | None = 20,
    variants: Sequence[str] = (),
    workers: int | None = None,
    say: Say | None = None,
    measurements: Path | None = None,
) -> Checked:
    """Score findings on an ensemble.

    Parameters
    ----------
    contexts, ids : sequence of str
        Narrow the check.
    folder : Path, optional
        Another folder of findings.
    ensemble : Path, optional
        An ensemble or run folder; the shipped ensemble by default.
    members : int, optional
        How many, always the same ones; None for all.
    variants : sequence of str
        Competing hypotheses, as "NAME=CHOICE".
    workers : int, optional
        Processes; one a core by default.
    say : callable, optional
        Told what people should know.
    measurements : Path, optional
        A data set that is looked at beside the findings.
    """
    world = load_project(parse_variants(variants))
    findings = chosen(all_findings(world, folder), contexts, ids)
    options = build_options(world, findings, folder, narrow=bool(contexts or ids))
    if measurements:
        options["measurements"] = str(measurements.resolve())
    problem = recipe(**options).make()
    assert isinstance(problem, Evaluator)
    loaded = load_members(world, ensemble, members, say, problem.space)
    with Pool(recipe(**options), min(workers or 99, _workers(len(loaded))), problem) as pool:
        evaluations = evaluate_all(pool, loaded.z)
    prior = load_prior(prior_file(ensemble))
    summaries = summarize_all(findings, evaluations, prior)
    memory = place(FINDINGS.resolve(), folder or "", ensemble or "", len(loaded), *world.variants)
    before = recall(memory)
    changed = changes(summaries, before)
    remember(memory, summaries, before)
    return Checked(summaries, changed, loaded, MeasuredFit.of(problem.measured, evaluations, contexts))


def build_options(
    world: Project, findings: Sequence[Finding], folder: Path | None, narrow: bool
) -> dict[str, Any]:
    """What `calibration.objective.build.make` is loaded, as plain values."""
    return {
        "findings": [str(folder.resolve())] if folder else [],
        "variants": dict(world.variants),
        "ids": [f.id for f in findings] if narrow else [],
        "whole": True,  # after an edit one network is compiled, not one for each cut
    }


def _workers(members: int) -> int:
    """As many processes as pay: each takes a second or two to get ready."""
    from calibration.objective.workers.pool import cores

    return min(cores(), max(1, members // 2))


def prior_file(ensemble: Path | None) -> Path:
    """The prior's numbers lie beside the ensemble, or are the shipped ones."""
    places = [ensemble, ensemble / ENSEMBLE] if ensemble else []
    own = (place / "prior.json" for place in places)
    return next((path for path in own if path.exists()), shipped() / "prior.json")


def evaluate_all(pool: Pool, points: Sequence[Vector] | Vector) -> list[Evaluation]:
    """Evaluations at the tolerance of verdicts, in the order of the points."""
    assert isinstance(pool.problem, Evaluator)
    return list(pool.each("evaluate", list(points)))


def summarize_all(
    findings: Sequence[Finding], evaluations: Sequence[Evaluation], prior: PriorShares | None
) -> list[FindingSummary]:
    """The summary of each finding; one that speaks of a population says where it is scored."""
    summaries = []
    for finding in findings:
        scores = [e.scores[finding.id] for e in evaluations if finding.id in e.scores]
        if scores:
            summaries.append(summarize(finding, scores, prior.of_finding(finding) if prior else None))
        else:
            summaries.append(
                FindingSummary.elsewhere(
                    finding, "speaks of a population: see `rewire cohort`", len(evaluations)
                )
            )
    return summaries
