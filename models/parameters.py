"""The free parameters as one vector: shared kinetics, abundances of contexts, potencies of drugs.

A parameter set is a vector `z` in prior standard deviations: ``log10(value) = centre + sd * z``, so the prior
of each entry is normal with mean 0 and standard deviation 1, and sets of different parameters can be
compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scope = tuple[str, ...]
"""("shared",), ("context", name) or ("drug", name): what must be simulated again when it moves."""


@dataclass(frozen=True, eq=False)
class Space:
    """Names, prior and scope of the free parameters.

    Attributes
    ----------
    names : tuple (n,) of str
        Rates by their name, ``<context>.<SYMBOL>_copies``, ``<drug>.potency``.
    centre_log10 : array (n,)
        log10 of the prior's median, in the parameter's own unit; for a potency, the shift itself [decades].
    sd : array (n,)
        Prior width [decades].
    scope : tuple (n,) of Scope
    """

    names: tuple[str, ...]
    centre_log10: Array
    sd: Array
    scope: tuple[Scope, ...]

    def __len__(self) -> int:
        return len(self.names)

    def values(self, z: Array) -> dict[str, float]:
        """Parameter values by name: rates and copies in their units, potencies as log10 shifts [decades]."""
        logs = self.centre_log10 + self.sd * np.asarray(z, float)
        if logs.shape != self.centre_log10.shape:
            raise ValueError(f"z has shape {np.shape(z)}, expected ({len(self)},)")
        return {
            name: float(log) if scope[0] == "drug" else float(10.0**log)
            for name, scope, log in zip(self.names, self.scope, logs, strict=True)
        }

    def position(self, values: Mapping[str, float]) -> Array:
        """The vector of `values` (the inverse of `values`); missing names stand at the median."""
        z = np.zeros(len(self))
        for i, (name, scope) in enumerate(zip(self.names, self.scope, strict=True)):
            if name in values:
                log = values[name] if scope[0] == "drug" else np.log10(values[name])
                z[i] = (log - self.centre_log10[i]) / self.sd[i]
        return z

    def draw(self, rng: np.random.Generator) -> Array:
        """A draw from the prior, (n,)."""
        return rng.standard_normal(len(self))

    def of(self, kind: str, name: str | None = None) -> NDArray[np.bool_]:
        """Which parameters have that kind of scope (and that context or drug), (n,)."""
        return np.array([s[0] == kind and (name is None or s[1:] == (name,)) for s in self.scope], bool)

    def matched(self, names: Iterable[str], vectors: Array) -> Array:
        """Vectors (m, k) over `names` moved into this space by name, (m, n); the rest stands at 0."""
        place = {name: i for i, name in enumerate(names)}
        vectors = np.atleast_2d(np.asarray(vectors, float))
        moved = np.zeros((len(vectors), len(self)))
        for i, name in enumerate(self.names):
            if name in place:
                moved[:, i] = vectors[:, place[name]]
        return moved


def space(built: Any, contexts: Mapping[str, Any], drugs: Mapping[str, float] | None = None) -> Space:
    """The free parameters of a model, its contexts and its drugs.

    Parameters
    ----------
    built : models.assemble.Built
    contexts : mapping of name to models.cells.context.Context
        Those that are fitted; their `free` gives (value, sd) of each free abundance.
    drugs : mapping of name to float, optional
        Prior width [decades] of the potency of each drug that is fitted.
    """
    rows: list[tuple[str, float, float, Scope]] = [
        (rate.name, float(np.log10(rate.guess)), rate.sd, ("shared",))
        for rate in built.rates.values()
        if rate.sd > 0
    ]
    for name, context in sorted(contexts.items()):
        rows += [
            (f"{name}.{setting}", float(np.log10(value)), sd, ("context", name))
            for setting, (value, sd) in context.free.items()
            if sd > 0 and value > 0
        ]
    potencies = sorted((drugs or {}).items())
    rows += [(f"{name}.potency", 0.0, sd, ("drug", name)) for name, sd in potencies if sd > 0]
    return Space(
        tuple(row[0] for row in rows),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        tuple(row[3] for row in rows),
    )
