"""Refits that are done and the one that is under way: an interrupted command resumes and loses nothing."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibration.optimize.state import State
from calibration.storage.checkpoint import Autosave
from calibration.storage.journal import Journal
from models.core.errors import UserError
from models.core.files import wrong
from rewire.analysis.validation.forecast import MemberView
from rewire.report.tables import plain

FORMAT = "leave_out/1"


def digest(*what: Any) -> str:
    """A short name for anything that JSON can say."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:8]


class RefitJournal(Journal):
    """The refits that are done, by fold a list of records.

    Attributes
    ----------
    prior : dict of str to (float, float)
        Before any fit, by finding: probability of the report, and share of draws in which the claim holds;
        empty until it is known.
    """

    def __init__(self, path: Path, question: Mapping[str, Any]) -> None:
        super().__init__(path, "file of refits", FORMAT, question, key="refits")
        self.file = path
        try:
            prior = self.content["prior"] if self.content else {}
            self.prior = {str(id): (float(p), float(held)) for id, (p, held) in prior.items()}
            self.records = {name: [*map(_checked, records)] for name, records in self.records.items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise wrong(path, "", f"is damaged ({type(error).__name__})", advice="Delete it.") from None
        self.content["prior"] = self.prior

    def know_prior(self, prior: Mapping[str, tuple[float, float]]) -> None:
        """Save what is known before any fit."""
        self.prior = self.content["prior"] = dict(prior)
        self.save()

    def done(self, fold: str) -> int:
        """How many refits of a fold are done."""
        return len(self.records.get(fold, ()))

    def add_refit(self, fold: str, record: Mapping[str, Any]) -> None:
        """Save one more refit, and remove its checkpoint."""
        number = self.done(fold)
        self.add(fold, [*self.records.get(fold, ()), _checked(plain(record))])
        self.checkpoint(fold, number).path.unlink(missing_ok=True)

    def checkpoint(self, fold: str, number: int) -> Autosave:
        """Of a refit that is under way."""
        return Autosave(self.file.with_suffix(f".{digest(self.question, fold, number)}.npz"))

    def member_views(self, fold: str, id: str, most: int) -> list[MemberView]:
        """What the first `most` refits of a fold say of a finding."""
        try:
            scores = [record["left"][id] for record in self.records[fold][:most]]
        except KeyError:
            raise wrong(self.file, fold, f"holds nothing on {id}", advice="Delete the file.") from None
        return [
            MemberView(one["verdict"], tuple(math.nan if p is None else p for p in one["parts"]))
            for one in scores
        ]


def _checked(record: Any) -> dict[str, Any]:
    """A record of a refit, after its shape has been looked at."""
    for score in record["left"].values():
        if not isinstance(score["verdict"], str) or not all(
            part is None or isinstance(part, int | float) for part in score["parts"]
        ):
            raise TypeError
    if not all(isinstance(record[name], int) for name in ("hold", "of")):
        raise TypeError
    return dict(record)


def restored(checkpoint: Autosave, begin: State, n: int, n_terms: int) -> State:
    """Where a refit was left; `begin` where it was not begun, or its checkpoint cannot be resumed."""
    try:
        state = checkpoint.newest()[0] or begin
    except UserError:
        return begin
    same = (state.z is None or len(state.z) == n) and (state.terms is None or len(state.terms) == n_terms)
    return state if same and state.seed == begin.seed else begin
