"""`rewire export`: formats by name, and every mistake in a command line."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from models.core.errors import UserError
from rewire.export.formats import ALL, FORMS, check_options
from rewire.project.project import load_project

CELL_FORMS = ("antimony", "bngl", "net", "pysb", "sbml")
"""One cell with one treatment in one file."""


def test_every_format_has_its_function():
    for name, form in FORMS.items():
        assert callable(import_module(form.module).export), name
        assert form.contexts in ("one", "one or all", "none")


def test_help_names_every_format(rewire):
    said = rewire("export", "--help").out
    assert all(f"  {name} " in said for name in FORMS)


@pytest.mark.parametrize(
    ("name", "near"),
    [("sbmll", "sbml"), ("BNGL", "bngl"), ("antimoni", "antimony"), ("ensembles", "ensemble")],
)
def test_an_unknown_format_is_misuse(rewire, tmp_path: Path, name: str, near: str):
    said = rewire("export", name, "mcf7", "--out", tmp_path / "a")
    assert said.status == 2 and f"Did you mean {near!r}?" in said.err
    assert all(known in said.err for known in FORMS) and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", CELL_FORMS)
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("mcf8",), ["Did you mean 'mcf7'?"]),
        (("mcf7", "--member", "first"), ["best, median, 0 to"]),
        (("mcf7", "--member", "10000"), ["best, median, 0 to"]),
        (("mcf7", "--treat", "rapamicin=20 nM"), ["Did you mean 'rapamycin'?"]),
        (("mcf7", "--treat", "rapamycin=20"), ["no unit"]),
        (("mcf7", "--gene", "AKTT=knock-out"), ["unknown gene 'AKTT'"]),
        (("mcf7", "--medium", "water"), ["'water'; allowed: serum"]),
        (("mcf7", "--variant", "sin2=on"), ["unknown variant 'sin2'"]),
        (("mcf7", "--context", "mcf7"), ["name the cells once"]),
        ((), ["none given", "name the cells"]),
        (("mcf8", "--member", "-1"), ["Did you mean 'mcf7'?", "best, median, 0 to"]),
    ],
)
def test_misuse_is_said_and_nothing_is_written(rewire, tmp_path: Path, form: str, args, words: list[str]):
    said = rewire("export", form, *args, "--out", tmp_path / "a.file", "--no-verify")
    assert said.status == 2 and "Traceback" not in said.err
    assert all(word in said.err for word in words), said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", [*CELL_FORMS, "ensemble"])
def test_a_path_that_exists_is_left_alone(rewire, tmp_path: Path, form: str):
    cells = [] if form == "ensemble" else ["mef"]
    path = tmp_path / "a.csv"
    path.write_text("mine")
    said = rewire("export", form, *cells, "--out", path, "--no-verify")
    assert said.status == 2 and "exists already" in said.err and path.read_text() == "mine"
    said = rewire("export", form, *cells, "--out", tmp_path / "no" / "a.csv")
    assert said.status == 2 and "is not a folder" in said.err
    said = rewire("export", form, *cells, "--out", tmp_path)
    assert said.status == 2 and "is a folder" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_all_mistakes_are_said_at_once(rewire, tmp_path: Path):
    path = tmp_path / "a.bngl"
    path.write_text("mine")
    args = ("--member", "first", "--treat", "rapamicin=20", "--created", "31.1.2026")
    said = rewire("export", "sbml", "mcf8", *args, "--out", path)
    assert said.status == 2 and path.read_text() == "mine"
    for word in ("exists already", "'mcf7'", "'rapamycin'", "best, median", "2026-01-31"):
        assert word in said.err


@pytest.mark.parametrize(
    ("form", "args", "word"),
    [
        ("ensemble", ("--treat", "rapamycin=20 nM"), "--treat: has no meaning in this format"),
        ("ensemble", ("mcf7",), "name none"),
        ("sbml", ("mcf7", "--findings"), "--findings: has no meaning in this format"),
        ("sbml", ("all", "--member", "3"), "--member: does not go with 'all'"),
        ("net", ("all",), "describes one kind of cell"),
        ("bngl", ("each", "--findings"), "--findings: does not go with 'each'"),
        ("ensemble", ("each",), "name none"),
        ("bngl", ("mcf7", "--initial-amounts"), "--steady-state: has no meaning in this format"),
        ("pysb", ("mcf7", "--created", "2026-01-31"), "--created: has no meaning in this format"),
    ],
)
def test_options_that_a_format_has_no_use_for(rewire, tmp_path: Path, form: str, args, word: str):
    said = rewire("export", form, *args, "--out", tmp_path / "a.csv", "--no-verify")
    assert said.status == 2 and word in said.err and list(tmp_path.iterdir()) == []


def test_all_takes_no_options_of_one_cell():
    check_options("sbml", ALL, ["created"])


@pytest.mark.parametrize("form", ["bngl", "net", "pysb"])
def test_text_is_equal_for_equal_orders_and_says_what_it_is(rewire, tmp_path: Path, form: str):
    texts = []
    for name in ("a", "b"):
        path = tmp_path / name
        said = rewire("export", form, "mcf7", "--treat", "EGF=1 nM", "--out", path, "--no-verify", "--json")
        assert said.status == 0
        record = json.loads(said.out)["records"][0]
        assert record["file"] == str(path) and record["context"] == "mcf7"
        texts.append(path.read_text())
    assert texts[0] == texts[1]
    head = " ".join(texts[0][:3000].replace("#", " ").split())
    assert "It is not a posterior" in head and "Apache-2.0" in head
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_each_writes_a_file_for_every_context(rewire, tmp_path: Path):
    cells = tmp_path / "cells"
    said = rewire("export", "net", "each", "--member", "2", "--out", cells, "--no-verify", "--json")
    records = json.loads(said.out)["records"]
    assert said.status == 0 and {r["context"] for r in records} == set(load_project().contexts)
    assert sorted(p.name for p in cells.iterdir()) == sorted(f"{r['context']}.net" for r in records)
    assert {r["member"] for r in records} == {2}
    one = tmp_path / "one.net"
    rewire("export", "net", "mef", "--member", "2", "--out", one, "--no-verify")
    assert (cells / "mef.net").read_bytes() == one.read_bytes()
    again = rewire("export", "net", "each", "--out", cells, "--no-verify")
    assert again.status == 2 and "exists already" in again.err
    assert rewire("export", "net", "each", "--out", cells, "--no-verify", "--force").status == 0


def test_what_is_wrong_with_each_is_said_once_and_nothing_is_written(rewire, tmp_path: Path):
    said = rewire("export", "net", "each", "--treat", "rapamicin=20 nM", "--out", tmp_path / "cells")
    assert said.status == 2 and said.err.count("Did you mean 'rapamycin'?") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_other_contexts_are_written_where_one_cannot_be(rewire, tmp_path: Path, monkeypatch):
    export_net = import_module("rewire.export.bngl.net_file")
    real = export_net.export

    def broken(asked):
        if asked.context == "mef":
            raise UserError("no such luck")
        return real(asked)

    monkeypatch.setattr(export_net, "export", broken)
    said = rewire("export", "net", "each", "--out", tmp_path / "cells", "--no-verify", "--json")
    failed = [r["context"] for r in json.loads(said.out)["records"] if "failed" in r]
    assert said.status == 1 and failed == ["mef"] and "no such luck" in said.out
    assert not (tmp_path / "cells" / "mef.net").exists() and (tmp_path / "cells" / "mcf7.net").exists()
