"""libSBML's verdict, sorted, and the share of formulas with units."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from rewire.audit.checks.annotation import annotation
from rewire.audit.checks.validity import UNDECLARED, units, validity, verdict
from rewire.audit.model import load
from rewire.audit.show import SHORT

NUMBERS = ["137", "223", "262", "343", "448", "591", "822", "854", "907"]


def counts_of(path: Path) -> dict[str, int]:
    """libSBML's own counts, asked anew."""
    document = libsbml.readSBML(str(path))
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, True)
    document.checkConsistency()
    errors = [document.getError(i) for i in range(document.getNumErrors())]
    unit = [e for e in errors if e.getCategory() == libsbml.LIBSBML_CAT_UNITS_CONSISTENCY]
    practice = [e for e in errors if e.getCategory() == libsbml.LIBSBML_CAT_MODELING_PRACTICE]
    return {
        "inconsistent": sum(e.getErrorId() != UNDECLARED for e in unit),
        "unchecked": sum(e.getErrorId() == UNDECLARED for e in unit),
        "other": len(errors) - len(unit) - len(practice),
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_counts_are_those_of_libsbml(published: Path, number: str):
    (path,) = published.glob(f"BIOMD0000000{number}_*.xml")
    theirs = counts_of(path)
    subject = load(path, ignore_fast=True)
    found = verdict(subject)
    section = units(subject, found)
    assert sum(f.kind == "inconsistent units" for f in section.findings) == theirs["inconsistent"]
    assert section.facts["undeclared"] == theirs["unchecked"]
    assert len(validity(subject, found).findings) == theirs["other"]


def test_units_that_are_wrong_are_found_at_their_place(published: Path):
    (path,) = published.glob("BIOMD0000000822_*.xml")
    subject = load(path)
    section = units(subject, verdict(subject))
    lines = path.read_text(encoding="utf-8").splitlines()
    for finding in section.findings:
        if finding.element == "rate law":
            before = "\n".join(lines[: finding.line])
            assert f'id="{finding.id}"' in before[before.rindex("<reaction ") :]


def test_a_model_without_units_scores_nothing(build):
    subject = load(build({"A": 1.0, "B": 0.0}, {"r": (["A"], ["B"], "k * A")}, {"k": 1.0}))
    section = units(subject, verdict(subject))
    assert section.score == 0.0 and section.facts["undeclared"] == 1


def test_annotation_is_counted(published: Path):
    (path,) = published.glob("BIOMD0000000822_*.xml")
    section = annotation(load(path))
    assert section.score == pytest.approx(93.75)  # all but the model's taxon
    assert section.facts["species annotated"] == "8 of 8"
    assert [f.kind for f in section.findings] == ["no taxon"]


def test_nothing_is_annotated(build):
    section = annotation(load(build({"A": 1.0}, {"r": (["A"], [], "A")})))
    assert section.score == 0.0 and {f.severity for f in section.findings} == {"note"}


def test_a_file_without_line_ends_is_judged_alike(published: Path, tmp_path: Path):
    (path,) = published.glob("BIOMD0000000822_*.xml")
    flat = tmp_path / "flat.xml"
    flat.write_text(" ".join(path.read_text(encoding="utf-8").splitlines()), encoding="utf-8")
    whole, laid = load(path), load(flat)
    first, second = units(whole, verdict(whole)), units(laid, verdict(laid))
    assert first.score == second.score and first.facts == second.facts
    assert all(f.line for f in first.findings) and not any(f.line for f in second.findings)


def test_the_manual_names_every_section():
    manual = Path(__file__).resolve().parents[4] / "docs" / "audit.md"
    assert all(f"| {name} |" in manual.read_text(encoding="utf-8") for name in SHORT)
