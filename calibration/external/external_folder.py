"""The run folder of a third-party problem: as any other, but members.csv holds values and not logarithms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibration.external.free_parameters import FreeSpace
from calibration.external.problem import ExternalProblem, make
from calibration.optimize.state import Member
from calibration.storage.checkpoint import MEMBER
from calibration.storage.folder import ABOUT
from calibration.storage.run_folder import Run
from models.core import files

KEY = "foreign"
"""Under which run.json keeps the model and the findings as texts: a run goes on without their files."""


class ExternalRun(Run):
    """A run and its folder; `space` is a `FreeSpace`."""

    def _write_members(self, members: tuple[Member, ...]) -> None:
        assert isinstance(self.space, FreeSpace)
        values = [self.space.values(m.z) for m in members]
        rows = [[*(getattr(m, n) for n in MEMBER), *v.values()] for m, v in zip(members, values, strict=True)]
        files.write(self.folder / "members.csv", files.table([*MEMBER, *self.space.names], rows))


def digest(texts: Mapping[str, Any]) -> str:
    """Hash of the model and all findings, as `plain` gives them."""
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]


def is_external(folder: Path) -> bool:
    """Whether a run folder is of a third-party model."""
    return (folder / ABOUT).is_file() and KEY in Run.options_of(folder)


def problem_of(options: Mapping[str, Any], folder: Path) -> ExternalProblem:
    """The problem of a run folder."""
    texts = options.get(KEY)
    if not isinstance(texts, dict) or set(texts) - {"name", "net", "free", "files", "notes"}:
        raise files.wrong(folder / "run.json", f"options.{KEY}", "is not what was written", "a model as text")
    try:
        return make(**texts)
    except (TypeError, AttributeError) as error:
        raise files.wrong(folder / "run.json", f"options.{KEY}", f"cannot be read ({error})") from None
