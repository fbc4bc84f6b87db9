"""What an audit says: findings with place and way out, sections with a score or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From worst: the model is wrong or cannot be run; it is probably not as meant; good to know."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was found.

    Attributes
    ----------
    severity : Severity
    kind : str
        The sort of trouble, in words; findings of one kind are counted together.
    element : str
        Such as "species" or "reaction"; "" where it is the model as a whole.
    id : str
    line : int
        Of the audited file; 0 where there is none.
    says : str
        What is so.
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
        0 to 100; None where it cannot be told.
    formula : str
        What the score is.
    reason : str
        Why there is no score.
    facts : mapping
        What was measured, by name.
    findings : sequence of Issue
    """

    name: str
    score: float | None
    formula: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Issue] = ()


def share(part: int, of: int) -> float | None:
    """A score: 100 x part / of; None where there is nothing to count."""
    return 100.0 * part / of if of else None
