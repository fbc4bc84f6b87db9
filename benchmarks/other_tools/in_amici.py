"""AMICI on the simulations of `benchmarks/tasks.py`; run by the Python that has AMICI.

python in_amici.py MODEL.xml WORK OUT

The model is made into C++ and compiled (told apart), then every evaluation of WORK is timed. OUT is JSON:
wall and CPU seconds of each, and the readings of the first.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

SECRETED = "CXCL8"


def main(path: str, work: str, out: str) -> None:
    """Compile, run, time."""
    import amici
    from amici.sim.sundials import AMICI_SUCCESS, SensitivityOrder, run_simulation

    asked = json.loads(Path(work).read_text(encoding="utf-8"))
    names = asked[0]["names"]
    begun = time.perf_counter()
    model = amici.SbmlImporter(path).sbml2amici(
        "cells",
        Path("compiled").resolve(),
        observation_model=[amici.MeasurementChannel(f"see_{name}", formula=name) for name in names],
        compute_conservation_laws=False,
        generate_sensitivity_code=False,
    )
    startup = time.perf_counter() - begun
    resting = model.clone()
    washed = list(model.get_state_ids()).index(SECRETED)
    free = set(model.get_free_parameter_ids())
    solver = model.create_solver()
    solver.set_sensitivity_order(SensitivityOrder.none)
    solver.set_max_steps(1_000_000)

    def go(which: Any, times: list[float], values: dict[str, float]) -> Any:
        for name in free & values.keys():
            which.set_free_parameter_by_id(name, values[name])
        which.set_timepoints(times)
        done = run_simulation(which, solver)
        if done["status"] != AMICI_SUCCESS:
            raise RuntimeError(f"AMICI left with status {done['status']}")
        return done

    def evaluate(one: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
        solver.set_relative_tolerance(one["rtol"])
        solver.set_absolute_tolerance(one["atol"])
        found = []
        for cell in one["cells"]:
            rest = go(resting, [0.0, one["settle"]], cell["values"])["x"][-1]
            for arm in cell["arms"]:
                state, values, tables = rest, dict(cell["values"]), []
                for part in arm:
                    values |= part["values"]
                    start = np.array(state)
                    if part["wash"]:
                        start[washed] = 0.0
                    model.set_initial_state(start)
                    read = [t - part["start"] for t in part["times"]]
                    times = sorted({0.0, *read, part["end"] - part["start"]})
                    done = go(model, times, values)
                    state = done["x"][-1]
                    tables.append(done["y"][[times.index(t) for t in read]])
                found.append(np.concatenate(tables))
        return found

    wall, cpu, readings = [], [], []
    for number, one in enumerate(asked):
        begun, worked = time.perf_counter(), time.process_time()
        found = evaluate(one)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
        if number == 0:
            readings = [table.tolist() for table in found]
    told = {
        "version": f"AMICI {metadata.version('amici')}",
        "startup": startup,
        "wall": wall,
        "cpu": cpu,
        "readings": readings,
    }
    Path(out).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
