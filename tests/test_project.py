"""The project itself: layers, the guard, and sentences of the README that must not drift."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from docs import structure
from rewire import __all__ as nouns
from rewire import __version__, guard
from rewire.cli.main import VERBS
from rewire.report.tables import VERSIONS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_arrows_never_point_back():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_packages_are_ours():
    assert guard.collisions() == []


def test_a_package_elsewhere_is_said(tmp_path: Path):
    lines = guard.collisions(lambda name: tmp_path / name if name == "models" else guard.location(name))
    assert len(lines) == 1 and "models" in lines[0] and str(tmp_path) in lines[0]


def test_a_missing_package_is_said():
    assert "pathway" in guard.collisions(lambda name: None if name == "pathway" else guard.location(name))[0]


def test_a_second_owner_is_found(tmp_path: Path):
    info = tmp_path / "models-1.0.dist-info"
    info.mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").touch()  # some readers of metadata leave out what is not there
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: models\nVersion: 1.0\n")
    (info / "RECORD").write_text("models/__init__.py,,\nmodels-1.0.dist-info/METADATA,,\n")
    assert guard.other_owners(guard.PACKAGES, tmp_path) == {"models": ["models"]}


def test_the_guard_stops_the_command_line(tmp_path: Path):
    """Another `models` earlier on the path: status 2, a way out, no traceback."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("raise RuntimeError('other code ran')\n")
    code = "import sys; from rewire.__main__ import main; sys.path.insert(0, sys.argv[1]); main()"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "package 'models' comes from" in done.stderr and "make setup" in done.stderr
    assert "Traceback" not in done.stderr and "other code" not in done.stderr


def test_other_packages_of_these_names_are_refused_at_resolution():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert {f"{name}<0" for name in guard.PACKAGES} <= set(lines)


def test_every_dependency_is_pinned():
    pinned = {
        re.split(r"[=<]", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    project = PROJECT["project"]
    for wanted in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        assert re.split(r"[<>=]", wanted)[0].lower().replace("_", "-") in pinned


def test_no_index_is_named():
    for name in ("constraints.txt", "Makefile", ".ci/run", "pyproject.toml"):
        assert not re.search(r"index-url|find-links|file://", (ROOT / name).read_text(encoding="utf-8")), name


def test_every_import_is_of_a_declared_dependency():
    """So that an environment that has only what is declared has all that is needed."""
    project = PROJECT["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    names = {plain(re.split(r"[<>=]", wanted)[0]) for wanted in declared}
    owners = importlib.metadata.packages_distributions()
    used = {
        name
        for file in structure.files()
        for node in ast.walk(structure.tree(file))
        for name in imported_packages(node)
        if name not in sys.stdlib_module_names and name not in structure.PACKAGES
    }
    missing = {name for name in used if not names & {plain(owner) for owner in owners.get(name, ())}}
    assert missing <= {"amici", "libcombine"}  # used where they are there, in environments of others


def imported_packages(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [node.module.partition(".")[0]] if isinstance(node, ast.ImportFrom) and node.module else []


def plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def test_one_version():
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "rewire.__version__"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_the_citation_has_the_version_and_the_licence():
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(": ", 1) for line in lines if re.match(r"[a-z-]+: ", line))
    assert fields["cff-version"] == "1.2.0" and fields["version"] == __version__
    assert fields["license"] == PROJECT["project"]["license"]
    assert {"title", "message", "abstract"} <= fields.keys() and "authors:" in lines  # needed by its schema


def test_it_is_kept_off_registries():
    """ADR 11: as long as the packages have plain names."""
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_the_fast_tests_leave_out_what_there_is():
    """If not: `tests/durations.py` says how the list is made."""
    for entry in (ROOT / "tests" / "medium.txt").read_text(encoding="utf-8").split():
        assert (ROOT / entry.partition("::")[0]).is_file(), entry


PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile")),
]
OURS = "pathway|models|calibration|rewire|benchmarks|docs|tests|examples|notebooks"
FILES_OF_USERS = {"rewire.omex", "rewire.json"}
"""Names of files in examples that look like modules."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_modules_and_files_that_a_page_names_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    for name in re.findall(rf"(?<![\w./-])((?:{OURS})(?:\.[A-Za-z_]\w*)+)", text):
        schema = name.removeprefix("rewire.") in VERSIONS
        assert name in FILES_OF_USERS or schema or is_there(name), f"{page.name}: {name}"
    for name in re.findall(rf"(?<![\w./-])((?:{OURS})/[\w./-]*\w)", text):
        assert (ROOT / name).exists(), f"{page.name}: {name}"


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something at the top of one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:count])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return count == len(parts) or parts[count] in file.read_text(encoding="utf-8")
        if place.is_dir() and count == len(parts):
            return True
    return False


def test_readme_opens_with_the_two_commands():
    assert re.findall(r"^make (\w+)", README, re.MULTILINE)[:2] == ["run", "test"]


def test_readme_and_metadata_agree_on_python():
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in README


@pytest.mark.parametrize("name", sorted(nouns))
def test_the_python_face_is_there(name: str):
    import rewire

    assert getattr(rewire, name) is not None


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_shows_an_example(verb: str):
    import click

    from rewire.cli.main import main

    command = main.get_command(click.Context(main), verb)
    assert command is not None and f"rewire {verb}" in (command.help or "")
    assert command.name == verb


def test_importing_loads_no_engine():
    """`rewire --help` must not wait for an engine, a fitter or a plotter."""
    heavy = ("pysb", "bngsim", "matplotlib", "pandas", "scipy")
    code = f"import sys, rewire.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
