"""Our evaluations for a tool in another environment: `python -m benchmarks.serve SPEC`.

A line of JSON with a point in, a line with (loss, findings that hold) out. The first line sets the origin
that the loss is pulled to.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from benchmarks.problems import make
from calibration.objective.problem import Task
from calibration.objective.workers.environment import one_thread
from calibration.optimize.state import Settings


def main() -> None:
    """Answer until the input ends."""
    asked = json.loads(sys.argv[1])
    one_thread()
    problem = make(asked["problem"], asked["contexts"], mapped=True)
    loss = Settings().loss
    print(json.dumps({"n": problem.n}), flush=True)
    origin = np.array(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        z = np.array(json.loads(line))
        terms = problem.evaluate_task(Task(z)).terms
        told = (loss(terms, z - origin, problem.weights), int(problem.holds(terms).sum()))
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
