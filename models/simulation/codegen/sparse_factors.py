"""Sparse factors, and solutions with them, as C: straight lines for small networks, loops for large ones."""

from __future__ import annotations

from collections.abc import Mapping

from models.simulation.codegen.reverse_ad import Unsupported

STRAIGHT = 4_000
"""Multiplications of one factorisation up to which no index is looked up: twice those of our network, which
compiles in five seconds. Straight lines are twice as fast as loops, and take ever longer to compile."""

MOST = 2_000_000
"""Multiplications of one factorisation: more take too long in every step."""

LOOPS = """static ALIGNED real over[N];
static void factored(real h) {
    static ALIGNED real w[N];
    for (int i = 0; i < N; i++) {
        for (int e = row[i]; e < row[i + 1]; e++) w[col[e]] = -h * J[e];
        w[i] += 1.0;
        for (int e = row[i]; col[e] < i; e++) {
            int k = col[e];
            w[k] *= over[k];
            for (int u = diagonal[k] + 1; u < row[k + 1]; u++) w[col[u]] -= w[k] * LU[u];
        }
        for (int e = row[i]; e < row[i + 1]; e++) LU[e] = w[col[e]];
        over[i] = 1.0 / w[i];
    }
}
static void solved(real *x) {
    for (int i = 0; i < N; i++)
        for (int e = row[i]; e < diagonal[i]; e++) x[i] -= LU[e] * x[col[e]];
    for (int i = N - 1; i >= 0; i--) {
        for (int e = diagonal[i] + 1; e < row[i + 1]; e++) x[i] -= LU[e] * x[col[e]];
        x[i] *= over[i];
    }
}
static void solved_back(real *x) {
    for (int i = 0; i < N; i++) {
        x[i] *= over[i];
        for (int e = diagonal[i] + 1; e < row[i + 1]; e++) x[col[e]] -= LU[e] * x[i];
    }
    for (int i = N - 1; i >= 0; i--)
        for (int e = row[i]; e < diagonal[i]; e++) x[col[e]] -= LU[e] * x[i];
}"""


class TooLarge(Unsupported):
    """A network whose code would take too long to compile."""


def eliminated(n: int, pattern: list[set[int]]) -> tuple[list[int], list[list[int]]]:
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


def elimination(filled: list[list[int]], at: Mapping[tuple[int, int], int]) -> list[str]:
    """C for LU = I - h J with one over the diagonal of U, and for solutions of LU x = x and LU' x = x.

    Raises
    ------
    TooLarge
        Where a factorisation takes more than `MOST` multiplications.
    """
    work = sum(j > k for i, row in enumerate(filled) for k in row if k < i for j in filled[k])
    if work > MOST:
        raise TooLarge(f"the network of {len(filled)} species is too large to be written out as C")
    if work <= STRAIGHT:
        return [*factors(filled, at), *solutions(filled, at)]
    diagonal = ",".join(str(at[i, i]) for i in range(len(filled)))
    return [f"static const int diagonal[] = {{{diagonal}}};", LOOPS]


def factors(filled: list[list[int]], at: Mapping[tuple[int, int], int]) -> list[str]:
    """LU = I - h J row by row, and `over`, 1 over the diagonal of U; no number where there is no solution."""
    lines = ["static ALIGNED real over[N];", "static void factored(real h) {"]
    for i, row in enumerate(filled):
        lines.append("{")
        lines += [f"real w{j} = {'1.0 ' if i == j else ''}-h * J[{at[i, j]}];" for j in row]
        for k in (k for k in row if k < i):
            lines.append(f"w{k} *= over[{k}];")
            lines += [f"w{j} -= w{k} * LU[{at[k, j]}];" for j in filled[k] if j > k]
        lines += [f"LU[{at[i, j]}] = w{j};" for j in row if j != i]
        lines.append(f"over[{i}] = 1.0 / w{i}; }}")
    return [*lines, "}"]


def solutions(filled: list[list[int]], at: Mapping[tuple[int, int], int]) -> list[str]:
    """In the order of elimination: LU x = x, and LU' x = x."""
    lower = [[j for j in row if j < i] for i, row in enumerate(filled)]
    upper = [[j for j in row if j > i] for i, row in enumerate(filled)]
    n = range(len(filled))
    lines = ["static void solved(real *x) {"]
    lines += [f"x[{i}] -= {' + '.join(f'LU[{at[i, j]}]*x[{j}]' for j in lower[i])};" for i in n if lower[i]]
    for i in reversed(n):
        parts = "".join(f" - LU[{at[i, j]}]*x[{j}]" for j in upper[i])
        lines.append(f"x[{i}] = (x[{i}]{parts}) * over[{i}];")
    lines += ["}", "static void solved_back(real *x) {", "real a;"]
    for i in n:
        parts = " ".join(f"x[{j}] -= LU[{at[i, j]}] * a;" for j in upper[i])
        lines.append(f"a = x[{i}] *= over[{i}]; {parts}")
    for i in reversed(n):
        if lower[i]:
            lines.append(f"a = x[{i}]; " + " ".join(f"x[{j}] -= LU[{at[i, j]}] * a;" for j in lower[i]))
    return [*lines, "}"]
