"""Questions put to one model: can a finding hold with all that is fitted, and what is in the way?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from calibration.findings.claims.finding import Source
from calibration.objective.problem import Mask, Task, Vector
from calibration.objective.recorded_subset import failing
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize.joint_feasibility import Search, SearchEffort
from calibration.optimize.minimal_conflicts import ConflictAnswer, find_conflict
from rewire.analysis.check.prior_share import draws
from rewire.analysis.conflicts.variants import VariantAttempt, ways_out
from rewire.report.tables import Record

DRAWS = 12
"""Draws of the prior that are looked at beside the members."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class InquiryOptions:
    """What is to be answered.

    Attributes
    ----------
    add : tuple of str
        Further findings in question, by id or row.
    only : tuple of str
        Only conflicts that contain one of these.
    variants : tuple of str
        The current hypotheses, as "NAME=CHOICE".
    findings : Path, optional
        Another folder of findings.
    ensemble : Path, optional
    members : int
    effort : SearchEffort
    change : int
        How many hypotheses are changed at once where a way out is looked for; 0 looks for none.
    """

    add: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    findings: Path | None = None
    ensemble: Path | None = None
    members: int = 20
    effort: SearchEffort = field(default_factory=SearchEffort)
    change: int = 1


class AskedFinding(Protocol):
    """What is said of a finding (see `calibration.findings.claims.finding.Finding`)."""

    @property
    def id(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def wanted(self) -> str: ...
    @property
    def conflict(self) -> str: ...
    @property
    def source(self) -> Source: ...


class KnownPoints(Protocol):
    """Parameter sets (see `rewire.project.members.Members`)."""

    @property
    def label(self) -> str: ...
    @property
    def z(self) -> Vector: ...


class Inquiry:
    """One model and its known points.

    Parameters
    ----------
    pool : Pool
        Of a problem whose terms are the parts of `findings`, such as one of `rewire.project.questions`.
    findings : sequence of AskedFinding
        All of the problem's.
    needs : array (n_findings, n_terms)
        The terms on which each depends.
    told : KnownPoints
        Where the search may begin.
    fitted : collection of str
        Ids of the fit findings; the problem's other findings are only in question.
    """

    def __init__(
        self,
        order: InquiryOptions,
        pool: Pool,
        findings: Sequence[AskedFinding],
        needs: Mask,
        told: KnownPoints,
        fitted: Collection[str],
        say: Say,
        variants: Mapping[str, str] | None = None,
    ) -> None:
        self.order, self.pool, self.say = order, pool, say
        self.findings = findings
        self.fitted, self.variants = set(fitted), dict(variants or {})
        self.place = {f.id: i for i, f in enumerate(self.findings)}
        self.hangs = needs
        say(f"Looking at {told.label} and {DRAWS} prior draws …")
        points = [*told.z, *draws(order.effort.seed, DRAWS, pool.problem.n)]
        self.known = [(z, o.terms) for z, o in zip(points, pool.map([Task(z) for z in points]), strict=True)]
        self.held = np.array([~failing(terms, self.hangs) for _, terms in self.known])

    def failing_fit(self) -> list[str]:
        """The fit findings that fail at the point at which most hold."""
        columns = [i for id, i in self.place.items() if id in self.fitted]
        best = self.held[int(np.argmax(self.held[:, columns].sum(axis=1)))]
        return [self.findings[i].id for i in columns if not best[i]]

    def ask(self, id: str, must: Collection[str] = ()) -> list[Record]:
        """Can this one hold with all of the fit?

        Returns
        -------
        list of dict
            One record; more where conflicts within the rest had to be left out first, those before it.
        """
        mine = self.place[id]
        base = [i for other, i in self.place.items() if other in self.fitted and i != mine]
        keep = [self.place[other] for other in must]
        tag = self.findings[mine].conflict
        suspects = [i for i in base if tag and self.findings[i].conflict == tag]
        at = int(self.held[:, [mine, *base]].all(axis=1).sum())
        records: list[Record] = []
        while True:
            search = Search(self.pool, self.hangs, self.order.effort, self.known)
            answer = find_conflict(search, mine, base, keep, suspects, self._say)
            records.append(self._record(self.findings[mine], answer, at))
            if answer.verdict != "conflict" or mine in answer.core:
                return records
            left_out = min(answer.core, key=lambda i: self.held[:, i].mean())
            base, keep = ([i for i in some if i != left_out] for some in (base, keep))

    def _say(self, line: str) -> None:
        self.say(f"  {line}")

    def _record(self, finding: AskedFinding, answer: ConflictAnswer, at: int) -> Record:
        record: dict[str, Any] = {
            "finding": finding.id,
            "use": self._use(finding),
            "says": finding.description,
            "wanted": finding.wanted,
            "known_conflict": finding.conflict,
            "verdict": answer.verdict,
            "members": at,
            "core": [],
            "evaluations": answer.evaluations,
            "starts": answer.starts,
            "spent": answer.spent,
            "last": [self.findings[i].id for i in answer.core] if answer.verdict == "open" else [],
            "variants": [],
        }
        if answer.verdict != "conflict":
            return record
        core = [self.findings[i] for i in answer.core]
        parts = zip(core, answer.margins.tolist(), strict=True)
        tried = self._ways_out([f.id for f in core])
        return record | {
            "core": [self._part(*part) for part in parts],
            "variants": [t.record() for t in tried],
        }

    def _use(self, finding: AskedFinding) -> str:
        return "fit" if finding.id in self.fitted else "validation"

    def _part(self, finding: AskedFinding, margin: float) -> Record:
        return {
            "id": finding.id,
            "use": self._use(finding),
            "says": finding.description,
            "wanted": finding.wanted,
            "source": finding.source.citation,
            "known_conflict": finding.conflict,
            "margin": margin,
        }

    def _ways_out(self, core: Sequence[str]) -> list[VariantAttempt]:
        order = self.order
        if not order.change:
            return []
        self._say(f"no point for {' + '.join(core)}; other hypotheses:")
        options = {
            "ids": list(core),
            "findings": [str(order.findings.resolve())] if order.findings else [],
            "base": dict(self.variants),
            "ensemble": order.ensemble,
            "members": order.members,
            "effort": order.effort,
        }
        made = Recipe("rewire.analysis.conflicts.variants", "Hypotheses", options)
        return ways_out(made, self.variants, order.change, self.pool.workers, self._say)
