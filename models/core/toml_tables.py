"""TOML files as checked tables: broken files are noted as mistakes and never cause a traceback."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes


def fold(name: str) -> str:
    """`name` without case and punctuation, so that "MK 2206" and "mk-2206" are the same."""
    return re.sub(r"[\W_]+", "", name).casefold()


def read_utf8(path: Path, problems: Mistakes, encoding: str = "utf-8-sig") -> str | None:
    """The text of a file; None and a mistake if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode(encoding)
    except OSError as err:
        problems.add("", f"cannot be read ({err.strerror})")
    except UnicodeDecodeError as err:
        problems.add("", f"is not UTF-8 text (byte {err.start})", advice="Save it as UTF-8.")
    return None


def read_table(path: Path, form: str, problems: Mistakes) -> dict[str, Any]:
    """The content of a TOML file without its `format` line, which must be `form`; empty if it has mistakes.

    Sets `problems.file` to the file, for everything noted from here on.
    """
    problems.file = path.name
    text = read_utf8(path, problems, "utf-8")
    return {} if text is None else parse_table(text, form, problems)


def parse_table(text: str, form: str, problems: Mistakes) -> dict[str, Any]:
    """The content of a TOML text, as in `read_table`."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as err:
        problems.add("", f"is not valid TOML: {err}")
    else:
        given = table.pop("format", None)
        if given == form:
            return table
        problems.add("format", repr(given) if given is not None else "missing", allowed=repr(form))
    return {}


def is_table(value: object, place: str, problems: Mistakes) -> bool:
    """Whether `value` is a table; notes a mistake if not."""
    if isinstance(value, Mapping):
        return True
    problems.add(place, f"{value!r} where a table is expected")
    return False


def check_keys(table: Mapping[str, Any], allowed: Iterable[str], place: str, problems: Mistakes) -> None:
    """Note each key of `table` that is not among `allowed`."""
    allowed = tuple(allowed)
    for key in table:
        if key not in allowed:
            problems.add(place, f"unknown key {key!r}", allowed=allowed, name=key)


def text_of(table: Mapping[str, Any], key: str, place: str, problems: Mistakes) -> str:
    """The text under `key`; "" and a mistake if it is missing, empty or not text."""
    value = table.get(key)
    if isinstance(value, str) and value.strip():
        return value
    given = "missing" if value is None else f"{value!r} where text is expected"
    problems.add(f"{place}.{key}" if place else key, given)
    return ""


def number_of(
    table: Mapping[str, Any], key: str, place: str, problems: Mistakes, lo: float, hi: float
) -> float:
    """The number under `key`, within lo..hi; `lo` and a mistake if it is anything else."""
    value = table.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and lo <= value <= hi:
        return float(value)
    given = "missing" if value is None else repr(value)
    problems.add(f"{place}.{key}" if place else key, given, allowed=f"a number from {lo:g} to {hi:g}")
    return lo
