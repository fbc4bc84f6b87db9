"""Files as texts: read once, limited in size, sent to workers and stored unchanged in run folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.core.toml_tables import parse_table, read_utf8

LARGEST = 4_000_000  # bytes of one file of findings
MOST = 500  # files
KINDS = (".toml", ".prop", ".exp")


@dataclass(frozen=True, slots=True)
class TextFile:
    """Name and content of a file."""

    name: str
    content: str

    @property
    def stem(self) -> str:
        """The name without its suffix: the arm that a .prop or .exp file is about."""
        return Path(self.name).stem

    @property
    def kind(self) -> str:
        """The suffix of the name."""
        return Path(self.name).suffix.lower()


def read_text(path: Path, problems: Mistakes) -> TextFile:
    """Read one file; mistakes are noted."""
    problems.file = str(path)
    if path.is_file() and (size := path.stat().st_size) > LARGEST:
        problems.add("", f"{size:,} bytes", allowed=f"at most {LARGEST:,}")
        return TextFile(path.name, "")
    return TextFile(path.name, read_utf8(path, problems) or "")


def read_folder(path: Path, without: Iterable[Path], problems: Mistakes) -> list[TextFile]:
    """All files of findings in a folder (or the one file), except `without`, sorted by name."""
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
    """The content of a TOML text without its `format` line, which must be `form`; empty if it is wrong."""
    problems.file = text.name
    return parse_table(text.content, form, problems)
