"""Arms: equal treatments are equal, and mistakes are said by name."""

from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.core.errors import Mistakes
from models.treatments.arm import Arm, Vocabulary, parse_arm, table_from_options
from models.treatments.schedule import Schedule, parse_schedule

WORDS = Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())
H = 3600.0


def arm(name: str = "a", context: str | None = "mcf7", grown_in: str | None = None, **table: Any) -> Arm:
    problems = Mistakes("f.toml")
    read = parse_arm(name, table, WORDS, problems, context=context, grown_in=grown_in)
    problems.raise_if_any()
    assert read is not None
    return read


def mistakes(table: Any, context: str | None = "mcf7") -> list[str]:
    problems = Mistakes("f.toml")
    assert parse_arm("a", table, WORDS, problems, context=context) is None
    return [str(p) for p in problems.found]


def cuts(a: Arm) -> list[tuple[float, str, dict[str, float], dict[str, float]]]:
    return [(s.start_s, s.medium, dict(s.drugs), dict(s.ligands)) for s in a.segments]


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("20 nM", Schedule(20, 0, inf)),
        ("20 nM @ -30 min", Schedule(20, -1800, inf)),
        ("1 uM@24 h", Schedule(1000, 24 * H, inf)),
        ("1 uM@-2 h..-1 h", Schedule(1000, -2 * H, -H)),
        ("0.3 uM @ 0 h .. 30 min", Schedule(300, 0, 1800)),
    ],
)
def test_schedules(text: str, schedule: Schedule) -> None:
    assert parse_schedule(text) == schedule


@pytest.mark.parametrize(
    "text",
    [
        "20",
        "20 nN",
        "-20 nM",
        "20 nM @",
        "20 nM @ 3",
        "20 nM@1 h..",
        "20 nM@2 h..1 h",
        "20 nM@..1 h",
        "5 M",
        "1 nM@9999 d",
    ],
)
def test_bad_schedules_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_schedule(text)


def test_vehicle_rests_in_the_medium_of_its_context() -> None:
    vehicle = arm()
    assert (vehicle.grown_in, vehicle.renew_medium, vehicle.genes) == ("serum", True, ())
    assert cuts(vehicle) == [(0, "serum", {}, {})]
    assert arm(context="normal").grown_in == "serum_free"


def test_the_name_is_no_part_of_what_an_arm_is() -> None:
    one = arm("one", rapamycin="0.3 uM", insulin=["1 nM", "2 nM@1 h..2 h"])
    two = arm("two", insulin=["2 nM@60 min..2 h", "1 nM"], Sirolimus="300 nM")
    assert one == two
    assert len({one, two, arm("three")}) == 2
    assert arm(rapamycin="0 nM") == arm()
    assert arm(genes={"S6K1": "KO"}) == arm(genes={"RPS6KB1": "knock-out"})
    assert arm(genes={"S6K1": "x1"}) == arm()
    assert arm(renew_medium=False) != arm()


def test_starvation_and_pretreatment_come_before_zero() -> None:
    a = arm(starve="16 h", rapamycin="20 nM @ -30 min", insulin="100 nM", context="hek293")
    assert cuts(a) == [
        (-16 * H, "serum_free", {}, {}),
        (-1800, "serum_free", {"rapamycin": 20}, {}),
        (0, "serum_free", {"rapamycin": 20}, {"insulin": 100}),
    ]
    assert [s.medium for s in arm(starve="16 h", medium="serum").segments] == ["serum_free", "serum"]
    assert [s.medium for s in arm(rapamycin="1 nM@-1 h", medium="serum_low").segments] == [
        "serum",
        "serum_low",
    ]


def test_resting_before_zero_is_left_out() -> None:
    assert arm(starve="16 h", grown_in="serum_free") == arm(grown_in="serum_free")


def test_overlapping_doses_add_up_and_end() -> None:
    a = arm(rapamycin=["10 nM", "5 nM@1 h..2 h"])
    assert [(s.start_s, dict(s.drugs)) for s in a.segments] == [
        (0, {"rapamycin": 10}),
        (H, {"rapamycin": 15}),
        (2 * H, {"rapamycin": 10}),
    ]
    assert a.drugs == ("rapamycin",)


def test_settings_of_the_file_are_defaults() -> None:
    assert arm(grown_in="serum_low").segments[0].medium == "serum_low"
    assert arm(context="mcf7", **{}).context == "mcf7"
    problems = Mistakes()
    assert parse_arm("a", {"context": "mef"}, WORDS, problems, context="mcf7") == arm(context="mef")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"rapamicin": "20 nM"}, "Did you mean 'rapamycin'?"),
        ({"context": "mfc7"}, "Did you mean 'mcf7'?"),
        ({"medium": "serum_fre"}, "Did you mean 'serum_free'?"),
        ({"grown_in": "cerum"}, "Did you mean 'serum'?"),
        ({"genes": {"GRB11": "KO"}}, "Did you mean 'GRB10'?"),
        ({"genes": {"GRB10": "gone"}}, "knock-out"),
        ({"genes": {"GRB10": 0}}, "text is expected"),
        ({"genes": {"RICTOR": "KO", "SIN1": "KO"}}, "the same gene (MTORC2)"),
        ({"genes": "KO"}, "a table is expected"),
        ({"rapamycin": 20}, "no unit"),
        ({"rapamycin": "20 nN"}, "nN"),
        ({"rapamycin": "-1 nM"}, "negative"),
        ({"insulin": ["1 nM", 3]}, "no unit"),
        ({"starve": 16}, "no unit"),
        ({"starve": "-16 h"}, "negative"),
        ({"renew_medium": "yes"}, "true, false"),
        ({"renew_mediun": True}, "Did you mean 'renew_medium'?"),
        ("20 nM", "a table is expected"),
    ],
)
def test_mistakes_name_place_and_way_out(table: Any, says: str) -> None:
    lines = mistakes(table)
    assert len(lines) == 1
    assert says in lines[0]
    assert lines[0].startswith("f.toml: arm.a")


def test_all_mistakes_come_at_once() -> None:
    assert len(mistakes({"rapamicin": "1 nM", "insulin": 3, "medium": "x", "genes": {"Q": "KO"}})) == 4
    assert "missing" in mistakes({}, context=None)[0]


def test_command_line_texts_are_the_same_arm() -> None:
    problems = Mistakes()
    options = ["BEZ235=300 nM", "reparixin = 1 uM@24 h", "insulin=1 nM@1 h..2 h", "insulin=2 nM@3 h..4 h"]
    table = table_from_options(options, problems, ["GRB10=knock-out"], starve="16 h", medium=None)
    assert not problems.found
    read = arm(**table)
    assert read == arm(
        **{"reparixin": "1 uM@24 h", "BEZ235": "300 nM", "insulin": ["1 nM@1 h..2 h", "2 nM@3 h..4 h"]},
        starve="16 h",
        genes={"GRB10": "KO"},
    )
    table_from_options(["BEZ235", "=3 nM", "a=", "medium=serum"], problems, ["X"], medium="serum")
    assert len(problems.found) == 5


_keys = st.sampled_from(
    ["rapamycin", "BEZ235", "insulin", "EGF", "starve", "medium", "genes", "context", "renew_medium"]
)
_texts = st.text(max_size=12) | st.from_regex(
    r"-?[0-9.]{1,4} ?(nM|uM|h|min|%)?( ?@ ?-?[0-9]{1,3} ?h(\.\.[0-9]{1,3} ?h)?)?", fullmatch=True
)
_values = st.recursive(
    _texts | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_keys | st.text(max_size=10), _values, max_size=4))
def test_any_table_is_read_or_refused(table: dict[str, Any]) -> None:
    problems = Mistakes("f.toml")
    read = parse_arm("a", table, WORDS, problems, context="mcf7")
    assert (read is None) == bool(problems.found)
    if read is not None:
        starts = [s.start_s for s in read.segments]
        assert starts == sorted(set(starts))
        assert 0 in starts
        hash(read)


@settings(max_examples=200, deadline=None)
@given(st.lists(_texts, max_size=4))
def test_any_command_line_is_read_or_refused(texts: list[str]) -> None:
    problems = Mistakes("command line")
    table = table_from_options([f"rapamycin={t}" for t in texts], problems)
    parse_arm("a", table, WORDS, problems, context="mcf7")
