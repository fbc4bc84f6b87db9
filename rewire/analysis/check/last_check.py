"""What the last check found, so that the next one can say what changed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_state_dir

from models.network import write_whole
from rewire.report.finding_summary import FindingSummary
from rewire.report.tables import number, plain

FORMAT = "last-check/1"
MOVED = 0.05
"""A median margin [log2] that moved by less is the same."""


def place(*what: object) -> Path:
    """The file that remembers checks of `what` (a project folder, findings, an ensemble)."""
    key = hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()[:16]
    return Path(user_state_dir("rewire")) / "checks" / f"{key}.json"


def recall(path: Path) -> dict[str, dict[str, Any]]:
    """Verdict, margin and held by finding id; empty where nothing (readable) is remembered."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return {}
        known: dict[str, dict[str, Any]] = content["findings"]
        return known
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def remember(path: Path, summaries: Sequence[FindingSummary], before: Mapping[str, Any]) -> None:
    """Save these summaries over those saved before; findings that were not checked now stay as they were."""
    now = {s.id: {"verdict": s.verdict, "margin": s.margin.median, "held": s.held} for s in summaries}
    content = {"format": FORMAT, "findings": plain({**before, **now})}
    try:
        write_whole(path, json.dumps(content).encode())
    except OSError:  # no place to remember in: the next check says nothing of changes
        return


def changes(summaries: Sequence[FindingSummary], before: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Finding id → what changed since, in words; findings that stayed as they were are left out."""
    changed = {}
    for s in summaries:
        then = before.get(s.id)
        if then is None:
            if before:
                changed[s.id] = "new"
            continue
        parts = []
        if then["verdict"] != s.verdict:
            parts.append(f"{then['verdict']} → {s.verdict}")
        moved = s.margin.median - (math.nan if then["margin"] is None else then["margin"])
        if abs(moved) >= MOVED:
            parts.append(f"margin {'+' if moved > 0 else '−'}{number(abs(moved), 2)}")
        if parts:
            changed[s.id] = ", ".join(parts)
    return changed
