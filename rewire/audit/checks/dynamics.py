"""Dynamics: stiffness, steady state, negative amounts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rewire.audit.checks.reach import Reach
from rewire.audit.checks.signs import ZERO
from rewire.audit.engines.jobs import EngineOutcome, EngineRuns
from rewire.audit.engines.runners import LEAST
from rewire.audit.issue import Issue, Section, share
from rewire.audit.network import AuditNetwork

EASY = 3.0
"""Decades between slowest and fastest time scale that any integrator can handle."""

SAME = 1e-2
"""Largest difference between equal steady states, relative to the peak."""

BELOW = 1e-6
"""Share of its peak by which rounding may take a species below zero at the tightest tolerance."""


def stiffness(runs: EngineRuns) -> Section:
    """Ratio of time scales, from eigenvalues of the Jacobian along the time course."""
    formula = f"100, less 10 for each factor of ten by which the ratio of time scales exceeds 10^{EASY:g}"
    states = next((o.rates for o in runs.outcomes if o.rates), [])
    if not states:
        why = "bngsim, which gives the Jacobian, did not run it" if runs.outcomes else runs.reason
        return Section("stiffness", None, formula, why)
    decades, fastest, slowest = -1.0, math.nan, math.nan
    grows = 0.0
    for values in states:
        size = np.abs(values)
        real = values.real[size > _blind(values)]
        falling = -real[real < 0]
        grows = max(grows, float(real.max(initial=0.0)))
        if len(falling) and math.log10(falling.max() / falling.min()) > decades:
            decades = math.log10(falling.max() / falling.min())
            fastest, slowest = 1 / float(falling.max()), 1 / float(falling.min())
    if decades < 0:
        return Section("stiffness", None, formula, "no eigenvalue is negative")
    facts: dict[str, Any] = {
        "fastest time scale": fastest,
        "slowest time scale": slowest,
        "ratio": 10.0**decades,
        "states looked at": len(states),
    }
    findings = []
    if grows * runs.until > 1.0:
        facts["fastest growth, time scale"] = 1 / grows
        says = (
            f"small deviations grow, {grows:.3g} per unit of time at most: switches, oscillations or growth"
        )
        findings.append(Issue("note", "unstable state passed", "", "", 0, says))
    if decades > EASY:
        says = f"time scales from {fastest:.3g} to {slowest:.3g} (the model's time)"
        fix = "Use an implicit integrator (CVODE, LSODA), or treat very fast steps as equilibria."
        findings.append(Issue("note", "stiff", "", "", 0, says, fix))
    score = min(100.0, max(0.0, 100.0 - 10.0 * (decades - EASY)))
    return Section("stiffness", score, formula, facts=facts, findings=findings)


def _blind(values: Any) -> float:
    """Size below which an eigenvalue is zero within rounding."""
    return float(len(values) * np.finfo(float).eps * np.abs(values).max(initial=0.0) * 10)


def steady(runs: EngineRuns) -> Section:
    """Is there a steady state, and do the engines' own solvers find it?"""
    formula = "engines whose solver finds the steady state of the time course, of those that ran one"
    last = _best(runs)
    if last is None:
        return Section("steady state", None, formula, runs.reason)
    facts: dict[str, Any] = {
        "at rest": f"after {runs.until:.3g}" if runs.rests else f"not until {runs.until:.3g}"
    }
    if runs.timed:
        return Section("steady state", None, formula, "rates depend on time, or events happen", facts)
    asked = [o for o in runs.outcomes if o.asked]
    end = dict(zip(last.names, _course(last)[-1], strict=True))
    peak = dict(zip(last.names, np.abs(_course(last)).max(axis=0), strict=True))
    findings, same = [], 0
    for outcome in asked:
        if outcome.steady is None:
            facts[outcome.engine] = f"finds none ({outcome.why_not})"
        elif not runs.rests:
            facts[outcome.engine] = "finds one"
        else:
            name, off = _farthest(outcome.steady, end, peak, runs.scale or 1.0)
            same += off <= SAME
            facts[outcome.engine] = (
                "finds it" if off <= SAME else f"finds another: {name} differs by {off:.3g}"
            )
        if runs.rests and not facts[outcome.engine].startswith("finds it"):
            fix = "Simulate to the steady state instead of solving for it."
            says = f"{outcome.engine} {facts[outcome.engine]}"
            findings.append(Issue("note", "steady-state solver", "", "", 0, says, fix))
    if not runs.rests:
        findings.append(Issue("note", "no steady state", "", "", 0, f"it still changes at {runs.until:.3g}"))
        reason = "no steady state in the simulated time; it need not have one"
        return Section("steady state", None, formula, reason, facts, findings)
    return Section("steady state", share(same, len(asked)), formula, "no solver finished", facts, findings)


def _farthest(
    state: Mapping[str, float], end: Mapping[str, float], peak: Mapping[str, float], scale: float
) -> tuple[str, float]:
    off = {
        name: abs(value - end[name]) / max(peak[name], LEAST * scale)
        for name, value in state.items()
        if name in end
    }
    name = max(off, key=lambda n: off[n], default="")
    return name, off.get(name, 0.0)


def negatives(net: AuditNetwork, reach: Reach, runs: EngineRuns) -> Section:
    """Species that fall below zero, and reactions that might cause it."""
    formula = (
        "species that stay at zero or above in every engine at its tightest tolerance, of those simulated"
    )
    findings = []
    free = set(net.reacting)
    for r in net.reactions:
        for name, count in r.net.items():
            if name not in free or reach.signs[name] == ZERO:
                continue
            pulls = 1 if count < 0 else -1
            if pulls in reach.of_law(r, {name: ZERO}):
                says = f"may consume {name} when there is none: its rate need not vanish with it"
                fix = f"Multiply the part of the rate that consumes {name} by its amount."
                findings.append(Issue("note", "consumes absent species", "reaction", r.id, r.line, says, fix))
    asked = [o for o in runs.outcomes if o.courses]
    if not asked:
        return Section(
            "negative amounts", None, formula, runs.reason, {"reactions that might": len(findings)}, findings
        )
    species = {s.id: s for s in net.species}
    lowest: dict[str, tuple[float, str]] = {}
    seen = set()
    loose: set[str] = set()
    for outcome in asked:
        tightest = outcome.tightest()
        assert tightest is not None
        for rtol, course in outcome.courses.items():
            low = course.min(axis=0)
            floor = BELOW * np.maximum(np.abs(course).max(axis=0), 1e3 * LEAST * (runs.scale or 1.0))
            for name, value, least in zip(outcome.names, low, floor, strict=True):
                if name not in species:
                    continue
                seen.add(name)
                if value < -least and rtol == tightest[0]:
                    lowest[name] = min(lowest.get(name, (0.0, "")), (float(value), outcome.engine))
                elif value < -least:
                    loose.add(name)
    for name, (value, engine) in lowest.items():
        place = ("species", name, species[name].line)
        says = f"falls to {value:.3g} in {engine}"
        fix = "A rate stays positive without it: see the notes on reactions."
        findings.insert(0, Issue("error", "negative", *place, says, fix))
    if loose := loose - lowest.keys():
        says = f"falls below zero only at looser tolerances: {', '.join(sorted(loose)[:5])}"
        findings.append(Issue("note", "negative at loose tolerance", "", "", 0, says, "Tighten it."))
    facts = {
        "species": len(seen),
        "negative": len(lowest),
        "reactions that might": sum(f.kind == "consumes absent species" for f in findings),
    }
    return Section(
        "negative amounts", share(len(seen) - len(lowest), len(seen)), formula, "", facts, findings
    )


def _best(runs: EngineRuns) -> EngineOutcome | None:
    """The outcome with the tightest tolerance."""
    return min((o for o in runs.outcomes if o.courses), key=lambda o: o.tight, default=None)


def _course(outcome: EngineOutcome) -> Any:
    return outcome.courses[outcome.tight]
