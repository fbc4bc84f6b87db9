"""Every statement of the two seed papers: the findings that stand for it and their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import FINDINGS, STATEMENTS
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, read_table, text_of

FORMAT = "statements/1"
DECISIONS = ("background", "lumped", "read-out", "not modelled", "cohort question")
_KEYS = ("seed", "says", "note", "decision", "reason")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a seed paper.

    Attributes
    ----------
    row : str
        S rows have findings; N rows have a `decision` and a `reason` instead.
    seed : str
    description : str
    """

    row: str
    seed: str
    description: str
    note: str = ""
    decision: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """A statement with the ids of its findings and the verdict on each ("" where it was not scored)."""

    statement: Statement
    verdicts: Mapping[str, str]

    @property
    def verdict(self) -> str:
        """The worst verdict; "missing" without a finding; the decision of an N row."""
        if self.statement.decision:
            return self.statement.decision
        if not self.verdicts:
            return "missing"
        order = ("fails", "implausible", "unevaluable", "", "holds")
        return min(self.verdicts.values(), key=lambda v: order.index(v) if v in order else 0)


def load_statements(path: Path = FINDINGS / STATEMENTS, problems: Mistakes | None = None) -> list[Statement]:
    """Read the statements; raises one `UserError` unless the caller collects `problems`."""
    own = problems is None
    problems = problems or Mistakes()
    statements = []
    for row, body in read_table(path, FORMAT, problems).items():
        if not is_table(body, row, problems):
            continue
        check_keys(body, _KEYS, row, problems)
        keys = [key for key in _KEYS if key in body or key in ("seed", "says")]
        texts = {key: text_of(body, key, row, problems) for key in keys}
        if "decision" in texts:
            if texts["decision"] not in DECISIONS:
                given = texts["decision"]
                problems.add(f"{row}.decision", repr(given), allowed=DECISIONS, name=given)
            if "reason" not in texts:
                problems.add(f"{row}.reason", "missing", advice="Say why it has no finding.")
        elif "reason" in texts:
            problems.add(f"{row}.decision", "missing", allowed=DECISIONS)
        statements.append(Statement(row, description=texts.pop("says"), **texts))
    if own:
        problems.raise_if_any()
    return statements


def coverage(
    statements: Sequence[Statement], findings: Iterable[Finding], verdicts: Mapping[str, str] | None = None
) -> list[Covered]:
    """Each statement with its findings, in the order of the statements.

    Parameters
    ----------
    verdicts : mapping of str to str, optional
        Finding id to verdict.
    """
    verdicts = verdicts or {}
    by_row: dict[str, dict[str, str]] = {}
    for finding in findings:
        by_row.setdefault(finding.row, {})[finding.id] = verdicts.get(finding.id, "")
    return [Covered(statement, by_row.get(statement.row, {})) for statement in statements]


def missing(covered: Iterable[Covered]) -> list[str]:
    """Rows that have neither a finding nor a decision."""
    return [c.statement.row for c in covered if c.verdict == "missing"]
