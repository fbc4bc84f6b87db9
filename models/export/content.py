"""The content of an export: a cell with its parameters and treatment, and the file's own description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.assemble import Built
from models.cells.drugs import Catalogue

PROJECT = "The Rewire project"
LICENCE = "https://spdx.org/licenses/Apache-2.0"
NAMESPACE = "urn:rewire:export:1"
"""Namespace of the annotation that records what a file was written from."""


@dataclass(frozen=True, slots=True, eq=False)
class ContentChange:
    """Changes at a time [s]: parameters by id, amounts [copies/cell] by species pattern."""

    time_s: float
    parameters: Mapping[str, float]
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The cell that is written, with its treatment.

    Attributes
    ----------
    built : Built
    values : mapping
        Rates and settings by name; the others keep their defaults. Loads follow from doses.
    catalogue : Catalogue, optional
        Drugs; those with a target in the network get a dose parameter.
    potencies : mapping
        log10 shift of each drug's Kd [decades].
    doses : mapping
        Doses [nM] at the start, by drug.
    amounts : mapping, optional
        Species pattern → start amount [copies/cell] of a steady state; else those that the parameters imply.
    changes : sequence of ContentChange
        The schedule after the start.
    """

    built: Built
    values: Mapping[str, float]
    catalogue: Catalogue | None = None
    potencies: Mapping[str, float] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)
    amounts: Mapping[str, float] | None = None
    changes: Sequence[ContentChange] = ()


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """The file's own description; `tags` record how to write it again."""

    id: str
    name: str
    says: tuple[str, ...]
    created: str
    tags: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def tagged(tags: Mapping[str, str | Sequence[str]]) -> str:
    """The annotation that records what the file was written from."""
    from xml.sax.saxutils import escape, quoteattr

    plain = " ".join(f"{key}={quoteattr(value)}" for key, value in tags.items() if isinstance(value, str))
    lists = "".join(
        f"<rewire:{key}>{escape(item)}</rewire:{key}>"
        for key, value in tags.items()
        if not isinstance(value, str)
        for item in value
    )
    licence = f"licence={quoteattr(LICENCE)}"
    return f'<rewire:export xmlns:rewire="{NAMESPACE}" {licence} {plain}>{lists}</rewire:export>'
