"""The way to a file: folders, names, and the page that shows them."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict

import pytest

from docs import structure

MOST_FILES = 20
NAMED_ALIKE = {
    "rewire/cli": "a file is named for its verb, as the question behind it is",
    "calibration/external": "what is of third-party models has the name that it has for ours",
    "rewire/audit": "what is of audited models has the name that it has for ours",
}
"""Folders that are the reason for a file name that occurs elsewhere, too."""

USUAL = ("__init__.py", "__main__.py")


def test_the_page_shows_the_code_as_it_is():
    """If not: `make architecture`; a step of a walk that moved is mended by hand."""
    assert structure.mistakes(structure.PAGE.read_text(encoding="utf-8")) == []


def test_arrows_that_follow_from_others_are_left_out():
    chain = {"cli": {"analysis", "models"}, "analysis": {"models"}, "models": set()}
    assert structure.reduced(chain) == {"cli": {"analysis"}, "analysis": {"models"}, "models": set()}


def test_a_circle_stays_in_the_picture():
    full = {"a": {"b", "c"}, "b": {"a"}, "c": set()}
    assert structure.reduced(full) == full


def test_a_step_that_is_not_there_is_said():
    page = "| 1 | `models/simulation/engine.py` | `Simulator.run` | arms → trajectories |\n"
    assert any("see models/simulation/simulator.py" in line for line in structure.mistakes(page))


@pytest.mark.parametrize("folder", structure.folders())
def test_a_folder_can_be_seen_at_once(folder: str):
    named = [file for file in structure.files() if not file.endswith(USUAL)]
    assert Counter(file.rpartition("/")[0] for file in named)[folder] <= MOST_FILES


def test_two_files_of_one_name_have_a_reason():
    places = defaultdict(list)
    for file in structure.files():
        folder, _, name = file.rpartition("/")
        if name not in USUAL and not any(f"{folder}/".startswith(f"{reason}/") for reason in NAMED_ALIKE):
            places[name].append(file)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_public_classes_have_names_of_their_own():
    places = defaultdict(list)
    for file in structure.files():
        for node in structure.tree(file).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(file)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
