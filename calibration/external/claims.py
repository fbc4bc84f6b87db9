"""Findings in TOML about a third-party model: the same kinds and scores as for the model of the project.

format = "findings/1"
source = { citation = "Doe et al. 2020" }

[arm.control]
until = 60

[[finding]]
id = "falls_with_drug"
says = "…"
kind = "ratio"                # ratio, unchanged, order, peak, dip, earlier, of_maximum, all_of
observable = "pERK"
of = { arm = "drug", at = "1 h" }
to = { arm = "control", at = "1 h" }
at_most = 0.5
trust = "fair"
use = "fit"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.external.setups import Setup, read_arms
from calibration.external.simulator import ArmTable
from calibration.findings.claims.fields import Fields
from calibration.findings.claims.finding import TRUSTS, USES, Finding, Source
from calibration.findings.claims.kinds import PARTS, AllOf, Kind, read_claim
from calibration.findings.claims.observation import ABSENT
from models.core.errors import Mistakes
from models.core.text_file import TextFile, table_of
from models.core.toml_tables import check_keys, is_table, text_of
from models.kinetic_model import KineticModel
from models.simulation.engine import Failure
from models.simulation.trajectory import Trajectory
from models.treatments.arm import Arm

FORMAT = "findings/1"
KINDS: dict[str, Kind] = {**PARTS, "all_of": AllOf}
_OWN = ("id", "says", "trust", "use", "source", "note", "why")
_SOURCE = ("citation", "where", "doi", "pmid", "note")
_ID = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


def stands_for(name: str) -> Arm:
    """An arm of a third-party model, for claims that only know arms by name."""
    return Arm(name, name, name, False, (), ())


@dataclass
class FindingsFile:
    """One TOML file: arms first, then, when all arms of all files are known, findings."""

    text: TextFile
    table: dict[str, Any]

    @classmethod
    def open(cls, text: TextFile, problems: Mistakes) -> FindingsFile:
        """Read the text, not yet what is in it."""
        table = table_of(text, FORMAT, problems)
        check_keys(table, ("source", "arm", "finding"), "", problems)
        return cls(text, table)

    def arms(self, model: KineticModel, problems: Mistakes) -> dict[str, Setup]:
        """Its arms."""
        problems.file = self.text.name
        return read_arms(self.table.get("arm", {}), model, problems)

    def findings(
        self, arms: Mapping[str, Setup], columns: Iterable[str], second: float | None, problems: Mistakes
    ) -> list[Finding]:
        """Its findings."""
        problems.file = self.text.name
        rows = self.table.get("finding", [])
        if not isinstance(rows, list):
            problems.add("finding", repr(rows)[:60], allowed="[[finding]] above each")
            return []
        if rows and second is None:
            advice = 'Write time = "min" (or s, h, d) into the file of free parameters.'
            problems.add(
                "finding", "findings have times with units, but the model's unit is not known", "", advice
            )
            return []
        default = self._source(self.table.get("source"), "source", problems)
        found = []
        for i, row in enumerate(rows, 1):
            if is_table(row, f"finding {i}", problems):
                made = self._finding(row, i, arms, frozenset(columns), default, problems)
                found += [made] if made else []
        return found

    def _finding(
        self,
        row: Mapping[str, Any],
        number: int,
        arms: Mapping[str, Setup],
        columns: frozenset[str],
        default: Source | None,
        problems: Mistakes,
    ) -> Finding | None:
        before = len(problems.found)
        name = row.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            given = "missing" if name is None else repr(name)
            problems.add(f"finding {number}.id", given, allowed="letters, digits and _")
            name = str(number)
        place = f"finding {name}"

        def find(wanted: str, context: str | None, at: str) -> Arm | None:
            if context is not None:
                problems.add(at, f"the context {context!r}", advice="A third-party model has arms only.")
            if wanted not in arms or arms[wanted].scan:
                times = [known for known, arm in arms.items() if not arm.scan]
                problems.add(at, f"unknown arm {wanted!r}", allowed=times, name=wanted)
                return None
            return stands_for(wanted)

        for key, allowed in (("trust", TRUSTS), ("use", USES)):
            if row.get(key) not in allowed:
                given = "missing" if key not in row else repr(row[key])
                problems.add(f"{place}.{key}", given, allowed=allowed, name=str(row.get(key)))
        source = self._source(row["source"], f"{place}.source", problems) if "source" in row else default
        says = text_of(row, "says", place, problems)
        rest = {key: value for key, value in row.items() if key not in _OWN}
        claim = read_claim(Fields(rest, place, find, columns, problems), KINDS)
        if claim is None or len(problems.found) > before:
            return None
        kind, trust, use = (str(row[key]) for key in ("kind", "trust", "use"))
        made = Finding(name, name, says, kind, claim, "", trust, use, source or Source(""), self.text.name)
        return made

    def _source(self, table: object, place: str, problems: Mistakes) -> Source | None:
        if table is None:
            return None
        if not isinstance(table, Mapping):
            problems.add(place, f"{table!r} where a table is expected")
            return None
        check_keys(table, _SOURCE, place, problems)
        return Source(
            **{k: text_of(table, k, place, problems) for k in _SOURCE if k in table or k == "citation"}
        )


def lookup(
    tables: Mapping[str, ArmTable | Failure], second: float, atol: float
) -> Mapping[Arm, Trajectory | Failure]:
    """Tables as claims read them: times in seconds, amounts so that the solver's noise counts as absent."""
    seen: dict[Arm, Trajectory | Failure] = {}
    for name, table in tables.items():
        if isinstance(table, Failure):
            seen[stands_for(name)] = table
        else:
            scale = ABSENT / atol
            seen[stands_for(name)] = Trajectory(table.variable * second, table.names, table.values * scale)
    return seen
