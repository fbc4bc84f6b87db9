"""Measured points are read as they stand, and every mistake is said with its file and line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.objective.measured.observable_formula import read_formula
from calibration.objective.measured.point_files import load_measurements
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.core.errors import Mistakes, UserError
from models.treatments.arm import Vocabulary

ROOT = Path(__file__).parents[4]
BLOTS = ROOT.parent / "shared" / "data" / "pasmopy_breast"
NAMES = ("pAKT_S473", "tAKT", "pERK")

MEASURED = """observableId\tsimulationConditionId\ttime\tmeasurement\tobservableParameters\tnoiseParameters\
\treplicateId
pakt\tegf\t0\t10\tblot1\t0.2\t1
pakt\tegf\t300\t90.5\tblot1\t0.2\t1
pakt\tnone\t300\t11\tblot1\t0.3\t1
perk\tegf\t300\t4\tk;bg\tNA\t1
"""
OBSERVABLES = """observableId\tobservableFormula\tobservableTransformation\tnoiseFormula\tnoiseDistribution
pakt\tobservableParameter1_pakt * pAKT_S473 / tAKT\tlog10\tnoiseParameter1_pakt\tnormal
perk\tobservableParameter1_perk * pERK + observableParameter2_perk\tlin\t0.5\tnormal
"""
CONDITIONS = """conditionId\tconditionName\tcontext\tstarve\tEGF\tgenes\trenew_medium
egf\tEGF\tmcf7\t16 h\t10 nM\t\t
none\tnothing\tmcf7\t16 h\t\tPTEN=knock-out; IRS1=x0.5\tfalse
"""


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("measurements", MEASURED), ("observables", OBSERVABLES), ("conditions", CONDITIONS)):
        (tmp_path / f"{name}.tsv").write_text(text)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def mistakes(folder: Path, words: Vocabulary) -> list[str]:
    with pytest.raises(UserError) as raised:
        load_measurements(folder, words, NAMES)
    return [str(p).replace(f"{folder}/", "") for p in raised.value.problems]


def test_petabs_tables(folder: Path, words: Vocabulary):
    data = load_measurements(folder, words, NAMES)
    one, two, three, four = data.points
    assert (one.observed.observable, one.observed.per, one.observed.log) == ("pAKT_S473", "tAKT", True)
    assert (one.time, two.time, two.value, two.line) == (0.0, 300.0, 90.5, 3)
    assert one.noise == pytest.approx(0.2 * 2.302585) and three.noise == pytest.approx(0.3 * 2.302585)
    assert (four.noise, four.observed.log, four.observed.shifted) == (0.5, False, True)
    assert data.names == ("blot1;", "k;bg") and data.contexts == ("mcf7",)
    assert one.arm is two.arm and one.arm.segments[-1].ligands == (("EGF", 10.0),)
    assert dict(three.arm.genes).keys() == {"PTEN", "IRS1"} and not three.arm.renew_medium
    assert data.times == {one.arm: (0.0, 300.0), three.arm: (0.0, 300.0)}


def test_a_table_of_its_own_with_a_mapping(folder: Path, words: Vocabulary):
    (folder / "blots.csv").write_text(
        "protein,cells,lane,minutes,signal,gel\np,mcf7,EGF,0,5,1\np,mcf7,EGF,2.5,7,1\np,mcf7,no,0,5,1\nq,mcf7,no,0,1,1\n"
    )
    (folder / "measurements.toml").write_text("""
        format = "measurements/1"
        title = "blots"
        source = "a lab"
        [table]
        file = "blots.csv"
        unit = "min"
        time = "minutes"
        measurement = "signal"
        observableId = "protein"
        simulationConditionId = ["cells", "lane"]
        observableParameters = ["cells", "gel"]
        one_lane = "0 min"
        [observable.p]
        observableFormula = "observableParameter1_p * pERK"
        noiseFormula = 0.5
        [condition.mcf7_EGF]
        context = "mcf7"
        EGF = "1 nM"
        [condition.mcf7_no]
        context = "mcf7"
        [left_out]
        q = "nobody knows it"
    """)
    for place in (folder, folder / "measurements.toml"):
        data = load_measurements(place, words, NAMES)
        assert [(p.time, p.condition) for p in data.points] == [(0.0, "mcf7_EGF"), (150.0, "mcf7_EGF")]
        assert data.names == ("mcf7_1;",) and data.left_out == {"q": "nobody knows it"}
        assert data.title == "blots (a lab)"
    change(folder, "blots.csv", "no,0,5", "no,0,6")
    assert mistakes(folder, words) == [
        "blots.csv: line 4: 6, and 5 in line 2; allowed: one number for one lane (one_lane)"
    ]
    change(folder, "measurements.toml", 'unit = "min"', 'unit = "minutes"')
    change(folder, "measurements.toml", 'EGF = "1 nM"', 'EGFF = "1 nM"')
    said = mistakes(folder, words)
    assert any("measurements.toml: table.unit: 'minutes'" in line for line in said)
    assert any("condition.mcf7_EGF" in line and "EGFF" in line and "'EGF'" in line for line in said)


def test_all_mistakes_at_once_with_file_and_line(folder: Path, words: Vocabulary):
    change(folder, "measurements.tsv", "pakt\tnone\t300\t11", "pkat\tnone\t300\t11")
    change(folder, "measurements.tsv", "pakt\tegf\t300\t90.5", "pakt\tegf\t-300\tmany")
    change(folder, "measurements.tsv", "pakt\tegf\t0\t10\tblot1\t0.2", "pakt\tegf\t0\t-10\tblot1\t0")
    change(folder, "measurements.tsv", "k;bg", "k")
    change(folder, "observables.tsv", "\tlin\t", "\tlog2\t")
    change(folder, "conditions.tsv", "16 h\t10 nM", "16\t10 nM")
    said = mistakes(folder, words)
    for start, has in (
        ("observables.tsv: line 3.observableTransformation", "'log2'"),
        ("conditions.tsv: line 2.starve", "has no unit"),
        ("measurements.tsv: line 3", "time is '-300'"),
        ("measurements.tsv: line 3", "measurement is 'many'"),
        ("measurements.tsv: line 4", "Did you mean 'pakt'?"),
    ):
        assert any(line.startswith(start) and has in line for line in said), (start, said)
    change(folder, "observables.tsv", "\tlog2\t", "\tlog\t")
    change(folder, "conditions.tsv", "16\t10 nM", "16 h\t10 nM")
    said = mistakes(folder, words)
    for start, has in (
        ("observables.tsv: line 3.observableFormula", "no closed form"),
        ("measurements.tsv: line 2", "-10 has no logarithm"),
        ("measurements.tsv: line 2", "the noise is 0"),
    ):
        assert any(line.startswith(start) and has in line for line in said), (start, said)


@pytest.mark.parametrize(
    ("name", "old", "new", "has"),
    [
        ("measurements.tsv", "k;bg", "k", "observableParameters is 'k'"),
        ("measurements.tsv", "k;bg", "1;0", "observableParameters is '1;0'"),
        ("measurements.tsv", "k;bg", "blot1;bg", "'blot1' goes with"),
        ("measurements.tsv", "\treplicateId", "\ttime", "two columns are called 'time'"),
        ("measurements.tsv", "\ttime\t", "\tTime\t", "no column 'time'"),
        ("measurements.tsv", "4\tk;bg\tNA\t1", "4\tk;bg", "5 cells"),
        ("measurements.tsv", "\treplicateId", "\tpreequilibrationConditionId", "preequilibration"),
        ("measurements.tsv", "perk\tegf\t300", "perk\tegf\tinf", "time is 'inf'"),
        ("measurements.tsv", "perk\tegf\t300", "perk\tegf\t1e9", "more than a year"),
        ("observables.tsv", "pAKT_S473 / tAKT", "pAKT_S437 / tAKT", "Did you mean 'pAKT_S473'?"),
        ("observables.tsv", "pERK +", "exp(pERK) +", "[scale *] reading"),
        (
            "observables.tsv",
            "observableParameter1_perk * pERK",
            "pERK * tAKT",
            "is an observable and no scale",
        ),
        ("observables.tsv", "\t0.5\tnormal", "\t0.5\tlaplace", "noiseDistribution: 'laplace'"),
        ("observables.tsv", "\t0.5\t", "\tsigma\t", "noiseFormula: 'sigma'"),
        ("observables.tsv", "perk\tobs", "pakt\tobs", "there twice"),
        ("conditions.tsv", "\tmcf7\t16 h\t\t", "\tmcf8\t16 h\t\t", "Did you mean 'mcf7'?"),
        ("conditions.tsv", "false", "perhaps", "renew_medium"),
    ],
)
def test_what_is_refused(folder: Path, words: Vocabulary, name: str, old: str, new: str, has: str):
    change(folder, name, old, new)
    said = mistakes(folder, words)
    assert any(has in line for line in said), said


def test_a_name_that_is_wrong_everywhere_is_said_once(folder: Path, words: Vocabulary):
    change(folder, "measurements.tsv", "pakt\t", "pakkt\t")
    assert sum("pakkt" in line for line in mistakes(folder, words)) == 1


def test_folders_without_measurements(tmp_path: Path, words: Vocabulary):
    (said,) = mistakes(tmp_path, words)
    assert "holds no measurements" in said and "pasmopy_breast" in said and "measurements.tsv" in said
    (tmp_path / "measurements.tsv").write_text(MEASURED)
    said = mistakes(tmp_path, words)
    assert any("observables.tsv: cannot be read" in line for line in said)
    (tmp_path / "measurements.toml").write_text("format = 3")
    assert any("measurements/1" in line for line in mistakes(tmp_path, words))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["measurements.tsv", "observables.tsv", "conditions.tsv"]))
def test_anything_at_all_is_read_or_refused(folder: Path, words: Vocabulary, content: bytes, name: str):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(content)] + content)
    try:
        load_measurements(folder, words, NAMES)
    except UserError as error:
        assert error.problems
    finally:
        (folder / name).write_bytes(whole)


@given(st.text(max_size=40))
def test_a_formula_is_never_executed(text: str):
    problems = Mistakes()
    made = read_formula("x", "x", {"observableFormula": text, "noiseFormula": 1.0}, NAMES, problems)
    assert (made is None) == bool(problems.found)
    if made is not None:
        assert made.observed.observable in NAMES


@pytest.mark.skipif(not BLOTS.exists(), reason=f"{BLOTS} is not there")
def test_the_western_blots(words: Vocabulary):
    data = load_measurements(BLOTS, words, NAMES)
    count = Counter((p.observed.id, p.arm.context) for p in data.points)
    assert set(count) == {
        (o, c) for o in ("pAkt", "pERK") for c in ("mcf7", "bt474", "skbr3", "mda_mb_231_lm2")
    }
    assert set(count.values()) == {3 * (2 * 8 - 1)}  # the untreated lane is one, under EGF and under HRG
    assert len(data.names) == 24 and set(data.left_out) == {"pcMyc"}
    assert {arm.segments[-1].ligands for arm in data.times} == {(("EGF", 10.0),), (("NRG1", 10.0),)}
    first = data.points[0]
    assert (first.value, first.time, first.condition, first.group) == (
        32101.0,
        0.0,
        "mcf7_EGF",
        "mcf7_pAkt_1;",
    )
