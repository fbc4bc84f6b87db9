"""How well does the model say what it was not fitted to? Validation rows, or findings left out of a refit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.populations import Cohort
from calibration.objective.build import findings_hash, recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.workers.pool import Pool
from models.core.errors import Mistakes, UserError
from models.core.signals import stoppable
from rewire.analysis.check.check import build_options, evaluate_all, prior_file
from rewire.analysis.check.prior_share import PriorShares, draws, load_prior
from rewire.analysis.validation.forecast import MemberView, probability
from rewire.analysis.validation.holdout import By, Fold, folds, kin
from rewire.analysis.validation.leave_out import PRIOR_DRAWS as FOLD_DRAWS
from rewire.analysis.validation.leave_out import RefitEffort, leave_out, question
from rewire.analysis.validation.predictions import Prediction, table
from rewire.analysis.validation.refit_journal import RefitJournal, digest
from rewire.project.members import load_members
from rewire.project.project import Project, load_project
from rewire.project.questions import askable
from rewire.project.questions import recipe as recipe_with
from rewire.project.selections import all_findings
from rewire.project.selections import names as names_of
from rewire.report.progress import ProgressDisplay
from rewire.report.tables import Table

PRIOR_DRAWS = 40
"""Prior draws for the probability of validation rows before any fit."""

GOOD = 0.9
"""Share of what stayed that refits should hold for their predictions to mean much."""

Say = Callable[[str], None]


def validate(
    by: By | None = None,
    only: Sequence[str] = (),
    effort: RefitEffort | None = None,
    keep: Path | None = None,
    ensemble: Path | None = None,
    members: int = 20,
    folder: Path | None = None,
    workers: int | None = None,
    say: Say | None = None,
    use: str = "validation",
) -> Table:
    """The table of `rewire validate`.

    Parameters
    ----------
    by : str, optional
        What leaves together; None scores the validation rows in the members, without a refit.
    only : sequence of str
        Only these folds.
    keep : Path, optional
        File for what is done; by default one in `runs`, named after the request.
    ensemble, members : Path, int
        Whose members score the validation rows.
    folder : Path, optional
        Another folder of findings.
    use : str
        Which rows are scored without a refit: "validation" or "frozen".
    """
    world = load_project()
    effort, say = effort or RefitEffort(), say or (lambda _: None)
    findings = all_findings(world, folder)
    with stoppable():
        if by is None:
            return _rows(world, findings, use, folder, ensemble, members, effort.seed, workers, say)
        return _folds(world, findings, folder, by, only, effort, keep, workers, say)


def _rows(
    world: Project,
    findings: Sequence[Finding],
    use: str,
    folder: Path | None,
    ensemble: Path | None,
    members: int,
    seed: int,
    workers: int | None,
    say: Say,
) -> Table:
    """Validation or frozen rows in the members of an ensemble."""
    every = [f for f in findings if f.use == use and not _population(f)]
    rows = [f for f in every if f.claim is not None]
    if not rows:
        raise UserError(f"no {use} row that the model can say something about")
    options = build_options(world, rows, folder, narrow=True)
    problem = recipe(**options).make()
    assert isinstance(problem, Evaluator)
    loaded = load_members(world, ensemble, members, say, problem.space)
    known = load_prior(prior_file(ensemble))
    say(f"{len(rows)} {use} rows in {len(loaded)} members and {PRIOR_DRAWS} prior draws …")
    with Pool(recipe(**options), workers, problem) as pool:
        seen = evaluate_all(pool, loaded.z)
        before = evaluate_all(pool, draws(seed, PRIOR_DRAWS, problem.n))
    own = PriorShares.of(rows, before)
    related = kin(rows, [f for f in findings if f.use == "fit"])
    predictions = []
    for f in rows:
        prior_p = probability(f, [MemberView.of(e.scores[f.id]) for e in before], in_any_cells=True)
        held, count = _held(f, known, own.held[f.id], own.draws)
        looks = [MemberView.of(e.scores[f.id]) for e in seen]
        predictions.append(Prediction(f, "", looks, (prior_p, held), count, related[f.id]))
    silent = len(every) - len(rows)
    head = f"{len(every)} {use} rows in {loaded.label}; {silent} of them the model cannot say."
    return table(predictions, [head], {"by": "none", "ensemble": loaded.label, "cannot_be_said": silent})


def _folds(
    world: Project,
    findings: Sequence[Finding],
    folder: Path | None,
    by: By,
    only: Sequence[str],
    effort: RefitEffort,
    keep: Path | None,
    workers: int | None,
    say: Say,
) -> Table:
    """Findings that were left out of refits: of the fit; by folds, validation rows as well."""
    fitted = [f for f in findings if askable(f) and (f.use == "fit" or by == "folds")]
    chosen = choose(fitted, by, only)
    options = build_options(world, findings, folder, narrow=False)
    made = recipe_with([f.id for f in fitted if f.use != "fit"], **options)
    problem = made.make()
    assert isinstance(problem, Evaluator)
    digest_of = findings_hash(options["findings"])
    with Pool(made, workers, problem) as pool:
        requested = question(problem, digest_of, by, effort)
        journal = RefitJournal(keep or Path("runs") / f"validate_{by}_{digest(requested)}.json", requested)
        left = [fold for fold in chosen if journal.done(fold.name) < effort.refits]
        if left:
            say(f"{len(chosen)} folds, {len(left)} of them to be done; saved in {journal.path}.")
            say("Ctrl-C stops, and the same command resumes.")
            with ProgressDisplay(effort.minutes, effort.evaluations) as live:
                leave_out(pool, left, effort, journal, live.say, live)
    known = load_prior(prior_file(None))
    predictions = []
    for fold in chosen:
        leave = set(fold.leave)
        related = kin([f for f in fitted if f.id in leave], [f for f in fitted if f.id not in leave])
        for f in fitted:
            if f.id in leave:
                prior_p, own = journal.prior[f.id]
                held, count = _held(f, known, own, FOLD_DRAWS)
                looks = journal.member_views(fold.name, f.id, effort.refits)
                predictions.append(Prediction(f, fold.name, looks, (prior_p, held), count, related[f.id]))
    done = [
        {"name": fold.name, "leave": fold.leave, "refits": journal.records[fold.name][: effort.refits]}
        for fold in chosen
    ]
    head = [f"{_many(len(chosen), 'fold')} by {by}, {_many(effort.refits, 'refit')} each. {_holding(done)}"]
    return table(predictions, head, {"by": by, "folds": done, **asdict(effort), "kept": str(journal.path)})


def choose(findings: Sequence[Finding], by: By, only: Sequence[str]) -> list[Fold]:
    """The folds that are chosen; findings by id (with or without its context) or row.

    Raises
    ------
    UserError
        For a name that no fold has.
    """
    every = folds(findings, by)
    called: dict[str, list[str]] = {name: [name] for name in every}
    if by == "finding":
        for finding in findings:
            for name in names_of(finding)[1:]:
                called.setdefault(name, []).append(finding.id)
    problems = Mistakes("--only")
    for name in only:
        if name not in called:
            problems.add("", f"no {by} {name!r} among the fit findings", allowed=called, name=name)
    problems.raise_if_any()
    wanted = {fold for name in only for fold in called[name]}
    return [fold for name, fold in every.items() if not only or name in wanted]


def _held(finding: Finding, known: PriorShares | None, own: float, count: int) -> tuple[float, int]:
    """Share of prior draws in which a finding holds, and of how many: those that ship, or our own."""
    shipped = known.of_finding(finding) if known else None
    return (own, count) if known is None or shipped is None else (shipped, known.draws)


def _population(finding: Finding) -> bool:
    return isinstance(finding.claim, Cohort) and finding.claim.is_population


def _holding(done: Sequence[Mapping[str, Any]]) -> str:
    """How well the refits hold what they were fitted to."""
    shares = [r["hold"] / r["of"] for fold in done for r in fold["refits"] if r["of"]]
    if not shares:
        return "Nothing stayed to be fitted."
    said = f"Of what stayed, a refit holds {np.mean(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})."
    return (
        said if np.mean(shares) >= GOOD else f"{said} That is little: --evaluations or --minutes give more."
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
