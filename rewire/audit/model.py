"""The audited model: a libSBML document with the line of every element in the original file.

SBML is read as it is. BNGL, BioNetGen networks and PySB modules are expanded by `models.readers` and
converted to SBML by bngsim, which compares the equations; species keep their patterns as names.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes
from models.core.quiet_solvers import quiet
from models.export.ids import REVERSE, rule_names
from models.export.sbml.reading import document, read_sbml, unsupported
from models.readers.bngl import statements
from models.readers.model_file import open_model
from models.readers.net import lines_of
from models.simulation.network_reduction import parse

SBML = (".xml", ".sbml")
SUFFIXES = (*SBML, ".bngl", ".net", ".py")
FAST = "a fast reaction"
_LABEL = re.compile(r"(\w+)\s*:")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The audited model.

    Attributes
    ----------
    name : str
        Name of the file.
    origin : str
        Its format, in words.
    document : libSBML document
    text : str
        The SBML for the engines; lines are those of the document.
    lines : mapping, optional
        Id → line of the file that was converted; None if the file itself is SBML.
    notes : tuple of str
        Parts of the file that were left out or read differently.
    placed : bool
        Whether lines have a meaning; not in a file without line ends, which is reformatted.
    """

    name: str
    origin: str
    document: Any
    text: str
    lines: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    placed: bool = True

    @property
    def model(self) -> Any:
        """The libSBML model."""
        return self.document.getModel()

    @property
    def is_sbml(self) -> bool:
        """Whether the file itself is SBML, so that units and annotations are those of the author."""
        return self.lines is None

    def line(self, thing: Any) -> int:
        """The line of a libSBML element in the file."""
        if self.lines is None:
            return self.line_in_sbml(thing.getLine())
        return self.lines.get(identity(thing), 0)

    def line_in_sbml(self, line: int) -> int:
        """A line of libSBML's document, if it is one of the file; else 0."""
        return int(line) if self.is_sbml and self.placed else 0


def identity(thing: Any) -> str:
    """The name of an element: its id, or what it sets."""
    for get in ("getIdAttribute", "getSymbol", "getVariable", "getId", "getMetaId"):
        if hasattr(thing, get) and (name := getattr(thing, get)()):
            return str(name)
    return str(thing.getElementName())


def load(path: Path, say: Say = lambda _: None, ignore_fast: bool = False) -> Subject:
    """Read a model.

    Parameters
    ----------
    path : Path
        .xml, .sbml, .bngl or .net, which are never executed, or .py, a PySB module, which is.
    say : callable
        Gets a warning before code is run.
    ignore_fast : bool
        Read fast reactions as ordinary ones, as SBML does since Level 3 Version 2.

    Raises
    ------
    UserError
        With all mistakes and unsupported features, each with its id and line.
    """
    suffix = path.suffix.lower()
    problems = Mistakes(str(path))
    if suffix not in SUFFIXES:
        problems.add("", f"the suffix {suffix!r}", allowed=", ".join(SUFFIXES))
        problems.raise_if_any()
    return _sbml(path, problems, ignore_fast) if suffix in SBML else _converted(path, problems, say)


def _sbml(path: Path, problems: Mistakes, ignore_fast: bool) -> Subject:
    import libsbml

    read = read_sbml(path)
    fast = 0
    for place, what in unsupported(read):
        if what == FAST and ignore_fast:
            fast += 1
            continue
        advice = "--ignore-fast reads it as an ordinary one." if what == FAST else ""
        problems.add(place, f"{what} is not supported", advice=advice)
    problems.raise_if_any()
    text = path.read_bytes().decode("utf-8-sig")
    notes = (f"{fast} fast reactions were read as ordinary ones",) if fast else ()
    if fast:
        text = _without_fast(read)
    origin = f"SBML Level {read.getLevel()} Version {read.getVersion()}"
    placed = text.count("\n") > read.getModel().getNumReactions() + read.getModel().getNumSpecies()
    if not placed:
        read = document(libsbml.writeSBMLToString(read), str(path))
    return Subject(path.name, origin, read, text, notes=notes, placed=placed)


def _without_fast(read: Any) -> str:
    """The document as text, with every reaction an ordinary one."""
    import libsbml

    for i in range(read.getModel().getNumReactions()):
        read.getModel().getReaction(i).setFast(False)
    return str(libsbml.writeSBMLToString(read))


def _converted(path: Path, problems: Mistakes, say: Say) -> Subject:
    from bngsim import BngsimError
    from bngsim.convert import net_to_sbml

    read = open_model(path, say)
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        net = Path(folder) / "model.net"
        net.write_text(read.net, encoding="utf-8")
        try:
            with warnings.catch_warnings(), quiet():
                warnings.simplefilter("ignore")
                report = net_to_sbml(net)
        except (BngsimError, ValueError, RuntimeError, KeyError, RecursionError) as error:
            lines_ = str(error).splitlines() or [type(error).__name__]
            problems.add("", lines_[0][:400], advice="This network cannot be written as equivalent SBML.")
            problems.raise_if_any()
    text = str(report.output_text)
    origin = {".bngl": "BNGL", ".net": "BioNetGen network", ".py": "PySB"}[path.suffix.lower()]
    made = document(text, path.name)
    source = path.read_text(encoding="utf-8", errors="replace")
    lines = dict(_places(source, path.suffix.lower(), read.net, made.getModel()))
    notes = (*read.notes, *(f"left out of the model: {what}" for what in report.dropped))
    return Subject(path.name, origin, made, text, lines, notes)


def _places(source: str, suffix: str, net: str, model: Any) -> Iterator[tuple[str, int]]:
    """Id → line of the file: the definition of a name, the rule of a reaction."""
    if suffix == ".net":
        blocks = [(number, block, line.split()) for number, block, line in lines_of(source) if line]
        defined = {words[1].removesuffix("()"): n for n, _, words in blocks if len(words) > 2}
        species = {words[1].replace("$", ""): n for n, block, words in blocks if block == "species"}
        fired = [number for number, block, _ in blocks if block == "reactions"]
    else:
        listed = statements(source) if suffix == ".bngl" else list(enumerate(source.splitlines(), 1))
        defined = {}
        for number, line in listed:
            for word in re.findall(r"[A-Za-z_]\w*", line):
                defined.setdefault(word, number)
        species = {
            line.split()[0].replace("$", ""): number for number, line in reversed(listed) if line.split()
        }
        rules = _rule_lines(listed) if suffix == ".bngl" else defined
        names = rule_names(net)
        whole = len(names) == len(parse(net).reactions)
        fired = [rules.get(name.removeprefix(REVERSE), 0) for name in names] if whole else []
    for i in range(model.getNumParameters()):
        name = model.getParameter(i).getId()
        if name in defined:
            yield name, defined[name]
    for i in range(model.getNumSpecies()):
        thing = model.getSpecies(i)
        if thing.getName() in species:
            yield thing.getId(), species[thing.getName()]
    if len(fired) == model.getNumReactions():
        for i, number in enumerate(fired):
            yield model.getReaction(i).getId(), number


def _rule_lines(listed: list[tuple[int, str]]) -> dict[str, int]:
    """Rule → line: by its label, or by BioNetGen's own name (_R1, _R2, …)."""
    lines: dict[str, int] = {}
    inside, count = False, 0
    for number, line in listed:
        words = " ".join(line.split())
        if words in ("begin reaction rules", "end reaction rules"):
            inside = words.startswith("begin")
        elif inside:
            count += 1
            label = _LABEL.match(line)
            lines[label[1] if label else f"_R{count}"] = number
    return lines
