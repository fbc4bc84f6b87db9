"""Files as texts: read once, bounded in size, sent to workers and kept in run folders as they were."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes

LARGEST = 4_000_000  # bytes of one file of findings
MOST = 500  # files
KINDS = (".toml", ".prop", ".exp")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's name and content."""

    name: str
    content: str

    @property
    def stem(self) -> str:
        """The name without its ending: the arm that a .prop or .exp file speaks of."""
        return Path(self.name).stem

    @property
    def kind(self) -> str:
        """What the name ends in."""
        return Path(self.name).suffix.lower()


def read_text(path: Path, problems: Mistakes) -> TextFile:
    """Read one file; what is wrong is noted."""
    problems.file = str(path)
    try:
        size = path.stat().st_size
        if size > LARGEST:
            problems.add("", f"{size:,} bytes", allowed=f"at most {LARGEST:,}")
            return TextFile(path.name, "")
        return TextFile(path.name, path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problems.add("", f"cannot be read ({error.strerror})")
    except UnicodeDecodeError as error:
        problems.add("", f"is not UTF-8 text (byte {error.start})", advice="Save it as UTF-8.")
    return TextFile(path.name, "")


def read_folder(path: Path, without: Iterable[Path], problems: Mistakes) -> list[TextFile]:
    """All files of findings in a folder (or the one file), but `without`, in the order of their names."""
    skipped = {other.resolve() for other in without}
    inside = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    chosen = [p for p in inside if p.suffix.lower() in KINDS and p.resolve() not in skipped]
    problems.file = str(path)
    if not chosen:
        problems.add("", "holds no findings", allowed=f"files that end in {', '.join(KINDS)}")
    if len(chosen) > MOST:
        problems.add("", f"{len(chosen):,} files", allowed=f"at most {MOST}")
        return []
    return [read_text(p, problems) for p in chosen]


def table_of(text: TextFile, form: str, problems: Mistakes) -> dict[str, Any]:
    """The content of a TOML text without its `format` line; empty where it cannot be used."""
    problems.file = text.name
    try:
        table = tomllib.loads(text.content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.add("", f"is not valid TOML: {error}")
        return {}
    given = table.pop("format", None)
    if given != form:
        problems.add("format", repr(given) if given is not None else "missing", allowed=repr(form))
        return {}
    return table
