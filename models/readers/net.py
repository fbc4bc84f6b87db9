"""Networks of others: a .net file, checked line by line, as a `KineticModel`.

What comes out is safe to compile: parameters, functions and observables have names and formulas that were let
through, and species are called S1(), S2(), … whatever they were called in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from models.core.errors import Mistakes
from models.kinetic_model import KineticModel, is_number
from models.readers.formulas import NAME, refused
from models.simulation.network_reduction import Network, parse

LARGEST = 40_000_000  # characters of a file
MOST = {"species": 20_000, "reactions": 200_000, "parameters": 100_000, "groups": 20_000, "functions": 20_000}

BLOCKS = ("parameters", "functions", "species", "reactions", "groups", "molecule types")
_SPECIES = re.compile(r"[A-Za-z0-9_(),!~.@:+?%$*\-]+", re.ASCII)
_NUMBERS = re.compile(r"\d+(?:,\d+)*", re.ASCII)
_GROUP = re.compile(r"(?:[0-9.eE+\-]+\*)?\d+(?:,(?:[0-9.eE+\-]+\*)?\d+)*", re.ASCII)
_LAWS = ("Ele", "Sat", "MM", "Hill")


def lines_of(text: str) -> Iterator[tuple[int, str, str]]:
    """(line number, block, line) of everything that says something; block "" outside of all blocks."""
    block = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("begin "):
            block = " ".join(line.split()[1:])
            yield number, block, ""
        elif line.startswith("end "):
            block = ""
        elif line:
            yield number, block, line


def read_net(
    text: str, problems: Mistakes, name: str = "", notes: tuple[str, ...] = ()
) -> KineticModel | None:
    """Read the text of a .net file; what is wrong is noted with its line, and then there is no model."""
    before = len(problems.found)
    if len(text) > LARGEST:
        problems.add("", f"{len(text):,} characters", allowed=f"at most {LARGEST:,}")
        return None
    network = _checked(text, problems)
    if network is None or len(problems.found) > before:
        return None
    return KineticModel.of_network(name, text, network, notes)


def _checked(text: str, problems: Mistakes) -> Network | None:
    counts = dict.fromkeys(MOST, 0)
    for number, block, line in lines_of(text):
        place = f"line {number}"
        if not block:
            problems.add(
                place, f"{line[:40]!r} outside of every block", advice="A .net file holds blocks only."
            )
        elif block not in BLOCKS:
            problems.add(place, f"the block {block!r}", allowed=BLOCKS, name=block)
        elif line and (why := _wrong(block, line)):
            problems.add(place, why)
        elif line and block in counts:
            counts[block] += 1
        if len(problems.found) > 20:
            return None
    for block, count in counts.items():
        if count > MOST[block]:
            problems.add("", f"{count:,} {block}", allowed=f"at most {MOST[block]:,}")
    if problems.found:
        return None
    try:
        network = parse(text)
    except (ValueError, IndexError) as error:
        problems.add("", f"is no network file ({error})")
        return None
    network = _without_shadows(network)
    return network if _consistent(network, problems) else None


def _without_shadows(network: Network) -> Network:
    """Without numbers that only stand in for a function of the same name, as bngsim writes them."""
    functions = dict(network.functions)
    kept = tuple((n, v) for n, v in network.parameters if not (n in functions and is_number(v)))
    return replace(network, parameters=kept)


def _wrong(block: str, line: str) -> str:
    """What is wrong with the form of a line; empty where nothing is."""
    number, _, rest = line.partition(" ") if " " in line else line.partition("\t")
    rest = rest.strip()
    if block == "molecule types":
        return ""
    if not number.isascii() or not number.isdigit() or not rest:
        return f"{line[:40]!r} where a number and an entry are expected"
    if block in ("parameters", "functions"):
        name, _, formula = rest.replace("\t", " ").partition(" ")
        if block == "functions":
            if not name.endswith("()"):
                return f"the function {name!r}: local functions are not supported here"
            name = name[:-2]
        if not NAME.fullmatch(name):
            return f"the name {name!r}"
        return refused(formula, None, ())
    if block == "species":
        pattern, _, amount = rest.replace("\t", " ").rpartition(" ")
        if not _SPECIES.fullmatch(pattern.strip()):
            return f"the species {pattern.strip()[:40]!r}"
        return refused(amount)
    if block == "groups":
        name, *members = rest.split(None, 1)
        ok = NAME.fullmatch(name) and (not members or _GROUP.fullmatch(members[0].strip()))
        return "" if ok else f"the group {rest[:40]!r}"
    parts = rest.split(None, 2)
    if len(parts) < 3 or not all(_NUMBERS.fullmatch(part) for part in parts[:2]):
        return f"the reaction {rest[:40]!r}"
    law = parts[2].split()
    if law[0] in _LAWS:
        return next((why for word in law[1:] if (why := refused(word))), "")
    return refused(parts[2])


def _consistent(network: Network, problems: Mistakes) -> bool:
    """Whether every name and every number that is used stands for something."""
    before = len(problems.found)
    parameters = dict(network.parameters)
    groups, functions = dict(network.groups), dict(network.functions)
    every = {*parameters, *groups, *functions}
    count = Counter(
        name for part in (network.parameters, network.groups, network.functions) for name, _ in part
    )
    if twice := sorted(name for name, times in count.items() if times > 1):
        problems.add("", f"{', '.join(twice[:5])}: more than one parameter, function or group of that name")
    known: set[str] = set()
    for name, formula in network.parameters:
        if why := refused(formula, known):
            problems.add(f"parameter {name}", why, advice="A parameter may use those above it.")
        known.add(name)
    for name, formula in network.functions:
        if why := refused(formula, every, functions):
            problems.add(f"function {name}", why)
    for pattern, amount in network.species:
        if why := refused(amount, parameters):
            problems.add(f"species {pattern}", why)
    there = len(network.species)
    for i, reaction in enumerate(network.reactions, 1):
        if any(not 0 <= s < there for s in (*reaction.reactants, *reaction.products)):
            problems.add(f"reaction {i}", "a species that is not there", allowed=f"1 to {there}")
        words = reaction.law.split()
        rates = words[1:] if words[0] in _LAWS else [reaction.law]
        for rate in rates:
            if why := refused(rate, every, functions):
                problems.add(f"reaction {i}", why)
    for name, members in network.groups:
        if any(not 0 <= s < there for _, s in members):
            problems.add(f"group {name}", "a species that is not there", allowed=f"1 to {there}")
    return len(problems.found) == before
