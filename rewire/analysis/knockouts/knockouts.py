"""Which feedback does a finding need? Take a mechanism out, look, refit without it, look again.

What fails in the shipped ensemble may hold after a refit. A finding needs a mechanism if it still fails after
the rest of the model has been fitted anew without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.build import findings_hash, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.state import Budget, Settings, State
from calibration.storage.journal import Journal
from models.core.errors import Mistakes
from rewire.analysis.check.check import build_options, evaluate_all
from rewire.analysis.knockouts.mechanisms import Mechanism, load_mechanisms
from rewire.project.members import Members, load_members
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from rewire.project.selections import names as names_of
from rewire.report.tables import Column, Record, Table

FORMAT = "knockouts/1"

SETTINGS = Settings(promise=0.0)
"""Without a mechanism little may hold at first: no refit is given up for that."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KnockoutVerdict:
    """What becomes of the findings without a mechanism.

    Attributes
    ----------
    fail_without : tuple of str
        Fit findings that hold in most members, and no longer without the mechanism.
    claimed : tuple of str
        Findings that it is said to explain and that hold with it.
    needs : tuple of str or None
        Those that hold in none of the refits either; None without a refit.
    predicts : tuple of str
        Validation findings that hold with the mechanism, and without it neither in most members nor in a
        refit: what was never fitted moves in a refit for other reasons, too.
    """

    mechanism: Mechanism
    fail_without: tuple[str, ...]
    needs: tuple[str, ...] | None
    claimed: tuple[str, ...]
    predicts: tuple[str, ...]
    refits: int

    @property
    def confirmed(self) -> tuple[str, ...]:
        """Of the findings that the mechanism is said to explain, those that need it."""
        return tuple(id for id in self.claimed if self.needs is not None and id in self.needs)

    @property
    def not_evidence(self) -> tuple[str, ...]:
        """Findings said to be explained that hold without: not evidence for the mechanism."""
        return tuple(id for id in self.claimed if self.needs is not None and id not in self.needs)

    def record(self) -> dict[str, Any]:
        """One record of `rewire knockouts --json`."""
        return {
            "mechanism": self.mechanism.name,
            "says": self.mechanism.description,
            "rates": dict(self.mechanism.rates),
            "explains": self.mechanism.explains,
            "leans": self.fail_without,
            "needs": self.needs,
            "claimed": self.claimed,
            "need_it": self.confirmed,
            "not_evidence": self.not_evidence,
            "foretells": self.predicts,
            "refits": self.refits,
        }


def majority(evaluations: Sequence[Any]) -> set[str]:
    """Findings that hold in most of the members."""
    ids = evaluations[0].scores if evaluations else {}
    return {
        id for id in ids if 2 * sum(e.scores[id].verdict == "holds" for e in evaluations) > len(evaluations)
    }


def knock_out(
    mechanism: Mechanism,
    options: Mapping[str, Any],
    members: Members,
    with_it: set[str],
    fitted: Sequence[str],
    claimed: Iterable[str],
    refits: int,
    minutes: float,
    workers: int | None = None,
) -> KnockoutVerdict:
    """Take one mechanism out.

    Parameters
    ----------
    with_it : set of str
        Findings that hold in most members with the mechanism.
    fitted : sequence of str
        Ids of the fit findings.
    refits, minutes : int, float
        From how many members the rest is fitted anew, and for how long each.
    """
    made = recipe(**options, fixed=dict(mechanism.rates))
    problem = made.make()
    assert isinstance(problem, Evaluator)
    place = {name: i for i, name in enumerate(members.space.names)}
    columns = [place[name] for name in problem.space.names]
    points = members.z[:, columns]
    with Pool(made, workers, problem) as pool:
        without = majority(evaluate_all(pool, points))
        fail_without = tuple(id for id in fitted if id in with_it and id not in without)
        needs, rescued = None, set[str]()
        if refits:
            for z in points[:refits]:
                evaluation = evaluate_all(pool, [refit(pool, problem, z, minutes)])[0]
                rescued |= {id for id, score in evaluation.scores.items() if score.verdict == "holds"}
            needs = tuple(id for id in fitted if id in with_it and id not in rescued)
    lost = with_it - without - rescued
    predicts = tuple(f.id for f in problem.all if f.use != "fit" and f.id in lost)
    return KnockoutVerdict(mechanism, fail_without, needs, tuple(claimed), predicts, refits)


def refit(pool: Pool, problem: Evaluator, z: Vector, minutes: float) -> Vector:
    """Go on from `z` until nothing is gained or the time is spent; the best point.

    Raises
    ------
    KeyboardInterrupt
        Where it was stopped: half a refit is none.
    """
    begin = State(
        seed=0, z=z, origin=z, terms=problem.evaluate_task(Task(z)).terms, weights=problem.weights, best=z
    )
    budget = Budget(minutes=minutes, members=1)
    state = multistart.calibrate(pool, budget=budget, settings=SETTINGS, state=begin)
    if not budget.spent(state):  # `multistart.calibrate` ends quietly on Ctrl-C
        raise KeyboardInterrupt
    best = max(multistart.members_of(state, problem), key=lambda member: member.hold)
    return np.asarray(best.z)


def knockouts(
    names: Sequence[str] = (),
    ensemble: Path | None = None,
    members: int = 10,
    refits: int = 2,
    minutes: float = 0.5,
    workers: int | None = None,
    keep: Path | None = None,
    say: Say | None = None,
) -> Table:
    """The table of `rewire knockouts`.

    Parameters
    ----------
    keep : Path, optional
        File for what is done; mechanisms that it holds are not done again.
    """
    world = load_project()
    mechanisms = load_mechanisms(world)
    problems = Mistakes("MECHANISM")
    for name in names:
        if name not in mechanisms:
            problems.add("", f"no mechanism {name!r}", allowed=mechanisms, name=name)
    problems.raise_if_any()
    findings = all_findings(world)
    options = build_options(world, findings, None, narrow=False)
    whole = recipe(**options).make()
    assert isinstance(whole, Evaluator)
    loaded = load_members(world, ensemble, members, say, whole.space)
    question = {
        "members": hashlib.sha256(loaded.z.tobytes()).hexdigest()[:16],
        "findings": findings_hash(),
        "refits": refits,
        "minutes": minutes,
    }
    journal = Journal(keep, "file of knock-outs", FORMAT, question, name="mechanism")
    todo = [name for name in names or mechanisms if name not in journal.records]
    with_it: set[str] = set()
    if todo:
        with Pool(recipe(**options), workers, whole) as pool:
            with_it = majority(evaluate_all(pool, loaded.z))
    fitted = [f.id for f in whole.findings]
    for i, name in enumerate(todo):
        mechanism = mechanisms[name]
        if say:
            say(f"{i + 1} of {len(todo)}, without {name}: {mechanism.description}")
        named = set(mechanism.explains)
        claimed = [f.id for f in whole.findings if named & set(names_of(f)) and f.id in with_it]
        args = (mechanism, options, loaded, with_it, fitted, claimed, refits, minutes, workers)
        journal.add(name, knock_out(*args).record())
    return _table([journal.records[name] for name in names or mechanisms], loaded)


def _table(records: Sequence[Record], members: Members) -> Table:
    columns = [
        Column("mechanism", "mechanism", whole=True),
        Column("(a) fail without it", lambda r: ", ".join(r["leans"])),
        Column(
            "(b) and after a refit: need it",
            lambda r: "not asked" if r["needs"] is None else ", ".join(r["needs"]),
        ),
        Column("not evidence for it", lambda r: ", ".join(r["not_evidence"])),
        Column("validation findings that need it", lambda r: ", ".join(r["foretells"])),
    ]
    refitted = [record for record in records if record["needs"] is not None]
    claimed, need = (sum(len(record[key]) for record in refitted) for key in ("claimed", "need_it"))
    share = f"{need} need it ({need / claimed:.0%})" if claimed else ""
    line = f"Of {claimed} findings that a mechanism is said to explain, {share}."
    footer = ["", line] if claimed else []
    return Table("knockouts", list(records), columns, extra={"ensemble": members.label}, footer=footer)
