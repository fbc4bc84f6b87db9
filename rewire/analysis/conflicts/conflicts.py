"""Which findings cannot hold together under the current rules, and under which other hypothesis they would.

Asked are the fit findings that fail where most hold, the findings of a known conflict of the literature, and
what is named: can each hold together with all that is fitted?
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calibration.findings.claims.finding import Finding
from calibration.objective.build import findings_hash
from calibration.objective.evaluator import Evaluator
from calibration.objective.workers.pool import Pool
from calibration.storage.journal import Journal
from models.core.errors import Mistakes
from models.core.signals import stoppable
from models.network import network_key
from rewire.analysis.check.check import build_options
from rewire.analysis.conflicts.inquiry import Inquiry, InquiryOptions, Say
from rewire.analysis.conflicts.wording import conflict_table
from rewire.project import questions
from rewire.project.members import Members, load_members
from rewire.project.project import Project, load_project, parse_variants
from rewire.project.selections import all_findings, chosen
from rewire.report.tables import Table, plain

FORMAT = "conflicts/1"


def asked_of(findings: Sequence[Finding], order: InquiryOptions) -> tuple[list[Finding], list[Finding]]:
    """The findings beside the fit that are in question, and the fit findings that a conflict must contain.

    Raises
    ------
    UserError
        For a name that no finding has, and for one that cannot be a term of a fit.
    """
    problems = Mistakes("")
    named: dict[str, list[Finding]] = {"--add": [], "--only": []}
    for option, names in (("--add", order.add), ("--only", order.only)):
        for name in names:
            found = chosen(findings, ids=[name])
            named[option] += [f for f in found if questions.askable(f)]
            if not any(map(questions.askable, found)):
                frozen = "it is frozen: never fitted" if found[0].use == "frozen" else ""
                why = frozen or found[0].cannot or "it speaks of a population"
                problems.add(option, f"{name!r} is no term of a fit", advice=f"Reason: {why}.")
    problems.raise_if_any()
    must = [f for f in named["--only"] if f.use == "fit"]
    some = {f.id for group in named.values() for f in group}
    contested = must or not order.only
    beside = [f for f in findings if f.use != "fit" and questions.askable(f)]
    return [f for f in beside if f.id in some or (f.conflict and contested)], must


def conflicts(
    order: InquiryOptions, keep: Path | None = None, workers: int | None = None, say: Say | None = None
) -> Table:
    """The table of `rewire conflicts`.

    Parameters
    ----------
    keep : Path, optional
        File for what is done; questions that it answers are not worked on again.
    """
    say = say or (lambda line: None)
    world = load_project(parse_variants(order.variants))
    findings = all_findings(world, order.findings)
    beside, must = asked_of(findings, order)
    options = build_options(world, findings, order.findings, narrow=False)
    made = questions.recipe([f.id for f in beside], **options)
    problem = made.make()
    assert isinstance(problem, Evaluator)
    loaded = load_members(world, order.ensemble, order.members, say, problem.space)
    journal = Journal(keep, "file of conflicts", FORMAT, question_of(order, world, loaded))
    fitted = [f.id for f in findings if f.use == "fit" and questions.askable(f)]
    only = {f.id for f in must}
    todo = [f.id for f in beside]
    stopped = False
    with stoppable(), Pool(made, workers, problem) as pool:
        try:
            needs = questions.needs(problem)
            variants = world.built.variants
            inquiry = Inquiry(order, pool, problem.findings, needs, loaded, fitted, say, variants)
            if must or not order.only:
                todo = [*inquiry.failing_fit(), *todo]
            for i, id in enumerate(todo):
                if id not in journal.records:
                    say(f"{i + 1} of {len(todo)}: {id}")
                    journal.add(id, plain(inquiry.ask(id, only)))
        except KeyboardInterrupt:
            if not journal.records:
                raise  # there is nothing to show
            stopped = True
    records = [record for id in todo for record in journal.records.get(id, ())]
    shown = [r for r in records if not must or {part["id"] for part in r["core"]} & only]
    footer = []
    if len(shown) < len(records):
        footer.append(f"{len(records) - len(shown)} answers without {', '.join(sorted(only))} are not shown.")
    if stopped:
        footer.append(f"Stopped: {sum(id in journal.records for id in todo)} of {len(todo)} were asked.")
    extra = {"ensemble": loaded.label, "variants": world.built.variants, "stopped": stopped}
    return conflict_table(shown, extra, footer)


def question_of(order: InquiryOptions, world: Project, loaded: Members) -> dict[str, Any]:
    """What the answers depend on, whichever findings are in question."""
    return {
        "members": hashlib.sha256(loaded.z.tobytes()).hexdigest()[:16],
        "findings": findings_hash([str(order.findings)] if order.findings else []),
        "rules": network_key(world.built.model),
        "only": sorted(order.only),
        "evaluations": order.effort.evaluations,
        "most": order.effort.most,
        "seed": order.effort.seed,
        "change": order.change,
    }
