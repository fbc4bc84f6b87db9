"""What `rewire export` can write: one line a format, its module imported when the format is used.

A module of a format has one function, `export(request: Request) -> Exported`. It refuses what it cannot
write before it works (`rewire.export.proven_sbml.check_place`), writes by rename
(`rewire.export.proven_sbml.put`, `models.core.files`), and gives back what it did.
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
"""In place of a context: all of them in one file."""

EACH = "each"
"""In place of a context: a file for every one."""

CELLS = frozenset({"treat", "gene", "medium", "grown-in", "starve", "member"})
"""Options about one kind of cell."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes
    ----------
    module : str
        Has `export`.
    suffix : str
        Of the file that is written where none is named; "" for a folder.
    says : str
        For people, in a few words.
    contexts : str
        Which contexts it takes: "one", "one or all" (``all``), or "none".
    takes : frozenset of str
        Options it takes besides `--out`, `--force`, `--verify`, `--ensemble`, `--variant` and `--json`.
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
    """What was asked on the command line, in its words.

    Attributes
    ----------
    form : str
        A key of `FORMS`.
    path : Path
        What is to be written.
    context : str
        The cells; `ALL`; "" where the format takes none.
    treat, genes, variants : tuple of str
    member : str
        "best", "median" or a number.
    plain : mapping
        `medium`, `grown_in`, `starve`, where given.
    ensemble : Path, optional
    findings : bool
        All treatments that the findings give these cells, in place of `treat`.
    settled : bool
    created : str
        "2026-01-31", or "" for today.
    verify, force : bool
    say : callable, optional
        Told what people should know while it works.
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
        """The same as an order of one cell."""
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
    """The format of that name.

    Raises
    ------
    UserError
        With the nearest name.
    """
    if name not in FORMS:
        problems = Mistakes("FORMAT")
        problems.add("", f"unknown format {name!r}", allowed=FORMS, name=name)
        problems.raise_if_any()
    return FORMS[name]


def check_options(name: str, context: str, given: Iterable[str]) -> None:
    """Refuse options, and contexts, that a format has no use for.

    Raises
    ------
    UserError
    """
    form, problems = known_form(name), Mistakes(f"rewire export {name}")
    takes = form.takes - {ALL: CELLS, EACH: {"findings"}}.get(context, set())
    for option in sorted(set(given) - takes):
        why = f"does not go with {context!r}" if option in form.takes else "means nothing in this format"
        problems.add(f"--{option}", why, allowed=[f"--{each}" for each in takes] or "none of these options")
    if form.contexts == "none" and context:
        problems.add("CONTEXT", repr(context), advice="This format holds no cells: name none.")
    elif form.contexts != "none" and not context:
        problems.add("CONTEXT", "none given", advice=f"Please name the cells: rewire export {name} mcf7")
    elif form.contexts == "one" and context == ALL:
        problems.add(
            "CONTEXT", repr(ALL), advice=f"This format holds one kind of cell: name it, or say {EACH!r}."
        )
    problems.raise_if_any()


def export(request: ExportRequest) -> Exported:
    """Write what was asked.

    Raises
    ------
    UserError
    """
    made: Exported = import_module(known_form(request.form).module).export(request)
    return made
