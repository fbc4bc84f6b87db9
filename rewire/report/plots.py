"""Plots: time courses with the range of the ensemble, and the trace of a calibration."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
COLOURS = ("#0b6fa4", "#c8531c", "#2e8540", "#7b4ea3", "#8a6d00", "#5c6670")
"""Colours that colour-blind readers can distinguish, and dark enough for print."""


def figure(rows: int, columns: int, width: float, height: float) -> tuple[Figure, NDArray[Any]]:
    """A figure with its axes, drawn without a display and without pyplot's global state."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    axes = made.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return made, axes


def courses(
    hours: Array,
    bands: Mapping[str, Array],
    observables: Sequence[str],
    units: Mapping[str, str],
    columns: int = 4,
    label: str = "h",
) -> Figure:
    """One panel per observable, one colour per treatment.

    Parameters
    ----------
    hours : array (n_times,) [h]
    bands : mapping of str to array (n_members, n_times, n_observables)
        Trajectories of the members by treatment; nan where a member failed.
    """
    columns = min(columns, len(observables))
    rows = -(-len(observables) // columns)
    made, axes = figure(rows, columns, 3.0 * columns, 2.3 * rows + 0.4)
    for k, (name, axis) in enumerate(zip(observables, axes.flat, strict=False)):
        for (arm, band), colour in zip(bands.items(), COLOURS * 3, strict=False):
            lines = band[:, :, k]
            lines = lines[np.isfinite(lines).all(axis=1)]
            if not len(lines):
                continue
            low, middle, high = np.percentile(lines, (5, 50, 95), axis=0)
            axis.fill_between(hours, low, high, color=colour, alpha=0.18, linewidth=0)
            axis.plot(hours, middle, color=colour, linewidth=1.6, label=arm)
        axis.set_title(name, fontsize=9, loc="left")
        axis.set_ylabel(units.get(name, ""), fontsize=7)
        axis.set_ylim(bottom=0)
        axis.tick_params(labelsize=7)
        axis.set_xlabel(label, fontsize=7)
    for axis in list(axes.flat)[len(observables) :]:
        axis.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    if handles:
        made.legend(
            handles, labels, loc="outside upper center", ncols=min(len(labels), 4), fontsize=8, frameon=False
        )
    return made


def trace(rows: Sequence[Mapping[str, float]]) -> Figure:
    """Findings that hold against time.

    Parameters
    ----------
    rows : sequence of mapping
        With `seconds`, `hold`, `best_hold`, `of`, `start`.
    """
    made, axes = figure(1, 1, 8.0, 2.8)
    axis = axes[0, 0]
    minutes = np.array([row["seconds"] for row in rows]) / 60.0
    axis.plot(minutes, [row["hold"] for row in rows], color=COLOURS[0], linewidth=0.9, alpha=0.7, label="now")
    axis.step(
        minutes,
        [row["best_hold"] for row in rows],
        where="post",
        color=COLOURS[1],
        linewidth=1.6,
        label="best",
    )
    if rows:
        axis.axhline(rows[-1]["of"], color=COLOURS[5], linewidth=0.8, linestyle=":", label="all")
    axis.set_xlabel("minutes")
    axis.set_ylabel("findings that hold")
    axis.legend(fontsize=8, frameon=False)
    return made


def svg(made: Figure, prefix: str) -> str:
    """The figure as SVG text for a page; `prefix` makes the ids of several figures different."""
    buffer = io.StringIO()
    made.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r'(\bid="|url\(#|xlink:href="#|href="#)', rf"\g<1>{prefix}-", text)


def save(made: Figure, path: str | IO[bytes], form: str) -> None:
    """Write the figure to an open file or a path, as "png", "svg" or "pdf"."""
    made.savefig(path, format=form, dpi=150)
