"""What every run folder has: who works in it, what it was begun with, and whether that is still so.

run.json holds the options, the environment and hashes of the findings and of the model's answers; `lock` is
held by the process that works here. A run is refused where something differs on which its numbers depend.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from calibration.objective.problem import Problem
from calibration.objective.workers import environment
from models.core import files
from models.core.errors import UserError
from models.core.locks import Lock

log = logging.getLogger(__name__)

ABOUT = "run.json"
ADVICE = "Restore what differs, start a new run, or resume in spite of it with --accept-changes."


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
    what: ClassVar[str]
    """What the folder is, for messages."""
    form: ClassVar[str]
    """Format and version of its run.json."""
    derivatives: ClassVar[Literal["log"] | None] = None
    """What its tasks ask for beside margins."""

    @classmethod
    def read_about(cls, folder: Path) -> dict[str, Any]:
        """Content of run.json; only looks."""
        return files.read_json(folder / ABOUT, cls.what, cls.form)

    @classmethod
    def _create(cls, folder: Path, options: Mapping[str, Any], about: Mapping[str, Any], **own: Any) -> Self:
        """Begin in a new (or empty) folder; `own` are the attributes of the subclass."""
        files.new_folder(folder, cls.what)
        with locked(folder) as lock:
            files.new_folder(folder, cls.what)  # again, now that nobody else can fill it
            files.sweep(folder)
            with environment.one_thread():
                surroundings = environment.record(int(options.get("seed", 0)))
            content = {
                "format": cls.form,
                "options": dict(options),
                **about,
                "versions": files.versions(),
                "environment": surroundings,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            run = cls(folder, content, lock, **own)
            run.write_about()
            files.sync_folder(folder.parent)
        return run

    @classmethod
    def _resume(
        cls, folder: Path, findings: str, accept: bool, restore: Callable[[Self], None], **own: Any
    ) -> Self:
        """Hold a folder again, see that it may be resumed, and `restore` the state in it."""
        cls.read_about(folder)  # before anything is written there
        with locked(folder) as lock:
            run = cls(folder, cls.read_about(folder), lock, **own)
            run.same_findings(findings)
            restore(run)
            run.same_environment(accept)
            files.sweep(folder)
        return run

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

    def same_environment(self, accept: bool) -> None:
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
            raise UserError([*problems, *UserError(ADVICE).problems])
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
