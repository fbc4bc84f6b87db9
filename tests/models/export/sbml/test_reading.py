"""Files of others: what is refused, and with which line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.export.sbml import reading
from models.export.sbml.reading import document, read_sbml, unsupported

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SBML = '<sbml xmlns="http://www.sbml.org/sbml/level3/version{v}/core" level="3" version="{v}">\n'
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"><cn>1</cn></math>'


def model(inside: str, version: int = 2) -> str:
    return f'{HEAD}{SBML.format(v=version)}<model id="m">\n{inside}\n</model></sbml>'


BOMB = '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, "<!DOCTYPE sbml>\n"])
def test_a_document_type_is_refused_with_its_line(doctype: str):
    with pytest.raises(UserError, match=r"line 2: a document type"):
        document(HEAD + doctype + model("").removeprefix(HEAD))


def test_what_is_no_xml_is_refused_with_its_line():
    with pytest.raises(UserError, match=r"line 2: is not XML"):
        document("<a>\n<b></a>")


def test_other_xml_is_refused():
    with pytest.raises(UserError, match=r"line \d+"):
        document("<a/>")


def test_deep_nesting_is_refused():
    with pytest.raises(UserError, match="deep"):
        document("<a>" * 400 + "</a>" * 400)


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.xml"
    path.write_text(model(""))
    monkeypatch.setattr(reading, "LARGEST", 10)
    with pytest.raises(UserError, match="at most 10 bytes"):
        read_sbml(path)


def test_missing_folders_and_bytes(tmp_path: Path):
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    for path, word in ((tmp_path / "a", "not found"), (tmp_path, "not a file"), (tmp_path / "b", "UTF-8")):
        with pytest.raises(UserError, match=word):
            read_sbml(path)


@pytest.mark.parametrize(
    ("inside", "version", "place", "what"),
    [
        (
            f'<listOfEvents>\n<event id="late" useValuesFromTriggerTime="true"><delay>{MATH}</delay></event>'
            "</listOfEvents>",
            2,
            "late (line 5)",
            "delay",
        ),
        (
            f'<listOfRules>\n<algebraicRule metaid="zero">{MATH}</algebraicRule></listOfRules>',
            2,
            "zero (line 5)",
            "algebraic",
        ),
        (
            '<listOfReactions>\n<reaction id="quick" reversible="false" fast="true"/></listOfReactions>',
            1,
            "quick (line 5)",
            "fast",
        ),
    ],
)
def test_what_is_not_supported_is_named_with_its_line(inside: str, version: int, place: str, what: str):
    read = document(model(inside, version))
    ((where, said),) = unsupported(read)
    assert where == place and what in said


def test_an_external_model_is_named():
    comp = 'xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1"'
    head = SBML.format(v=1).replace("<sbml ", f'<sbml {comp} comp:required="true" ')
    outside = (
        "<comp:listOfExternalModelDefinitions>"
        '<comp:externalModelDefinition comp:id="there" comp:source="http://example.org/a.xml"/>'
        "</comp:listOfExternalModelDefinitions>"
    )
    read = document(f'{HEAD}{head}{outside}<model id="m"/></sbml>')
    said = [what for _, what in unsupported(read)]
    assert any("package 'comp'" in what for what in said)
    assert any("external model" in what and "example.org" in what for what in said)


def test_a_plain_model_is_supported():
    assert unsupported(document(model(""))) == []


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_document_or_a_user_error(text: str):
    try:
        read = document(text)
    except UserError as error:
        assert error.problems
    else:
        assert read.getModel() is not None
