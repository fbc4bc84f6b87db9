"""All sections of the audit of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.core.errors import Mistake, UserError
from rewire.audit.checks import dynamics, structure, values
from rewire.audit.checks.agreement import agreement, tolerance
from rewire.audit.checks.annotation import annotation
from rewire.audit.checks.balance import balance
from rewire.audit.checks.reach import Reach
from rewire.audit.checks.validity import units, validity, verdict
from rewire.audit.engines.jobs import EngineRuns, run_all
from rewire.audit.issue import SEVERITIES, Issue, Section
from rewire.audit.model import Say, load
from rewire.audit.network import network


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one file.

    Attributes
    ----------
    file : str
    origin : str
        Its format.
    counts : tuple of int
        Species, reactions.
    sections : tuple of Section
        Empty if the file was refused.
    notes : tuple of str
        Parts of the file that were left out or read differently.
    refused : tuple of Mistake
        Why it was not audited.
    """

    file: str
    origin: str = ""
    counts: tuple[int, int] = (0, 0)
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[Mistake, ...] = ()

    @property
    def findings(self) -> list[tuple[str, Issue]]:
        """(section, finding), worst first."""
        every = [(section.name, finding) for section in self.sections for finding in section.findings]
        return sorted(every, key=lambda pair: SEVERITIES.index(pair[1].severity))

    @property
    def score(self) -> float | None:
        """Mean score of the sections that have one."""
        scores = [section.score for section in self.sections if section.score is not None]
        return sum(scores) / len(scores) if scores else None

    def count(self, severity: str) -> int:
        """Number of findings of a severity."""
        return sum(finding.severity == severity for _, finding in self.findings)

    def record(self) -> dict[str, Any]:
        """The audit as a JSON record."""
        return {
            "file": self.file,
            "form": self.origin,
            "species": self.counts[0],
            "reactions": self.counts[1],
            "score": self.score,
            **{f"{severity}s": self.count(severity) for severity in SEVERITIES},
            "refused": [str(problem) for problem in self.refused],
            "notes": self.notes,
            "sections": self.sections,
        }


def audit(
    path: Path,
    until: float | None = None,
    engines: bool = True,
    ignore_fast: bool = False,
    say: Say = lambda _: None,
) -> Audit:
    """Audit one file.

    Parameters
    ----------
    path : Path
        .xml, .sbml, .bngl, .net; or .py, a PySB module, which is run.
    until : float, optional
        How long to simulate [the model's time]; by default to the steady state.
    engines : bool
        Whether to simulate at all.
    ignore_fast : bool
        Read fast reactions as ordinary ones.

    Raises
    ------
    UserError
        If the file cannot be read or has unsupported features.
    """
    subject = load(path, say, ignore_fast)
    net = network(subject)
    found = verdict(subject)
    now, on = Reach(net, False), Reach(net, True)
    sections = [
        validity(subject, found),
        units(subject, found),
        balance(subject, net),
        structure.reactions(subject, net, now, on),
        structure.species(subject, net, now, on),
        values.parameters(subject, net),
        values.initials(subject, net),
        annotation(subject),
    ]
    runs = run_all(subject, net, until, say=say) if engines else EngineRuns()
    counted = {o.engine: o.moieties for o in runs.outcomes if o.moieties is not None}
    if counted and "conserved moieties" in sections[2].facts:
        theirs = ", ".join(f"{engine} {count}" for engine, count in counted.items())
        sections[2] = _with(sections[2], "conserved moieties, as engines count", theirs)
    sections += [
        dynamics.stiffness(runs),
        dynamics.steady(runs),
        dynamics.negatives(net, now, runs),
        agreement(net, runs),
        tolerance(net, runs),
    ]
    final = tuple(s if s.score is None else replace(s, reason="") for s in sections)
    return Audit(path.name, subject.origin, (len(net.species), len(net.reactions)), final, subject.notes)


def _with(section: Section, name: str, value: str) -> Section:
    return replace(section, facts={**section.facts, name: value})


def audit_all(
    paths: Sequence[Path], say: Callable[[str], None], refuse: Callable[[UserError], None], **options: Any
) -> Iterable[Audit]:
    """Audit files one after the other; a refused file is reported at once and has no sections."""
    for number, path in enumerate(paths, 1):
        if len(paths) > 1:
            say(f"{number} of {len(paths)}: {path.name}")
        try:
            yield audit(path, say=say, **options)
        except UserError as error:
            refuse(error)
            yield Audit(path.name, refused=tuple(error.problems))
