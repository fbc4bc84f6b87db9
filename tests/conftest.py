"""For all tests: no display, one BLAS thread, and nothing written to the user's cache or state."""

from __future__ import annotations

import os
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when the library loads, so before any import of numpy
os.environ["MPLBACKEND"] = "Agg"

import pytest  # noqa: E402

MEDIUM = frozenset(Path(__file__).with_name("medium.txt").read_text(encoding="utf-8").split())
"""Files, and tests as "file::test", that `make test-fast` leaves out (`tests/durations.py`)."""


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what -m does not ask for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test = item.nodeid.partition("[")[0]
        if {test, test.partition("::")[0]} & MEDIUM:
            item.add_marker("medium")


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `rewire check` remembers of the last check goes to a folder of this test session."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
