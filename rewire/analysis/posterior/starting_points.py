"""Where the chains of a posterior run begin, and what is known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.objective.build import findings_hash
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Vector
from calibration.sample.chains import DrawBlock
from calibration.storage.ensemble import Ensemble
from calibration.storage.folder import ABOUT
from calibration.storage.posterior_folder import FORMAT, read_blocks, read_walk
from models.core import files
from models.core.errors import UserError
from rewire.analysis.posterior.posterior_file import load_draws
from rewire.project.members import shipped

KNOWN = 3000
"""Draws of another run that say how wide directions are."""


@dataclass(frozen=True)
class StartingPoints:
    """Where chains begin.

    Attributes
    ----------
    points : array (chains, n)
    drawn : array (draws, n) or None
        What is known of how wide directions are.
    blocks : list of DrawBlock
        Draws of the run before, which count.
    evaluations, seconds : float
        That those took.
    """

    points: Vector
    drawn: Vector | None = None
    blocks: Sequence[DrawBlock] = ()
    evaluations: float = 0.0
    seconds: float = 0.0

    @classmethod
    def of(cls, problem: Evaluator, chains: int, origin: str, joined: bool) -> StartingPoints:
        """From far-apart members of the ensemble that ships, the posterior that ships, or another run."""
        if origin == "satisfying":
            z = Ensemble.load(shipped()).onto(problem.space).z
            if len(z) < chains:
                raise UserError(f"the ensemble has {len(z)} members; at most so many --chains")
            return cls(np.asarray(z[np.linspace(0, len(z) - 1, chains).round().astype(int)]))
        if origin == "posterior":
            draws, _ = load_draws()
            _alike("the posterior that ships", len(draws.z), draws.rates, chains, problem)
            return cls(np.asarray(draws.z[:, -1]), draws.z.reshape(-1, problem.n))
        about = files.read_json(Path(origin) / ABOUT, "posterior run", FORMAT)
        walk = read_walk(Path(origin))
        if walk is None:
            raise UserError(f"{origin} holds no chains yet")
        _alike(origin, len(walk.chains), about["parameters"], chains, problem)
        if joined and about["findings"] != findings_hash():
            raise UserError(f"{origin} is of other findings, so its draws cannot be joined")
        own = about["options"]
        blocks = list(read_blocks(Path(origin), int(own["warm"]) + 1, walk.blocks))
        evaluations, seconds = walk.evaluations, walk.seconds
        if own.get("join"):
            first = cls.of(problem, chains, own["origin"], joined)
            blocks, evaluations = [*first.blocks, *blocks], evaluations + first.evaluations
            seconds += first.seconds
        drawn = np.concatenate([block.z.reshape(-1, problem.n) for block in blocks])
        drawn = drawn[:: max(1, len(drawn) // KNOWN)]
        points = np.array([chain.z for chain in walk.chains])
        return cls(points, drawn, blocks, evaluations, seconds) if joined else cls(points, drawn)


def _alike(name: str, count: int, rates: Sequence[str], chains: int, problem: Evaluator) -> None:
    if count != chains or tuple(rates) != tuple(problem.space.names):
        raise UserError(
            f"{name} is of {count} chains and {len(rates)} rates, this run of {chains} and {problem.n}: "
            "begin at --origin satisfying"
        )
