"""One process at a time in a run folder, or on a journal.

The lock is the kernel's (`flock`), not the file's: it ends with the process that holds it, however that
ends, so the lock of a dead process is in nobody's way. The file stays, and names the process that holds it.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path

from models.core import files

log = logging.getLogger(__name__)

NAME = "lock"
_HELD = (errno.EWOULDBLOCK, errno.EACCES)
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


class Lock:
    """Held from when it is made until `close`, or until the process ends.

    Raises
    ------
    UserError
        Where another process (or this one) holds it, or nothing can be written in the folder.
    """

    def __init__(self, folder: Path, name: str = NAME, what: str = "in this run folder") -> None:
        path = folder / name
        self._handle: int | None = None
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise files.unwritable(path, error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
                os.close(handle)
                raise files.wrong(
                    folder,
                    "",
                    f"another process works {what}" + (f" ({holder})" if holder else ""),
                    advice="Wait for it or stop it; nothing was changed.",
                ) from None
            if error.errno not in _NO_LOCKS:
                os.close(handle)
                raise files.unwritable(path, error) from None
            log.warning("%s: this file system knows no locks; see to it that one process uses it.", folder)
        self._handle = handle
        with suppress(OSError):  # who holds it is a courtesy; a full disk stops the first checkpoint instead
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)

    def close(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        self.close()
