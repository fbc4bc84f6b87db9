"""Answers that are kept: to one question, by one process, whole at any time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration.storage.journal import Journal
from models.core.errors import UserError

QUESTION = {"seed": 1, "refits": 2}


def opened(path: Path | None, question=QUESTION) -> Journal:
    return Journal(path, "file of answers", "answers/1", question)


def test_what_was_saved_is_there_again(tmp_path: Path):
    path = tmp_path / "new" / "kept.json"
    first = opened(path)
    assert first.content == {} and first.records == {}
    first.add("a", {"unit": "µ"})
    first.close()
    assert opened(path).records == {"a": {"unit": "µ"}}
    assert '"question"' in path.read_text(encoding="utf-8") and "µ" in path.read_text(encoding="utf-8")


def test_records_may_stand_in_a_list_by_a_name_of_their_own(tmp_path: Path):
    path = tmp_path / "kept.json"
    first = Journal(path, "file of answers", "answers/1", QUESTION, name="mechanism")
    first.add("a", {"mechanism": "a", "needs": []})
    first.close()
    assert json.loads(path.read_text())["records"] == [{"mechanism": "a", "needs": []}]
    assert Journal(path, "file", "answers/1", QUESTION, name="mechanism").records["a"]["needs"] == []


@pytest.mark.parametrize("records", ["3", "[1]", '["xyz"]', "null"])
def test_damaged_records_are_refused(tmp_path: Path, records: str):
    path = tmp_path / "kept.json"
    path.write_text(f'{{"format": "answers/1", "question": {json.dumps(QUESTION)}, "records": {records}}}')
    with pytest.raises(UserError, match="records"):
        opened(path)


def test_another_process_is_refused_and_changes_nothing(tmp_path: Path):
    path = tmp_path / "kept.json"
    first = opened(path)
    first.save()
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"another process works on this file of answers \(process \d+"):
        opened(path)
    assert path.read_bytes() == before
    opened(tmp_path / "other.json")  # beside it there is room


@pytest.mark.parametrize(
    ("question", "place"), [({"seed": 2, "refits": 2}, "seed: 1; allowed: 2"), ({"seed": 1}, "refits: 2")]
)
def test_answers_to_another_question_are_not_gone_on_with(tmp_path: Path, question, place: str):
    path = tmp_path / "kept.json"
    first = opened(path)
    first.save()
    first.close()
    with pytest.raises(UserError, match=f"question.{place}"):
        opened(path, question)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": "answers/1"}', '{"format": "answers/2", "question": {}}']
)
def test_a_foreign_or_damaged_file_is_said_to_be(tmp_path: Path, text: str):
    path = tmp_path / "kept.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"kept\.json"):
        opened(path)
    assert path.read_text() == text


def test_without_a_path_nothing_is_kept():
    opened(None).add("a", 1)
