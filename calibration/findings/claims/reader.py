"""Files of findings, read and checked: all mistakes of all files at once, each with file, finding and key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calibration.findings.claims.fields import Fields
from calibration.findings.claims.file_arms import FileArms
from calibration.findings.claims.finding import TRUSTS, USES, Finding, Source
from calibration.findings.claims.kinds import KINDS, read_claim
from models.assemble import Built
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, is_table, read_table, text_of
from models.treatments.arm import Arm, Vocabulary

FORMAT = "findings/1"
FINDINGS = Path(__file__).resolve().parents[1]
STATEMENTS = "statements.toml"
"""Beside the findings: every statement of the seeds (`calibration/findings/claims/statements.py`)."""

_TOP = ("source", "context", "grown_in", "arm", "finding")
_SOURCE = ("citation", "where", "doi", "pmid", "note")
_OWN = (
    *("id", "row", "says", "trust", "use", "context", "contexts"),
    *("source", "conflict", "informative", "fate_known", "note"),
)
_NOT_EXPRESSIBLE = ("cannot", "claim")
_ID = re.compile(r"[A-Za-z0-9_]+")


def load_findings(
    paths: Path | str | Iterable[Path | str] | None = None,
    *,
    words: Vocabulary,
    built: Built | None = None,
    observables: Iterable[str] = (),
) -> list[Finding]:
    """Read findings, by default those of the project.

    Parameters
    ----------
    paths : path or paths, optional
        Files, or folders with all that is in them.
    words : models.treatments.arm.Vocabulary
        The names that an arm may use.
    built : models.assemble.Built, optional
        The model whose observables may be read.
    observables : iterable of str, optional
        Further names that may be read.
    """
    names = [*(built.observables if built is not None else ()), *observables]
    return read_findings(FINDINGS if paths is None else paths, words, names)


def read_findings(
    paths: Path | str | Iterable[Path | str], words: Vocabulary, observables: Iterable[str]
) -> list[Finding]:
    """Read findings.

    Parameters
    ----------
    paths : path or paths
        Files, or folders with all that is in them.
    words : Vocabulary
        Contexts, drugs, media and genes that an arm may name.
    observables : iterable of str
        Names that a finding may read.

    Returns
    -------
    list of Finding
        In the order of files and of findings therein; one for each context of `contexts`.

    Raises
    ------
    UserError
        With every mistake of every file.
    """
    problems = Mistakes()
    reader = _Reader(words, frozenset(observables), problems)
    given = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    found = [finding for path in _files(given, problems) for finding in reader.file(path)]
    # a claim in several contexts is read once for each, with the same mistakes
    problems.found = list(dict.fromkeys(problems.found))
    problems.raise_if_any()
    return found


def toml_files(path: Path) -> list[Path]:
    """A file, or all files of a folder in the order of their names, whatever their folders are called."""
    return sorted(path.rglob("*.toml"), key=lambda file: (file.name, file)) if path.is_dir() else [path]


def _files(paths: Iterable[Path], problems: Mistakes) -> list[Path]:
    """All files, each once; a folder without any is a mistake."""
    files: dict[Path, Path] = {}
    for path in paths:
        inside = [file for file in toml_files(path) if file.name != STATEMENTS]
        if not inside:
            problems.file = str(path)
            problems.add("", "holds no findings", advice="A folder of findings holds *.toml files.")
        files |= {file.resolve(): file for file in inside}
    return list(files.values())


@dataclass
class _Reader:
    """Reads file after file; ids are unique over all of them."""

    words: Vocabulary
    observables: frozenset[str]
    problems: Mistakes
    _ids: dict[str, str] = field(default_factory=dict)

    def file(self, path: Path) -> list[Finding]:
        """The findings of one file."""
        table = read_table(path, FORMAT, self.problems)
        if not table:
            return []
        check_keys(table, _TOP, "", self.problems)
        context = self._name(table, "context", self.words.contexts)
        grown_in = self._name(table, "grown_in", self.words.media)
        arms = FileArms(self._tables(table), context, grown_in, self.words, self.problems)
        source = self._source(table["source"], "source") if "source" in table else None
        rows = table.get("finding", [])
        if not isinstance(rows, list) or not rows:
            self.problems.add("finding", "no [[finding]] in the file", advice="Write [[finding]] above each.")
            rows = []
        arms.check_all()
        return [
            finding
            for i, row in enumerate(rows, 1)
            if is_table(row, f"finding {i}", self.problems)
            for finding in self._finding(row, i, arms, context, source)
        ]

    def _finding(
        self, row: Mapping[str, Any], number: int, arms: FileArms, context: str | None, source: Source | None
    ) -> list[Finding]:
        """One [[finding]], once for each of its contexts."""
        before = len(self.problems.found)
        name = self._id(row, number)
        place = f"finding {name}"
        keys = ["says", *(key for key in ("conflict", "note", "why") if key in row)]
        texts = {key: text_of(row, key, place, self.problems) for key in keys}
        own = self._source(row["source"], f"{place}.source") if "source" in row else source
        if own is None:
            self.problems.add(f"{place}.source", "missing", advice='Write source = { citation = "…" } above.')
        flags = {"informative": row.get("informative", True), "fate_known": row.get("fate_known", False)}
        for key, value in flags.items():
            if not isinstance(value, bool):
                self.problems.add(f"{place}.{key}", repr(value), allowed="true, false")
        made = Finding(
            id=name,
            description=texts.pop("says"),
            row=self._row(row, name, place),
            kind=str(row.get("kind")),
            claim=None,
            context="",
            trust=self._choice(row, "trust", TRUSTS, place),
            use=self._choice(row, "use", USES, place),
            source=own or Source(""),
            file=self.problems.file,
            informative=bool(flags["informative"]),
            fate_known=bool(flags["fate_known"]),
            **texts,
        )
        contexts = self._contexts(row, place, context)
        if "cannot" in row:
            found = [self._not_expressible(made, row, place, contexts)]
        else:
            found = [f for context in contexts if (f := self._with_claim(made, row, place, context, arms))]
        return found if len(self.problems.found) == before else []

    def _with_claim(
        self, made: Finding, row: Mapping[str, Any], place: str, context: str | None, arms: FileArms
    ) -> Finding | None:
        """The finding with its claim, in one context."""

        def find(name: str, forced: str | None, at: str) -> Arm | None:
            return arms.get(name, forced or context, forced is not None, at)

        rest = {key: value for key, value in row.items() if key not in _OWN}
        strict = made.use == "fit" and "why" not in row
        before = len(self.problems.found)
        claim = read_claim(Fields(rest, place, find, self.observables, self.problems, strict))
        if claim is None or len(self.problems.found) > before:
            return None
        name = f"{made.id}@{context}" if "contexts" in row else made.id
        return replace(made, id=name, claim=claim, context=context or "")

    def _not_expressible(
        self, made: Finding, row: Mapping[str, Any], place: str, contexts: list[str | None]
    ) -> Finding:
        """A claim that the model cannot express, as text and with the reason."""
        check_keys(row, (*_OWN, *_NOT_EXPRESSIBLE, "kind", "why"), place, self.problems)
        self._choice(row, "kind", KINDS, place)
        reason = text_of(row, "cannot", place, self.problems).removeprefix("reason:").strip()
        stated = text_of(row, "claim", place, self.problems)
        return replace(made, cannot=reason, stated=stated, context=(contexts[0] or "") if contexts else "")

    # --- single keys ----------------------------------------------------------------------------------------
    def _id(self, row: Mapping[str, Any], number: int) -> str:
        name = row.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            given = "missing" if name is None else repr(name)
            self.problems.add(f"finding {number}.id", given, allowed="letters, digits and _")
            return str(number)
        if name in self._ids:
            given = f"{name!r} is already in {self._ids[name]}"
            self.problems.add(f"finding {name}.id", given, advice="Rename one of them.")
        self._ids.setdefault(name, self.problems.file)
        return name

    def _row(self, row: Mapping[str, Any], name: str, place: str) -> str:
        """The row of the list of findings, by default what the id begins with."""
        begins = name.partition("_")[0]
        given = row.get("row", begins)
        if given != begins:
            self.problems.add(f"{place}.row", repr(given), allowed=f"{begins!r}, with which the id begins")
        return begins

    def _contexts(self, row: Mapping[str, Any], place: str, default: str | None) -> list[str | None]:
        if "contexts" not in row:
            return [self._name(row, "context", self.words.contexts, place) if "context" in row else default]
        value = row["contexts"]
        if "context" in row:
            self.problems.add(f"{place}.contexts", "given together with context", advice="Give one of them.")
        if not isinstance(value, list) or not value:
            self.problems.add(f"{place}.contexts", repr(value), allowed="a list of names of contexts")
            return []
        for i, name in enumerate(value):
            if not isinstance(name, str) or name not in self.words.contexts:
                known = self.words.contexts
                self.problems.add(f"{place}.contexts", repr(name), allowed=known, name=str(name))
            elif name in value[:i]:
                self.problems.add(f"{place}.contexts", f"{name!r} is given twice")
        return [name for name in value if isinstance(name, str) and name in self.words.contexts]

    def _name(
        self, table: Mapping[str, Any], key: str, allowed: Collection[str], place: str = ""
    ) -> str | None:
        """A name among `allowed` where one is given."""
        value = table.get(key)
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.problems.add(f"{place}.{key}" if place else key, repr(value), allowed=allowed, name=str(value))
        return None

    def _choice(self, row: Mapping[str, Any], key: str, allowed: Collection[str], place: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        given = "missing" if value is None else repr(value)
        self.problems.add(f"{place}.{key}", given, allowed=allowed, name=str(value))
        return next(iter(allowed))

    def _source(self, table: object, place: str) -> Source:
        if not isinstance(table, Mapping):
            self.problems.add(place, f"{table!r} where a table is expected")
            return Source("")
        check_keys(table, _SOURCE, place, self.problems)
        keys = [key for key in _SOURCE if key in table or key == "citation"]
        return Source(**{key: text_of(table, key, place, self.problems) for key in keys})

    def _tables(self, table: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arms of a file, not yet read."""
        value = table.get("arm", {})
        return value if is_table(value, "arm", self.problems) else {}
