"""Which findings and constraints of a third-party model cannot hold together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calibration.external.claim_problem import ClaimProblem, recipe
from calibration.objective.workers.pool import Pool
from calibration.optimize.joint_feasibility import SearchEffort
from models.core.errors import Mistakes
from models.core.signals import stoppable
from rewire.analysis.conflicts.inquiry import Inquiry, InquiryOptions
from rewire.analysis.conflicts.wording import conflict_table
from rewire.analysis.external.external_members import ExternalMembers
from rewire.report.tables import Record, Table


def conflicts_external(
    members: ExternalMembers,
    only: Sequence[str] = (),
    effort: SearchEffort | None = None,
    say: Callable[[str], None] | None = None,
    workers: int | None = None,
) -> Table:
    """The table of `rewire conflicts`: what fails where most hold, each asked with all the rest.

    Parameters
    ----------
    only : sequence of str
        Ask about these findings or constraints (FILE:LINE), and show conflicts that contain one of them.
    """
    say = say or (lambda line: None)
    problem = ClaimProblem(members.problem)
    ids = [claim.id for claim in problem.findings]
    problems = Mistakes("--only")
    for name in only:
        if name not in ids:
            problems.add("", f"no fitted finding or constraint {name!r}", allowed=ids, name=name)
    if not ids:
        problems.file = ""
        problems.add("", "there are measured points only, which are no claims that could be in conflict")
    problems.raise_if_any()
    order = InquiryOptions(only=tuple(only), effort=effort or SearchEffort(), change=0)
    records: list[Record] = []
    stopped = False
    with stoppable(), Pool(recipe(members.texts), workers, problem) as pool:
        try:
            inquiry = Inquiry(order, pool, problem.findings, problem.needs, members, ids, say)
            asked = list(only) or inquiry.failing_fit()
            for i, name in enumerate(asked):
                say(f"{i + 1} of {len(asked)}: {name}")
                records += inquiry.ask(name, only)
        except KeyboardInterrupt:
            if not records:
                raise
            stopped = True
    shown = [r for r in records if not only or {part["id"] for part in r["core"]} & set(only)]
    extra = {"ensemble": members.label, "model": members.problem.model.name, "stopped": stopped}
    return conflict_table(shown if only and shown else records, extra, ["Stopped."] if stopped else [])
