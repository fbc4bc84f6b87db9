"""The part of a network that can become non-zero: an exact cut.

A species that starts at zero and is made by no reaction that can fire stays at zero, and whatever it does is
nothing. Leaving such species and reactions out changes no trajectory and makes every run faster. Which ones
they are depends on what is there at the start and on which parameters are zero (an absent drug, a knocked-out
gene), not on the other values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[A-Za-z_]\w*")
_SCALES = (1e-3, 1.0, 1e4)
"""Amounts [copies] at which rates are tried: one that is a difference can vanish by chance at one of them."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """Species numbers from 0; `law` as written in the file."""

    reactants: tuple[int, ...]
    products: tuple[int, ...]
    law: str


@dataclass(frozen=True, slots=True)
class Network:
    """A .net file, taken apart.

    Attributes
    ----------
    parameters : tuple of (name, expression)
        In file order; an expression is a number or a formula of earlier parameters.
    functions : tuple of (name, expression)
        Rates and read-outs that depend on amounts.
    species : tuple of (pattern, initial amount)
        The amount is a number or a parameter's name.
    reactions : tuple of Reaction
    groups : tuple of (name, ((factor, species), ...))
        Observables.
    """

    parameters: tuple[tuple[str, str], ...]
    functions: tuple[tuple[str, str], ...]
    species: tuple[tuple[str, str], ...]
    reactions: tuple[Reaction, ...]
    groups: tuple[tuple[str, tuple[tuple[float, int], ...]], ...]

    def text(self) -> str:
        """The network as a .net file."""
        lines = ["begin parameters"]
        lines += [f"{i} {name} {value}" for i, (name, value) in enumerate(self.parameters, 1)]
        lines += ["end parameters", "begin functions"]
        lines += [f"{i} {name}() {value}" for i, (name, value) in enumerate(self.functions, 1)]
        lines += ["end functions", "begin species"]
        lines += [f"{i} {pattern} {amount}" for i, (pattern, amount) in enumerate(self.species, 1)]
        lines += ["end species", "begin reactions"]
        for i, r in enumerate(self.reactions, 1):
            lines.append(f"{i} {_numbers(r.reactants)} {_numbers(r.products)} {r.law}")
        lines += ["end reactions", "begin groups"]
        for i, (name, members) in enumerate(self.groups, 1):
            lines.append(
                f"{i} {name} {','.join(f'{c:.17g}*{s + 1}' if c != 1 else str(s + 1) for c, s in members)}"
            )
        return "\n".join([*lines, "end groups", ""])


def _numbers(species: Sequence[int]) -> str:
    return ",".join(str(s + 1) for s in species) or "0"


def _blocks(text: str) -> dict[str, list[str]]:
    """The lines of each ``begin …``/``end …`` block, without comments and without the leading number."""
    blocks: dict[str, list[str]] = {}
    current: list[str] | None = None
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        if line.startswith("begin "):
            current = blocks.setdefault(line[6:].strip(), [])
        elif line.startswith("end "):
            current = None
        elif current is not None and line:
            current.append(line.split(None, 1)[1])
    return blocks


def parse(text: str) -> Network:
    """Take a .net file apart.

    Raises
    ------
    ValueError
        Where a block is missing.
    """
    blocks = _blocks(text)
    if missing := {"parameters", "species", "reactions"} - set(blocks):
        raise ValueError(f"not a network file: no {', '.join(sorted(missing))} block")
    parameters = []
    for line in blocks["parameters"]:
        name, value = line.split(None, 1)
        parameters.append((name, value.strip()))
    functions = []
    for line in blocks.get("functions", ()):
        name, value = line.split(None, 1)
        functions.append((name.removesuffix("()"), value.strip()))
    species = []
    for line in blocks["species"]:
        pattern, amount = line.rsplit(None, 1)
        species.append((pattern.strip(), amount))
    reactions = []
    for line in blocks["reactions"]:
        left, right, law = line.split(None, 2)
        reactions.append(Reaction(_species(left), _species(right), law.strip()))
    groups = []
    for line in blocks.get("groups", ()):
        name, *members = line.split(None, 1)
        groups.append((name, tuple(_member(m) for m in members[0].split(",")) if members else ()))
    return Network(tuple(parameters), tuple(functions), tuple(species), tuple(reactions), tuple(groups))


def _species(field: str) -> tuple[int, ...]:
    return tuple(int(s) - 1 for s in field.split(",") if s != "0")


def _member(field: str) -> tuple[float, int]:
    factor, _, number = field.rpartition("*")
    return (float(factor) if factor else 1.0, int(number) - 1)


def reachable(
    core: Any, network: Network, present: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What can become non-zero when the species `present` are there.

    Parameters
    ----------
    core : bngsim model of `network`
        With the parameters of interest set. Its state is not touched.
    network : Network
    present : array (n_species,)

    Returns
    -------
    species : array (n_species,)
    reactions : array (n_reactions,)
        Those that can fire.
    """
    species = present.copy()
    fires = np.zeros(len(network.reactions), bool)
    amounts = np.random.default_rng(0).uniform(1.0, 2.0, len(species))
    while True:
        for scale in _SCALES:
            rates = core.compute_propensities(0.0, np.where(species, scale * amounts, 0.0))
            fires |= ~(rates == 0.0)  # a rate that is no number counts as firing
        made = {p for j in np.flatnonzero(fires) for p in network.reactions[j].products}
        new = species.copy()
        new[list(made)] = True
        if (new == species).all():
            return species, fires
        species = new


def cut(
    network: Network,
    species: NDArray[np.bool_],
    reactions: NDArray[np.bool_],
    outputs: Sequence[str] | None = None,
) -> Network:
    """The smaller network of the given species and reactions.

    All parameters and groups stay (an observable without species is 0). With `outputs`, functions that
    neither a remaining reaction nor one of those names needs are left out.
    """
    number = {int(old): new for new, old in enumerate(np.flatnonzero(species))}
    kept = tuple(
        Reaction(tuple(number[s] for s in r.reactants), tuple(number[s] for s in r.products), r.law)
        for r, keep in zip(network.reactions, reactions, strict=True)
        if keep
    )
    groups = tuple((name, tuple((c, number[s]) for c, s in ms if s in number)) for name, ms in network.groups)
    functions = network.functions
    if outputs is not None:
        body = dict(functions)
        needed: set[str] = set()
        todo = [word for r in kept for word in _WORD.findall(r.law)] + list(outputs)
        while todo:
            name = todo.pop()
            if name in body and name not in needed:
                needed.add(name)
                todo += _WORD.findall(body[name])
        functions = tuple(f for f in functions if f[0] in needed)
    return Network(network.parameters, functions, tuple(network.species[s] for s in number), kept, groups)
