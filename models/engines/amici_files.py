"""Files of one structure run by AMICI, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.core.isolated import EngineFailure
from models.engines.sbml_engines import ATOL, RTOL, Array

LIMIT_S = 3600.0
"""Longest time [s] for one structure: compiling it takes minutes."""

_SCRIPT = Path(__file__).with_name("in_amici.py")


def simulate_all(
    python: str, paths: Sequence[Path], times: Sequence[float], names: Sequence[str]
) -> tuple[list[Array | EngineFailure], str]:
    """Run files that differ in values only.

    Parameters
    ----------
    python : str
        The interpreter of an environment that has AMICI.
    paths : sequence of Path
    times : sequence (n_times,) [s]
    names : sequence (n_names,) of str
        Ids of what is read.

    Returns
    -------
    list of array (n_times, n_names), or why a file could not be run
    str
        AMICI's version.

    Raises
    ------
    EngineFailure
        Where the structure cannot be read or compiled.
    """
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        job, answer = Path(folder) / "job.json", Path(folder) / "answer.json"
        asked = {"paths": [str(p.resolve()) for p in paths], "times": list(times), "names": list(names)}
        job.write_text(json.dumps({**asked, "rtol": RTOL, "atol": ATOL}), encoding="utf-8")
        command = [python, str(_SCRIPT), str(job), str(answer)]
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        own["PATH"] = (
            f"{Path(python).absolute().parent}{os.pathsep}{own.get('PATH', '')}"  # its SWIG, its CMake
        )
        try:
            done = subprocess.run(
                command, cwd=folder, env=own, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise EngineFailure(f"AMICI: not done after {LIMIT_S:g} s") from None
        except OSError as error:
            raise EngineFailure(f"AMICI: {python}: {error.strerror}") from None
        if done.returncode or not answer.exists():
            said = (done.stderr.strip().splitlines() or [f"left with status {done.returncode}"])[-1]
            raise EngineFailure(f"AMICI: {said}")
        told = json.loads(answer.read_text(encoding="utf-8"))
    courses = [
        EngineFailure(each) if isinstance(each, str) else np.array(each, float) for each in told["courses"]
    ]
    return courses, told["version"]
