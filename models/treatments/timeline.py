"""Arms as parameter vectors: at the steady state, and from each change on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_Settings = tuple[NDArray[np.intp], Array]
Timeline = tuple[Array, list[tuple[float, Array]]]
"""All parameters (n_parameters,) at steady state and from each start [s] on; the first is at or before 0."""


class Timelines:
    """Timelines of arms, each compiled once; every evaluation only fills in numbers.

    Parameters
    ----------
    place : mapping of str to int
        Index of each parameter in a vector. Settings that it lacks are left out.
    compile_arm : callable
        Arm to something with `reads` (names of overrides) and `conditions(overrides)`.
    """

    def __init__(self, place: Mapping[str, int], compile_arm: Callable[[Any], Any]) -> None:
        self._place, self._compile = place, compile_arm
        self._ready: dict[Any, tuple[Any, tuple[str, ...]]] = {}
        self._last: dict[Any, tuple[tuple[float | None, ...], _Settings, list[tuple[float, _Settings]]]] = {}

    def __contains__(self, arm: object) -> bool:
        return arm in self._ready

    def ready(self, arm: Any) -> Any:
        """The compiled arm."""
        if arm not in self._ready:
            ready = self._compile(arm)
            self._ready[arm] = (ready, tuple(ready.reads))
        return self._ready[arm][0]

    def of(self, arm: Any, base: Array, overrides: Mapping[str, float]) -> Timeline:
        """The timeline of an arm.

        Parameters
        ----------
        arm : Arm
        base : array (n_parameters,)
            All parameters before contexts and treatments are applied.
        overrides : mapping of str to float
            ``<context>.<SYMBOL>_copies`` and ``<drug>.potency``.
        """
        self.ready(arm)
        ready, reads = self._ready[arm]
        chosen = tuple(map(overrides.get, reads))
        last = self._last.get(arm)
        if last is None or last[0] != chosen:
            now = ready.conditions(overrides)
            steps = sorted(((float(start), s) for start, s in now.segments), key=lambda step: step[0])
            last = (chosen, self._written(now.rest), [(start, self._written(s)) for start, s in steps])
            self._last[arm] = last
        _, rest, steps = last
        if not steps or steps[0][0] > 0.0:
            steps = [(0.0, rest), *steps]
        return _with(base, rest), [(start, _with(base, settings)) for start, settings in steps]

    def _written(self, settings: Mapping[str, float]) -> _Settings:
        known = {self._place[name]: value for name, value in settings.items() if name in self._place}
        return np.array(list(known), np.intp), np.array(list(known.values()), float)


def _with(base: Array, settings: _Settings) -> Array:
    vector = base.copy()
    vector[settings[0]] = settings[1]
    return vector
