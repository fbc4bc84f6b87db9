"""The wheel: what is in Git is in it, and it runs without the source tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("pathway", "models", "calibration", "rewire")


def run(command: list[str | Path], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env)


def tracked(*names: str) -> list[str]:
    """Files of the project, those that Git does not hold yet included."""
    done = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *names], ROOT)
    if done.returncode:
        pytest.skip("not a Git checkout")
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: an old `build` folder in the checkout would go into it, too."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked(*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    done = run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", out, source], out)
    assert done.returncode == 0, done.stderr
    (file,) = out.glob("*.whl")
    return file


@pytest.mark.slow
def test_the_wheel_holds_what_git_holds(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert inside == set(tracked(*PACKAGES))


@pytest.mark.slow
def test_an_installed_wheel_checks_and_calibrates(wheel: Path, tmp_path: Path):
    """In another folder; the environment has the dependencies of this one, and of ours only the wheel."""
    environment, work = tmp_path / "environment", tmp_path / "work"
    work.mkdir()
    assert run([sys.executable, "-m", "venv", "--without-pip", environment], work).returncode == 0
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel]
    done = run(install, work)
    assert done.returncode == 0, done.stderr
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")

    where = run([python, "-c", "import models, rewire; print(models.__file__, rewire.__file__)"], work)
    assert where.stdout.count(str(packages)) == 2, where.stdout + where.stderr

    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_STATE_HOME": str(tmp_path / "state")}
    rewire = environment / "bin" / "rewire"
    check = run([rewire, "check", "--json"], work, **own)
    assert check.returncode in (0, 1), check.stderr
    assert json.loads(check.stdout)["rewire"] and "Traceback" not in check.stderr
    fit = run([rewire, "calibrate", "--evaluations", "50", "--seed", "1"], work, **own)
    assert fit.returncode in (0, 1) and "Traceback" not in fit.stderr, fit.stderr
    (run_folder,) = (work / "runs").iterdir()
    assert (run_folder / "report.html").exists() and (run_folder / "ensemble").is_dir()
