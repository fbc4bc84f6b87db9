"""The C of a network's adjoint: rates and their slopes, and steps back in time of what depends on the state.

A step back is that of an L-stable method of order two (Alexander 1977, SIAM J Numer Anal 14:1006) with the
Jacobian at the step's middle; its linear systems are solved without pivoting in an order that keeps them
sparse, as KPP does (Damian 2002, Comput Chem Eng 26:1567).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.cut import Network
from models.tape import Tape, Unsupported, in_order, named

_NUMBER = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?")
_Groups = Mapping[str, tuple[tuple[float, int], ...]]
_SCALED = re.compile(r"(?:([\d.eE+-]+)\*)?([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Code:
    """Source of an adjoint, and what its arrays mean.

    Attributes
    ----------
    parameters : tuple (n_parameters,) of str
        Those that are numbers, in the order of the argument `q`.
    place : mapping of str to int
        Of every parameter, group and function, in the arrays of slopes.
    """

    source: str
    parameters: tuple[str, ...]
    place: Mapping[str, int]
    n_species: int


def generate(network: Network) -> Code:
    """C for a network.

    Raises
    ------
    models.tape.Unsupported
        Where it has a formula that this cannot read, or a species that is held where it is.
    """
    if held := [pattern for pattern, _ in network.species if pattern.startswith("$")]:
        raise Unsupported(held[0])
    numbers = tuple(name for name, text in network.parameters if _NUMBER.fullmatch(text))
    derived = {name: text for name, text in network.parameters if not _NUMBER.fullmatch(text)}
    functions, groups = dict(network.functions), dict(network.groups)
    place = {name: i for i, name in enumerate([*numbers, *derived, *groups, *functions])}
    formulas = derived | functions
    order = in_order(formulas)
    tape = Tape(place)
    for name in order:
        tape.add(name, formulas[name])
    n = len(network.species)
    lines = [f"#define N {n}", f"#define M {len(place)}", f"#define Q {len(numbers)}", _HEAD]
    lines += _evaluate(groups, tape)
    lines += _reverse(tape, [place[name] for name in order], groups, place)
    lines += _pull(network, place)
    lines += _matrix(n, *_jacobian(network, tape, order, place))
    lines += _start(network, place)
    lines.append(_TAIL)
    return Code("\n".join(lines), numbers, place, n)


def _evaluate(groups: _Groups, tape: Tape) -> list[str]:
    """All values and slopes of formulas at one state."""
    place = tape.place
    lines = [f"static double v[M], p[{max(1, len(tape.edges))}];"]
    lines += ["static void evaluate(const double *q, const double *y) {", "memcpy(v, q, Q * sizeof(double));"]
    for name, members in groups.items():
        lines.append(f"v[{place[name]}] = {' + '.join(f'{c!r}*y[{s}]' for c, s in members) or '0.0'};")
    return [*lines, *tape.lines, "}"]


def _reverse(tape: Tape, order: list[int], groups: _Groups, place: Mapping[str, int]) -> list[str]:
    """From slopes by formulas to slopes by what they name; and from slopes by groups to those by species."""
    of: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (formula, symbol) in enumerate(tape.edges):
        of[formula].append((edge, symbol))
    lines = ["static void reverse(double *bar) {", "double b;"]
    for formula in reversed(order):
        if of[formula]:
            terms = " ".join(f"bar[{symbol}] += b * p[{edge}];" for edge, symbol in of[formula])
            lines.append(f"if ((b = bar[{formula}]) != 0.0) {{ {terms} }}")
    lines += ["}", "static void spread(const double *bar, double *lam) {", "double b;"]
    for name, members in groups.items():
        terms = " ".join(f"lam[{s}] += {c!r} * b;" for c, s in members)
        lines.append(f"if ((b = bar[{place[name]}]) != 0.0) {{ {terms} }}")
    return [*lines, "}"]


def _law(law: str) -> tuple[float, str]:
    """A rate law's factor and the name it is of."""
    found = _SCALED.fullmatch(law)
    if found is None:
        raise Unsupported(law)
    return float(found[1] or 1.0), found[2]


def _change(reactants: Iterable[int], products: Iterable[int]) -> dict[int, int]:
    """By how much each species changes when a reaction fires; those that stay are left out."""
    change: dict[int, int] = defaultdict(int)
    for s in reactants:
        change[s] -= 1
    for s in products:
        change[s] += 1
    return {s: by for s, by in change.items() if by}


def _times(factor: float, parts: Iterable[str]) -> str:
    said = [*([repr(factor)] if factor != 1.0 else []), *parts]
    return "*".join(said) or "1.0"


def _jacobian(
    network: Network, tape: Tape, order: Iterable[str], place: Mapping[str, int]
) -> tuple[list[dict[int, list[str]]], list[str]]:
    """Rows of the Jacobian, species to terms in C; and the sums `d` in them, of laws' slopes by species."""
    groups, functions = dict(network.groups), dict(network.functions)
    symbol = {i: name for name, i in place.items()}
    edges: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for edge, (formula, of) in enumerate(tape.edges):
        edges[symbol[formula]].append((edge, symbol[of]))
    needed: set[str] = set()
    todo = [_law(r.law)[1] for r in network.reactions]
    while todo:
        name = todo.pop()
        if name in functions and name not in needed:
            needed.add(name)
            todo += named(functions[name])
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
        for i, by in _change(r.reactants, r.products).items():
            for s, codes in slopes.items():
                rows[i][s] += [code if by == 1 else f"({by}.0)*{code}" for code in codes]
    return rows, sums


def _pull(network: Network, place: Mapping[str, int]) -> list[str]:
    """From what a push on each species is worth to what each symbol is worth through the rates."""
    lines = ["static void pull(const double *y, const double *th, double *bar) {"]
    for r in network.reactions:
        factor, name = _law(r.law)
        change = _change(r.reactants, r.products)
        worth = " ".join(f"{'+' if by > 0 else '-'} {abs(by)}.0*th[{i}]" for i, by in change.items())
        if worth:
            amounts = _times(factor, [f"y[{s}]" for s in r.reactants])
            lines.append(f"bar[{place[name]}] += {amounts} * ({worth});")
    return [*lines, "}"]


def _eliminated(n: int, pattern: list[set[int]]) -> tuple[list[int], list[list[int]]]:
    """An order of elimination, fewest new entries first (Markowitz), and the rows with what they fill in."""
    rows = [set(row) | {i} for i, row in enumerate(pattern)]
    columns = [{i for i in range(n) if j in rows[i]} for j in range(n)]
    left, order = set(range(n)), []
    live_rows, live_columns = [set(r) for r in rows], [set(c) for c in columns]
    while left:
        k = min(left, key=lambda i: ((len(live_rows[i]) - 1) * (len(live_columns[i]) - 1), i))
        order.append(k)
        left.discard(k)
        below, right = live_columns[k] - {k}, live_rows[k] - {k}
        for i in below:
            new = right - live_rows[i]
            live_rows[i] |= new
            rows[i] |= new
            for j in new:
                live_columns[j].add(i)
        for i in below:
            live_rows[i].discard(k)
        for j in right:
            live_columns[j].discard(k)
    number = {old: new for new, old in enumerate(order)}
    return order, [sorted(number[j] for j in rows[old]) for old in order]


def _matrix(n: int, rows: list[dict[int, list[str]]], sums: list[str]) -> list[str]:
    """Fill in `J`, where each entry stands, and the tables for elimination."""
    order, filled = _eliminated(n, [set(row) for row in rows])
    starts = [0]
    for row in filled:
        starts.append(starts[-1] + len(row))
    at = {(i, j): starts[i] + k for i, row in enumerate(filled) for k, j in enumerate(row)}
    number = {old: new for new, old in enumerate(order)}
    lines = [f"#define NZ {starts[-1]}", f"static double J[NZ], LU[NZ], d[{max(1, len(sums))}];"]
    for name, values in (
        ("order", order),
        ("row", starts),
        ("col", [j for row in filled for j in row]),
        ("diag", [at[i, i] for i in range(n)]),
    ):
        lines.append(f"static const int {name}[] = {{{','.join(map(str, values))}}};")
    lines.append("static void jacobian(const double *y) {")
    lines += [f"d[{i}] = {code};" for i, code in enumerate(sums)]
    lines.append("memset(J, 0, sizeof J);")
    for i, terms in enumerate(rows):
        for j, codes in terms.items():
            lines.append(f"J[{at[number[i], number[j]]}] = {' + '.join(codes)};")
    return [*lines, "}"]


def _start(network: Network, place: Mapping[str, int]) -> list[str]:
    """From what a start amount is worth to what its parameter is."""
    lines = ["static void start(const double *lam, double *bar) {"]
    for s, (_, amount) in enumerate(network.species):
        if amount in place:
            lines.append(f"bar[{place[amount]}] += lam[{s}];")
    return [*lines, "}"]


_HEAD = """#include <string.h>
#include <math.h>
"""

_TAIL = """
static int factored(double h) { /* LU = I - h J, no pivoting */
    double w[N];
    for (int i = 0; i < N; i++) {
        for (int k = row[i]; k < row[i + 1]; k++) w[col[k]] = -h * J[k];
        w[i] += 1.0;
        for (int k = row[i]; k < diag[i]; k++) {
            int j = col[k];
            double a = w[j] / LU[diag[j]];
            w[j] = a;
            for (int m = diag[j] + 1; m < row[j + 1]; m++) w[col[m]] -= a * LU[m];
        }
        for (int k = row[i]; k < row[i + 1]; k++) LU[k] = w[col[k]];
        if (!(fabs(LU[diag[i]]) > 1e-300)) return 1;
    }
    return 0;
}
static void solved(double *x) { /* LU' x = x, in the order of elimination */
    for (int i = 0; i < N; i++) {
        double a = x[i] /= LU[diag[i]];
        for (int k = diag[i] + 1; k < row[i + 1]; k++) x[col[k]] -= LU[k] * a;
    }
    for (int i = N - 1; i >= 0; i--)
        for (int k = row[i]; k < diag[i]; k++) x[col[k]] -= LU[k] * x[i];
}
#define GAMMA 0.29289321881345254
/* lam (k, N): k worths of the state after the last step, then before the first; seed (steps, k, N): those of
   the state at the end of each step by itself; bar (k, M): those of each symbol, which are added to */
int back(int k, int steps, const double *h, const double *mid, const double *seed, const double *q,
         double *lam, double *bar) {
    double x[N], u[N], th[N], own[M];
    for (int n = steps - 1; n >= 0; n--) {
        const double *y = mid + (size_t)n * N, *s = seed + (size_t)n * k * N;
        double g = GAMMA * h[n], e = (1.0 - GAMMA) * h[n];
        evaluate(q, y);
        jacobian(y);
        if (factored(g)) return 1;
        for (int c = 0; c < k; c++, s += N) {
            double *l = lam + c * N, *b = bar + c * M;
            for (int i = 0; i < N; i++) l[i] += s[i];
            for (int i = 0; i < N; i++) x[i] = l[order[i]];
            solved(x);
            /* (1 - g J') u = e J' x, and J' x = (x - l) / g */
            for (int i = 0; i < N; i++) u[i] = e / g * (x[i] - l[order[i]]);
            solved(u);
            for (int i = 0; i < N; i++) {
                th[order[i]] = (g + e) * x[i] + g * u[i];
                l[order[i]] = x[i] + u[i];
            }
            memset(own, 0, sizeof own);
            pull(y, th, own);
            reverse(own);
            for (int i = 0; i < M; i++) b[i] += own[i];
        }
    }
    return 0;
}
/* the resting state, as one implicit Euler step of length h from the start amounts */
int rest(int k, double h, const double *y, const double *q, double *lam, double *bar) {
    double x[N], th[N], own[M];
    evaluate(q, y);
    jacobian(y);
    if (factored(h)) return 1;
    for (int c = 0; c < k; c++) {
        double *l = lam + c * N, *b = bar + c * M;
        for (int i = 0; i < N; i++) x[i] = l[order[i]];
        solved(x);
        memset(own, 0, sizeof own);
        for (int i = 0; i < N; i++) l[order[i]] = x[i], th[order[i]] = h * x[i];
        pull(y, th, own);
        start(l, own);
        reverse(own);
        for (int i = 0; i < M; i++) b[i] += own[i];
    }
    return 0;
}
/* k worths of one read-out (a symbol) at one state, to those of species and symbols */
void reading(int k, int symbol, const double *worth, const double *y, const double *q, double *lam,
             double *bar) {
    double own[M];
    evaluate(q, y);
    for (int c = 0; c < k; c++) {
        if (worth[c] == 0.0) continue;
        memset(own, 0, sizeof own);
        own[symbol] = worth[c];
        reverse(own);
        spread(own, lam + c * N);
        for (int i = 0; i < M; i++) bar[c * M + i] += own[i];
    }
}
/* for tests: the Jacobian, row by row */
void dense(const double *y, const double *q, double *out) {
    evaluate(q, y);
    jacobian(y);
    memset(out, 0, (size_t)N * N * sizeof(double));
    for (int i = 0; i < N; i++)
        for (int k = row[i]; k < row[i + 1]; k++) out[order[i] * N + order[col[k]]] = J[k];
}
"""
