"""Import a PySB module and simulate it with PySB's own integrator, in a separate process."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import numpy as np

from models.core.isolated import run_isolated, serve
from models.engines.bionetgen import need
from models.export.ids import species_id
from models.simulation.engine import Array

NAME = "PySB"
RTOL, ATOL = 1e-10, 1e-8
"""Tolerances: relative, and absolute [copies/cell]."""

LIMIT_S = 600.0
"""Longest time [s] that it may take."""


def run_pysb(path: Path, times: Sequence[float], names: Sequence[str]) -> tuple[Array, str]:
    """Import a module that we wrote and simulate its `SCHEDULE`.

    The module is executed: never pass a third-party one.

    Parameters
    ----------
    path : Path
    times : sequence (n_times,) [s]
        Rising, after 0; none at a change.
    names : sequence (n_names,) of str
        Observables and expressions.

    Returns
    -------
    array (n_times, n_names)
    str
        PySB with its version.

    Raises
    ------
    EngineFailure
    UserError
        If Perl or BioNetGen, which PySB needs to expand rules, is missing.
    """
    need()
    job = {"path": str(path.resolve()), "times": list(times), "names": list(names)}
    answered = run_isolated("models.export.pysb.run_module", job, NAME, LIMIT_S)
    return np.array(answered["courses"], float), f"{NAME} {answered['version']}"


def _module(path: Path) -> Any:
    loader = SourceFileLoader("exported", str(path))  # whatever the file is called
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[loader.name] = module  # PySB puts components into the module that it finds there
    loader.exec_module(module)
    return module


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    import pysb
    from pysb.generator.bng import format_complexpattern
    from pysb.simulator import ScipyOdeSimulator

    module, times, names = _module(Path(job["path"])), job["times"], job["names"]
    options = {"rtol": RTOL, "atol": ATOL, "mxstep": 1_000_000}
    simulator = ScipyOdeSimulator(
        module.model, integrator="lsoda", integrator_options=options, compiler="python"
    )
    place = {species_id(format_complexpattern(s)): i for i, s in enumerate(module.model.species)}
    changes = [(0.0, {}, {}), *module.SCHEDULE]
    values: dict[str, float] = {}
    state: Any = None
    rows = []
    for i, (start, parameters, amounts) in enumerate(changes):
        end = changes[i + 1][0] if i + 1 < len(changes) else max([*times, start + 1.0])
        values |= parameters
        for pattern, amount in amounts.items():
            state[place[species_id(pattern)]] = amount
        inside = [t for t in times if start < t <= end]
        span = sorted({start, *inside, end})
        done = simulator.run(tspan=span, initials=state, param_values=dict(values) or None)
        state = np.array(done.species[-1])
        table = np.column_stack([np.asarray(_course(done, name, len(span))) for name in names])
        rows.append(table[[span.index(t) for t in inside]])
    return {"version": pysb.__version__, "courses": np.concatenate(rows).tolist()}


def _course(done: Any, name: str, count: int) -> Any:
    found = done.observables if name in done.observables.dtype.names else done.expressions
    return np.broadcast_to(found[name], (count,))


if __name__ == "__main__":
    serve(_run)
