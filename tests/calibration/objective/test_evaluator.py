"""Points of the parameter space to margins: what is run, what is reused, what counts as holding."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from calibration.findings.claims.fields import Fields
from calibration.findings.claims.finding import Finding, Source
from calibration.findings.claims.kinds import read_claim
from calibration.objective import build
from calibration.objective.evaluator import Evaluator
from calibration.objective.layout import RANGE_WEIGHT
from calibration.objective.problem import WORST, Task
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget
from models.cells.plausible_ranges import PlausibleRange, PlausibleRanges
from models.core.errors import Mistakes
from models.parameters import Space
from models.simulation.engine import Failure
from models.simulation.simulator import Trajectory
from models.treatments.arm import Arm
from models.treatments.schedule import Segment

BANDS = {"pX/tX": PlausibleRange("pX", "tX", 0.02, 0.8, "looks like it")}
TOLD = PlausibleRanges(BANDS, 259200.0, 0.01)
NAMES = ("pX", "tX", "out")
SPACE = Space(
    ("gain", "level", "a.X_copies", "b.X_copies", "d.potency"),
    np.zeros(5),
    np.full(5, 0.5),
    (("shared",), ("shared",), ("context", "a"), ("context", "b"), ("drug", "d")),
)
CONTEXTS = {n: SimpleNamespace(name=n, medium="serum", bands=lambda told: dict(told)) for n in ("a", "b")}


def arm(name: str, context: str) -> Arm:
    drugs = (("d", 10.0),) if name == "drug" else ()
    return Arm(name, context, "serum", True, (), (Segment(0.0, "serum", drugs),))


class Bench:
    """`out` falls under the drug, the more the higher the gain; `pX/tX` at rest is a tenth of the level."""

    def __init__(self) -> None:
        self.ran: list[frozenset[Arm]] = []

    def run(self, arms: dict[Arm, Any], values: dict[str, float], rtol: float) -> dict[Arm, Any]:
        self.ran.append(frozenset(arms))
        if values["gain"] > 20.0:
            return {a: Failure("too steep") for a in arms}
        return {a: self._one(a, times, values) for a, times in arms.items()}

    def _one(self, a: Arm, times: Any, values: dict[str, float]) -> Trajectory:
        grid = np.unique([0.0, *times])
        copies = values[f"{a.context}.X_copies"]
        fall = values["gain"] * 10.0 ** -values["d.potency"] if a.drugs else 0.0
        out = copies / (1.0 + fall * np.minimum(grid / 3600.0, 1.0))
        fraction = np.full_like(grid, 0.1 * values["level"] * copies)
        drift = 1.0 + values["level"] / 100.0 * 0.5 * grid / 259200.0
        return Trajectory(grid, NAMES, np.column_stack([fraction * drift, drift, out]))


def finding(name: str, context: str, use: str = "fit", cannot: str = "", **bounds: float) -> Finding:
    problems = Mistakes()
    points = {"of": {"arm": "drug", "at": "1 h"}, "to": {"arm": "vehicle", "at": "1 h"}}
    table: dict[str, Any] = {"kind": "ratio", "observable": "out", **points, **bounds}
    find = lambda arm_name, _context, _at: arm(arm_name, context)  # noqa: E731
    claim = read_claim(Fields(table, f"finding {name}", find, NAMES, problems))
    problems.raise_if_any()
    source = Source("A paper")
    if cannot:
        return Finding(name, "S01", "It falls.", "ratio", None, context, "fair", use, source, cannot=cannot)
    return Finding(name, "S01", "It falls.", "ratio", claim, context, "fair", use, source)


FINDINGS = [
    finding("S01_a", "a", at_most=0.5),
    finding("S01_b", "b", at_least=0.2, at_most=0.5),
    finding("X01_b", "b", use="validation", at_most=0.9),
]


def evaluator(findings: Any = FINDINGS, **more: Any) -> Evaluator:
    return Evaluator(Bench(), CONTEXTS, SPACE, findings, TOLD, **more)  # type: ignore[arg-type]


def test_terms_are_parts_of_fit_findings_and_ranges():
    e = evaluator()
    assert (e.n, e.n_findings, e.n_terms) == (5, 2, 1 + 2 + 2 * 2)
    terms = e.evaluate_task(Task(np.zeros(5))).terms
    assert terms[:3] == pytest.approx([0.0, np.log2(0.5 / 0.2), 0.0])
    assert terms[3:5] == pytest.approx([np.log2(0.1 / 0.02), np.log2(0.8 / 0.1)])
    assert e.weights.tolist() == pytest.approx([1.0, 0.5**0.5, 0.5**0.5, *[RANGE_WEIGHT] * 4])


def test_a_changed_scope_runs_only_what_it_touches_and_gives_the_same():
    e, whole = evaluator(), evaluator()
    base = np.array([0.5, 0.2, 0.1, -0.3, 0.2])
    for i, scope in enumerate(SPACE.scope):
        moved = base.copy()
        moved[i] += 0.1
        near = e.evaluate_task(Task(moved, base, scope))
        assert np.array_equal(near.terms, whole.evaluate_task(Task(moved)).terms)
        ran = e.bench.ran[-1]
        if scope[0] == "context":
            assert {a.context for a in ran} == {scope[1]} and near.cost == pytest.approx(0.5)
        if scope[0] == "drug":
            assert all(a.drugs for a in ran) and near.cost == pytest.approx(2 / 6)
    assert (
        sum(len(ran) == len(e.plan.times) for ran in e.bench.ran) == 3
    )  # two shared ones and the base, once


def test_only_the_wanted_terms_are_run():
    e = evaluator()
    only = np.zeros(e.n_terms, dtype=bool)
    only[0] = True
    outcome = e.evaluate_task(Task(np.zeros(5), only=only))
    assert {a.context for a in e.bench.ran[-1]} == {"a"} and outcome.cost == pytest.approx(2 / 6)
    assert np.isfinite(outcome.terms[only]).all() and np.isnan(outcome.terms[~only]).all()


def test_a_failed_integration_is_the_worst_value():
    e = evaluator()
    terms = e.evaluate_task(Task(np.array([3.0, 0, 0, 0, 0]))).terms
    assert np.all(terms == WORST)
    assert not e.holds(terms).any()
    close = e.evaluate(np.array([3.0, 0, 0, 0, 0]))
    assert {s.verdict for s in close.scores.values()} == {"unevaluable"}


def test_findings_of_implausible_cells_do_not_hold():
    e = evaluator()
    z = np.array([0.5, 0.0, 0.0, 2.0, 0.0])  # ten times the copies in b: its fraction leaves the range
    terms = e.evaluate_task(Task(z)).terms
    assert np.all(terms[:3] > 0)
    assert e.holds(terms).tolist() == [True, False]
    close = e.evaluate(z)
    assert {name: s.verdict for name, s in close.scores.items()} == {
        "S01_a": "holds",
        "S01_b": "implausible",
        "X01_b": "implausible",
    }
    assert "pX/tX" in close.scores["S01_b"].reason and close.hold == 1
    assert close.baselines["a"].plausible and not close.baselines["b"].plausible


def test_totals_that_drift_are_implausible():
    close = evaluator().evaluate(np.array([0.5, 1.2, -1.2, -1.2, 0.0]))
    assert close.baselines["a"].reasons == ("tX drifts by 1.99% in 72 h untreated",)


def test_what_the_model_cannot_say_counts_as_failing():
    e = evaluator([*FINDINGS, finding("S02_x", "a", cannot="no such protein", at_most=0.5)])
    z = np.array([0.5, 0.0, 0.0, 0.0, 0.0])
    assert e.holds(e.evaluate_task(Task(z)).terms).tolist() == [True, True, False]
    assert e.evaluate(z).scores["S02_x"].verdict == "unevaluable"


def test_fixed_values_stand_whatever_the_point_says():
    e = evaluator(fixed={"gain": 0.0})
    terms = e.evaluate_task(Task(np.array([2.0, 0, 0, 0, 0]))).terms
    assert terms[0] == pytest.approx(-1.0)


def test_the_optimiser_makes_it_hold():
    with Pool(problem=evaluator()) as pool:
        state = multistart.calibrate(pool, 1, Budget(members=1, evaluations=500))
    assert state.members[0].hold == 2


@pytest.mark.slow
def test_the_real_problem_is_structured_exactly():
    e = build.make(ids=["S02_rapamycin_raises_s473@a549", "S02_rapamycin_raises_s473@h460"])
    base = 0.5 * np.random.default_rng(3).standard_normal(e.n)
    for scope in sorted(set(e.scopes)):
        i = e.scopes.index(scope)
        moved = base.copy()
        moved[i] += 0.1
        near = e.evaluate_task(Task(moved, base if scope[0] != "shared" else None, scope))
        assert np.array_equal(near.terms, e.evaluate_task(Task(moved)).terms)
