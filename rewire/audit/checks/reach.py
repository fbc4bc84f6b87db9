"""Which amounts and rates can become non-zero, from the signs of formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rewire.audit.checks.signs import AMOUNT, ANY, PLUS, ZERO, Signs, sign, signs
from rewire.audit.formula import Node, names
from rewire.audit.network import AuditNetwork, AuditReaction


class Reach:
    """The possible signs of all names from the start on.

    With `turned_on`, constants and fixed amounts that are zero count as positive.
    """

    def __init__(self, network: AuditNetwork, turned_on: bool) -> None:
        self.network, self.turned_on = network, turned_on
        self.signs: dict[str, Signs] = {}
        moved = {*network.reacting, *network.rates, *network.assigned}
        for name, symbol in network.symbols.items():
            held = name not in moved
            given = not math.isnan(symbol.value)
            computed = name in network.assigned or name in network.initial
            known = sign(symbol.value) if given else ZERO if computed else AMOUNT
            if known == ZERO and held and turned_on and name not in network.initial:
                known = PLUS
            self.signs[name] = known
        for _ in range(len(network.initial) + len(network.assigned) + 1):  # each may follow from others
            before = dict(self.signs)
            for name, formula in network.initial.items():
                self.signs[name] = self.of(formula)
            self._assign()
            if before == self.signs:
                break
        while self._step():
            pass

    def of(self, formula: Node, given: Mapping[str, Signs] | None = None) -> Signs:
        """The possible signs of a formula, with those of some names `given`."""
        first = given or {}
        return signs(formula, lambda name: first.get(name) or self.signs.get(name, ANY))

    def of_law(self, reaction: AuditReaction, given: Mapping[str, Signs] | None = None) -> Signs:
        """The possible signs of the rate of a reaction; zero if there is no rate."""
        if reaction.law is None:
            return ZERO
        local = {name: sign(value) for name, value in reaction.local.items()}
        if self.turned_on:
            local = {name: PLUS if known == ZERO else known for name, known in local.items()}
        return self.of(reaction.law, {**local, **(given or {})})

    def _assign(self) -> None:
        for name, formula in self.network.assigned.items():
            self.signs[name] = self.of(formula)

    def _step(self) -> bool:
        """One iteration; whether any sign was added."""
        before = dict(self.signs)
        free = set(self.network.reacting)
        for reaction in self.network.reactions:
            rate = self.of_law(reaction)
            for name, count in reaction.net.items():
                if name in free and rate != ZERO:
                    grows = 1 in rate if count > 0 else -1 in rate
                    self._may(name, AMOUNT if grows else ZERO)
        for name, formula in self.network.rates.items():
            rate = self.of(formula)
            if rate != ZERO:
                amount = (
                    self.network.symbols[name].kind != "parameter" if name in self.network.symbols else False
                )
                self._may(name, (rate & AMOUNT if amount else rate) | ZERO)
        for _, sets in self.network.events:
            for name, formula in sets.items():
                self._may(name, self.of(formula))
        self._assign()
        return before != self.signs

    def _may(self, name: str, more: Signs) -> None:
        self.signs[name] = self.signs.get(name, ZERO) | more


def zeros(reaction: AuditReaction, reach: Reach) -> str:
    """Why a rate is always zero, in words."""
    if reaction.law is None:
        return "it has no rate law"
    there = dict.fromkeys(names(reaction.law))
    none = [
        n for n in there if (sign(reaction.local[n]) if n in reaction.local else reach.signs.get(n)) == ZERO
    ]
    return (
        f"always zero: {', '.join(none[:4])}{' …' if len(none) > 4 else ''}" if none else "its rate is zero"
    )
