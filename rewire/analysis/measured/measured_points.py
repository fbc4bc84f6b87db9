"""How an ensemble stands to measured points: beside the findings, and never in their tallies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.objective.evaluator import Evaluation
from calibration.objective.measured.measurements import Fitted, Measurement, Measurements
from calibration.objective.problem import Vector
from rewire.report.finding_summary import Spread
from rewire.report.tables import Column, Table, number


@dataclass(frozen=True)
class MeasuredFit:
    """A data set, and how each member fits it.

    Attributes
    ----------
    data : Measurements
    fits : tuple of Fitted
        One a member.
    contexts : collection of str
        The cells that are shown; all where it is empty.
    """

    data: Measurements
    fits: tuple[Fitted, ...]
    contexts: Collection[str] = ()

    @classmethod
    def of(
        cls, data: Measurements | None, evaluations: Sequence[Evaluation], contexts: Collection[str] = ()
    ) -> MeasuredFit | None:
        """From evaluations; None where nothing was measured."""
        fits = tuple(e.measured for e in evaluations if e.measured is not None)
        return cls(data, fits, contexts) if data is not None and fits else None

    def record(self) -> dict[str, Any]:
        """All of it as plain values."""
        shown = [i for i, p in enumerate(self.data.points) if self._wanted(p)]
        return {
            "title": self.data.title,
            "points": len(shown),
            "rmse": self._rmse(shown),
            "left_out": dict(self.data.left_out),
            "records": self.records(),
        }

    def records(self) -> list[dict[str, Any]]:
        """One record an observable and kind of cell."""
        rows: dict[tuple[str, str], list[int]] = {}
        for i, p in enumerate(self.data.points):
            if self._wanted(p):
                rows.setdefault((p.observed.id, p.arm.context), []).append(i)
        return [self._one(*key, chosen) for key, chosen in rows.items()]

    def table(self, kind: str) -> Table:
        """The records as people see them; `kind` is that of the answer they stand in."""
        columns = [
            Column("measured", "observable"),
            Column("reads", "reads"),
            Column("context", "context"),
            Column("points", "points", "right"),
            Column("scales", "scales", "right"),
            Column("scale factor", lambda r: _range(r["scale"]), "right"),
            Column("RMSE in noise sd", lambda r: str(r["rmse"]), "right"),
            Column("flat line", "flat", "right"),
            Column("correlation", lambda r: str(r["correlation"]), "right"),
        ]
        all_of_it = self.record()
        footer = [f"all {all_of_it['points']} points: RMSE {all_of_it['rmse']} noise sd"]
        footer += [f"{name} is left out: {why}" for name, why in self.data.left_out.items()]
        if lost := sum(r["unknown"] for r in all_of_it["records"]):
            footer.append(f"{lost} readings could not be simulated, counted over all members")
        return Table(kind, all_of_it["records"], columns, title=self.data.title, footer=["", *footer])

    def _wanted(self, point: Measurement) -> bool:
        return not self.contexts or point.arm.context in self.contexts

    def _rmse(self, chosen: Sequence[int]) -> Spread:
        found = [fit.residuals[list(chosen)] for fit in self.fits]
        return Spread.of([_root_mean(left) for left in found])

    def _one(self, observable: str, context: str, chosen: list[int]) -> dict[str, Any]:
        first = self.data.points[chosen[0]].observed
        groups = sorted({int(self.data.groups.index[i]) for i in chosen})
        scales = np.array([fit.scale[groups] for fit in self.fits])
        middle = np.nanmedian(scales, axis=0) if np.isfinite(scales).any(axis=0).all() else scales[0]
        return {
            "observable": observable,
            "reads": f"{first.observable}/{first.per}" if first.per else first.observable,
            "context": context,
            "points": len(chosen),
            "scales": len(groups) if first.scaled else 0,
            "scale": {self.data.names[g].strip(";"): float(k) for g, k in zip(groups, middle, strict=True)},
            "rmse": self._rmse(chosen),
            "flat": flat(self.data, chosen),
            "correlation": Spread.of([correlation(self.data, fit, chosen) for fit in self.fits]),
            "unknown": int(sum(np.isnan(fit.residuals[chosen]).sum() for fit in self.fits)),
        }


def flat(data: Measurements, chosen: Sequence[int]) -> float:
    """The RMSE [noise standard deviations] of a model in which nothing moves, with scales of its own."""
    return _root_mean(_seen(data, np.array(chosen), np.array([data.points[i].value for i in chosen])))


def correlation(data: Measurements, fit: Fitted, chosen: Sequence[int]) -> float:
    """Of model and measurement within the groups that share a scale, in logarithms where noise is that.

    What only tells the blots apart, each of which has a unit of its own, does not count. Nan where one of the
    two does not move.
    """
    rows = np.array(chosen)
    rows = rows[np.isfinite(fit.residuals[rows])]
    seen = _seen(data, rows, np.array([data.points[i].value for i in rows]))
    shown = _seen(data, rows, fit.predicted[rows])
    size = float(np.sqrt((seen @ seen) * (shown @ shown)))
    return float(seen @ shown) / size if size > 1e-12 else float("nan")


def _seen(data: Measurements, rows: NDArray[np.intp], values: Vector) -> Vector:
    """`values` of points [noise sd], less the mean of their group; as logarithms where noise is that."""
    of = data.groups.index[rows]
    log, noise = data.groups.log[of], np.array([data.points[i].noise for i in rows])
    values = np.where(log, np.log(np.where(log, values, 1.0)), values)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(of, values / noise**2) / np.bincount(of, 1.0 / noise**2)
    return np.asarray((values - mean[of]) / noise)


def _root_mean(left: Vector) -> float:
    known = left[np.isfinite(left)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else float("nan")


def _range(scales: Mapping[str, float]) -> str:
    """From the smallest to the largest, in the middle of the members."""
    values = sorted(scales.values())
    low, high = number(values[0], 2), number(values[-1], 2)
    return low if low == high else f"{low} to {high}"
