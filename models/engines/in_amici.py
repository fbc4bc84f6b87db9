"""AMICI on SBML files of one structure, run by the Python that has AMICI: ``python in_amici.py``.

AMICI asks for a newer sympy than PySB allows, so it lives in an environment of its own, where nothing of ours
is imported. The job is JSON on stdin: ``paths``, ``times`` [s] and ``names`` (ids that are read), the same
for all files, and tolerances. The first file is made into C++ and compiled; of the others only values are
taken: parameters, and start amounts, which are numbers in settled cells.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np


def values(path: str) -> dict[str, float]:
    """Parameters and start amounts of a file by id; what follows from a rule may be nan."""
    libsbml: Any = import_module("libsbml")
    document = libsbml.readSBML(path)
    expand = libsbml.ConversionProperties()
    expand.addOption("expandInitialAssignments", True)
    if document.convert(expand) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ValueError(f"{path}: start amounts cannot be worked out")
    model = document.getModel()
    found = {p.getId(): p.getValue() for p in model.getListOfParameters()}
    return found | {s.getId(): s.getInitialAmount() for s in model.getListOfSpecies()}


def main() -> None:
    """Compile once, run every file, and write a line of JSON to stdout (as `models.core.isolated.serve`)."""
    job = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # compilers print to stdout
    amici: Any = import_module("amici")
    sundials: Any = import_module("amici.sim.sundials")
    with tempfile.TemporaryDirectory(prefix="amici-") as folder:
        model = amici.SbmlImporter(job["paths"][0]).sbml2amici(
            "cells",
            Path(folder),
            observation_model=[amici.MeasurementChannel(f"see_{n}", formula=n) for n in job["names"]],
            compute_conservation_laws=False,
            generate_sensitivity_code=False,
        )
    solver = model.create_solver()
    solver.set_sensitivity_order(sundials.SensitivityOrder.none)
    solver.set_max_steps(1_000_000)
    solver.set_relative_tolerance(job["rtol"])
    solver.set_absolute_tolerance(job["atol"])
    model.set_timepoints([0.0, *job["times"]])
    found = []
    for path in job["paths"]:
        own = values(path)
        for name in model.get_free_parameter_ids():
            model.set_free_parameter_by_id(name, own[name])
        for name in model.get_fixed_parameter_ids():
            model.set_fixed_parameter_by_id(name, own[name])
        model.set_initial_state(np.array([own[name] for name in model.get_state_ids()]))
        done = sundials.run_simulation(model, solver)
        ok = done["status"] == sundials.AMICI_SUCCESS
        found.append(np.asarray(done["y"])[1:].tolist() if ok else f"AMICI left with status {done['status']}")
    version = f"AMICI {metadata.version('amici')}"
    out.write(json.dumps({"version": version, "courses": found}) + "\n")
    out.close()


if __name__ == "__main__":
    main()
