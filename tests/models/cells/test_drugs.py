"""The drug catalogue: what ships is complete and sane; what is wrong is said all at once."""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.cells.drugs import (
    BINDING_TARGETS,
    CATALOGUE,
    LARGEST_PRIOR,
    TARGETS,
    fold,
    load_catalogue,
    residual,
    residual_table,
)
from models.core.errors import Mistakes, UserError

ASKED_FOR = [
    "rapamycin",
    "everolimus",
    "temsirolimus",
    "AZD8055",
    "Torin1",
    "PP242",
    "BEZ235",
    "GDC-0941",
    "alpelisib",
    "BKM120",
    "copanlisib",
    "idelalisib",
    "AZD8186",
    "MK-2206",
    "AKTi-1/2",
    "ipatasertib",
    "capivasertib",
    "GSK690693",
    "NVP-AEW541",
    "BMS-754807",
    "OSI-906",
    "lapatinib",
    "gefitinib",
    "erlotinib",
    "trametinib",
    "selumetinib",
    "ruxolitinib",
    "NVP-BSK805",
    "reparixin",
    "palbociclib",
    "ribociclib",
    "abemaciclib",
    "PF-4708671",
    "GSK2334470",
    "wortmannin",
    "LY294002",
    "A-443654",
    "SB225002",
    "PD0325901",
    "GSK2636771",
    "IMC-A12",
]

GOOD = """format = "drugs/1"
[one]
source = "general knowledge"
targets = [{ target = "MEK", mode = "allosteric", Ki = "1 nM", cell = "4 nM", sets = "cell" }]
"""


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def mistakes(tmp_path, text):
    """Messages of the mistakes in a catalogue of that text."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as raised:
        load_catalogue(path)
    return [str(problem) for problem in raised.value.problems]


def test_every_drug_asked_for_is_there(catalogue):
    assert set(ASKED_FOR) <= set(catalogue.names)
    assert len(catalogue) == len(catalogue.names) == len(list(catalogue))


def test_every_drug_has_sources_priors_and_words(catalogue):
    for drug in catalogue:
        assert drug.says and 0.1 <= drug.prior <= LARGEST_PRIOR, drug.name
        for target in drug.targets:
            assert target.source and target.K > 0
            assert 1e-2 < target.K < 1e5, (drug.name, target.target)  # a slipped unit would show


def test_effective_lies_between_biochemical_and_cell(catalogue):
    found = [t for drug in catalogue for t in drug.targets if "effective" in t.potencies]
    assert found
    for target in found:
        assert target.why and target.Ki <= target.K <= (target.cell or float("inf"))


def test_every_target_of_the_pathway_but_pdgfr_has_a_drug(catalogue):
    assert {t.target for drug in catalogue for t in drug.targets} == TARGETS - {"PDGFRB"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("sirolimus", "rapamycin"),
        ("RAD-001", "everolimus"),
        ("nvp bez235", "BEZ235"),
        ("BYL719", "alpelisib"),
        ("gdc0068", "ipatasertib"),
        ("akti-1-2", "AKTi-1/2"),
        ("BSK805", "NVP-BSK805"),
        ("AZD6244", "selumetinib"),
        ("BAY80-6946", "copanlisib"),
        ("MK2206", "MK-2206"),
        ("torin 1", "Torin1"),
    ],
)
def test_aliases_case_and_punctuation(catalogue, given, name):
    assert given in catalogue
    assert catalogue[given].name == name


def test_unknown_drug_names_the_nearest(catalogue):
    problems = Mistakes(file="arms.toml")
    assert catalogue.lookup("rapamicin", problems, "arm.one") is None
    assert catalogue.lookup("buparlisb", problems, "arm.two") is None
    assert catalogue.lookup("MK-2206", problems, "arm.three").name == "MK-2206"
    first, second = map(str, problems.found)
    assert "arms.toml: arm.one: unknown drug 'rapamicin'" in first and "Did you mean 'rapamycin'?" in first
    assert "Did you mean 'BKM120'?" in second
    with pytest.raises(UserError, match="unknown drug 'xyz'"):
        catalogue["xyz"]
    assert 7 not in catalogue and "" not in catalogue


def test_residual_activities_that_the_findings_lean_on(catalogue):
    def left(name, nM):
        return residual(catalogue[name], nM)

    azd = left("AZD8055", 500)
    assert azd.keys() == {"MTORC1", "MTORC2"} and azd["MTORC1"] == pytest.approx(0.01, rel=0.02)
    bez = left("BEZ235", 300)
    assert bez["PIK3CA"] == pytest.approx(0.12, abs=0.01) and bez["MTORC1"] == pytest.approx(0.02, abs=0.01)
    rapamycin = left("rapamycin", 20)
    assert rapamycin["FKBP12"] < 0.01 and rapamycin["MTORC1"] > 0.99
    aew = left("NVP-AEW541", 500)
    assert aew["IGF1R"] < 0.2 and aew["INSR"] > 0.8
    assert "INSR" not in left("IMC-A12", 67)
    ly = left("LY294002", 20e3)
    assert ly["PIK3CA"] < 0.05 and ly["MTORC1"] < 0.25
    assert left("SB225002", 100)["CXCR1"] > 0.9 > 0.01 > left("reparixin", 1000)["CXCR1"]
    assert set(left("alpelisib", 1000)) == {"PIK3CA", "PIK3CB"}
    assert left("alpelisib", 1000)["PIK3CB"] > 0.5 > left("AZD8186", 100)["PIK3CB"]


def test_akt_drugs_bind_where_they_should(catalogue):
    where = {name: set(catalogue[name].loads(1)) for name in ASKED_FOR}
    assert where["MK-2206"] == where["AKTi-1/2"] == {"AKT_allosteric"}
    for name in ("ipatasertib", "capivasertib", "GSK690693", "A-443654"):
        assert where[name] == {"AKT_ATP"}


def test_loads_are_dose_over_k_and_shift_in_decades(catalogue):
    drug = catalogue["GDC-0941"]
    assert drug.loads(0) == {"PIK3CA": 0, "PIK3CB": 0}
    assert drug.loads(60)["PIK3CA"] == pytest.approx(2)
    assert drug.loads(60, shift_log10=1)["PIK3CA"] == pytest.approx(0.2)
    assert residual(drug, 60)["PIK3CA"] == pytest.approx(1 / 3)


def test_residual_table(catalogue):
    rows = residual_table(catalogue, 500.0)
    assert len(rows) == sum(len(drug.targets) for drug in catalogue)
    row = next(r for r in rows if (r["drug"], r["target"]) == ("AZD8055", "MTORC2"))
    assert (row["Ki"], row["cell"], row["effective"], row["sets"], row["K"]) == (0.8, 24, 5, "effective", 5)
    assert row["mode"] == "ATP-competitive" and row["source"] and row["residual"] == pytest.approx(1 / 101)
    assert next(r for r in rows if r["drug"] == "rapamycin")["Ki"] == 0.2  # a Kd is the biochemical value
    assert next(r for r in rows if r["drug"] == "reparixin")["Ki"] is None


def test_a_new_drug_is_a_few_lines(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    drug = load_catalogue(path)["ONE"]
    assert drug.targets[0].K == 4 and drug.targets[0].source == "general knowledge" and drug.prior == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('format = "drugs/1"', 'format = "drugs/9"', "format: is 'drugs/9'"),
        ('format = "drugs/1"', "", "format: is None"),
        ('"MEK"', '"MEKK"', "unknown target 'MEKK'"),
        ('"MEK"', '"MEKK"', "Did you mean 'MEK'?"),
        ('"MEK"', "[1]", r"unknown target [1]"),
        ('"allosteric"', '"alosteric"', "Did you mean 'allosteric'?"),
        ('"MEK", mode', '"AKT_ATP", mode', "allowed: 'ATP-competitive'"),
        ('Ki = "1 nM"', "Ki = 1", "Ki: 1 has no unit"),
        ('Ki = "1 nM"', 'Ki = "-1 nM"', "negative"),
        ('Ki = "1 nM"', 'Ki = "0 nM"', "not above zero"),
        ('Ki = "1 nM"', 'Ki = "1 h"', "unit 'h' is unknown"),
        ('Ki = "1 nM"', 'KI = "1 nM"', "unknown key 'KI'"),
        ('sets = "cell"', 'sets = "Kd"', "sets: is 'Kd'; allowed: Ki, cell"),
        (', sets = "cell"', "", "sets: is ''"),
        ('Ki = "1 nM"', 'effective = "1 nM"', "why: is missing"),
        ('source = "general knowledge"', "", "source: is missing"),
        ('source = "general knowledge"', "source = 3", "source: 3 is not a text"),
        ("[one]", "[one]\nprior = 0.5", "prior: is 0.5"),
        ("[one]", "[one]\nprior = nan", "prior: is nan"),
        ("[one]", "[one]\nprior = true", "prior: is True"),
        ("[one]", "[one]\nalias = []", "Did you mean 'aliases'?"),
        ("[one]", '[one]\naliases = "x"', "is not a list of names"),
        ("[one]", '[one]\naliases = ["O-N-E"]', "name 'O-N-E' is already taken by 'one'"),
        ("[one]", '[one]\naliases = ["--"]', "no letter or digit"),
        (
            "targets = [",
            'targets = [{ target = "MEK", mode = "allosteric", Ki = "1 nM", sets = "Ki" },',
            "'MEK' twice",
        ),
        ("targets = [", "targets = [3,", "3 where a table is expected"),
        ("targets", "target", "targets: is missing or empty"),
        ("[one]", "two = 2\n[one]", "two: 2 where a table is expected"),
        ("[one]", "[one", "is not valid TOML"),
    ],
)
def test_each_mistake_is_said(tmp_path, old, new, says):
    found = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert any(says in message and message.startswith("mine.toml: ") for message in found), found


def test_all_mistakes_come_at_once(tmp_path):
    text = (
        GOOD.replace('"MEK"', '"MOK"')
        .replace("allosteric", "ally")
        .replace('"1 nM"', "1")
        .replace("drugs/1", "d")
    )
    assert len(mistakes(tmp_path, text)) == 4


def test_missing_file_deep_nesting_and_bytes(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        load_catalogue(tmp_path / "none.toml")
    assert "not valid TOML" in mistakes(tmp_path, "a = " + "[" * 100_000)[0]
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not valid TOML"):
        load_catalogue(tmp_path / "bytes.toml")


def test_shipped_file_has_no_key_that_the_reader_drops():
    tables = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    names = [fold(name) for name in tables]
    assert len(names) == len(set(names)) and set(BINDING_TARGETS) <= TARGETS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mangled_catalogues_raise_nothing_but_user_error(tmp_path, data):
    text = data.draw(st.sampled_from([GOOD, CATALOGUE.read_text(encoding="utf-8")[-3000:]]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        put = data.draw(
            st.one_of(st.text(max_size=5), st.sampled_from(["[", "]", '"', "=", "1", "[[x]]", "\n", "{}"]))
        )
        text = text[:start] + put + text[end:]
    path = tmp_path / "mangled.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    try:
        load_catalogue(path)
    except UserError as error:
        assert error.problems and all(str(problem).startswith("mangled.toml") for problem in error.problems)
