"""Which tests are `medium`: `python -m pytest --durations=0 --durations-min=1 | python tests/durations.py`.

Reads pytest's table of durations and writes `tests/medium.txt`, by which `conftest.py` marks tests that
`make test-fast` leaves out: those that take longer than `LIMIT_S`, and all of a file whose fixtures do so by
far.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LIMIT_S = 1.0
FIXTURE_LIMIT_S = 3.0
ROW = re.compile(r"^([\d.]+)s (call|setup) +(tests/[\w/]+\.py)::(\w+)", re.MULTILINE)
LIST = Path(__file__).with_name("medium.txt")


def medium(table: str) -> list[str]:
    """Files, and tests as "file::test", in order; no test of a file that is there as a whole."""
    rows = [(float(seconds), phase, file, test) for seconds, phase, file, test in ROW.findall(table)]
    files = {file for seconds, phase, file, _ in rows if phase == "setup" and seconds >= FIXTURE_LIMIT_S}
    tests = {f"{file}::{test}" for seconds, _, file, test in rows if seconds >= LIMIT_S and file not in files}
    return sorted(files | tests)


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in medium(sys.stdin.read())), encoding="utf-8")
