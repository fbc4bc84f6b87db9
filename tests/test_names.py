"""One name, one meaning, over the whole project; folders that can be read at a glance."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pathway", "models", "calibration", "rewire")

SAME_FILE_NAME = {
    "annotation.py": "audit/checks: the check of what export/sbml writes",
    "calibrate.py": "cli: the verb",
    "check.py": "cli: the verb",
    "conflicts.py": "cli: the verb",
    "engine.py": "external/published: the engine of published models",
    "ensemble.py": "cli: the verb",
    "network.py": "audit: the network of any model, as the audit reads it",
    "posterior.py": "cli: the verb",
    "problem.py": "external: the problem of a third-party model",
    "score.py": "audit: the score of a model's quality",
    "simulator.py": "external: the simulator of a third-party model",
    "validate.py": "cli: the verb",
}
"""File names that stand in two folders, and what the folder says."""

MOST_FILES = 22
CROWDED = {
    "models/networks": "data: a network for each combination of hypotheses",
    "calibration/findings/validation": "until the findings are split by topic",
}
"""Folders that may have more files."""

PRIVATE = {
    "ablate", "abreast", "apart", "bench", "foreign", "hamilton", "judge", "lanes", "legs", "live",
    "mapped", "mixing", "narrowed", "pieces", "pulls", "quick", "seen", "slope", "slopes", "surprise",
    "talk", "tape", "together", "told", "trial", "turns", "twin", "walks", "walls", "workshop",
}  # fmt: skip
"""Words with which names were made that nobody but their author understands."""

LEFT = {
    "Foreign", "MappedAbundance", "NoSlope", "Tape", "VariantTrial", "_bench_of", "_followed_slopes",
    "_pulls", "_seen", "_slope", "_slopes", "_told", "_together", "apart", "calibrate_foreign",
    "check_mapped", "half_slopes", "has_slopes", "is_foreign", "judge", "mapped", "pulls", "slopes",
    "stop_if_foreign", "surprise", "talk", "told", "turns", "twin", "workshop_options",
}  # fmt: skip
"""Names with such words that are still there: this list only gets shorter."""


@pytest.fixture(scope="module")
def files() -> list[str]:
    """All files of the project, tests aside."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if not name.startswith("tests/") and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def modules(files) -> dict[str, ast.Module]:
    """The product's modules."""
    own = [
        name for name in files if name.endswith(".py") and name.startswith(tuple(f"{p}/" for p in PACKAGES))
    ]
    return {name: ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in own}


def names_of(path: str, tree: ast.Module) -> Iterator[str]:
    """The module's own name, and those of its classes and functions."""
    yield PurePosixPath(path).stem
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}


def test_public_class_names_are_unique(modules):
    places = defaultdict(list)
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_trajectory_is_a_time_course_and_nothing_else(modules):
    named = [(name, path) for path, tree in modules.items() for name in names_of(path, tree)]
    classes = [place for place in named if place[0][:1].isupper() and "trajectory" in words_of(place[0])]
    assert classes == [("Trajectory", "models/simulation/trajectory.py")]


def test_file_names_are_unique_unless_the_folder_says_more(modules):
    count = Counter(PurePosixPath(path).name for path in modules)
    twice = {name for name, many in count.items() if many > 1 and name not in ("__init__.py", "__main__.py")}
    assert twice - SAME_FILE_NAME.keys() == set()


def test_folders_can_be_read_at_a_glance(files):
    count = Counter(str(PurePosixPath(name).parent) for name in files)
    crowded = {folder: many for folder, many in count.items() if many > MOST_FILES and folder not in CROWDED}
    assert crowded == {}


def test_private_words_do_not_come_back(modules):
    found = {
        f"{path}: {name}"
        for path, tree in modules.items()
        for name in names_of(path, tree)
        if words_of(name) & PRIVATE and name not in LEFT
    }
    assert found == set()
