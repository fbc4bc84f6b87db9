"""The folder of a posterior run: what was asked, the draws so far, and all that is needed to go on.

run.json             options, versions, findings hash, what the bits depend on
root-0000.npz        what the findings say at a point where a chain stood in the warm-up, one file a point
block-0001.npz       draws of all chains, one file a block; those of the warm-up too
walk.npz             where the chains and their random streams stand after so many blocks
lock                 held by the process that works here

A block is written before the walk that follows it. After a power cut there may be one more than the walk
knows of; it is done again, and comes out the same.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from calibration.objective.problem import Vector
from calibration.objective.workers import environment
from calibration.sample.chains import ChainState, DrawBlock
from calibration.sample.kernels import Chain
from calibration.storage.checkpoint import look
from calibration.storage.folder import ABOUT, Folder, locked
from models.core import files

FORMAT = "posterior-run/2"
"""Of the first, chains had one length of step; they cannot go on with two."""
WALK = "walk.npz"
_PLAIN = ("log", "width", "widths", "turn", "tried", "taken")  # of a chain between two blocks


@dataclass
class PosteriorRun(Folder):
    """A posterior run and its folder, held by this process until `close`. It is a `Keeper`."""

    walk: ChainState | None = None
    derivatives: ClassVar[Literal["log"] | None] = "log"

    @classmethod
    def create(
        cls, folder: Path, options: Mapping[str, Any], findings: str, names: Sequence[str]
    ) -> PosteriorRun:
        """Begin in a new (or empty) folder."""
        files.new_folder(folder, "posterior run")
        with locked(folder) as lock:
            files.new_folder(folder, "posterior run")  # again, now that nobody else can fill it
            files.sweep(folder)
            with environment.one_thread():
                surroundings = environment.record(int(options.get("seed", 0)))
            about = {
                "format": FORMAT,
                "options": dict(options),
                "findings": findings,
                "versions": files.versions(),
                "environment": surroundings,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "parameters": list(names),
            }
            made = cls(folder, about, lock)
            made.write_about()
            files.sync_folder(folder.parent)
        return made

    @classmethod
    def resume(
        cls,
        folder: Path,
        options: Mapping[str, Any],
        findings: str,
        names: Sequence[str],
        accept: bool = False,
    ) -> PosteriorRun:
        """Go on with a run; refused where it was asked something else or its surroundings have changed."""
        files.read_json(folder / ABOUT, "posterior run", FORMAT)  # before anything is written there
        with locked(folder) as lock:
            about = files.read_json(folder / ABOUT, "posterior run", FORMAT)
            made = cls(folder, about, lock)
            made.same_findings(findings)
            for name, given in (("options", dict(options)), ("parameters", list(names))):
                if about.get(name) != given:
                    raise files.wrong(
                        folder / ABOUT, name, "are others now", advice="Name another folder for a new run."
                    )
            made.same_surroundings(accept)
            made.walk = read_walk(folder)
            files.sweep(folder)
        return made

    def spent(self) -> float:
        """Evaluations so far."""
        return self.walk.evaluations if self.walk else 0.0

    def add(self, walk: ChainState, block: DrawBlock) -> None:
        """Keep one more block, and that the chains go on from `walk`."""
        files.write(
            _block_path(self.folder, walk.blocks),
            _packed(z=block.z, terms=block.terms.astype(np.float32), log=block.log),
        )
        self.keep(walk)

    def keep(self, walk: ChainState) -> None:
        """Keep that the chains go on from `walk`."""
        plain = {
            "blocks": walk.blocks,
            "evaluations": walk.evaluations,
            "seconds": walk.seconds,
            "generators": walk.generators,
            "chains": [{name: getattr(chain, name) for name in _PLAIN} for chain in walk.chains],
        }
        arrays = {
            "z": np.array([c.z for c in walk.chains]),
            "terms": np.array([c.terms for c in walk.chains]),
            "plain": np.array(json.dumps(plain)),
        }
        slopes = [c.slope for c in walk.chains if c.slope is not None]
        if len(slopes) == len(walk.chains):
            arrays["slopes"] = np.array(slopes)
        files.write(self.folder / WALK, _packed(**arrays))
        self.walk = walk

    def blocks(self, first: int = 1) -> Iterator[DrawBlock]:
        """The blocks that the walk knows of, in order, from number `first` on."""
        return read_blocks(self.folder, first, self.walk.blocks if self.walk else 0)

    def root(self, number: int) -> Vector | None:
        """A square root (m, n) of the information at a point; None where it was not kept yet."""
        return read_root(self.folder, number)

    def keep_root(self, number: int, root: Vector) -> None:
        """Keep it."""
        files.write(_root_path(self.folder, number), _packed(root=root))


def read_walk(folder: Path) -> ChainState | None:
    """Where the chains stand; None before the first block. Only looks, as do the next two."""
    return _walk(folder / WALK) if (folder / WALK).exists() else None


def read_blocks(folder: Path, first: int, last: int) -> Iterator[DrawBlock]:
    """Blocks by number."""
    for number in range(first, last + 1):
        arrays = _unpacked(_block_path(folder, number))
        yield DrawBlock(arrays["z"], arrays["terms"].astype(float), arrays["log"])


def read_root(folder: Path, number: int) -> Vector | None:
    """A square root (m, n) of the information at a point."""
    path = _root_path(folder, number)
    return _unpacked(path)["root"] if path.exists() else None


def _root_path(folder: Path, number: int) -> Path:
    return folder / f"root-{number:04d}.npz"


def _block_path(folder: Path, number: int) -> Path:
    return folder / f"block-{number:04d}.npz"


def _packed(**arrays: Vector) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _unpacked(path: Path) -> dict[str, Any]:
    """Arrays of a file; nothing in it is ever unpickled."""
    try:
        with path.open("rb") as file:
            look(file)
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        given = f"cannot be read ({type(error).__name__})"
        raise files.wrong(path, "", given, advice="The run folder is damaged or foreign.") from None


def _walk(path: Path) -> ChainState:
    arrays = _unpacked(path)
    try:
        plain = json.loads(str(arrays["plain"]))
        slopes = arrays.get("slopes", [None] * len(arrays["z"]))
        chains = tuple(
            Chain(z, terms, slope=slope, **(own | {"widths": tuple(own["widths"])}))
            for z, terms, slope, own in zip(
                arrays["z"], arrays["terms"], slopes, plain.pop("chains"), strict=True
            )
        )
        return ChainState(chains, tuple(plain.pop("generators")), **plain)
    except (KeyError, ValueError, TypeError):
        raise files.wrong(path, "", "is not a walk", advice="The run folder is damaged or foreign.") from None
