"""One name, one meaning, over the whole project (unique names of files and classes: test_structure.py)."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pathway", "models", "calibration", "rewire")

PRIVATE = {
    "ablate", "abreast", "apart", "bench", "foreign", "hamilton", "judge", "lanes", "legs", "live",
    "mapped", "mixing", "narrowed", "pieces", "pulls", "quick", "seen", "slope", "slopes", "surprise",
    "talk", "tape", "together", "told", "trial", "turns", "twin", "walks", "walls", "workshop",
}  # fmt: skip
"""Words with which names were made that nobody but their author understands."""

LEFT = {
    "Tape", "_bench_of", "_seen", "_told", "_together", "apart", "judge", "mapped", "slopes", "talk", "told",
    "turns",
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


def test_a_trajectory_is_a_time_course_and_nothing_else(modules):
    named = [(name, path) for path, tree in modules.items() for name in names_of(path, tree)]
    classes = [place for place in named if place[0][:1].isupper() and "trajectory" in words_of(place[0])]
    assert classes == [("Trajectory", "models/simulation/trajectory.py")]


def test_private_words_do_not_come_back(modules):
    found = {
        f"{path}: {name}"
        for path, tree in modules.items()
        for name in names_of(path, tree)
        if words_of(name) & PRIVATE and name not in LEFT
    }
    assert found == set()
