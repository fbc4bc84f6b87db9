"""One process at a time in a folder; the dead hold nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.core.locks import Lock

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, time; from pathlib import Path; from models.core.locks import Lock
held = Lock(Path(sys.argv[1])); print("held", flush=True); time.sleep(60)
"""


def test_the_lock_of_a_living_process_holds_and_that_of_a_dead_one_does_not(tmp_path: Path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "held\n"
    with pytest.raises(UserError, match=f"another process .*process {child.pid} on"):
        Lock(tmp_path)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=5)
    Lock(tmp_path).close()
    assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} on")


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("models.core.locks.os.open", refuse)
    with pytest.raises(UserError, match=r"cannot be written \(Permission denied\). The folder has to be"):
        Lock(tmp_path)


def test_a_file_system_without_locks_is_said_and_used(tmp_path: Path, monkeypatch, caplog):
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("models.core.locks.fcntl.flock", refuse)
    Lock(tmp_path).close()
    assert "knows no locks" in caplog.text
