"""Files of one structure run by AMICI, in an environment of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.core.isolated import EngineFailure, stream_isolated
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
    job = {"paths": [str(p.resolve()) for p in paths], "times": list(times), "names": list(names)}
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    tools = Path(python).absolute().parent  # its SWIG, its CMake
    own["PATH"] = f"{tools}{os.pathsep}{own.get('PATH', '')}"
    command = [python, str(_SCRIPT)]
    records, broken = stream_isolated(command, {**job, "rtol": RTOL, "atol": ATOL}, LIMIT_S, env=own)
    if broken:
        raise EngineFailure(f"AMICI: {broken}")
    courses, version = records[-1]["courses"], records[-1]["version"]
    return [EngineFailure(c) if isinstance(c, str) else np.array(c, float) for c in courses], version
