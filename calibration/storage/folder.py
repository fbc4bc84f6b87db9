"""What every run folder has: who works in it, what it was begun with, and whether that is still so."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from calibration.objective.problem import Problem
from calibration.objective.workers import environment
from models.core import files
from models.core.errors import UserError
from models.core.locks import Lock

log = logging.getLogger(__name__)

ABOUT = "run.json"
ANYWAY = "Restore what differs, start a new run, or go on in spite of it with --accept-changes."


@dataclass
class Folder:
    """A folder that this process holds until `close`.

    Attributes
    ----------
    about : dict
        Content of run.json; here `options`, `environment`, `probe` and `changes` are looked at.
    """

    folder: Path
    about: dict[str, Any]
    lock: Lock
    derivatives: ClassVar[Literal["log"] | None] = None
    """What its tasks ask for beside margins."""

    def close(self) -> None:
        """Let another process work here."""
        self.lock.close()

    def spent(self) -> float:
        """Evaluations so far: from where on a change took effect."""
        raise NotImplementedError

    def vouch(self, problem: Problem, accept: bool = False) -> None:
        """Note what the problem answers, or see that it answers as it did; within one BLAS thread."""
        now, then = environment.probe(problem, self.derivatives), self.about.get("probe")
        if then == now:
            return
        if then is not None:
            self._differs(["the same points give other margins: the model or the engine has changed"], accept)
        self.about["probe"] = now
        self.write_about()

    def write_about(self) -> None:
        files.write(self.folder / ABOUT, json.dumps(self.about, indent=1) + "\n")

    def same_findings(self, findings: str) -> None:
        """See that the findings are those of the beginning, by their hash."""
        if self.about.get("findings") != findings:
            raise files.wrong(
                self.folder / ABOUT,
                "findings",
                "the findings have changed since",
                advice="Start a new run.",
            )

    def same_surroundings(self, accept: bool) -> None:
        """See that nothing has changed on which numbers depend (see
        `calibration.objective.workers.environment`).
        """
        with environment.one_thread():
            now = environment.record(int(self.about["options"].get("seed", 0)))
        then = self.about.get("environment")
        if not isinstance(then, dict):
            log.warning("%s does not say what it was begun with: its bits may not repeat.", self.folder)
        else:
            for line in environment.differences(then.get("machine", {}), now["machine"]):
                log.warning("Another machine, so the last bits may differ: %s.", line)
            self._differs(environment.differences(then.get("numbers", {}), now["numbers"]), accept)
        if then != now:
            self.about["environment"] = now
            self.write_about()

    def _differs(self, lines: list[str], accept: bool) -> None:
        """Refuse, or note from which evaluation on the run is another one."""
        if not lines:
            return
        if not accept:
            path = self.folder / ABOUT
            problems = [files.wrong(path, "environment", line).problems[0] for line in lines]
            raise UserError([*problems, *UserError(ANYWAY).problems])
        self.about.setdefault("changes", []).append({"evaluations": self.spent(), "what": lines})


@contextmanager
def locked(folder: Path) -> Iterator[Lock]:
    """A lock that stays where all goes well."""
    lock = Lock(folder)
    try:
        yield lock
    except BaseException:
        lock.close()
        raise
