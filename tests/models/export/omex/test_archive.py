"""COMBINE archives: written alike each time, and refused where opening one could do harm."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.export.omex import archive as omex
from models.export.omex.archive import MANIFEST, METADATA, Title, archive, locations, manifest, read, unsafe

TITLE = Title("Of <A> & B", "What it says.", "2026-01-31")
FILES = {"run.sedml": "<sedML/>", "models/a.xml": "<sbml/>", "a.csv": "a,b\n1,2\n"}


def packed(tmp_path: Path, files: dict[str, str | bytes], change=None) -> Path:
    """A zip file with these members; `change` alters an entry before it is written."""
    path = tmp_path / "a.omex"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            out.writestr(info, text)
    return path


def refused(path: Path, word: str) -> None:
    with pytest.raises(UserError, match=word):
        read(path)


def whole() -> dict[str, str]:
    return {MANIFEST: manifest(FILES, "run.sedml"), METADATA: omex.metadata(TITLE), **FILES}


# --- writing ----------------------------------------------------------------------------------------------
def test_what_is_written_is_read(tmp_path: Path):
    path = tmp_path / "a.omex"
    path.write_bytes(archive(FILES, TITLE, "run.sedml"))
    found = read(path)
    assert {name: found[name].decode() for name in FILES} == FILES
    assert locations(found[MANIFEST]) == [".", *(f"./{n}" for n in (MANIFEST, METADATA, *FILES))]
    assert b"Of &lt;A&gt; &amp; B" in found[METADATA]
    assert found[MANIFEST].count(b'master="true"') == 1


def test_equal_input_gives_equal_bytes():
    assert archive(FILES, TITLE, "run.sedml") == archive(dict(FILES), TITLE, "run.sedml")


_LIBCOMBINE = """
import libcombine, sys
opened = libcombine.CombineArchive()
assert opened.initializeFromArchive(sys.argv[1])
about = opened.getMetadataForLocation(".")
print(opened.getMasterFile().getLocation().removeprefix("./"), about.getNumCreators())
print(about.getDescription(), about.getCreated().getDateAsString())
opened.cleanUp()
"""


@pytest.mark.skipif(find_spec("libcombine") is None, reason="python-libcombine is not installed")
def test_libcombine_reads_it(tmp_path: Path):
    path = tmp_path / "a.omex"
    path.write_bytes(archive(FILES, TITLE, "run.sedml"))
    command = [sys.executable, "-c", _LIBCOMBINE, path]  # apart: it brings another libSBML along
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["run.sedml 1", f"{TITLE.says} 2026-01-31T00:00:00Z"]


# --- refused ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("../evil.xml", "leaves"),
        ("models/../../evil.xml", "leaves"),
        ("/etc/evil", "not relative"),
        ("C:/evil", "not relative"),
        ("..\\evil", "not relative"),
    ],
)
def test_paths_that_leave_the_folder(tmp_path: Path, name: str, word: str):
    refused(packed(tmp_path, whole() | {name: "x"}), word)
    assert not (tmp_path.parent / "evil.xml").exists()


def test_links(tmp_path: Path):
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename == "a.csv":
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16

    refused(packed(tmp_path, whole(), link), "is a link")


def test_a_name_twice(tmp_path: Path):
    refused(packed(tmp_path, whole() | {"A.CSV": "x"}), "twice")


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bomb = packed(tmp_path, whole() | {"b.csv": b"\0" * 300_000})
    assert bomb.stat().st_size < 10_000
    monkeypatch.setattr(omex, "LARGEST", 200_000)
    refused(bomb, "unpacks to")
    monkeypatch.setattr(omex, "LARGEST", 100)
    refused(bomb, "has .* bytes")


def test_too_many(tmp_path: Path):
    refused(packed(tmp_path, whole() | {f"f{i}.csv": "" for i in range(1001)}), "1006 files")


def test_a_size_that_is_a_lie(tmp_path: Path):
    path = packed(tmp_path, whole() | {"b.csv": b"\0" * 300_000})
    data = bytearray(path.read_bytes())
    for at in range(len(data) - 4):  # both places where the size is told
        if int.from_bytes(data[at : at + 4], "little") == 300_000:
            data[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    refused(path, "zip file|another size")


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_no_whole_zip(tmp_path: Path, cut: int):
    path = packed(tmp_path, whole())
    path.write_bytes(path.read_bytes()[:cut])
    refused(path, "zip file")


def test_not_there(tmp_path: Path):
    refused(tmp_path / "none.omex", "not found")
    refused(tmp_path, "not a file")


@pytest.mark.parametrize("name", [MANIFEST, METADATA, "models/a.xml", "run.sedml"])
def test_entities(tmp_path: Path, name: str):
    evil = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    refused(packed(tmp_path, whole() | {name: evil}), "document type")


def test_xml_that_is_none(tmp_path: Path):
    refused(packed(tmp_path, whole() | {"run.sedml": "<a>"}), "not XML")
    refused(packed(tmp_path, whole() | {"run.sedml": b"\xff\xfe"}), "not UTF-8")


def test_manifests(tmp_path: Path):
    without = {name: text for name, text in whole().items() if name != MANIFEST}
    refused(packed(tmp_path, without), "contains no manifest")
    named = whole()[MANIFEST].replace("./a.csv", "./b.csv")
    refused(packed(tmp_path, whole() | {MANIFEST: named}), "not in the archive")
    leaving = whole()[MANIFEST].replace("./a.csv", "../../etc/passwd")
    refused(packed(tmp_path, whole() | {MANIFEST: leaving}), "leaves")


def test_all_mistakes_at_once(tmp_path: Path):
    path = packed(tmp_path, whole() | {"../a": "x", "/b": "x", "A.CSV": "x"})
    with pytest.raises(UserError) as caught:
        read(path)
    assert len(caught.value.problems) == 3


@given(st.text(max_size=30))
def test_what_is_safe_stays_inside(name: str):
    if not unsafe(name):
        root = Path("/archive")
        parts = Path("/archive", name).parts
        assert ".." not in parts and parts[: len(root.parts)] == root.parts


@given(st.binary(max_size=300))
def test_garbage_is_told_not_raised(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    path = tmp_path_factory.mktemp("garbage") / "a.omex"
    path.write_bytes(data)
    with pytest.raises(UserError):
        read(path)


def test_bytes_are_a_zip_file():
    assert zipfile.is_zipfile(io.BytesIO(archive(FILES, TITLE, "run.sedml")))
