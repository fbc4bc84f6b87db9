"""The arms of one file of findings, each read once for every context in which it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.core.errors import Mistakes
from models.treatments.arm import Arm, Vocabulary, parse_arm


@dataclass
class FileArms:
    """The arms of one file."""

    tables: Mapping[str, Any]
    context: str | None
    grown_in: str | None
    words: Vocabulary
    problems: Mistakes
    _read: dict[tuple[str, str | None, bool], Arm | None] = field(default_factory=dict)

    def get(self, name: str, context: str | None, forced: bool, place: str) -> Arm | None:
        """An arm by name; in `context` where `forced`, or else where it names none itself."""
        if name not in self.tables:
            self.problems.add(place, f"unknown arm {name!r}", allowed=self.tables, name=name)
            return None
        arm = self._arm(name, context, forced)
        if arm is None:  # the reason is noted at the arm
            self.problems.add(place, f"arm {name!r} cannot be read")
        return arm

    def check_all(self) -> None:
        """Read every arm, whether a finding uses it or not."""
        anywhere = self.context or next(iter(self.words.contexts), None)
        for name in self.tables:
            self._arm(name, anywhere, False)

    def _arm(self, name: str, context: str | None, forced: bool) -> Arm | None:
        key = (name, context, forced)
        if key not in self._read:
            table = self.tables[name]
            if forced and isinstance(table, Mapping):
                table = {**table, "context": context}
            self._read[key] = parse_arm(
                name, table, self.words, self.problems, context=context, grown_in=self.grown_in
            )
        return self._read[key]
