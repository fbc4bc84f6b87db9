"""The project itself: layers, the guard, and sentences of the README that must not drift."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rewire import __all__ as nouns
from rewire import __version__, guard
from rewire.cli.main import VERBS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


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


def test_one_version():
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "rewire.__version__"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_readme_names_what_there_is():
    for verb in re.findall(r"^rewire (\w+)", README, re.MULTILINE):
        assert verb in VERBS, f"README: rewire {verb}"
    for target in re.findall(r"make (\w+)(?=[\s`])", README):
        assert target in make_targets(), f"README: make {target}"
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), f"README: {link}"
    for names in re.findall(r"^from rewire import (.+)$", README, re.MULTILINE):
        assert set(names.split(", ")) <= set(nouns)


def test_findings_and_files_that_are_named_exist():
    import click

    from rewire.cli.main import main
    from rewire.project.project import load_project
    from rewire.project.selections import all_findings

    ids = {f.id for f in all_findings(load_project())}
    known = ids | {id.partition("@")[0] for id in ids}
    helps = [main.get_command(click.Context(main), verb).help for verb in VERBS]
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for text in (README, guide, *helps):
        assert set(re.findall(r"\b[SX]\d\d_[\w@]+", text)) <= known
    for name in re.findall(r"\b(?:calibration|models|pathway)/[\w/]+\.\w+", README + guide):
        assert (ROOT / name).exists(), name


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
