"""PEtab problems in pyPESTO; run by the Python that has pypesto, petab and libroadrunner.

python in_pypesto.py PROBLEM.yaml POINTS OUT

POINTS is a JSON list of {parameter: value}; what is not named is nominal. OUT is JSON with the objective at
each, that of the measurements (`fit`) and that of the prior apart, and the number of measurements.

Problem, parameter mapping, scales, priors and objective are pyPESTO's, the simulation is libRoadRunner's. One
thing is changed: pyPESTO finds the resting cells with a Newton method for which libRoadRunner compiles the
model anew at every condition (minutes each for this one), so here the cells are given ten years to rest.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

SETTLED_S = 3e8
RTOL, ATOL = 1e-9, 1e-8


def calculator() -> Any:
    """PyPESTO's, with resting cells found by integration."""
    from pypesto.C import TIME
    from pypesto.objective.roadrunner.roadrunner_calculator import RoadRunnerCalculator, calculate_llh

    class Resting(RoadRunnerCalculator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.simulated: dict[str, Any] = {}

        def simulate_per_condition(self, x_dct: Any, rr: Any, edata: Any, mapping: Any) -> Any:
            species = rr.model.getFloatingSpeciesIds()
            self.fill_in_parameters(x_dct, rr, mapping, preeq=True)
            rr.simulate(times=[0.0, SETTLED_S], selections=[TIME])
            rest = np.array(rr.model.getFloatingSpeciesAmounts())
            rr.reset()
            values = self.fill_in_parameters(x_dct, rr, mapping)
            rr.setValues(species, rest)
            self.fill_in_parameters(x_dct, rr, mapping, filling_mode="only_species")
            times = sorted({0.0, *edata.timepoints})
            times += [times[-1] + 1.0] if len(times) == 1 else []
            names = edata.get_observable_ids()
            found = rr.simulate(times=times, selections=[TIME, *names])
            at = [times.index(t) for t in edata.timepoints]
            found = np.array(found)[at]
            rr.reset()
            self.simulated[edata.condition_id] = found
            # it drops the row of time 0 where no measurement is there; it is dropped here already
            padded = found if 0.0 in edata.timepoints else np.vstack([found[:1], found])
            return found, calculate_llh(padded, edata, values, rr)

    return Resting()


def objective(problem: Path) -> tuple[Any, Any, Any]:
    """PyPESTO's problem, the PEtab problem, and the objective that simulates."""
    import petab.v1 as petab
    from pypesto.objective import AggregatedObjective
    from pypesto.objective.roadrunner import SolverOptions
    from pypesto.petab import PetabImporter

    read = petab.Problem.from_yaml(str(problem))
    made = PetabImporter(read, simulator_type="roadrunner").create_problem()
    whole = made.objective
    inner = whole._objectives[0] if isinstance(whole, AggregatedObjective) else whole
    inner.calculator = calculator()
    inner.solver_options = SolverOptions(
        relative_tolerance=RTOL, absolute_tolerance=ATOL, maximum_num_steps=1_000_000
    )
    return made, read, inner


def main(problem: str, points: str, out: str) -> None:
    """Evaluate at the points."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    made, read, inner = objective(Path(problem))
    found: dict[str, Any] = {"measurements": len(read.measurement_df), "points": []}
    for point in json.loads(Path(points).read_text(encoding="utf-8")):
        nominal = dict(zip(read.x_ids, read.x_nominal, strict=True)) | point
        scaled = read.scale_parameters(nominal)
        free = np.array([scaled[name] for name in read.x_free_ids])
        whole = float(made.objective(free))
        fit = float(inner(np.array([scaled[name] for name in read.x_ids])))
        found["points"].append({"objective": whole, "fit": fit, "prior": whole - fit})
    Path(out).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
