"""`rewire export ensemble`: all members with names, units and priors, read back to the bit."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from rewire.export.members_table import dictionary_path
from rewire.project.members import load_members, read_members, shipped
from rewire.project.project import load_project


@pytest.fixture(scope="module")
def members():
    return load_members(load_project(), None, None)


def test_csv_holds_every_member_to_the_bit(rewire, tmp_path: Path, members):
    path = tmp_path / "members.csv"
    said = rewire("export", "ensemble", "--out", path, "--json")
    answer = json.loads(said.out)
    assert said.status == 0 and answer["verification"]["agrees"] and answer["verification"]["different"] == 0
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == len(members) == answer["records"][0]["members"]
    for row, values, origin in zip(rows, members.values, read_members(shipped()).origins, strict=True):
        assert {name: float(row[name]) for name in values} == values
        assert (int(row["seed"]), int(row["holds"])) == (origin.seed, origin.hold)


def test_the_dictionary_explains_every_column(rewire, tmp_path: Path, members):
    path = tmp_path / "members.csv"
    assert rewire("export", "ensemble", "--out", path).status == 0
    told = {row["name"]: row for row in csv.DictReader(dictionary_path(path).read_text().splitlines())}
    assert tuple(told) == members.space.names
    for name, centre, sd in zip(
        members.space.names, members.space.centre_log10, members.space.sd, strict=True
    ):
        row = told[name]
        assert (float(row["prior_log10_centre"]), float(row["prior_log10_sd"])) == (centre, sd)
        assert row["unit"] and row["source"] and row["kind"] in ("rate", "abundance", "potency")
        log = float(row["prior_median"]) if row["kind"] == "potency" else np.log10(float(row["prior_median"]))
        assert log == pytest.approx(centre, abs=1e-12)
    assert told["akt_undocks_kcat"]["unit"] == "1/s"
    assert told["mcf7.IRS1_copies"]["of"] == "mcf7" and told["mcf7.IRS1_copies"]["kind"] == "abundance"
    assert told["rapamycin.potency"]["unit"] == "decades"


def test_parquet_says_the_same_with_the_dictionary_in_it(rewire, tmp_path: Path, members):
    for name in ("a.csv", "a.parquet"):
        assert rewire("export", "ensemble", "--out", tmp_path / name).status == 0
    one, other = pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "a.parquet")
    assert list(one) == list(other) and (one.dtypes == other.dtypes).all()
    _, *rows = csv.reader((tmp_path / "a.csv").read_text().splitlines())
    assert other.to_numpy(float).tolist() == [[float(cell) for cell in row] for row in rows]  # to the bit
    schema = pq.read_schema(tmp_path / "a.parquet")
    told = {
        row["name"]: row for row in csv.DictReader((tmp_path / "a.parameters.csv").read_text().splitlines())
    }
    for name, row in told.items():
        metadata = {key.decode(): value.decode() for key, value in schema.field(name).metadata.items()}
        assert metadata == {key: value for key, value in row.items() if key != "name" and value}
    assert (
        schema.metadata[b"licence"] == b"Apache-2.0"
        and b"not draws of a posterior" in schema.metadata[b"says"]
    )


def test_another_ensemble(rewire, tmp_path: Path, ensemble: Path):
    said = rewire("export", "ensemble", "--ensemble", ensemble, "--out", tmp_path / "a.csv", "--json")
    assert said.status == 0 and json.loads(said.out)["records"][0]["members"] == 30


@pytest.mark.parametrize(
    ("name", "word"),
    [("a.xlsx", ".csv, .parquet"), ("a.parqet", "Did you mean '.parquet'?"), ("a", "allowed")],
)
def test_the_ending_says_the_format(rewire, tmp_path: Path, name: str, word: str):
    said = rewire("export", "ensemble", "--out", tmp_path / name)
    assert said.status == 2 and word in said.err and list(tmp_path.iterdir()) == []


def test_a_dictionary_that_exists_is_left_alone(rewire, tmp_path: Path):
    (tmp_path / "a.parameters.csv").write_text("mine")
    said = rewire("export", "ensemble", "--out", tmp_path / "a.csv")
    assert said.status == 2 and "exists already" in said.err
    assert (tmp_path / "a.parameters.csv").read_text() == "mine" and not (tmp_path / "a.csv").exists()
    assert rewire("export", "ensemble", "--out", tmp_path / "a.csv", "--force").status == 0


def test_no_such_ensemble(rewire, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    said = rewire("export", "ensemble", "--ensemble", tmp_path / "empty", "--out", tmp_path / "a.csv")
    assert said.status == 2 and "ensemble.json" in said.err and not (tmp_path / "a.csv").exists()
