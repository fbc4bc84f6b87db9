"""The cut networks of a model: which one a stretch of a simulation runs on, each built once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.simulation.codegen.compile import compiler
from models.simulation.engine import Array, Engine
from models.simulation.network_reduction import Network, cut, reachable

Index = NDArray[np.intp]


@dataclass(slots=True, eq=False)
class ReducedNetwork:
    """A cut network: the species it keeps, and where in its output the read-outs stand.

    Attributes
    ----------
    keep : array (n_kept,)
        Numbers of the kept species in the whole network.
    reach : bytes
        The same as a mask over all species.
    text : str
        The network's file.
    groups, functions : pair of arrays
        Columns of a table of read-outs, and the engine's columns that fill them.
    """

    keep: Index
    reach: bytes
    text: str
    compiled: bool | None
    groups: tuple[Index, Index]
    functions: tuple[Index, Index]
    _engine: Engine | None = field(default=None)

    @property
    def engine(self) -> Engine:
        """Ready to run; built on first use."""
        if self._engine is None:
            self._engine = Engine(self.text, self.compiled)
        return self._engine


class ReducedNetworks:
    """All cuts of one network.

    Parameters
    ----------
    network : Network
    outputs : sequence of str
        What is read, in the order of a table's columns.
    switches : sequence of str
        Parameters that can make a rate vanish at 1 as well as at 0 (as in ``1 - intact``).
    whole : bool
        Leave nothing out.
    compiled : bool, optional
        By default, where a C compiler is.
    """

    def __init__(
        self,
        network: Network,
        outputs: Sequence[str],
        switches: Iterable[str],
        whole: bool = False,
        compiled: bool | None = None,
    ) -> None:
        self.network, self.outputs = network, tuple(outputs)
        self._whole, self._compiled = whole, compiled
        self._scout = Engine(network.text(), compiled=False)
        self.parameters = self._scout.parameters
        self.place = {name: i for i, name in enumerate(self.parameters)}
        self.defaults: Array = np.array([self._scout.core.get_param(name) for name in self.parameters])
        self._switches = np.array([self.place[s] for s in switches if s in self.place], np.intp)
        self._by_pattern: dict[tuple[bytes, bytes, bytes], ReducedNetwork] = {}
        self._by_content: dict[bytes, ReducedNetwork] = {}

    def __len__(self) -> int:
        return len(self._by_content)

    def __iter__(self) -> Iterator[ReducedNetwork]:
        return iter(self._by_content.values())

    def get(self, before: ReducedNetwork | None, values: Array) -> ReducedNetwork:
        """The network for these values (n_parameters,), after the piece `before` (None: from the start).

        What can be reached depends on which parameters are 0 (and which switches are 1), so networks are
        shared by all values with the same zeros.
        """
        pattern = (
            before.reach if before else b"",
            (values == 0.0).tobytes(),
            (values[self._switches] == 1.0).tobytes(),
        )
        piece = self._by_pattern.get(pattern)
        if piece is None:
            piece = self._by_pattern[pattern] = self._cut(before, values)
        return piece

    def build(self) -> None:
        """Make all engines that are still missing, on all cores: the compiler is what takes the time."""
        missing = [piece for piece in self._by_content.values() if piece._engine is None]
        if len(missing) > 1 and self._compiled is not False and compiler():
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(lambda piece: piece.engine, missing))

    def _cut(self, before: ReducedNetwork | None, values: Array) -> ReducedNetwork:
        scout = self._scout
        scout.set_all(values)
        present = np.frombuffer(before.reach, bool) if before else scout.initial() > 0.0
        species, reactions = reachable(scout.core, self.network, present)
        if self._whole:
            species, reactions = np.ones_like(species), np.ones_like(reactions)
        content = species.tobytes() + reactions.tobytes()
        if content not in self._by_content:
            part = cut(self.network, species, reactions, self.outputs)
            self._by_content[content] = ReducedNetwork(
                np.flatnonzero(species),
                species.tobytes(),
                part.text(),
                self._compiled,
                _columns(self.outputs, [name for name, _ in part.groups]),
                _columns(self.outputs, [name for name, _ in part.functions]),
            )
        return self._by_content[content]


def _columns(names: Sequence[str], given: Sequence[str]) -> tuple[Index, Index]:
    place = {name: i for i, name in enumerate(given)}
    pairs = [(i, place[name]) for i, name in enumerate(names) if name in place]
    return np.array([p[0] for p in pairs], np.intp), np.array([p[1] for p in pairs], np.intp)
