"""Result of an audit: findings with place and advice, sections with a score or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first: the model is wrong or cannot be run; it is probably not as intended; good to know."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding of an audit.

    Attributes
    ----------
    severity : Severity
    kind : str
        Kind of problem; findings of one kind are counted together.
    element : str
        Such as "species" or "reaction"; "" for the model as a whole.
    id : str
    line : int
        Line in the audited file; 0 if there is none.
    says : str
        The problem.
    fix : str
        What to do about it.
    """

    severity: Severity
    kind: str
    element: str
    id: str
    line: int
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an audit.

    Attributes
    ----------
    name : str
    score : float or None
        0 to 100; None if it cannot be computed.
    formula : str
        Definition of the score.
    reason : str
        Why there is no score.
    facts : mapping
        Measured values by name.
    findings : sequence of Issue
    """

    name: str
    score: float | None
    formula: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Issue] = ()


def share(part: int, total: int) -> float | None:
    """A score: 100 x part / total; None if the total is zero."""
    return 100.0 * part / total if total else None
