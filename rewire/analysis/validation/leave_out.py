"""Refits without some of the findings: what is left out is predicted by a fit that has never seen it.

A refit begins at prior draws, the same ones for every fold, and never at the members that ship: those were
fitted to the very finding that is left out, so what they say of it would leak into the refit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from calibration.objective.evaluator import Evaluation, Evaluator
from calibration.objective.likelihood import Likelihood
from calibration.objective.problem import Task
from calibration.objective.subset import SubsetPool
from calibration.objective.workers import environment
from calibration.objective.workers.pool import Pool
from calibration.optimize import multistart
from calibration.optimize.gauss_newton import FAR_OFF
from calibration.optimize.state import Budget, Member, Progress, Settings, State
from rewire.analysis.check.check import evaluate_all
from rewire.analysis.check.prior_share import draws
from rewire.analysis.validation.forecast import MemberView
from rewire.analysis.validation.holdout import By, Fold
from rewire.analysis.validation.refit_journal import RefitJournal, restored

PRIOR_DRAWS = 200
"""Prior draws at which the probability of each report is known before any fit."""

SETTINGS = Settings(draws=48, content=0.985)
"""Those of the starts of the ensemble that ships."""

ANEW = 1000
"""Draws between a start of a refit that was put aside and the next one."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RefitEffort:
    """What each fold may use.

    Attributes
    ----------
    refits : int
        Each from a draw of its own.
    evaluations, minutes : float, optional
        For each refit, whichever is spent first; evaluations of the whole problem. One of them at least.
    seed : int
        Of the draws.
    """

    refits: int = 2
    evaluations: float | None = 600.0
    minutes: float | None = None
    seed: int = 1

    @property
    def budget(self) -> Budget:
        """Of one refit."""
        return Budget(self.minutes, self.evaluations)


def question(problem: Evaluator, findings: str, by: By, effort: RefitEffort) -> dict[str, Any]:
    """What the answers depend on; `findings` is the hash of their files."""
    return {
        "by": by,
        **{name: value for name, value in asdict(effort).items() if name != "refits"},
        "findings": findings,
        "model": environment.probe(problem),
        "settings": hashlib.sha256(repr(SETTINGS).encode()).hexdigest()[:8],
    }


def refit(
    pool: Pool,
    fold: Fold,
    number: int,
    effort: RefitEffort,
    journal: RefitJournal,
    progress: Callable[[Progress], None] | None = None,
) -> Member:
    """The best point of a start without the findings of `fold`, from draw `number`.

    A start that was put aside as far off is no refit: as long as there is budget, another one is begun, from
    a draw that no other refit has.

    Raises
    ------
    KeyboardInterrupt
        Where it was stopped; its state is saved.
    """
    rest = SubsetPool(pool, fold.leave)
    checkpoint = journal.checkpoint(fold.name, number)
    begin = State(effort.seed, start=number)
    state = restored(checkpoint, begin, rest.problem.n, rest.problem.n_terms)
    while not effort.budget.spent(state) and all(m.reason == FAR_OFF for m in state.members):
        if state.z is None:
            state = replace(state, start=number + ANEW * len(state.members))
        once = replace(effort.budget, members=len(state.members) + 1)
        state = multistart.calibrate(
            rest, budget=once, settings=SETTINGS, progress=progress, keeper=checkpoint, state=state
        )
        if not once.spent(state):  # `multistart.calibrate` ends quietly on Ctrl-C
            raise KeyboardInterrupt
    best = max(multistart.members_of(state, rest.problem), key=lambda member: member.hold)
    return replace(best, evaluations=state.evaluations, seconds=state.seconds)


def leave_out(
    pool: Pool,
    folds: Sequence[Fold],
    effort: RefitEffort,
    journal: RefitJournal,
    say: Say,
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Do what `journal` lacks: the prior's probabilities, and the refits of each fold."""
    problem = pool.problem
    assert isinstance(problem, Evaluator)
    if not journal.prior:
        say(f"{PRIOR_DRAWS} prior draws …")
        journal.know_prior(prior_reports(pool, problem, effort.seed))
    for i, fold in enumerate(folds):
        for number in range(journal.done(fold.name), effort.refits):
            say(
                f"{i + 1} of {len(folds)}, without {fold.name} (ids left out: {len(fold.leave)}), "
                f"refit {number + 1} of {effort.refits}"
            )
            member = refit(pool, fold, number, effort, journal, progress)
            journal.add_refit(fold.name, record(fold, member, evaluate_all(pool, [member.z])[0], problem))


def record(fold: Fold, member: Member, evaluation: Evaluation, problem: Evaluator) -> dict[str, Any]:
    """What a refit predicts for the findings left out, and how well it holds those that it was fitted to."""
    stay = [evaluation.scores[f.id] for f in problem.findings if f.id not in fold.leave]
    return {
        "hold": sum(score.holds for score in stay),
        "of": len(stay),
        "evaluations": member.evaluations,
        "seconds": member.seconds,
        "reason": member.reason,
        "left": {id: asdict(MemberView.of(evaluation.scores[id])) for id in fold.leave},
    }


def prior_reports(
    pool: Pool, problem: Evaluator, seed: int, count: int = PRIOR_DRAWS
) -> dict[str, tuple[float, float]]:
    """`RefitJournal.prior` of each fit finding from prior draws, whatever their untreated cells look like."""
    laid: Any = problem
    likelihood = Likelihood(laid)
    terms = [outcome.terms for outcome in pool.map([Task(z) for z in draws(seed, count, problem.n)])]
    reports = np.mean([np.exp(likelihood.reports(t)[: problem.n_findings]) for t in terms], axis=0)
    held = np.mean([[bool(np.all(t[rows] >= 0.0)) for rows in problem.rows] for t in terms], axis=0)
    pairs = zip(reports.tolist(), held.tolist(), strict=True)
    return dict(zip((f.id for f in problem.findings), pairs, strict=True))
