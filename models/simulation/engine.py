"""One network, run over and over on bngsim: values and state in, observables and state out.

bngsim's low-level classes are used directly: its `Simulator.run` costs 0.1 ms a run more, which is a tenth of
a short run. This is the only module that knows them.
"""

from __future__ import annotations

import ctypes
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.quiet_solvers import quiet
from models.simulation.codegen.compile import compiler, library

Array = NDArray[np.float64]

MAX_STEPS = 20_000
"""Bound of one integration, in evaluations of the right-hand side. A run of 72 h takes 200 to 1,000."""

MAX_JACOBIANS = 2_000
"""The same bound without compiled code: SUNDIALS renews the Jacobian at least once in 50 steps."""

TOO_MANY = "too many steps"


@dataclass(frozen=True, slots=True)
class Failure:
    """A simulation that could not be done, and why. A value: the worst score, never the end of a fit."""

    reason: str


@dataclass(frozen=True, slots=True)
class EngineRun:
    """What one integration gives.

    Attributes
    ----------
    observables : array (n_times, n_observables) [copies/cell]
    functions : array (n_times, n_functions)
    state : array (n_species,) [copies/cell]
        At the last time.
    steps : int
    states : array (n_times, n_species) [copies/cell], or None
        At all times, where they were asked for.
    """

    observables: Array
    functions: Array
    state: Array
    steps: int
    states: Array | None = None


class Engine:
    """A network ready to run. One per thread or process.

    Parameters
    ----------
    text : str
        The network, as a .net file.
    compiled : bool, optional
        Whether to compile it; by default where a C compiler is.
    """

    def __init__(self, text: str, compiled: bool | None = None) -> None:
        import bngsim
        from bngsim import _bngsim_core as low

        self._low = low
        logging.getLogger("bngsim").setLevel(logging.ERROR)
        with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
            path = Path(folder) / "model.net"
            path.write_text(text, encoding="utf-8")
            model = bngsim.Model.from_net(path)
            model.prepare_analytical_jacobian()
            code = library(path, model, text) if compiled is not False and compiler() else None
        self._model = model
        self.core = model._core
        self.compiled = code is not None
        self.parameters: tuple[str, ...] = tuple(model.primary_param_names)
        self.species: tuple[str, ...] = tuple(model.species_names)
        self.observables: tuple[str, ...] = tuple(model.observable_names)
        self.functions: tuple[str, ...] = tuple(model.function_names)
        self._set = np.array([self.core.get_param(name) for name in self.parameters])
        self._simulator = low.CvodeSimulator(self.core)
        self._options = low.SolverOptions()
        self._options.max_steps = 1_000_000  # bngsim would go on after that many: the bounds are ours
        self._calls = 0
        if code is not None:
            self._options.codegen_so_path = str(code)
            self._budget = ctypes.CDLL(str(code)).rewire_budget
            self._budget.argtypes, self._budget.restype = [ctypes.c_long], None
        else:
            # Without compiled code the steps are counted in the Jacobian's call-back.
            self._options.jacobian = "jax"
            self._options.set_jax_jac_fn(self._counted)

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters by name; the others stay."""
        self.core.set_params(dict(values))
        for name, value in values.items():
            self._set[self.parameters.index(name)] = value

    def set_all(self, values: Array) -> None:
        """Set all parameters, in the order of `parameters`; only what changed is written."""
        changed = np.flatnonzero(values != self._set)
        if len(changed):
            names = self.parameters
            self.core.set_params({names[i]: float(values[i]) for i in changed})
            self._set[changed] = values[changed]

    def initial(self) -> Array:
        """The start amounts that the parameters imply [copies/cell], (n_species,)."""
        self.core.reset()
        state: Array = self.core.get_state()
        return state

    def slopes(self, state: Array) -> Array:
        """The time derivative at `state` [copies/s], (n_species,)."""
        slopes: Array = self.core.compute_derivs(0.0, state)
        return slopes

    def jacobian(self, state: Array) -> Array:
        """d slopes / d state at `state` [1/s], (n_species, n_species)."""
        core = self.core
        exact = core.analytical_jacobian_complete
        matrix: Array = (core.fill_dense_analytical_jacobian if exact else core.fill_dense_fd_jacobian)(
            0.0, state
        )
        return matrix

    def run(
        self, state: Array, times: Sequence[float], rtol: float, atol: float, states: bool = False
    ) -> EngineRun | Failure:
        """Integrate from `state` at the first of `times` and sample at all of them.

        Parameters
        ----------
        state : array (n_species,) [copies/cell]
        times : sequence (n_times,) [s]
            Rising, at least two.
        rtol, atol : float
            Relative tolerance, and absolute [copies/cell].
        states : bool
            Whether to give the amounts at all times, too.
        """
        spec = self._low.TimeSpec()
        spec.sample_times = times
        spec.t_start, spec.t_end, spec.n_points = times[0], times[-1], len(times)
        options = self._options
        options.rtol, options.atol = rtol, atol
        core = self.core
        core.set_state(state)
        self._calls = MAX_JACOBIANS
        reason = ""
        with quiet() as talk:
            if self.compiled:
                self._budget(MAX_STEPS)
            try:
                result = self._simulator.run(spec, options)
            except _TooManySteps:
                return Failure(TOO_MANY)
            except RuntimeError as error:
                reason = str(error).split(". ")[0]
        if reason:
            return Failure(_why(reason, talk.text))
        end: Array = core.get_state()
        observables: Array = result.observable_data
        if len(observables) != len(times) or not (np.isfinite(end).all() and np.isfinite(observables).all()):
            return Failure("the amounts are no longer finite numbers")
        stats, way = result.solver_stats, result.species_data if states else None
        return EngineRun(observables, result.raw_expression_data, end, stats.n_steps, way)

    def _counted(self, t: float, state: Any) -> Array:
        self._calls -= 1
        if self._calls < 0:
            raise _TooManySteps
        return self.jacobian(np.asarray(state)).ravel(order="F")


class _TooManySteps(RuntimeError):
    """Raised out of the solver when its bound is reached."""


def _why(reason: str, talk: str) -> str:
    """A short reason: the solver's exception, with the first line it wrote."""
    if "CV_RHSFUNC_FAIL" in reason:  # only the counter in the compiled code ends a run so
        return TOO_MANY
    line = next((part for part in talk.splitlines() if part.startswith("[ERROR]")), "")
    said = line.rsplit("] ", 1)[-1].strip()
    return f"{reason} ({said})" if said else reason
