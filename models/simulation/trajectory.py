"""What is read of one simulated arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """Time courses of all observables of one arm.

    Attributes
    ----------
    times : array (n_times,) [s]
        Strictly rising, from 0.
    names : tuple (n_obs,) of str
    copies : array (n_times, n_obs) [copies/cell, or the observable's own unit]
        Not a number where a ratio has no meaning (the protein is absent).
    """

    times: Array
    names: tuple[str, ...]
    copies: Array

    def of(self, name: str) -> Array:
        """The time course of one observable, (n_times,).

        Raises
        ------
        ValueError
            Where there is no such observable.
        """
        column: Array = self.copies[:, self.names.index(name)]
        return column

    def at(self, name: str, time: float) -> float:
        """One observable at one time [s], linear between samples.

        Raises
        ------
        ValueError
            Before 0, beyond the last sample, or where there is no such observable.
        """
        if not 0.0 <= time <= self.times[-1]:
            raise ValueError(f"{time:g} s is outside 0 to {self.times[-1]:g} s")
        return float(np.interp(time, self.times, self.of(name)))
