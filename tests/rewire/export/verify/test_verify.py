"""`rewire verify`: a file that was changed by hand is found, with the place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewire.export.proven_sbml import export_sbml
from rewire.export.verify.verify import same, verify


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the project wrote it."""
    path = tmp_path_factory.mktemp("written") / "mef.xml"
    treat = ("rapamycin=20 nM@-30 min", "BEZ235=300 nM@6 h..12 h")
    export_sbml(
        path,
        "mef",
        treat,
        ["GRB10=knock-out"],
        1,
        created="2026-01-31",
        plain={"starve": "2 h"},
        verify=False,
    )
    return path


@pytest.fixture
def changed(written: Path, tmp_path: Path) -> Callable[..., tuple[Path, list[str]]]:
    """The file with one pattern replaced once, and its lines."""

    def change(pattern: str, by: str) -> tuple[Path, list[str]]:
        text, count = re.subn(pattern, by, written.read_text(), count=1, flags=re.DOTALL)
        assert count == 1, pattern
        path = tmp_path / "mef.xml"
        path.write_text(text)
        return path, text.splitlines()

    return change


def test_an_untouched_file_is_as_written(written: Path, rewire):
    assert verify(written) == []
    said = rewire("verify", written)
    assert said.status == 0 and "as the project writes it" in said.out


CHANGES = [
    (r'(id="akt_undocks_kcat" value=)"[^"]+"', r'\1"0.5"', ("parameter", "akt_undocks_kcat", "value")),
    (
        r'(id="erk_makes_spry_rate" [^>]*units=)"[^"]+"',
        r'\1"copies"',
        ("parameter", "erk_makes_spry_rate", "units"),
    ),
    (r' *<species [^>]*id="SPRY".*?</species>\n', "", ("species", "SPRY", "whole")),
    (r'(id="PDGFRB__Y_p" [^>]*initialAmount=)"[^"]+"', r'\1"7"', ("species", "PDGFRB__Y_p", "initialAmount")),
    (
        r' *<reaction [^>]*id="irs1_made__to__[^"]+".*?</reaction>\n',
        "",
        ("reaction", "irs1_made__to__", "whole"),
    ),
    (
        r'(id="il8_lost__of__CXCL8".*?)<ci> il8_lost_kdeg </ci>',
        r"\1<ci> irs1_degraded_kdeg </ci>",
        ("reaction", "il8_lost__of__CXCL8", "rate law"),
    ),
    (
        r'(id="stat5_dimerises__of.*?stoichiometry=)"2"',
        r'\1"1"',
        (
            "reaction",
            "stat5_dimerises__of",
            "listOfReactants speciesReference STAT5__Y694_p__d_free__loc_cyt stoichiometry",
        ),
    ),
    (r'(variable="aAKT">.*?<ci>) AKT_both', r"\1 AKT_T308_only", ("rule", "aAKT", "formula")),
    (r"864000", "86400", ("rule", "il8_secreted_rate", "formula")),
    (r'units="copies_s"', 'units="copies"', ("rule", "il8_secreted_rate", "formula")),
    (r'(<unitDefinition id="nM">.*?scale=)"-9"', r'\1"-6"', ("unit", "nM", "listOfUnits unit mole scale")),
    (r"(<event id=\"treatment_2\".*?<cn[^>]*>) *\d+", r"\1 99", ("event", "treatment_2", "trigger")),
    (
        r"(<listOfParameters>)",
        r'\1<parameter id="mine" value="1" constant="true"/>',
        ("parameter", "mine", "whole"),
    ),
    (r"uniprot:P62942", "uniprot:P00000", ("species", "FKBP12__drug_none__m_free", "annotation")),
    (r'substanceUnits="item"', 'substanceUnits="mole"', ("model", "mef", "substanceUnits")),
]


@pytest.mark.parametrize(("pattern", "by", "place"), CHANGES, ids=[" ".join(place) for *_, place in CHANGES])
def test_a_change_is_found_at_its_place(changed, pattern: str, by: str, place: tuple[str, str, str]):
    path, lines = changed(pattern, by)
    found = verify(path)
    assert len(found) == 1, found
    (one,) = found
    assert one.element == place[0] and one.id.startswith(place[1]) and one.what == place[2]
    if place[2] == "whole" and one.written != "–":  # gone: the place is the list it was in
        assert "listOf" in lines[one.line - 1]
    elif place[0] != "rule":
        assert f'"{one.id}"' in lines[one.line - 1]
    else:
        assert f'variable="{one.id}"' in lines[one.line - 1]


def test_a_change_ends_in_status_1(changed, rewire):
    path, _ = changed(*CHANGES[0][:2])
    said = rewire("verify", path, "--json")
    answer = json.loads(said.out)
    assert said.status == 1 and not answer["as_written"]
    assert answer["records"][0]["id"] == "akt_undocks_kcat" and answer["records"][0]["found"] == "0.5"


def test_another_ensemble_is_said(changed, rewire):
    path, _ = changed(r'ensemble="[0-9a-f]+"', 'ensemble="0000000000000000"')
    said = rewire("verify", path)
    assert said.status == 1 and "--ensemble" in said.err and "0000000000000000" in said.out


@pytest.mark.parametrize(
    ("pattern", "by", "word"),
    [
        (r"<rewire:export .*?</rewire:export>", "", "no <rewire:export>"),
        (r'context="mef"', 'context="mcf8"', "mcf7"),
        (r'member="1"', 'member="4000"', "best, median, 0 to"),
        (r'member="1"', 'member="best"', "number of a member"),
        (r'settled="true"', 'settled="maybe"', "true, false"),
        (r' created="2026-01-31"', "", "no 'created'"),
        (r'created="2026-01-31"', 'created="yesterday"', "2026-01-31"),
        (r"(<rewire:treat>BEZ235=300) nM", r"\1", "no unit"),
        (
            r"(<sbml )",
            r'<!DOCTYPE sbml [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n\1',
            "line 2: a document type",
        ),
        (r"</model>", "", "is not XML"),
        (
            r"(<event id=\"treatment_1\".*?</trigger>)",
            r'\1<delay><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>5</cn></math></delay>',
            "treatment_1 (line",
        ),
    ],
)
def test_what_cannot_be_verified_is_misuse(changed, rewire, pattern: str, by: str, word: str):
    path, _ = changed(pattern, by)
    said = rewire("verify", path)
    assert said.status == 2 and word in said.err and "Traceback" not in said.err and said.out == ""


def test_a_missing_file_is_misuse(rewire, tmp_path: Path):
    said = rewire("verify", tmp_path / "none.xml")
    assert said.status == 2 and "not found" in said.err


@settings(deadline=None)
@given(st.floats(1e-12, 1e12), st.floats(1e-7, 1.0))
def test_numbers_may_differ_in_their_last_digits_only(value: float, off: float):
    assert same(f"k * {value!r}", f"k  * {value * (1 + 1e-12)!r}")
    assert not same(f"k * {value!r}", f"k * {value * (1 + off)!r}")


def test_words_may_not_differ():
    assert not same("AKT_T308 * 2", "AKT_T309 * 2")
    assert same("1e-9", "2e-9", 1e-6) and not same("1e-9", "2e-9")
