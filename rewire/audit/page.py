"""A self-contained HTML page on one or several audited files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.core.files import write
from rewire.audit.issue import SEVERITIES, Section
from rewire.audit.score import Audit
from rewire.audit.show import SHORT, place, points
from rewire.report.html import render
from rewire.report.tables import readable

MOST = 200
"""Largest number of findings of one kind on the page."""


def html(audits: Sequence[Audit]) -> str:
    """The page as text."""
    from rewire import __version__

    title = f"Audit of {audits[0].file}" if len(audits) == 1 else f"Audit of {len(audits)} models"
    shown = [_audit(one) for one in audits]
    return render("audit.html.j2", title=title, version=__version__, heads=SHORT, audits=shown)


def write_page(path: Path, audits: Sequence[Audit]) -> None:
    """Write the page completely or not at all."""
    write(path, html(audits))


def _audit(audit: Audit) -> dict[str, Any]:
    return {
        "file": audit.file,
        "origin": audit.origin,
        "species": audit.counts[0],
        "reactions": audit.counts[1],
        "mean": points(audit.score),
        "notes": audit.notes,
        "refused": [str(replace(problem, file="")) for problem in audit.refused],
        "counts": {severity: audit.count(severity) for severity in SEVERITIES},
        "scores": {s.name: points(s.score) for s in audit.sections},
        "sections": [_section(s) for s in audit.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    kinds = Counter((SEVERITIES.index(f.severity), f.kind) for f in section.findings)
    groups = []
    for (rank, kind), count in sorted(kinds.items()):
        rows = [f for f in section.findings if f.kind == kind and f.severity == SEVERITIES[rank]]
        groups.append(
            {
                "severity": SEVERITIES[rank],
                "kind": kind,
                "count": count,
                "fix": rows[0].fix,
                "rows": [{"place": place(f).removesuffix(": "), "says": f.says} for f in rows[:MOST]],
                "more": max(0, count - MOST),
            }
        )
    return {
        "name": section.name,
        "score": points(section.score),
        "width": section.score or 0.0,
        "band": _band(section.score),
        "formula": section.formula,
        "reason": section.reason if section.score is None else "",
        "facts": _facts(section.facts),
        "lists": {
            name: value for name, value in section.facts.items() if isinstance(value, list | tuple) and value
        },
        "groups": groups,
    }


def _facts(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: readable(value) for name, value in facts.items() if not isinstance(value, list | tuple)}


def _band(score: float | None) -> str:
    if score is None:
        return "none"
    return "good" if score >= 90 else "fair" if score >= 60 else "bad"
