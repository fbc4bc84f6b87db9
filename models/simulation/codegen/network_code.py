"""The C of a network: its rates, their derivatives, its Jacobian and the sparse factors of that.

Everything is written for the type `real`: several numbers side by side, one for each arm of a batch. Linear
systems are solved without pivoting in an order that keeps them sparse, as KPP does (Damian 2002, Comput Chem
Eng 26:1567). What is done with it stands beside this file, in `batch.c`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.simulation.codegen.reverse_ad import Tape, Unsupported, in_order, named
from models.simulation.codegen.sparse_factors import eliminated, elimination
from models.simulation.network_reduction import Network, Reaction

_NUMBER = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?")
_Groups = Mapping[str, tuple[tuple[float, int], ...]]
_SCALED = re.compile(r"(?:([\d.eE+-]+)\*)?([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Code:
    """Source, and what its arrays mean.

    Attributes
    ----------
    parameters : tuple (n_parameters,) of str
        Those that are numbers, in the order of the argument `q`.
    place : mapping of str to int
        Of every parameter, group and function, in the arrays of derivatives.
    """

    source: str
    parameters: tuple[str, ...]
    place: Mapping[str, int]
    n_species: int


def generate(network: Network, lanes: int) -> Code:
    """C for a network.

    Parameters
    ----------
    lanes : int
        How many numbers stand side by side.

    Raises
    ------
    models.simulation.codegen.reverse_ad.Unsupported
        Where it has a formula that this cannot read.
    models.simulation.codegen.sparse_factors.TooLarge
        Where the network is.
    """
    network = _with_named_laws(network)
    numbers = tuple(name for name, text in network.parameters if _NUMBER.fullmatch(text))
    derived = {name: text for name, text in network.parameters if not _NUMBER.fullmatch(text)}
    functions, groups = dict(network.functions), dict(network.groups)
    place = {name: i for i, name in enumerate([*numbers, *derived, *groups, *functions])}
    formulas = derived | functions
    read_only = functions.keys() - _needed(network)
    order = sorted(in_order(formulas), key=lambda name: name in read_only)
    tape, rated = Tape(place), len(order) - len(read_only)
    for name in order[:rated]:
        tape.add(name, formulas[name])
    count = len(tape.lines)
    for name in order[rated:]:
        tape.add(name, formulas[name])
    n = len(network.species)
    lines = [f"#define N {n}", f"#define M {len(place)}", f"#define Q {len(numbers)}"]
    lines += [f"#define LANES {lanes}", _text("network")]
    lines += _evaluate(groups, tape, count)
    lines += _rates(network, place)
    lines += _reverse(tape, [place[name] for name in order], groups, place)
    lines += _pull(network, place)
    lines += _matrix(n, *_jacobian(network, tape, order, place))
    lines += _start(network, place)
    lines.append(_text("batch"))
    return Code("\n".join(lines), numbers, place, n)


def _with_named_laws(network: Network) -> Network:
    """The same network, with a function for each rate law that is more than a factor and a name."""
    named_laws: dict[str, str] = {}
    reactions = []
    for reaction in network.reactions:
        law = reaction.law
        if not _SCALED.fullmatch(law):
            law = named_laws.setdefault(law, f"rate_law_{len(named_laws)}_")
        reactions.append(replace(reaction, law=law))
    functions = (*network.functions, *((name, text) for text, name in named_laws.items()))
    return replace(network, functions=functions, reactions=tuple(reactions))


def _text(name: str) -> str:
    return (Path(__file__).parent / f"{name}.c").read_text(encoding="utf-8")


def _evaluate(groups: _Groups, tape: Tape, count: int) -> list[str]:
    """`v`, the values on which rates depend at one state; with `slopes` also `p`, derivatives of formulas.

    The first `count` lines of the tape are for these; `outputs` adds what is only read out.
    """
    place = tape.place
    sums = [
        f"v[{place[name]}] = {' + '.join(f'{c!r}*y[{s}]' for c, s in members) or 'WIDE(0.0)'};"
        for name, members in groups.items()
    ]
    rated = tape.lines[:count]
    return [
        f"static ALIGNED real v[M], p[{max(1, len(tape.edges))}];",
        "static void load(const real *q) { memcpy(v, q, Q * sizeof(real)); }",
        *("static void values(const real *y) {", *sums),
        *(line for line in rated if not line.startswith("p[")),
        *("}", "static void slopes(const real *y) {", *sums, *rated),
        *("}", "static void outputs(void) {", *tape.lines[count:], "}"),
    ]


def _reverse(tape: Tape, order: list[int], groups: _Groups, place: Mapping[str, int]) -> list[str]:
    """From derivatives by formulas to those by what they name; from those by groups to those by species."""
    of: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (formula, symbol) in enumerate(tape.edges):
        of[formula].append((edge, symbol))
    lines = ["static void reverse(real *bar) {", "real b;"]
    for formula in reversed(order):
        if of[formula]:
            terms = " ".join(f"bar[{symbol}] += TIMES(b, p[{edge}]);" for edge, symbol in of[formula])
            lines.append(f"b = bar[{formula}]; {terms}")
    lines += ["}", "static void spread(const real *bar, real *lam) {", "real b;"]
    for name, members in groups.items():
        terms = " ".join(f"lam[{s}] += {c!r} * b;" for c, s in members)
        lines.append(f"b = bar[{place[name]}]; {terms}")
    return [*lines, "}"]


def _rates(network: Network, place: Mapping[str, int]) -> list[str]:
    """The time derivatives of all species, given `v`."""
    lines = ["static void rates(const real *y, real *dy) {", "real r;", "memset(dy, 0, N * sizeof(real));"]
    for r in network.reactions:
        factor, name = _law(r.law)
        lines.append(f"r = {_times(factor, [f'v[{place[name]}]', *(f'y[{s}]' for s in r.reactants)])};")
        for i, by in _change(network, r).items():
            lines.append(f"dy[{i}] {'+' if by > 0 else '-'}= {'' if abs(by) == 1 else f'{abs(by)}.0*'}r;")
    return [*lines, "}"]


def _law(law: str) -> tuple[float, str]:
    """A rate law's factor and the name it is of."""
    found = _SCALED.fullmatch(law)
    if found is None:
        raise Unsupported(law)
    return float(found[1] or 1.0), found[2]


def _change(network: Network, reaction: Reaction) -> dict[int, int]:
    """By how much each species changes when a reaction fires; without those that stay or are held ($)."""
    change: dict[int, int] = defaultdict(int)
    for s in reaction.reactants:
        change[s] -= 1
    for s in reaction.products:
        change[s] += 1
    return {s: by for s, by in change.items() if by and not network.species[s][0].startswith("$")}


def _times(factor: float, parts: Iterable[str]) -> str:
    said = [*([repr(factor)] if factor != 1.0 else []), *parts]
    return "*".join(said) or "1.0"


def _needed(network: Network) -> set[str]:
    """The functions on which rates depend; the others are only read out."""
    functions = dict(network.functions)
    needed: set[str] = set()
    todo = [_law(r.law)[1] for r in network.reactions]
    while todo:
        name = todo.pop()
        if name in functions and name not in needed:
            needed.add(name)
            todo += named(functions[name])
    return needed


def _jacobian(
    network: Network, tape: Tape, order: Iterable[str], place: Mapping[str, int]
) -> tuple[list[dict[int, list[str]]], list[str]]:
    """Rows of the Jacobian, species to terms in C; and the sums `d` in them, derivatives of laws."""
    groups = dict(network.groups)
    symbol = {i: name for name, i in place.items()}
    edges: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for edge, (formula, of) in enumerate(tape.edges):
        edges[symbol[formula]].append((edge, symbol[of]))
    needed = _needed(network)
    by_species: dict[str, dict[int, str]] = {}
    sums: list[str] = []
    for name in order:
        if name not in needed:
            continue
        terms: dict[int, list[str]] = defaultdict(list)
        for edge, inner in edges[name]:
            if inner in groups:
                for c, s in groups[inner]:
                    terms[s].append(_times(c, [f"p[{edge}]"]))
            for s, code in by_species.get(inner, {}).items():
                terms[s].append(f"p[{edge}]*{code}")
        by_species[name] = {}
        for s, codes in terms.items():
            by_species[name][s] = f"d[{len(sums)}]"
            sums.append(" + ".join(codes))
    rows: list[dict[int, list[str]]] = [defaultdict(list) for _ in network.species]
    for r in network.reactions:
        factor, name = _law(r.law)
        slopes: dict[int, list[str]] = defaultdict(list)
        amounts = [f"y[{s}]" for s in r.reactants]
        for s, code in by_species.get(name, {}).items():
            slopes[s].append(_times(factor, [code, *amounts]))
        for i, s in enumerate(r.reactants):
            slopes[s].append(_times(factor, [f"v[{place[name]}]", *amounts[:i], *amounts[i + 1 :]]))
        for i, by in _change(network, r).items():
            for s, codes in slopes.items():
                rows[i][s] += [code if by == 1 else f"({by}.0)*{code}" for code in codes]
    return rows, sums


def _pull(network: Network, place: Mapping[str, int]) -> list[str]:
    """From what a push on each species is worth to what each symbol is worth through the rates."""
    lines = ["static void pull(const real *y, const real *th, real *bar) {"]
    for r in network.reactions:
        factor, name = _law(r.law)
        change = _change(network, r)
        worth = " ".join(f"{'+' if by > 0 else '-'} {abs(by)}.0*th[{i}]" for i, by in change.items())
        if worth:
            amounts = _times(factor, [f"y[{s}]" for s in r.reactants])
            lines.append(f"bar[{place[name]}] += {amounts} * ({worth});")
    return [*lines, "}"]


def _matrix(n: int, rows: list[dict[int, list[str]]], sums: list[str]) -> list[str]:
    """Fill in `J`, where each entry stands, and the tables for elimination."""
    order, filled = eliminated(n, [set(row) for row in rows])
    starts = [0]
    for row in filled:
        starts.append(starts[-1] + len(row))
    at = {(i, j): starts[i] + k for i, row in enumerate(filled) for k, j in enumerate(row)}
    number = {old: new for new, old in enumerate(order)}
    lines = [f"#define NZ {starts[-1]}", f"static ALIGNED real J[NZ], LU[NZ], d[{max(1, len(sums))}];"]
    for name, values in (
        ("order", order),
        ("row", starts),
        ("col", [j for row in filled for j in row]),
    ):
        lines.append(f"static const int {name}[] = {{{','.join(map(str, values))}}};")
    lines.append("static void jacobian(const real *y) {")
    lines += [f"d[{i}] = {code};" for i, code in enumerate(sums)]
    lines.append("memset(J, 0, sizeof J);")
    for i, terms in enumerate(rows):
        for j, codes in terms.items():
            lines.append(f"J[{at[number[i], number[j]]}] = {' + '.join(codes)};")
    return [*lines, "}", *elimination(filled, at)]


def _start(network: Network, place: Mapping[str, int]) -> list[str]:
    """Start amounts, given `v`; and from what one is worth to what its parameter is."""
    back = ["static void start(const real *lam, real *bar) {"]
    lines = ["static void amounts(real *y) {"]
    for s, (_, amount) in enumerate(network.species):
        if amount in place:
            back.append(f"bar[{place[amount]}] += lam[{s}];")
        elif not _NUMBER.fullmatch(amount):
            raise Unsupported(amount)
        lines.append(f"y[{s}] = " + (f"v[{place[amount]}];" if amount in place else f"WIDE({amount});"))
    return [*lines, "}", *back, "}"]
