"""The folder of a posterior run: its options, the draws so far, and all that is needed to resume it.

run.json             options, versions, findings hash, what the bits depend on
root-0000.npz        what the findings say at a point where a chain stood in the warm-up, one file a point
block-0001.npz       draws of all chains, one file a block; those of the warm-up too
walk.npz             where the chains and their random streams stand after so many blocks
lock                 held by the process that works here

A block is written before the walk that follows it. After a power cut there may be one more than the walk
knows of; it is done again, and comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from calibration.objective.problem import Vector
from calibration.sample.chains import ChainState, DrawBlock
from calibration.sample.kernel import Chain
from calibration.storage.arrays import pack_arrays, read_arrays
from calibration.storage.folder import ABOUT, Folder
from models.core import files

FORMAT = "posterior-run/2"
"""Of the first, chains had one length of step; they cannot be resumed with two."""
WALK = "walk.npz"
_PLAIN = {
    "log": "log_likelihood",
    "width": "step_size",
    "widths": "step_sizes",
    "turn": "active",
    "tried": "proposed",
    "taken": "accepted",
}
"""Keys of a chain between two blocks, and its attributes."""


@dataclass
class PosteriorRun(Folder):
    """A posterior run and its folder, held by this process until `close`. It is a `Keeper`."""

    walk: ChainState | None = None
    what: ClassVar[str] = "posterior run"
    form: ClassVar[str] = FORMAT
    derivatives: ClassVar[Literal["log"] | None] = "log"

    @classmethod
    def create(
        cls, folder: Path, options: Mapping[str, Any], findings: str, names: Sequence[str]
    ) -> PosteriorRun:
        """Begin in a new (or empty) folder."""
        return cls._create(folder, options, {"findings": findings, "parameters": list(names)})

    @classmethod
    def resume(
        cls,
        folder: Path,
        options: Mapping[str, Any],
        findings: str,
        names: Sequence[str],
        accept: bool = False,
    ) -> PosteriorRun:
        """Resume a run; refused where it has other options or its environment has changed."""

        def restore(run: PosteriorRun) -> None:
            for name, given in (("options", dict(options)), ("parameters", list(names))):
                if run.about.get(name) != given:
                    raise files.wrong(
                        folder / ABOUT, name, "are others now", advice="Name another folder for a new run."
                    )
            run.walk = read_walk(folder)

        return cls._resume(folder, findings, accept, restore)

    def spent(self) -> float:
        """Evaluations so far."""
        return self.walk.evaluations if self.walk else 0.0

    def add(self, walk: ChainState, block: DrawBlock) -> None:
        """Save one more block, and that the chains continue from `walk`."""
        files.write(
            _block_path(self.folder, walk.blocks),
            pack_arrays({"z": block.z, "terms": block.terms.astype(np.float32), "log": block.log_likelihood}),
        )
        self.keep(walk)

    def keep(self, walk: ChainState) -> None:
        """Save that the chains continue from `walk`."""
        plain = {
            "blocks": walk.blocks,
            "evaluations": walk.evaluations,
            "seconds": walk.seconds,
            "generators": walk.generators,
            "chains": [{key: getattr(chain, name) for key, name in _PLAIN.items()} for chain in walk.chains],
        }
        arrays = {
            "z": np.array([c.z for c in walk.chains]),
            "terms": np.array([c.terms for c in walk.chains]),
            "plain": np.array(json.dumps(plain)),
        }
        slopes = [c.gradient for c in walk.chains if c.gradient is not None]
        if len(slopes) == len(walk.chains):
            arrays["slopes"] = np.array(slopes)
        files.write(self.folder / WALK, pack_arrays(arrays))
        self.walk = walk

    def blocks(self, first: int = 1) -> Iterator[DrawBlock]:
        """The blocks that the walk knows of, in order, from number `first` on."""
        return read_blocks(self.folder, first, self.walk.blocks if self.walk else 0)

    def root(self, number: int) -> Vector | None:
        """A square root (m, n) of the information at a point; None where it was not saved yet."""
        return read_root(self.folder, number)

    def keep_root(self, number: int, root: Vector) -> None:
        """Save it."""
        files.write(_root_path(self.folder, number), pack_arrays({"root": root}))


def read_walk(folder: Path) -> ChainState | None:
    """Where the chains stand; None before the first block. Only looks, as do the next two."""
    return _walk(folder / WALK) if (folder / WALK).exists() else None


def read_blocks(folder: Path, first: int, last: int) -> Iterator[DrawBlock]:
    """Blocks by number."""
    for number in range(first, last + 1):
        arrays = read_arrays(_block_path(folder, number))
        yield DrawBlock(arrays["z"], arrays["terms"].astype(float), arrays["log"])


def read_root(folder: Path, number: int) -> Vector | None:
    """A square root (m, n) of the information at a point."""
    path = _root_path(folder, number)
    return read_arrays(path)["root"] if path.exists() else None


def _root_path(folder: Path, number: int) -> Path:
    return folder / f"root-{number:04d}.npz"


def _block_path(folder: Path, number: int) -> Path:
    return folder / f"block-{number:04d}.npz"


def _walk(path: Path) -> ChainState:
    arrays = read_arrays(path)
    try:
        plain = json.loads(str(arrays["plain"]))
        slopes = arrays.get("slopes", [None] * len(arrays["z"]))
        chains = tuple(
            Chain(z, terms, gradient=gradient, **_attributes(own))
            for z, terms, gradient, own in zip(
                arrays["z"], arrays["terms"], slopes, plain.pop("chains"), strict=True
            )
        )
        return ChainState(chains, tuple(plain.pop("generators")), **plain)
    except (KeyError, ValueError, TypeError):
        raise files.wrong(path, "", "is not a walk", advice="The run folder is damaged or foreign.") from None


def _attributes(own: dict[str, Any]) -> dict[str, Any]:
    return {_PLAIN[key]: tuple(value) if key == "widths" else value for key, value in own.items()}
