"""Is mass conserved, and which moieties are?

With chemical formulas (fbc), reactions are balanced by them. Otherwise linear programming looks for masses
that balance all reactions at once (after Gevorgyan, Poolman and Fell, Bioinformatics 24:2245, 2008): masses
of molecules where species have the names of a rule-based model, else of species. If there are none, the
reactions are listed that violate the balance when the total error is smallest. Sources and sinks are not
judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rewire.audit.checks.moieties import moieties
from rewire.audit.issue import Issue, Section, share
from rewire.audit.model import Subject
from rewire.audit.network import AuditNetwork, AuditReaction

SHOWN = 60
"""Largest number of moieties that are listed."""

FORMULAS, MOLECULES, SPECIES = "chemical formulas", "masses of molecules in patterns", "masses of species"
"""Criteria of balance."""

_PATTERN = re.compile(r"\w+\([^()]*\)(?:\.\w+\([^()]*\))*(?:@\w+)?")
_MOLECULE = re.compile(r"(\w+)\(")
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")
_CHARGE = "charge"

Column = Mapping[str, float]
"""Species, molecule or element → net production by a reaction."""


def balance(subject: Subject, net: AuditNetwork) -> Section:
    """Mass balance and conserved moieties."""
    formula = "reactions that conserve mass, of those that are neither a source nor a sink"
    if not net.reactions:
        return Section("balance", None, formula, "the model has no reactions")
    judged = [r for r in net.reactions if r.fixed and not _one_sided(_kept(r, net))]
    by, parts = composition(subject, net, judged)
    columns = {r.id: _total(r.net, parts) if parts else r.net for r in judged}
    if by == MOLECULES:
        judged = [r for r in judged if not _one_sided(columns[r.id]) or not columns[r.id]]
    wrong = _unbalanced({r.id: columns[r.id] for r in judged}, by)
    findings = [
        Issue("warning", "unbalanced", "reaction", r.id, r.line, wrong[r.id], _fix(by))
        for r in judged
        if r.id in wrong
    ]
    for r in net.reactions:
        if not r.fixed:
            says = "its stoichiometry is not a number, so its balance is unknown"
            findings.append(Issue("note", "variable stoichiometry", "reaction", r.id, r.line, says))
    fixed = [r for r in net.reactions if r.fixed]
    kept = moieties(net.reacting, [r.net for r in fixed])
    facts = {
        "judged by": by,
        "reactions judged": len(judged),
        "made from or lost to nothing": len(fixed) - len(judged),
        "unbalanced": len(wrong),
        "conserved moieties": "too many to compute" if kept is None else len(kept),
        "moieties": [_sum(one) for one in (kept or ())[:SHOWN]],
    }
    reason = "" if judged else "every reaction is a source or a sink"
    return Section("balance", share(len(judged) - len(wrong), len(judged)), formula, reason, facts, findings)


def _kept(reaction: AuditReaction, net: AuditNetwork) -> Column:
    """Net production of species that are neither boundary nor constant."""
    held = {s.id for s in net.species if s.boundary or s.constant}
    return {name: count for name, count in reaction.net.items() if name not in held}


def _one_sided(column: Column) -> bool:
    """Whether all signs are equal: a source or a sink."""
    return all(c > 0 for c in column.values()) or all(c < 0 for c in column.values())


def composition(
    subject: Subject, net: AuditNetwork, judged: Iterable[AuditReaction]
) -> tuple[str, dict[str, Column] | None]:
    """The criterion of balance, and the composition of species; None if it is unknown."""
    needed = {name for r in judged for name in r.net}
    formulas = _formulas(subject)
    if needed and needed <= formulas.keys():
        return FORMULAS, formulas
    called = {s.id: s.name or s.id for s in net.species}
    if needed and all(_PATTERN.fullmatch(called.get(name, "")) for name in needed):
        return MOLECULES, {n: Counter(_MOLECULE.findall(called[n])) for n in needed}
    return SPECIES, None


def _formulas(subject: Subject) -> dict[str, Column]:
    """Chemical formulas and charges of the fbc package, by species."""
    found: dict[str, Column] = {}
    for i in range(subject.model.getNumSpecies()):
        species = subject.model.getSpecies(i)
        plugin = species.getPlugin("fbc")
        if plugin is None or not plugin.isSetChemicalFormula():
            continue
        counts: dict[str, float] = {}
        for element, count in _ELEMENT.findall(plugin.getChemicalFormula()):
            counts[element] = counts.get(element, 0.0) + int(count or 1)
        if plugin.isSetCharge():
            counts[_CHARGE] = float(plugin.getCharge())
        found[species.getId()] = counts
    return found


def _total(net: Column, parts: Mapping[str, Column]) -> Column:
    total: dict[str, float] = {}
    for name, count in net.items():
        for part, times in parts[name].items():
            total[part] = total.get(part, 0.0) + count * times
    return {part: count for part, count in total.items() if abs(count) > 1e-9}


def _unbalanced(columns: Mapping[str, Column], by: str) -> dict[str, str]:
    """Reactions that do not conserve mass, and what is wrong."""
    if by == FORMULAS:
        return {
            name: "makes " + ", ".join(f"{c:+g} {part}" for part, c in sorted(column.items()))
            for name, column in columns.items()
            if column
        }
    errors = leaks(list(columns.values()))
    return {
        name: "no masses balance it together with the others: "
        + ", ".join(f"{count:+g} {part}" for part, count in sorted(columns[name].items()))
        for name, error in zip(columns, errors, strict=True)
        if abs(error) > 1e-6
    }


def leaks(columns: Sequence[Column]) -> list[float]:
    """Mass produced by each reaction, for masses of 1 or more that minimise the total error.

    All zero if masses balance everything; otherwise one set of unbalanced reactions, and another may be as
    good. Raises `ValueError` if the solver finds no optimum.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    names = sorted({name for column in columns for name in column})
    if not names:
        return [0.0] * len(columns)
    place = {name: i for i, name in enumerate(names)}
    entries = [(j, place[n], c) for j, column in enumerate(columns) for n, c in column.items()]
    rows, across, counts = zip(*entries, strict=True)
    n, m = len(names), len(columns)
    made = csr_array((counts, (rows, across)), shape=(m, n))
    found = linprog(
        np.r_[np.zeros(n), np.ones(2 * m)],
        A_eq=hstack([made, eye_array(m), -eye_array(m)]),
        b_eq=np.zeros(m),
        bounds=[(1, None)] * n + [(0, None)] * (2 * m),
        method="highs",
    )
    if found.x is None:
        raise ValueError(f"the masses could not be computed: {found.message}")
    return [float(error) for error in found.x[n + m :] - found.x[n : n + m]]


def _fix(by: str) -> str:
    if by == FORMULAS:
        return "Correct the side that has too little or too much."
    return "Look for a species that is consumed here and returned in another reaction, or the reverse."


def _sum(moiety: Mapping[str, int]) -> str:
    text = " ".join(
        f"{'+' if c > 0 else '-'} {'' if abs(c) == 1 else f'{abs(c)} '}{n}" for n, c in moiety.items()
    )
    return text.removeprefix("+ ")
