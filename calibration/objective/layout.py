"""Which terms a problem has, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.findings.claims.finding import Finding
from calibration.objective.baseline import ends_of
from calibration.objective.measured.measurements import Measurements
from calibration.objective.problem import Mask, Vector
from calibration.objective.simulation_plan import SimulationPlan, plan
from models.cells.context import Context
from models.cells.plausible_ranges import PlausibleRange, PlausibleRanges
from models.parameters import Space
from models.treatments.arm import Arm

RANGE_WEIGHT = 2.0  # of a plausible range in the loss: on it depend all findings of the context


@dataclass(frozen=True)
class Layout:
    """The terms (n_terms,) of a problem: parts of findings, plausible ranges, then measured points.

    Attributes
    ----------
    findings : tuple of Finding
        Those that are fitted.
    space : Space
        What is free.
    fixed : mapping of str to float
        Values that are set whatever the point says.
    plan : SimulationPlan
    ranges : mapping of str to mapping of str to PlausibleRange
        Of each context.
    rows : tuple of slice
        The terms of each finding.
    range_rows : mapping of str to slice
        The terms of the untreated cells of each context.
    point_rows : slice
        The terms of measured points.
    weights : array (n_terms,)
        How much each term counts in the loss.
    ends : tuple of (str, PlausibleRange, float)
        Context, range and sign (1 of its lower end, -1 of its upper) of each term of untreated cells.
    needs : array (n_findings, n_contexts) of bool
        In which contexts each finding reads an arm.
    """

    findings: tuple[Finding, ...]
    space: Space
    fixed: Mapping[str, float]
    plan: SimulationPlan
    ranges: Mapping[str, Mapping[str, PlausibleRange]]
    rows: tuple[slice, ...]
    range_rows: Mapping[str, slice]
    point_rows: slice
    weights: Vector
    ends: tuple[tuple[str, PlausibleRange, float], ...]
    needs: Mask

    @property
    def n(self) -> int:
        """Number of free parameters."""
        return len(self.space)

    @property
    def n_terms(self) -> int:
        """Number of terms."""
        return len(self.weights)

    def values(self, z: Vector) -> dict[str, float]:
        """All values that are set at `z` (n,) [prior standard deviations]."""
        return {**self.space.values(z), **self.fixed}

    def range_of(self, row: int) -> tuple[str, PlausibleRange, float]:
        """Context, range and sign of a term of untreated cells."""
        first: int = next(iter(self.range_rows.values())).start
        return self.ends[row - first]

    def wanted(self, only: Mask | None) -> frozenset[Arm]:
        """The arms on which these terms depend; None: on which any does."""
        if only is None:
            return frozenset(self.plan.times)
        arms: set[Arm] = set()
        for rows, own in zip(self.rows, self.plan.arms, strict=True):
            if only[rows].any():
                arms |= own
        arms |= {self.plan.rests[name] for name, rows in self.range_rows.items() if only[rows].any()}
        if only[self.point_rows].any():
            arms |= self.plan.beside
        return frozenset(arms)

    def holds(self, terms: Vector) -> Mask:
        """Which findings hold, in untreated cells that are plausible."""
        own = np.array(
            [len(terms[rows]) > 0 and bool(np.all(terms[rows] >= 0.0)) for rows in self.rows], dtype=bool
        )
        odd = np.array([bool(np.any(terms[rows] < 0.0)) for rows in self.range_rows.values()], dtype=bool)
        return np.asarray(own & ~(self.needs & odd).any(axis=1))


def lay_out(
    findings: Sequence[Finding],
    contexts: Mapping[str, Context],
    space: Space,
    plausible: PlausibleRanges,
    fixed: Mapping[str, float] | None = None,
    measured: Measurements | None = None,
) -> Layout:
    """The terms of findings, of the plausible ranges of all cells in them, and of measured points."""
    made = plan(findings, contexts, beside=[measured] if measured else ())
    ranges = {name: contexts[name].bands(plausible.bands) for name in contexts}
    rows: list[slice] = []
    at = 0
    for finding in findings:
        rows.append(slice(at, at + finding.n_parts))
        at += finding.n_parts
    range_rows: dict[str, slice] = {}
    ends: list[tuple[str, PlausibleRange, float]] = []
    for name in made.rests:
        own = [(name, band, sign) for band, _, sign in ends_of(ranges[name])]
        range_rows[name] = slice(at, at + len(own))
        ends += own
        at += len(own)
    point_rows = slice(at, at + (len(measured.weights) if measured else 0))
    weights = np.ones(point_rows.stop)
    for part in rows:
        weights[part] = 1.0 / np.sqrt(max(1, part.stop - part.start))
    for part in range_rows.values():
        weights[part] = RANGE_WEIGHT
    if measured:
        weights[point_rows] = measured.weights
    names = list(made.rests)
    needs = np.zeros((len(findings), len(names)), dtype=bool)
    for i, arms in enumerate(made.arms):
        needs[i, [names.index(arm.context) for arm in arms]] = True
    return Layout(
        tuple(findings),
        space,
        dict(fixed or {}),
        made,
        ranges,
        tuple(rows),
        range_rows,
        point_rows,
        weights,
        tuple(ends),
        needs,
    )
