"""Every statement of the seeds has a finding or a decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.findings.claims.finding import Finding, Source
from calibration.findings.claims.reader import load_findings
from calibration.findings.claims.statements import Covered, Statement, coverage, load_statements, missing
from models.assemble import build
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.core.errors import UserError
from models.treatments.arm import Vocabulary


def finding(name: str) -> Finding:
    row = name.partition("_")[0]
    source = Source("A paper")
    return Finding(name, row, "It is so.", "ratio", None, "mcf7", "fair", "fit", source, cannot="why")


STATEMENTS = [
    Statement("S01", "A", "One."),
    Statement("S02", "A", "Two."),
    Statement("N1", "B", "Three.", decision="background", reason="Too general."),
]


def test_statement_to_findings_to_verdict() -> None:
    findings = [finding("S01_a"), finding("S01_b")]
    covered = coverage(STATEMENTS, findings, {"S01_a": "holds", "S01_b": "unevaluable"})
    assert covered[0].verdicts == {"S01_a": "holds", "S01_b": "unevaluable"}
    assert [c.verdict for c in covered] == ["unevaluable", "missing", "background"]
    assert missing(covered) == ["S02"]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [(["holds", "fails", "implausible"], "fails"), (["holds", "holds"], "holds"), (["holds", ""], "")],
)
def test_the_worst_verdict_stands_for_all(verdicts: list[str], worst: str) -> None:
    assert Covered(STATEMENTS[0], {str(i): v for i, v in enumerate(verdicts)}).verdict == worst


def test_every_seed_row_has_a_finding_or_a_decision() -> None:
    words = Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())
    findings = load_findings(words=words, built=build())
    statements = load_statements()
    rows = [statement.row for statement in statements]
    assert [row for row in rows if row[0] == "S"] == [f"S{i:02}" for i in range(1, 57)]
    assert [row for row in rows if row[0] == "N"] == [f"N{i}" for i in range(1, 11)]
    covered = coverage(statements, findings)
    assert missing(covered) == []
    assert all(c.statement.decision == "" for c in covered if c.verdicts)
    strays = {f.row for f in findings if f.row[0] == "S"} - set(rows)
    assert not strays


def test_mistakes_in_statements(tmp_path: Path) -> None:
    path = tmp_path / "statements.toml"
    path.write_text(
        'format = "statements/1"\n[S01]\nseed = "A"\nsay = "One."\n'
        '[N1]\nseed = "A"\nsays = "Two."\ndecision = "backgroud"\n',
        encoding="utf-8",
    )
    with pytest.raises(UserError) as err:
        load_statements(path)
    said = str(err.value)
    assert "S01: unknown key 'say'" in said and "S01.says: missing" in said
    assert "Did you mean 'background'?" in said and "N1.reason: missing" in said
