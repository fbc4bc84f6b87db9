"""Do engines agree, and how tight must tolerances be?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rewire.audit.engines.jobs import EngineOutcome, EngineRuns, difference
from rewire.audit.formula import Node
from rewire.audit.issue import Issue, Section, share
from rewire.audit.network import AuditNetwork

SAME = 1e-3
"""Largest relative difference between time courses that agree."""

NEAR = 1e-2
"""Largest accepted relative difference of a looser tolerance from the tightest one."""


def _asks_equality(node: Node) -> bool:
    return node.kind in ("eq", "neq") or any(_asks_equality(part) for part in node.parts)


def agreement(net: AuditNetwork, runs: EngineRuns) -> Section:
    """Do the engines agree?"""
    formula = f"species that agree to {SAME:g} in all engines at the tightest tolerance, of those compared"
    findings = [
        Issue("warning", "not run", "", "", 0, f"{o.engine}: {o.broken or _first(o.failed)}", "See why.")
        for o in runs.outcomes
        if not o.courses
    ]
    for outcome in runs.outcomes:
        if outcome.courses and outcome.broken:
            says = f"{outcome.engine} was cut short: {outcome.broken}"
            findings.append(Issue("note", "cut short", "", "", 0, says, "Set a shorter --until."))
    for number, (trigger, _) in enumerate(net.events, 1):
        if _asks_equality(trigger):
            says = "its trigger tests for equality, which the steps of an integrator may miss"
            place = ("event", f"number {number}", 0)
            findings.append(Issue("warning", "equality", *place, says, "Use >= instead."))
    ran = [o for o in runs.outcomes if o.courses]
    if len(ran) < 2:
        reason = runs.reason if not ran else f"only {ran[0].engine} ran it"
        return Section("agreement", None, formula, reason, {}, findings)
    facts: dict[str, Any] = {"engines": ", ".join(o.version for o in ran), "until": runs.until}
    for rtol in sorted({r for o in ran for r in o.courses}, reverse=True):
        there = [o for o in ran if rtol in o.courses]
        worst = [_between(a, b, rtol, rtol, runs) for i, a in enumerate(there) for b in there[i + 1 :]]
        if worst:
            facts[f"largest difference at {rtol:g}"] = max(max(w.values(), default=0.0) for w in worst)
    pairs = [(a, b) for i, a in enumerate(ran) for b in ran[i + 1 :]]
    compared: dict[str, tuple[float, str]] = {}
    for a, b in pairs:
        for name, off in _between(a, b, a.tight, b.tight, runs).items():
            compared[name] = max(compared.get(name, (0.0, "")), (off, f"{a.engine} and {b.engine}"))
    for name, (off, who) in compared.items():
        if off > SAME:
            symbol = net.symbols[name]
            says = f"{who} differ by {off:.3g}"
            fix = "Check what engines may read differently: events, rules, volumes; or tighten tolerances."
            findings.append(Issue("error", "engines differ", symbol.kind, name, symbol.line, says, fix))
    good = sum(off <= SAME for off, _ in compared.values())
    return Section("agreement", share(good, len(compared)), formula, "nothing to compare", facts, findings)


def tolerance(net: AuditNetwork, runs: EngineRuns) -> Section:
    """How tight must tolerances be?"""
    formula = f"runs within {NEAR:g} of the engine's own at the tightest tolerance that works, of all others"
    ran = [o for o in runs.outcomes if o.courses and len(o.courses) + len(o.failed) > 1]
    if not ran:
        return Section("tolerance", None, formula, runs.reason)
    good = count = 0
    facts: dict[str, Any] = {}
    findings = []
    for outcome in ran:
        best = outcome.tightest()
        assert best is not None
        offs = {}
        for rtol in sorted({*outcome.courses, *outcome.failed} - {best[0]}, reverse=True):
            off = math.inf
            if rtol in outcome.courses:
                columns = difference(outcome.courses[rtol], best[1], runs.scale or 1.0)
                off = float(columns.max(initial=0.0))
                worst = outcome.names[int(np.argmax(columns))]
            offs[rtol] = off
            count += 1
            good += off <= NEAR
            if math.isinf(off):
                says = f"{outcome.engine} at {rtol:g} fails: {outcome.failed[rtol]}"
                fix = "Use another tolerance or another engine."
                findings.append(Issue("note", "fails", "", "", 0, says, fix))
            elif off > NEAR:
                says = f"{outcome.engine} at {rtol:g} is off by {off:.3g} ({worst})"
                fix = "Use a tighter tolerance."
                findings.append(Issue("note", "too loose", "", "", 0, says, fix))
        facts[outcome.engine] = ", ".join(
            f"{'fails' if math.isinf(off) else f'{off:.1e}'} at {rtol:g}" for rtol, off in offs.items()
        )
    return Section("tolerance", share(good, count), formula, facts=facts, findings=findings)


def _first(failed: Mapping[float, str]) -> str:
    return next(iter(failed.values()), "gave no time course")


def _between(a: EngineOutcome, b: EngineOutcome, ra: float, rb: float, runs: EngineRuns) -> dict[str, float]:
    """Largest difference for each name that both have."""
    shared: Sequence[str] = [name for name in a.names if name in b.names]
    left = a.courses[ra][:, [a.names.index(n) for n in shared]]
    right = b.courses[rb][:, [b.names.index(n) for n in shared]]
    return dict(zip(shared, difference(left, right, runs.scale or 1.0).tolist(), strict=True))
