"""One table, two readers: people and programs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from rewire import __version__
from rewire.report.tables import Column, Table, emit, number, plain, readable, to_json


def test_json_carries_its_schema_and_one_record_a_line():
    text = to_json(
        "check",
        [{"id": "S07", "margin": math.nan}, {"id": "S08", "margin": np.float64(0.5)}],
        {"members": 20},
    )
    answer = json.loads(text)
    assert (
        answer["schema"] == "rewire.check/1" and answer["rewire"] == __version__ and answer["members"] == 20
    )
    assert answer["records"] == [{"id": "S07", "margin": None}, {"id": "S08", "margin": 0.5}]
    assert sum('"id"' in line for line in text.splitlines()) == 2


def test_no_records_is_still_json():
    assert json.loads(to_json("rules", []))["records"] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (math.nan, "–"), (True, "yes"), (1234567.0, "1.23e+06"), ([1, 2], "1, 2"), ("a", "a")],
)
def test_readable(value: object, text: str):
    assert readable(value) == text


def test_number_keeps_what_counts():
    assert number(0.123456) == "0.123" and number(12345.0, 2) == "1.2e+04"


def test_plain_knows_arrays_and_sets():
    assert plain({"a": np.arange(3), "b": {1}}) == {"a": [0, 1, 2], "b": [1]}


def test_people_see_columns_and_programs_records(capsys: pytest.CaptureFixture[str]):
    table = Table(
        "rules", [{"name": "akt_docks", "module": "akt"}], [Column("rule", "name")], footer=("1 rule",)
    )
    emit(table, as_json=False)
    seen = capsys.readouterr().out
    assert "akt_docks" in seen and "1 rule" in seen and "module" not in seen
    emit(table, as_json=True)
    assert json.loads(capsys.readouterr().out)["records"][0]["module"] == "akt"


def test_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]):
    emit(Table("rules", [{"name": "0.3 [0.1, 0.4]"}], [Column("got", "name")]), as_json=False)
    assert "[0.1, 0.4]" in capsys.readouterr().out
