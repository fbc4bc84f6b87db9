"""BNG2.pl, run on a file in a folder of its own: what its actions put out."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.core.errors import UserError
from models.core.isolated import EngineFailure
from models.network import missing_for_expansion
from models.simulation.engine import Array

NAME = "BioNetGen"
RTOL, ATOL = 1e-10, 1e-8
"""Tolerances: relative, and absolute [copies/cell]. Tighter ones end in CVODE's errors."""

LIMIT_S = 600.0
"""Longest time [s] that a file may take."""


@dataclass(frozen=True, slots=True)
class Output:
    """A .gdat file: times (n_times,) [s], names (n_names,), table (n_times, n_names)."""

    times: Array
    names: tuple[str, ...]
    table: Array


def run_bngl(path: Path) -> dict[str, Output]:
    """Run the actions of a BNGL file; each suffix with its output.

    Raises
    ------
    EngineFailure
        Where BNG2.pl refuses the file, an integration fails, or it takes too long.
    UserError
        Where Perl or BioNetGen is missing here.
    """
    return _run({"model.bngl": path.read_text(encoding="utf-8")}, "model.bngl")


def run_net(path: Path, times: Sequence[float]) -> Output:
    """Read a .net file and simulate it, output at `times` [s] after 0; raises like `run_bngl`."""
    samples = ",".join(map(repr, [0.0, *times]))
    action = f'method=>"ode",suffix=>"course",atol=>{ATOL:g},rtol=>{RTOL:g},print_functions=>1'
    script = f'readFile({{file=>"model.net"}})\nsimulate({{{action},sample_times=>[{samples}]}})\n'
    files = {"model.net": path.read_text(encoding="utf-8"), "run.bngl": script}
    output = _run(files, "run.bngl")["course"]
    return Output(output.times[1:], output.names, output.table[1:])


def version() -> str:
    """BioNetGen with its version."""
    found = _program().with_name("VERSION")
    return f"{NAME} {found.read_text(encoding='utf-8').strip()}" if found.exists() else NAME


def need() -> None:
    """Refuse where Perl or BioNetGen is missing here.

    Raises
    ------
    UserError
    """
    if missing := missing_for_expansion():
        raise UserError(
            f"running BioNetGen's files needs {' and '.join(missing)}, missing here; "
            "--no-verify writes the file untried"
        )


def _program() -> Path:
    need()
    from pysb.pathfinder import get_path

    return Path(get_path("bng"))


def _run(files: dict[str, str], main: str) -> dict[str, Output]:
    program = _program()
    with tempfile.TemporaryDirectory(prefix="rewire-") as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        command = [shutil.which("perl") or "perl", str(program), main]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise EngineFailure(f"{NAME}: not done after {LIMIT_S:g} s") from None
        errors = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line.upper()]
        if done.returncode or errors:
            raise EngineFailure(f"{NAME}: {errors[0].strip() if errors else f'left with {done.returncode}'}")
        return {path.stem.partition("_")[2]: _read(path) for path in sorted(folder.glob("*.gdat"))}


def _read(path: Path) -> Output:
    names = path.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("#").split()
    table = np.atleast_2d(np.loadtxt(path))
    return Output(table[:, 0], tuple(names[1:]), table[:, 1:])
