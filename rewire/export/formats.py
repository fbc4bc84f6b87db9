"""The formats of `rewire export`; the module of a format is imported when it is used.

Such a module has one function, `export(request: ExportRequest) -> Exported`. It reports mistakes before it
starts (`rewire.export.proven_sbml.check_place`) and writes by rename (`rewire.export.proven_sbml.put`,
`models.core.files`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import Mistakes

if TYPE_CHECKING:
    from rewire.export.proven_sbml import Exported
    from rewire.export.request import ExportOrder

ALL = "all"
"""Instead of a context: all of them in one file."""

EACH = "each"
"""Instead of a context: a file for every one."""

CELLS = frozenset({"treat", "gene", "medium", "grown-in", "starve", "member"})
"""Options about one kind of cell."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes
    ----------
    module : str
        With the function `export`.
    suffix : str
        Suffix of the default file name; "" for a folder.
    says : str
        Short description.
    contexts : str
        Accepted contexts: "one", "one or all" (``all``), or "none".
    takes : frozenset of str
        Accepted options besides `--out`, `--force`, `--verify`, `--ensemble`, `--variant` and `--json`.
    """

    module: str
    suffix: str
    says: str
    contexts: str = "one"
    takes: frozenset[str] = CELLS


FORMS: Mapping[str, Format] = {
    "antimony": Format(
        "rewire.export.sbml.antimony", ".ant", "Antimony", takes=CELLS | {"settled", "created"}
    ),
    "bngl": Format(
        "rewire.export.bngl.bngl_file", ".bngl", "BioNetGen rules with actions", takes=CELLS | {"findings"}
    ),
    "ensemble": Format(
        "rewire.export.members_table", ".csv", "all members, as CSV or Parquet", "none", frozenset()
    ),
    "net": Format(
        "rewire.export.bngl.net_file", ".net", "BioNetGen's reaction network", takes=CELLS | {"settled"}
    ),
    "omex": Format(
        "rewire.export.omex.omex_file", ".omex", "a COMBINE archive", "none", frozenset({"member", "created"})
    ),
    "petab": Format(
        "rewire.export.petab.petab_problem",
        "",
        "a PEtab problem, versions 1 and 2",
        "one or all",
        frozenset({"member", "created"}),
    ),
    "pybnf": Format(
        "rewire.export.pybnf.pybnf_problem",
        "",
        "a PyBNF bundle: BNGL, constraints, settings",
        "one or all",
        frozenset(),
    ),
    "pysb": Format("rewire.export.bngl.pysb_module", ".py", "a flat PySB module", takes=CELLS | {"settled"}),
    "sbml": Format(
        "rewire.export.sbml.one_cell",
        ".xml",
        "SBML Level 3 Version 2",
        "one or all",
        CELLS | {"settled", "created"},
    ),
}
"""Name on the command line → format."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The options of the command line.

    Attributes
    ----------
    form : str
        A key of `FORMS`.
    path : Path
        The file or folder to write.
    context : str
        The cells; `ALL`; "" if the format takes none.
    treat, genes, variants : tuple of str
    member : str
        "best", "median" or a number.
    plain : mapping
        `medium`, `grown_in`, `starve`, if given.
    ensemble : Path, optional
    findings : bool
        All treatments of the findings in these cells, instead of `treat`.
    settled : bool
    created : str
        "2026-01-31", or "" for today.
    verify, force : bool
    say : callable, optional
        Gets messages for the user.
    """

    form: str
    path: Path
    context: str = ""
    treat: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    member: str = "best"
    plain: Mapping[str, str] = field(default_factory=dict)
    ensemble: Path | None = None
    findings: bool = False
    settled: bool = True
    created: str = ""
    verify: bool = True
    force: bool = False
    say: Callable[[str], None] | None = None

    @property
    def order(self) -> ExportOrder:
        """The part of the request that describes one cell."""
        from rewire.export.request import ExportOrder

        return ExportOrder(
            self.context,
            self.treat,
            self.genes,
            self.variants,
            self.member,
            self.settled,
            self.created,
            self.plain,
            self.ensemble,
        )


def known_form(name: str) -> Format:
    """The format of that name; raises `UserError` with the nearest name."""
    if name not in FORMS:
        problems = Mistakes("FORMAT")
        problems.add("", f"unknown format {name!r}", allowed=FORMS, name=name)
        problems.raise_if_any()
    return FORMS[name]


def _flag(option: str) -> str:
    """An option as the command line spells it."""
    return "--steady-state" if option == "settled" else f"--{option}"


def check_options(name: str, context: str, given: Iterable[str]) -> None:
    """Raise `UserError` for options and contexts that a format does not accept."""
    form, problems = known_form(name), Mistakes(f"rewire export {name}")
    takes = form.takes - {ALL: CELLS, EACH: {"findings"}}.get(context, set())
    for option in sorted(set(given) - takes):
        why = f"does not go with {context!r}" if option in form.takes else "has no meaning in this format"
        problems.add(_flag(option), why, allowed=[*map(_flag, takes)] or "none of these options")
    if form.contexts == "none" and context:
        problems.add("CONTEXT", repr(context), advice="This format contains no cells: name none.")
    elif form.contexts != "none" and not context:
        problems.add("CONTEXT", "none given", advice=f"Please name the cells: rewire export {name} mcf7")
    elif form.contexts == "one" and context == ALL:
        problems.add(
            "CONTEXT", repr(ALL), advice=f"This format describes one kind of cell: name it, or use {EACH!r}."
        )
    problems.raise_if_any()


def export(request: ExportRequest) -> Exported:
    """Write the file or folder; raises `UserError`."""
    made: Exported = import_module(known_form(request.form).module).export(request)
    return made
