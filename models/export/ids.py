"""Ids in exported files, built from content, so that a new rule changes no other id."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from itertools import groupby, permutations, product
from typing import NamedTuple

_MOLECULE = re.compile(r"(\w+)\(([^()]*)\)")
_SITE = re.compile(r"(\w+)(?:~(\w+))?(?:!(\w+))?")
_REACTION = re.compile(r"^\s*\d+\s+\S+\s+\S+\s+\S+\s*#\s*(\S+)", re.MULTILINE)
REVERSE = "_reverse_"
"""BioNetGen's prefix of the rule's name for its backward direction."""


class Site(NamedTuple):
    """A site with its state and the number of its bond ("" where there is none)."""

    name: str
    state: str
    bond: str


class Molecule(NamedTuple):
    """A molecule of a species; sites in alphabetical order."""

    name: str
    sites: tuple[Site, ...]


def molecules(pattern: str) -> tuple[Molecule, ...]:
    """The molecules of a species in canonical order, bonds numbered in order.

    Raises `ValueError` if the text is not a species of a network.
    """
    read = [_molecule(part) for part in re.split(r"\.(?=\w+\()", pattern)]
    read.sort(key=_without_bonds)
    ties = [list(permutations(group)) for _, group in groupby(read, key=_without_bonds)]
    orders = ([m for part in choice for m in part] for choice in product(*ties))
    return min(_numbered(order) for order in orders)


def _molecule(text: str) -> Molecule:
    if (found := _MOLECULE.fullmatch(text.strip())) is None:
        raise ValueError(f"not a species: {text!r}")
    sites = []
    for part in filter(None, found[2].split(",")):
        if (site := _SITE.fullmatch(part)) is None:
            raise ValueError(f"not a site: {part!r} of {text!r}")
        sites.append(Site(site[1], site[2] or "", site[3] or ""))
    return Molecule(found[1], tuple(sorted(sites)))


def _without_bonds(molecule: Molecule) -> tuple[str, tuple[tuple[str, str, bool], ...]]:
    return molecule.name, tuple((s.name, s.state, bool(s.bond)) for s in molecule.sites)


def _numbered(order: Iterable[Molecule]) -> tuple[Molecule, ...]:
    numbers: dict[str, str] = {"": ""}
    done = []
    for molecule in order:
        sites = []
        for site in molecule.sites:
            sites.append(site._replace(bond=numbers.setdefault(site.bond, str(len(numbers)))))
        done.append(Molecule(molecule.name, tuple(sites)))
    return tuple(done)


def species_id(pattern: str) -> str:
    """``AKT(T308~p,loc~mem)`` is ``AKT__T308_p__loc_mem``; molecules of a complex are joined by "with"."""
    return "__with__".join(
        "__".join((molecule.name, *map(_site_id, molecule.sites))) for molecule in molecules(pattern)
    )


def _site_id(site: Site) -> str:
    bond = f"b{site.bond}" if site.bond else "" if site.state else "free"
    return "_".join(part for part in (site.name, site.state, bond) if part)


def rule_names(text: str) -> tuple[str, ...]:
    """The rule of each reaction of a .net file, in its order."""
    block = text[text.index("begin reactions") : text.index("end reactions")]
    return tuple(_REACTION.findall(block))


def reaction_ids(reactions: Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]]) -> tuple[str, ...]:
    """Ids of reactions given as (rule, ids of reactants, ids of products).

    An id has the rule and the reactants; the products, too, if there are no reactants or another reaction of
    the rule has the same ones.
    """
    listed = list(reactions)
    taken: dict[tuple[str, tuple[str, ...]], int] = {}
    for rule, left, _ in listed:
        taken[rule, left] = taken.get((rule, left), 0) + 1
    ids = []
    for rule, left, right in listed:
        name = f"{rule.removeprefix(REVERSE)}__back" if rule.startswith(REVERSE) else rule
        parts = [name, *(("of", *left) if left else ())]
        if not left or taken[rule, left] > 1:
            parts += ["to", *right]
        ids.append("__".join(parts))
    return tuple(ids)


def sid(name: str) -> str:
    """A name as a valid SBML id: "MK-2206" is ``MK_2206``."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{plain}" if plain[:1].isdigit() else plain


def unused_name(name: str, taken: Container[str]) -> str:
    """The name, or ``name_2``, ``name_3``, … if it is taken."""
    number, tried = 2, name
    while tried in taken:
        tried, number = f"{name}_{number}", number + 1
    return tried


def dose_id(drug: str) -> str:
    """The parameter that holds a drug's dose [nM]; ligands are named in the same way."""
    return f"{sid(drug)}_nM"


def potency_id(drug: str, target: str) -> str:
    """The parameter that holds the half-occupancy dose [nM] of a drug at a target."""
    return f"{sid(drug)}_on_{target}_Kd"
