"""Files of findings: what they give, and that every mistake is said and none is a traceback."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.findings.claims.reader import FINDINGS, STATEMENTS, load_findings
from models.assemble import build
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.core.errors import UserError
from models.treatments.arm import Vocabulary

WORDS = Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())
BUILT = build()

HEAD = """\
format = "findings/1"
source = { citation = "O'Reilly et al. Cancer Res 2006;66:1500", where = "abstract" }
context = "mcf7"
grown_in = "serum"
[arm.vehicle]
[arm.rapamycin]
rapamycin = "20 nM"
"""
FINDING = """
[[finding]]
id = "S07_irs1_rises"
row = "S07"
says = "Rapamycin raises total IRS1."
kind = "ratio"
observable = "tIRS1"
of = { arm = "rapamycin", at = "24 h" }
to = { arm = "vehicle", at = "24 h" }
at_least = 1.5
trust = "strong"
use = "fit"
"""


def read(tmp_path: Path, *texts: str):
    for i, text in enumerate(texts):
        (tmp_path / f"f{i}.toml").write_text(text, encoding="utf-8")
    return load_findings(tmp_path, words=WORDS, built=BUILT)


def said(tmp_path: Path, *texts: str) -> str:
    with pytest.raises(UserError) as err:
        read(tmp_path, *texts)
    return str(err.value)


def test_one_finding(tmp_path: Path) -> None:
    (finding,) = read(tmp_path, HEAD + FINDING)
    assert (finding.id, finding.row, finding.kind, finding.use) == ("S07_irs1_rises", "S07", "ratio", "fit")
    assert finding.wanted == ">= 1.5 x vehicle at 24 h"
    assert finding.source.where == "abstract" and finding.file == "f0.toml"
    assert finding.contexts == ("mcf7",) and finding.informative
    requests = {r.arm.name: list(r.times) for r in finding.requests()}
    assert requests == {"rapamycin": [86400.0], "vehicle": [86400.0]}


def test_one_finding_for_each_context(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + FINDING + 'contexts = ["mcf7", "du145"]\n')
    assert [f.id for f in found] == ["S07_irs1_rises@mcf7", "S07_irs1_rises@du145"]
    assert [{a.context for a in f.arms} for f in found] == [{"mcf7"}, {"du145"}]


def test_an_arm_or_a_point_may_name_its_context(tmp_path: Path) -> None:
    arm = '[arm.other]\ncontext = "pc3"\n'
    text = HEAD + arm + FINDING.replace('to = { arm = "vehicle"', 'to = { arm = "other"')
    (finding,) = read(tmp_path, text)
    assert finding.contexts == ("mcf7", "pc3") and "other (pc3)" in finding.wanted
    text = HEAD + FINDING.replace('to = { arm = "vehicle"', 'to = { context = "pc3", arm = "vehicle"')
    (finding,) = read(tmp_path, text)
    assert finding.contexts == ("mcf7", "pc3")


def test_equal_arms_of_different_files_are_one(tmp_path: Path) -> None:
    renamed = (HEAD + FINDING.replace("S07", "S08")).replace("vehicle", "control")
    a, b = read(tmp_path, HEAD + FINDING, renamed)
    assert a.arms == b.arms


def test_what_the_model_cannot_say(tmp_path: Path) -> None:
    text = HEAD + FINDING.split("observable")[0]
    text += 'claim = "SGK1 rises"\ncannot = "reason: no SGK1"\ntrust = "weak"\nuse = "validation"\n'
    (finding,) = read(tmp_path, text)
    assert (finding.cannot, finding.wanted, finding.n_parts) == ("no SGK1", "SGK1 rises", 0)
    assert finding.requests() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"tIRS1"', '"tIRS"', "f0.toml: finding S07_irs1_rises.of.observable: unknown observable 'tIRS'"),
        ('"tIRS1"', '"tIRS"', "Did you mean 'tIRS1'?"),
        ('arm = "vehicle"', 'arm = "vehcle"', "finding S07_irs1_rises.to.arm: unknown arm 'vehcle'"),
        ('"ratio"', '"ration"', "Did you mean 'ratio'?"),
        ("at_least = 1.5", "atleast = 1.5", "Did you mean 'at_least'?"),
        ('rapamycin = "20 nM"', 'rapamicin = "20 nM"', "Did you mean 'rapamycin'?"),
        ('rapamycin = "20 nM"', 'rapamycin = "-20 nM"', "negative"),
        ('rapamycin = "20 nM"', "rapamycin = 20", "20 has no unit"),
        ('rapamycin = "20 nM"', 'rapamycin = "20 nMol"', "'nMol'"),
        ('context = "mcf7"', 'context = "mcf-7"', "Did you mean 'mcf7'?"),
        ('grown_in = "serum"', 'grown_in = "serm"', "f0.toml: grown_in: 'serm'"),
        ('at = "24 h"', 'at = "-24 h"', "'-24 h' is negative"),
        ('at = "24 h"', 'at = "24"', "'24' has no unit"),
        ('row = "S07"', 'row = "S08"', "finding S07_irs1_rises.row: 'S08'"),
        ('trust = "strong"', 'trust = "strng"', "Did you mean 'strong'?"),
        ('use = "fit"', "", "finding S07_irs1_rises.use: missing"),
        ('id = "S07_irs1_rises"', 'id = "S07 irs1"', "finding 1.id: 'S07 irs1'"),
        ('says = "Rapamycin raises total IRS1."', "", "says: missing"),
        ("citation", "citaton", "unknown key 'citaton'"),
        ('"findings/1"', '"context/1"', "f0.toml: format: 'context/1'"),
        ("[[finding]]", "[finding]", "no [[finding]]"),
        ('kind = "ratio"', "kind = ratio", "f0.toml: is not valid TOML"),
        ('use = "fit"', 'use = "fit"\ncontexts = []', "contexts: []"),
        ('use = "fit"', 'use = "fit"\ncontexts = ["mcf7", "mcf7"]', "'mcf7' is given twice"),
        ('use = "fit"', 'use = "fit"\ncontexts = ["mcf7"]\ncontext = "mcf7"', "together with context"),
        ('use = "fit"', 'use = "fit"\ncannot = "reason: no"', "claim: missing"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = HEAD + FINDING
    assert old in text
    assert expected in said(tmp_path, text.replace(old, new))


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    first = (HEAD + FINDING).replace('"tIRS1"', '"tIRS"').replace("strong", "stong")
    second = (HEAD + FINDING).replace("S07", "S08").replace("20 nM", "20")
    told = said(tmp_path, first, second, "format = ")
    assert len(re.findall(r"^f0\.toml", told, re.M)) == 3  # of.observable, to.observable, trust
    assert "f1.toml: arm.rapamycin.rapamycin" in told and "f2.toml: is not valid TOML" in told


def test_a_mistake_is_said_once_for_all_contexts(tmp_path: Path) -> None:
    text = (HEAD + FINDING).replace("at_least = 1.5", "at_least = -1")
    assert said(tmp_path, text + 'contexts = ["mcf7", "du145", "pc3"]\n').count("at_least") == 1


def test_one_id_in_two_files(tmp_path: Path) -> None:
    told = said(tmp_path, HEAD + FINDING, HEAD + FINDING)
    assert "f1.toml: finding S07_irs1_rises.id: 'S07_irs1_rises' is already in f0.toml" in told


def test_nothing_to_read(tmp_path: Path) -> None:
    assert "holds no findings" in said(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        load_findings(tmp_path / "none.toml", words=WORDS, built=BUILT)


# --- the project's own --------------------------------------------------------------------------------------
def test_the_project_s_findings() -> None:
    found = load_findings(words=WORDS, built=BUILT)
    ids = [f.id for f in found]
    assert len(ids) == len(set(ids)) > 200
    assert {f.row[0] for f in found if f.use == "fit"} == {"S"}
    assert {f.row[0] for f in found if f.use == "validation"} <= {"S", "X", "P", "N"}
    for finding in found:
        assert finding.claim is not None or finding.cannot
        assert all(request.times.min() >= 0 for request in finding.requests())
        assert len(set(finding.terms)) == finding.n_parts or finding.kind != "ratio"


def test_findings_lie_in_folders_by_topic_of_at_most_20_files() -> None:
    assert [path.name for path in FINDINGS.glob("*.toml")] == [STATEMENTS]
    folders = [path.parent for path in FINDINGS.rglob("*.toml") if path.name != STATEMENTS]
    assert max(folders.count(folder) for folder in set(folders)) <= 20
    names = [path.name for path in FINDINGS.rglob("*.toml")]
    assert len(names) == len(set(names)), "a paper's file name is its name when papers are left out"


def test_order_is_that_of_file_names_whatever_the_folders(tmp_path: Path) -> None:
    for i, folder in enumerate(("z", "y", ".")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{i}.toml").write_text((HEAD + FINDING).replace("S07_", f"S07_{i}_"))
    found = load_findings(tmp_path, words=WORDS, built=BUILT)
    assert [f.file for f in found] == ["0.toml", "1.toml", "2.toml"]


# --- mangled files ------------------------------------------------------------------------------------------
TEXTS = [p.read_text(encoding="utf-8") for p in sorted(FINDINGS.rglob("*.toml")) if p.name != STATEMENTS]
LITERALS = ["-1", "nan", "inf", "true", "[]", "{}", '""', "1e400", "10", "2026-11-21", '"24 h"', "[[1]]"]
LITERALS += [
    '["a", 1]',
    "{ arm = 1 }",
    '"µ"',
    "12345678901234567890123",
    '"1e300 h"',
    "0x10",
    '"pAKT_S473"',
    "[{}, {}]",
]


def cut_lines(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    start = rng.randrange(len(lines))
    return "".join(lines[:start] + lines[start + rng.randint(1, 4) :])


def swap_letters(text: str, rng: random.Random) -> str:
    i, j = sorted(rng.sample(range(len(text)), 2))
    return text[:i] + text[j] + text[i + 1 : j] + text[i] + text[j + 1 :]


def swap_neighbours(text: str, rng: random.Random) -> str:
    i = rng.randrange(len(text) - 1)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def repeat_lines(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    i = rng.randrange(len(lines))
    lines.insert(rng.randrange(len(lines)), lines[i])
    return "".join(lines)


def change_value(text: str, rng: random.Random) -> str:
    places = list(re.finditer(r'(?<== )("[^"\n]*"|[\d.]+|\[[^\]\n]*\]|\{[^}\n]*\})', text))
    if not places:
        return text
    hit = rng.choice(places)
    return text[: hit.start()] + rng.choice(LITERALS) + text[hit.end() :]


def change_key(text: str, rng: random.Random) -> str:
    places = list(re.finditer(r"\b[A-Za-z_0-9]+(?= = )", text))
    if not places:
        return text
    hit = rng.choice(places)
    keys = ["kind", "parts", "of", "against", "over", "context", "genes", "per", "cannot", "n", "starve"]
    return text[: hit.start()] + rng.choice(keys) + text[hit.end() :]


def cut_off(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


Mangle = Callable[[str, random.Random], str]
MANGLES: list[Mangle] = [
    *(cut_lines, swap_letters, swap_neighbours, repeat_lines, cut_off),
    *(change_value, change_value, change_value, change_key, change_key),
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.sampled_from(TEXTS), st.lists(st.sampled_from(MANGLES), min_size=1, max_size=4), st.integers(0, 2**32)
)
def test_a_mangled_file_loads_or_is_explained(
    tmp_path_factory: pytest.TempPathFactory, text: str, how: list[Mangle], seed: int
) -> None:
    rng = random.Random(seed)
    for mangle in how:
        text = mangle(text, rng) if len(text) > 100 else text
    path = tmp_path_factory.getbasetemp() / "mangled.toml"
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()
    try:
        for finding in load_findings(path, words=WORDS, built=BUILT):
            assert finding.wanted and len(finding.terms) == finding.n_parts
    except UserError as err:
        assert err.problems and all("mangled.toml" in str(problem) for problem in err.problems)
    assert time.perf_counter() - began < 2.0
