"""Numbers with units: what is read, what is refused, and that refusals are readable."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.units import DOSE_UNITS, TIME_UNITS, dose, format_dose, format_time, seconds


@pytest.mark.parametrize(
    ("text", "nM"),
    [
        ("100 nM", 100),
        ("1uM", 1e3),
        ("1 \u00b5M", 1e3),
        ("1 \u03bcM", 1e3),
        ("1e-3 mM", 1e3),
        (" .5 nM ", 0.5),
        ("2. M", 2e9),
        ("20 pM", 0.02),
        ("0 nM", 0),
        ("+3 nM", 3),
    ],
)
def test_doses(text, nM):
    assert dose(text) == pytest.approx(nM)


@pytest.mark.parametrize(("text", "s"), [("24 h", 86400), ("30min", 1800), ("90 s", 90), ("2 d", 172800)])
def test_times(text, s):
    assert seconds(text) == s


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5", "no unit"),
        (5, "no unit"),
        (5.0, "no unit"),
        (None, "no unit"),
        ("nan nM", "not a dose"),
        ("inf nM", "not a dose"),
        ("-1 nM", "negative"),
        ("1 h", "unknown"),
        ("1 NM", "did you mean nM"),
        ("1 mm", "did you mean mM"),
        ("1e999 nM", "too large"),
        ("1e308 M", "too large"),
        ("1 nM 2", "not a dose"),
        ("", "not a dose"),
        ("nM", "not a dose"),
        ("1,5 nM", "not a dose"),
        ("١ nM", "not a dose"),
        ("1_0 nM", "not a dose"),
    ],
)
def test_what_is_refused_says_why(text, says):
    with pytest.raises(ValueError, match=says):
        dose(text)


def test_times_before_zero_only_where_asked_for():
    with pytest.raises(ValueError, match="negative"):
        seconds("-30 min")
    assert seconds("-30 min", negative=True) == -1800
    assert math.copysign(1, seconds("-0 s")) == 1


@pytest.mark.parametrize(
    ("nM", "text"),
    [
        (500.0, "500 nM"),
        (1000, "1 uM"),
        (0, "0 nM"),
        (0.2, "200 pM"),
        (26e3, "26 uM"),
        (1e-5, "0.01 pM"),
        (3e9, "3 M"),
        (999.99999999, "1 uM"),
    ],
)
def test_format_dose(nM, text):
    assert format_dose(nM) == text


@pytest.mark.parametrize(
    ("s", "text"),
    [
        (86400, "24 h"),
        (259200, "72 h"),
        (1800, "30 min"),
        (5400, "1.5 h"),
        (6000, "100 min"),
        (45, "45 s"),
        (0, "0 s"),
        (-1800, "-30 min"),
        (0.5, "0.5 s"),
        (90, "1.5 min"),
    ],
)
def test_format_time(s, text):
    assert format_time(s) == text


@given(st.floats(1e-6, 1e12))
def test_doses_come_back(nM):
    assert dose(format_dose(nM)) == pytest.approx(nM, rel=1e-5)


@given(st.floats(-1e9, 1e9))
def test_times_come_back(s):
    assert seconds(format_time(s), negative=True) == pytest.approx(s, rel=1e-5)


@given(st.floats(0, 1e100), st.sampled_from(sorted(DOSE_UNITS)), st.sampled_from(["", " ", "\t "]))
def test_any_written_float_is_read_exactly(number, unit, gap):
    assert dose(f"{number!r}{gap}{unit}") == number * DOSE_UNITS[unit]


_PIECES = [*DOSE_UNITS, *TIME_UNITS, "1", "-", ".", "e", "nan", "inf", " ", "\u00b5", "0", "\n", "9" * 400]


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(_PIECES)).map("".join), st.integers(), st.none(), st.binary()
    )
)
def test_junk_raises_nothing_but_value_error(junk):
    for read in (dose, seconds):
        try:
            value = read(junk)
        except ValueError as error:
            assert 10 < len(str(error)) < 250
        else:
            assert math.isfinite(value) and value >= 0
