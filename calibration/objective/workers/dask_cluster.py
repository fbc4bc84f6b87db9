"""Evaluations on many machines: the workers of a dask scheduler do what local processes do otherwise.

A round is cut into chunks, large ones first and small ones last, so that few messages are sent and no worker
waits long for another. A chunk carries its points, the name of the recipe and a hash of what the problem
answers here; a worker builds the problem once, from its own installation, and refuses to answer where its
numbers are others. Which worker answers what, and how often one dies on the way, changes nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from calibration.objective.problem import Problem
from calibration.objective.workers import environment
from calibration.objective.workers.pool import DEATHS, Pool, Recipe
from models.core.errors import UserError

log = logging.getLogger(__name__)

Say = Callable[[str], None]

PATIENCE = 30.0  # [s] for the scheduler to answer
RECOUNT = 10.0  # [s] between two looks at how many workers there are
SAVED = "What was saved is whole; resume with --resume."

# --- on the worker ----------------------------------------------------------------------------------------

_REMEMBERED = 4
_problems: dict[str, Problem] = {}
_turn = threading.Lock()  # a problem is for one thread at a time


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """What a worker needs to know beside the points: a few kilobytes, the same for all chunks."""

    recipe: Recipe
    probe: str
    environment: Mapping[str, Any]
    method: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Items of one message; opaque to dask, so that an array which all of them share travels once."""

    items: tuple[Any, ...]


def run_chunk(errand: WorkerJob, chunk: Chunk) -> Chunk:
    """The answers, in the order of the items."""
    with _turn:
        problem = _problem(errand)
        return Chunk(tuple(getattr(problem, errand.method)(item) for item in chunk.items))


def _problem(errand: WorkerJob) -> Problem:
    """The problem of this process, built and looked at once for each recipe and state of the model."""
    key = f"{errand.recipe!r} {errand.probe}"
    if key not in _problems:
        environment.one_thread()
        problem = errand.recipe.make()
        environment.one_thread()  # for what has been loaded since
        if environment.probe(problem) != errand.probe:
            now = environment.record()
            lines = [
                line
                for part in ("numbers", "machine")
                for line in environment.differences(errand.environment[part], now[part])
            ]
            raise UserError(
                "a worker gives other margins at the same points than this process "
                f"({'; '.join(lines) or 'other rules, findings or contexts'}). "
                "Give all workers the same installation, and start them anew after an edit."
            )
        while len(_problems) >= _REMEMBERED:
            del _problems[next(iter(_problems))]
        _problems[key] = problem
    return _problems[key]


# --- here ------------------------------------------------------------------------------------------------


def checked(address: str) -> str:
    """The address, if it is safe to connect to: whoever reaches a scheduler can run code on its workers."""
    whole = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(whole)
        known = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        known = False
    if not known:
        raise UserError(f"--scheduler {address!r}: allowed: tcp://localhost:PORT or tls://HOST:PORT")
    if parts.scheme == "tcp" and not _is_here(str(parts.hostname)):
        raise UserError(
            f"--scheduler {address}: beyond this machine a connection has to be tls://, since whoever can "
            "reach a scheduler runs code on its workers. docs/cluster.md shows how to make the certificates."
        )
    return whole


def certified(address: str) -> str:
    """The checked address, if certificates are named where it needs them: dask itself waits for a minute."""
    whole = checked(address)
    if whole.startswith("tls://"):
        with suppress(ImportError):  # reported when the connection is made
            from distributed import Security

            security: Any = Security
            named = security()
            keys = {"ca-file": named.tls_ca_file, "client.cert": named.tls_client_cert}
            missing = [f"distributed.comm.tls.{key}" for key, value in keys.items() if not value]
            if missing:
                raise UserError(
                    f"--scheduler {address}: no certificates are named: dask's configuration lacks "
                    f"{' and '.join(missing)}. docs/cluster.md shows how to make and name them."
                )
    return whole


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def chunks(count: int, workers: int) -> Iterator[range]:
    """Cut `count` items: each chunk is half of what would be a worker's fair share of the rest."""
    at = 0
    while at < count:
        size = max(1, (count - at) // (2 * max(1, workers)))
        yield range(at, at + size)
        at += size


class ClusterPool(Pool):
    """The problem, here and on the workers of a scheduler. The answers are those of a `Pool`.

    Parameters
    ----------
    recipe : Recipe
    address : str
        Of the scheduler: tls://HOST:PORT, or tcp:// on this machine. Certificates are read from dask's own
        configuration.
    least : int
        Workers to wait for before the work begins; more may join, and any may leave.
    problem : Problem, optional
        The one built here already.
    say : callable, optional
        Told what is being waited for.
    """

    def __init__(
        self,
        recipe: Recipe,
        address: str,
        least: int = 1,
        problem: Problem | None = None,
        say: Say | None = None,
    ) -> None:
        self.address = certified(address)
        super().__init__(recipe, 0, problem)
        self._least, self._say = least, say or log.info
        self._client: Any = None
        self._counted = -RECOUNT
        self._about: dict[str, Any] = {}

    def __enter__(self) -> ClusterPool:
        super().__enter__()
        try:
            self._client = _connect(self.address)
            self._wait()
            self._about = {
                "recipe": self.recipe,
                "probe": environment.probe(self.problem),
                "environment": environment.record(),
            }
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()  # the scheduler and its workers belong to whoever started them
            self._client = None
        super().__exit__(kind, value, trace)

    def each(self, method: str, items: Iterable[Any]) -> Iterator[Any]:
        """Call a method of the problem on each item; results come in order, as soon as they are there."""
        work = list(items)
        self._count()
        errand = WorkerJob(method=method, **self._about)
        cut = list(chunks(len(work), self.workers))
        futures = [self._send(errand, [work[i] for i in part]) for part in cut]
        try:
            for future, part in zip(futures, cut, strict=True):
                yield from self._answers(future, errand, [work[i] for i in part])
        finally:
            if any(not future.done() for future in futures):
                self._client.cancel(futures)

    def _send(self, errand: WorkerJob, items: list[Any]) -> Any:
        return self._client.submit(run_chunk, errand, Chunk(tuple(items)), pure=False)

    def _answers(self, future: Any, errand: WorkerJob, items: list[Any]) -> tuple[Any, ...]:
        """The answers of one chunk; given out anew where its workers died under it again and again."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        for left in reversed(range(DEATHS)):
            try:
                done: Chunk = future.result()
                return done.items
            except KilledWorker:
                if not left:
                    raise UserError(
                        "workers die at the same evaluations again and again (out of memory?). " + SAVED
                    ) from None
                log.warning("Workers died; their work is given to others.")
                future = self._send(errand, items)
            except (CancelledError, CommClosedError, TimeoutError) as error:
                raise UserError(f"the scheduler at {self.address} is gone ({error}). {SAVED}") from None
        raise AssertionError("unreachable")

    def _wait(self) -> None:
        """Until there are enough workers, each with one thread."""
        reported = False
        while self._count(now=True) < self._least:
            if not reported:
                self._say(f"{self.workers} workers at {self.address}; waiting for {self._least} …")
                reported = True
            time.sleep(0.5)

    def _count(self, now: bool = False) -> int:
        """How many workers there are."""
        if now or time.monotonic() - self._counted > RECOUNT:
            try:
                threads: dict[str, int] = self._client.nthreads()
            except (OSError, TimeoutError, CancelledError) as error:
                raise UserError(f"the scheduler at {self.address} is gone ({error}). {SAVED}") from None
            many = sorted(worker for worker, count in threads.items() if count != 1)
            if many:
                raise UserError(
                    f"{len(many)} workers ({many[0]}, …) have several threads, and an evaluation takes a "
                    "whole process: start them with --nthreads 1 --nworkers NUMBER."
                )
            self.workers = len(threads)
            self._counted = time.monotonic()
        return self.workers


def _connect(address: str) -> Any:
    """A client of the scheduler."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--scheduler needs dask.distributed, which is not installed: pip install 'rewire[cluster]' "
            "(in the project's folder: .venv/bin/python -m pip install --constraint constraints.txt "
            "'.[cluster]')"
        ) from None
    try:
        connect: Any = Client
        return connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise UserError(
            f"no scheduler answers at {address} within {PATIENCE:g} s ({error}). Is it running, and do the "
            "certificates fit?"
        ) from None
