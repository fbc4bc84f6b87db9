"""What carries a finding, and what it trades with: read from the margins' Jacobians at the members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.objective.build import recipe
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Problem, Task, Vector
from calibration.objective.workers.pool import Pool
from calibration.optimize.gauss_newton import jacobian
from models.assemble import Built
from models.core.errors import Mistakes, UserError
from rewire.analysis.check.check import build_options
from rewire.project.members import load_members
from rewire.project.project import Project, load_project, parse_variants
from rewire.project.selections import all_findings, chosen
from rewire.report.finding_summary import Spread
from rewire.report.tables import Column, Record, Table, number

STRIDE = 0.1
"""Of the forward differences [prior standard deviations]."""


def one_finding(world: Project, name: str) -> Finding:
    """The fit finding of that name; one that is ambiguous or not fitted is a `UserError`."""
    found = chosen(all_findings(world), ids=[name])
    problems = Mistakes("FINDING")
    if len(found) > 1:
        problems.add(
            "", f"{name!r} names several findings", allowed=[f.id for f in found], advice="Name one."
        )
    elif found[0].use != "fit" or found[0].claim is None or found[0].is_cohort:
        problems.add(
            "", f"{name!r} is no term of the fit, so it has no Jacobian", advice="Name a fit finding."
        )
    problems.raise_if_any()
    return found[0]


class ExplainedFinding(Protocol):
    """What is said of a claim (see `calibration.findings.claims.finding.Finding`)."""

    @property
    def id(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def wanted(self) -> str: ...
    @property
    def n_parts(self) -> int: ...


class Explained(Problem, Protocol):
    """A problem whose first terms are the parts of its findings, in order."""

    @property
    def findings(self) -> Sequence[ExplainedFinding]: ...


def margin_rows(problem: Explained, terms: Vector, jac: Vector) -> tuple[Vector, Vector]:
    """Margins (n_findings,) and their gradients (n_findings, n): those of each finding's worst part."""
    margins, gradients = np.empty(problem.n_findings), np.empty((problem.n_findings, problem.n))
    start = 0
    for i, finding in enumerate(problem.findings):
        stop = start + finding.n_parts
        worst = start + int(np.argmin(terms[start:stop]))
        margins[i], gradients[i] = terms[worst], jac[worst]
        start = stop
    return margins, gradients


def explain(
    name: str,
    ensemble: Path | None = None,
    members: int = 3,
    top: int = 12,
    variants: Sequence[str] = (),
    say: Callable[[str], None] | None = None,
    whole: bool = False,
) -> list[Table]:
    """The rates and rules that carry a finding, and the findings that it trades with.

    Parameters
    ----------
    name : str
        Id of a fit finding.
    members : int
        At how many members.
    top : int
        Rows of each table.
    whole : bool
        One table with everything, for programs.
    """
    world = load_project(parse_variants(variants))
    finding = one_finding(world, name)
    options = build_options(world, all_findings(world), None, narrow=False)
    problem = recipe(**options).make()
    assert isinstance(problem, Evaluator)
    loaded = load_members(world, ensemble, members, say, problem.space)
    mine = [f.id for f in problem.findings].index(finding.id)
    with Pool(recipe(**options), None, problem) as pool:
        margins, gradients = margins_and_gradients(pool, problem, loaded.z, say)
    modules = {name: rate.module for name, rate in world.built.rates.items()}
    carry = carriers(
        problem.space.names, gradients[:, mine], modules, lambda names: rules_of(world.built, names)
    )
    return explained_tables(problem, mine, carry, margins, gradients, top, whole)


def margins_and_gradients(
    pool: Pool, problem: Explained, points: Sequence[Vector] | Vector, say: Callable[[str], None] | None
) -> tuple[Vector, Vector]:
    """Margins (n_points, n_findings) and their derivatives (n_points, n_findings, n) at points."""
    margins, gradients = [], []
    for i, z in enumerate(points):
        if say:
            say(f"Jacobian at member {i + 1} of {len(points)} …")
        terms = problem.evaluate_task(Task(z)).terms
        every = np.ones(problem.n_terms, dtype=bool)
        jac, _ = jacobian(pool, z, terms, None, every, STRIDE)
        here = margin_rows(problem, terms, jac)
        margins.append(here[0])
        gradients.append(here[1])
    return np.array(margins), np.array(gradients)


def explained_tables(
    problem: Explained,
    mine: int,
    carry: Sequence[Record],
    margins: Vector,
    gradients: Vector,
    top: int,
    whole: bool,
) -> list[Table]:
    """The two tables about one finding; one with everything where `whole`."""
    finding = problem.findings[mine]
    trade = trades(problem, mine, margins, gradients)
    extra = {
        "finding": finding.id,
        "says": finding.description,
        "wanted": finding.wanted,
        "members": len(margins),
    }
    if whole:
        return [Table("explain", [*carry, *trade], [], extra=extra)]
    return [_carry_table(finding, carry[:top], extra), _trade_table(trade, top, extra)]


def carriers(
    names: Sequence[str],
    gradients: Vector,
    modules: Mapping[str, str],
    rules: Callable[[Sequence[str]], Mapping[str, list[str]]],
) -> list[Record]:
    """Parameters by what one prior standard deviation does to the margin.

    Parameters
    ----------
    gradients : array (n_members, n) [log2 per prior standard deviation]
    modules : mapping
        Parameter → module of the pathway, where there is one.
    rules : callable
        From parameters to the rules or reactions in which each is.
    """
    order = np.argsort(-np.abs(np.median(gradients, axis=0)), kind="stable")
    uses = rules([names[i] for i in order[:40]])
    records: list[Record] = []
    for i in order:
        name = names[i]
        spread = Spread.of(gradients[:, i].tolist())
        if spread.median == 0.0:
            break
        records.append(
            {
                "what": "parameter",
                "name": name,
                "slope": spread,
                "module": modules.get(name, ""),
                "rules": uses.get(name, []),
            }
        )
    return records


def rules_of(built: Built, names: Sequence[str]) -> dict[str, list[str]]:
    """Parameter → the rules whose rate it enters, through any formula."""
    wanted, uses = set(names), dict[str, list[str]]()
    for rule in built.model.rules:
        for rate in (rule.rate_forward, rule.rate_reverse):
            for name in _symbols(rate) & wanted:
                if rule.name not in uses.setdefault(name, []):
                    uses[name].append(rule.name)
    return uses


def _symbols(rate: Any) -> set[str]:
    if rate is None:
        return set()
    formula = rate.expand_expr(expand_observables=False) if hasattr(rate, "expand_expr") else rate
    return {symbol.name for symbol in formula.free_symbols}


def trades(problem: Explained, mine: int, margins: Vector, gradients: Vector) -> list[Record]:
    """What other margins do where this one is raised the shortest way, the worst first.

    Parameters
    ----------
    margins : array (n_members, n_findings) [log2]
    gradients : array (n_members, n_findings, n) [log2 per prior standard deviation]
    """
    lengths = np.linalg.norm(gradients[:, mine], axis=1)
    if not np.all(lengths > 0):
        raise UserError("Nothing moves the margin of this finding in one of the members.")
    effect = np.einsum("mfn,mn->mf", gradients, gradients[:, mine]) / lengths[:, None] ** 2
    records: list[Record] = []
    for j in np.argsort(np.median(effect, axis=0), kind="stable"):
        if j != mine:
            records.append(
                {
                    "what": "finding",
                    "name": problem.findings[j].id,
                    "change": Spread.of(effect[:, j].tolist()),
                    "margin": Spread.of(margins[:, j].tolist()),
                }
            )
    return records


def _carry_table(finding: ExplainedFinding, carry: Sequence[Record], extra: dict[str, Any]) -> Table:
    columns = [
        Column("parameter", "name", whole=True),
        Column("log2 per prior sd", lambda r: str(r["slope"]), "right"),
        Column("module", "module"),
        Column("rules", lambda r: ", ".join(r["rules"][:3]) + (" …" if len(r["rules"]) > 3 else "")),
    ]
    return Table(
        "explain", carry, columns, f"{finding.id}: {finding.description}\nWhat carries its margin", extra
    )


def _trade_table(trade: Sequence[Record], top: int, extra: dict[str, Any]) -> Table:
    ends = [*trade[: (top + 1) // 2], *trade[-(top // 2) :]] if len(trade) > top else list(trade)
    columns = [
        Column("finding", "name"),
        Column("log2 for each log2 of this", lambda r: str(r["change"]), "right"),
        Column("its margin", lambda r: number(r["margin"].median), "right"),
    ]
    return Table(
        "explain", ends, columns, "What others do where this margin is raised the shortest way", extra
    )
