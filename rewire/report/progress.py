"""Progress of a calibration on stderr: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from rewire.report.console import talk

EVERY = 15.0  # [s] between two lines where stderr is no terminal


class Round(Protocol):
    """State of an optimiser after each round (see `calibration.optimize.multistart.Progress`)."""

    @property
    def start(self) -> int: ...
    @property
    def hold(self) -> int: ...
    @property
    def best_hold(self) -> int: ...
    @property
    def of(self) -> int: ...
    @property
    def evaluations(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def members(self) -> int: ...
    @property
    def phase(self) -> str: ...


class _Holds(ProgressColumn):
    """How many findings hold, best first."""

    def render(self, task: Task) -> Text:
        if "best" not in task.fields:
            return Text("the first evaluations …", style="dim")
        f = task.fields
        return Text.assemble(
            (f"{f['best']}", "bold green"),
            f" of {f['of']} findings hold",
            (f", now {f['hold']}", "dim"),
            (f" · start {f['start'] + 1} · {f['evaluations']:,.0f} evaluations", "dim"),
        )


class ProgressDisplay:
    """A display of a calibration; call it with each round.

    Parameters
    ----------
    minutes, evaluations : float, optional
        The budget; the bar shows how much of it is used.
    """

    def __init__(self, minutes: float | None = None, evaluations: float | None = None) -> None:
        self._minutes, self._evaluations = minutes, evaluations
        self._console = talk()
        self._last, self._best = -EVERY, -1
        self._bar: Progress | None = None
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("calibrating"),
                BarColumn(24),
                TextColumn("{task.percentage:>3.0f} %"),
                _Holds(),
                TimeElapsedColumn(),
                console=self._console,
                transient=False,
            )
            self._task = self._bar.add_task("fit", total=1.0)

    def __enter__(self) -> ProgressDisplay:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(line, markup=False)

    def used(self, now: Round) -> float:
        """Fraction of the budget that is used, whichever limit is nearer."""
        parts = [0.0]
        if self._minutes:
            parts.append(now.seconds / (60.0 * self._minutes))
        if self._evaluations:
            parts.append(now.evaluations / self._evaluations)
        return min(1.0, max(parts))

    def __call__(self, now: Round) -> None:
        """Show a round."""
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=self.used(now),
                best=now.best_hold,
                of=now.of,
                hold=now.hold,
                start=now.start,
                evaluations=now.evaluations,
            )
        elif time.monotonic() - self._last >= EVERY or now.best_hold > self._best + 5:
            self._last, self._best = time.monotonic(), now.best_hold
            self._console.print(
                f"[{self.used(now):4.0%}] {now.seconds:5.0f} s  "
                f"{now.best_hold} of {now.of} findings hold (now {now.hold}), "
                f"start {now.start + 1}, {now.evaluations:,.0f} evaluations",
                markup=False,
            )
