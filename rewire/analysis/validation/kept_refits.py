"""Refits that are done and the one that is under way: an interrupted run goes on and loses nothing."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.optimize.state import Progress, State
from calibration.storage.checkpoint import pack, unpack
from calibration.storage.journal import Journal
from models.core.errors import UserError
from models.core.files import write, wrong
from rewire.analysis.validation.forecast import MemberView
from rewire.report.tables import plain

KEPT = "leave_out/1"

EVERY = 20.0  # [s] between two writings of a refit that is under way


def digest(*what: Any) -> str:
    """A short name for anything that JSON can say."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:8]


@dataclass
class RefitJournal:
    """What is done, in a file that an interrupted run goes on from.

    Attributes
    ----------
    prior : dict of str to (float, float)
        Before any fit, by finding: probability of the report, and share of draws in which the claim holds;
        empty until it is known.
    refits : dict of str to list
        By fold, one record a refit.
    """

    answers: Journal
    prior: dict[str, tuple[float, float]] = field(default_factory=dict)
    refits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, question: Mapping[str, Any]) -> RefitJournal:
        """Read what is there; a file with answers to another question is not gone on with."""
        kept = cls(Journal(path, "file of refits", KEPT, question))
        if not (content := kept.answers.content):
            return kept
        try:
            kept.prior = {str(id): (float(p), float(held)) for id, (p, held) in content["prior"].items()}
            kept.refits = {
                str(name): [*map(_checked, records)] for name, records in content["refits"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise wrong(path, "", f"is damaged ({type(error).__name__})", advice="Delete it.") from None
        return kept

    def add(self, fold: str, record: Mapping[str, Any]) -> None:
        """Keep one more refit, and forget its way there."""
        number = len(self.refits.setdefault(fold, []))
        self.refits[fold].append(_checked(plain(record)))
        self.save()
        self.half(fold, number).unlink(missing_ok=True)

    def save(self) -> None:
        """Write the file anew."""
        self.answers.save(prior=self.prior, refits=self.refits)

    @property
    def path(self) -> Path:
        """The file."""
        assert self.answers.path is not None
        return self.answers.path

    def half(self, fold: str, number: int) -> Path:
        """Where a refit that is under way is kept."""
        return self.path.with_suffix(f".{digest(self.answers.question, fold, number)}.npz")

    def looks(self, fold: str, id: str, most: int) -> list[MemberView]:
        """What the first `most` refits of a fold say of a finding."""
        try:
            told = [record["left"][id] for record in self.refits[fold][:most]]
        except KeyError:
            raise wrong(self.path, fold, f"says nothing of {id}", advice="Delete the file.") from None
        return [
            MemberView(one["verdict"], tuple(math.nan if p is None else p for p in one["parts"]))
            for one in told
        ]


def _checked(record: Any) -> dict[str, Any]:
    """A record of a refit, after its shape has been looked at."""
    for told in record["left"].values():
        if not isinstance(told["verdict"], str) or not all(
            part is None or isinstance(part, int | float) for part in told["parts"]
        ):
            raise TypeError
    if not all(isinstance(record[name], int) for name in ("hold", "of")):
        raise TypeError
    return dict(record)


@dataclass
class Halfway:
    """Keeps the state of one refit while it is under way; a `Keeper` for `fit.calibrate`."""

    path: Path
    _saved: float = 0.0

    def state(self, begin: State, n: int, n_terms: int) -> State:
        """Where the refit was left; `begin` where it was not begun, or its file cannot be gone on from."""
        if not self.path.exists():
            return begin
        try:
            state = unpack(self.path)[0]
        except UserError:
            return begin
        known = (state.z is None or len(state.z) == n) and (
            state.terms is None or len(state.terms) == n_terms
        )
        return state if known and state.seed == begin.seed else begin

    def save(self, state: State, progress: Progress, force: bool = False) -> None:
        """Write the state where the last time is a while ago, or `force`."""
        if force or time.monotonic() - self._saved >= EVERY:
            self._saved = time.monotonic()
            write(self.path, pack(state, 0))
