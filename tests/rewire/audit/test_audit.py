"""`rewire audit`: its words, its forms, its exit status, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rewire.audit.show import SHORT

GOOD = ({"A": 1.0, "B": 0.0}, {"r": (["A"], ["B"], "k * A")}, {"k": 1.0})
BAD = ({"A": None, "B": 0.0}, {"r": (["A"], ["B"], "k * A")}, {"k": 1.0})

BNGL = """begin model
begin parameters
  k_on 1e-3
  k_off 0.1
  idle 5
end parameters
begin molecule types
  A(b)
  B(a)
  C(s~u~p)
end molecule types
begin seed species
  A(b) 100
  B(a) 50
  C(s~u) 0
end seed species
begin observables
  Molecules AB A(b!1).B(a!1)
end observables
begin reaction rules
  A(b) + B(a) <-> A(b!1).B(a!1) k_on, k_off
  never: C(s~u) -> C(s~p) k_off
end reaction rules
end model
"""

PYSB = """from pysb import *
Model()
Monomer("A", ["s"], {"s": ["u", "p"]})
Parameter("k", 0.5)
Parameter("idle", 1.0)
Parameter("A_0", 10.0)
Initial(A(s="u"), A_0)
Rule("turn", A(s="u") >> A(s="p"), k)
Observable("Ap", A(s="p"))
"""


def test_a_sound_model_in_words(rewire, build):
    said = rewire("audit", build(*GOOD), "--no-engines")
    assert said.status == 0 and "mean of the sections" in said.out
    assert all(name in said.out for name in SHORT)


def test_an_error_ends_in_status_1(rewire, build):
    said = rewire("audit", build(*BAD), "--no-engines")
    assert said.status == 1 and "species A (line" in said.out and "Set its initial amount." in said.out


def test_json_holds_everything(rewire, build):
    answer = json.loads(rewire("audit", build(*BAD), "--no-engines", "--json").out)
    (record,) = answer["records"]
    assert answer["schema"] == "rewire.audit/1" and record["errors"] == 1
    assert [s["name"] for s in record["sections"]] == list(SHORT)
    for section in record["sections"]:
        assert (section["score"] is None) == bool(section["reason"])
        assert section["score"] is None or 0.0 <= section["score"] <= 100.0
    assert all(s["score"] is None for s in record["sections"][8:])  # engines were not run


def test_the_page_holds_all_that_it_shows(rewire, build, tmp_path: Path):
    page = tmp_path / "page.html"
    said = rewire("audit", build(*BAD), "--no-engines", "--html", page)
    text = page.read_text(encoding="utf-8")
    assert said.status == 1 and "undefined species" in text and "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=\"(?!#)|@import|url\(|<script", text)


def test_names_in_a_file_are_no_markup(rewire, build, tmp_path: Path):
    page = tmp_path / "page.html"
    path = build({"A": 1.0, "B": 0.0}, GOOD[1], GOOD[2], names={"A": "<script>alert(1)</script>"})
    path = path.rename(path.with_name("<b>.xml"))
    rewire("audit", path, "--no-engines", "--html", page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;b&gt;.xml" in text


def test_several_files_give_one_table(rewire, build, tmp_path: Path):
    other = tmp_path / "other.xml"
    other.write_text(build(*GOOD).read_text())
    said = rewire("audit", build(*BAD), other, "--no-engines", "--table")
    lines = said.out.splitlines()
    assert said.status == 1 and lines[0].startswith("| file | mean |") and len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


DELAY = '<delay><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>5</cn></math></delay>'
ALGEBRAIC = """<listOfRules><algebraicRule metaid="sum">
<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>A</ci></math></algebraicRule></listOfRules>"""


@pytest.mark.parametrize(
    ("pattern", "by", "word"),
    [
        (
            r"(<event id=\"event_1\".*?</trigger>)",
            rf"\1{DELAY}",
            r"event_1 \(line \d+\): an event with a delay",
        ),
        (r"(</listOfParameters>)", rf"\1{ALGEBRAIC}", r"sum \(line \d+\): an algebraic rule"),
        (r'fast="false"', 'fast="true"', r"r \(line \d+\): a fast reaction.*--ignore-fast"),
        (
            r"(<sbml )",
            r'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n\1',
            "line 2: a document type",
        ),
        (r"</model>", "", "is not XML"),
        (r"<sbml .*", "<html/>", "line"),
    ],
)
def test_what_is_not_supported_is_said_with_its_place(rewire, build, tmp_path, pattern, by, word):
    path = build(*GOOD, events=[("time > 5", "A", "3")])
    text, count = re.subn(pattern, by, path.read_text(), count=1, flags=re.DOTALL)
    assert count == 1
    path.write_text(text)
    page = tmp_path / "page.html"
    said = rewire("audit", path, "--html", page, "--no-engines")
    assert said.status == 2 and re.search(word, said.err) and "Traceback" not in said.err
    assert said.out == "" and not page.exists()


def test_fast_reactions_can_be_read_as_ordinary_ones(rewire, build):
    path = build(*GOOD)
    path.write_text(path.read_text().replace('fast="false"', 'fast="true"'))
    said = rewire("audit", path, "--no-engines", "--ignore-fast")
    assert said.status == 0 and "1 fast reactions were read as ordinary ones" in said.out


def test_a_refused_file_among_others_is_a_line_of_the_table(rewire, build, tmp_path: Path):
    broken = tmp_path / "broken.xml"
    broken.write_text("<html/>")
    said = rewire("audit", broken, build(*GOOD), "--no-engines", "--json")
    first, second = json.loads(said.out)["records"]
    assert said.status == 2 and first["refused"] and first["score"] is None and second["score"] > 0


@pytest.mark.parametrize(
    ("args", "word"),
    [
        ((), "Missing argument"),
        (("model.txt",), ".bngl"),
        (("none.xml",), "not found"),
        (("none.bngl",), "cannot be read"),
        (("none.xml", "--json", "--table"), "choose one"),
        (("none.xml", "--html", "nowhere/page.html"), "is not there"),
        (("none.xml", "--until", "-3"), "range"),
    ],
)
def test_misuse(rewire, args: tuple[str, ...], word: str):
    said = rewire("audit", *args)
    assert said.status == 2 and word in said.err and said.out == ""


def test_bngl_keeps_its_lines(rewire, tmp_path: Path):
    path = tmp_path / "model.bngl"
    path.write_text(BNGL)
    (record,) = json.loads(rewire("audit", path, "--no-engines", "--json").out)["records"]
    sections = {s["name"]: s for s in record["sections"]}
    assert sections["units"]["score"] is None and sections["annotation"]["score"] is None
    assert sections["balance"]["facts"]["judged by"] == "masses of molecules in patterns"
    found: dict[str, dict[str, object]] = {}
    for section in record["sections"]:
        for finding in section["findings"]:
            found.setdefault(finding["kind"], finding)
    lines = BNGL.splitlines()
    assert lines[found["unused"]["line"] - 1].split() == ["idle", "5"]
    assert lines[found["dead"]["line"] - 1].strip().startswith("never:")
    assert lines[found["unreachable"]["line"] - 1].split() == ["C(s~u)", "0"]


def test_a_pysb_module_is_run_and_that_is_said(rewire, tmp_path: Path):
    path = tmp_path / "model.py"
    path.write_text(PYSB)
    said = rewire("audit", path, "--no-engines", "--json")
    (record,) = json.loads(said.out)["records"]
    assert "is Python code, and it is run now" in said.err and record["form"] == "PySB"
    found = {f["kind"]: f for s in record["sections"] for f in s["findings"]}
    assert 'Parameter("idle"' in PYSB.splitlines()[found["unused"]["line"] - 1]


@pytest.mark.slow
def test_our_own_model_is_sound(rewire, tmp_path: Path):
    path = tmp_path / "mcf7.xml"
    assert rewire("export", "sbml", "mcf7", "--no-verify", "--out", path).status == 0
    said = rewire("audit", path, "--json")
    (record,) = json.loads(said.out)["records"]
    scores = {s["name"]: s["score"] for s in record["sections"]}
    assert said.status == 0 and record["warnings"] == 0
    for name in ("validity", "units", "balance", "reactions", "species", "parameters", "initial values"):
        assert scores[name] == 100.0
    assert scores["agreement"] == scores["negative amounts"] == 100.0
