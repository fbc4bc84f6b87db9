"""Safe reading of third-party SBML: limited size and depth, no external entities, mistakes with lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from models.core.errors import Mistakes

LARGEST = 64 * 2**20
"""Largest file that is read [bytes]."""

DEEPEST = 256
"""Deepest nesting of elements; libSBML reads them recursively."""

_CORE = "l3v2extendedmath"
"""libSBML's name for the mathematics of Level 3 Version 2."""


def read_sbml(path: Path) -> Any:
    """The libSBML document in a file.

    Raises
    ------
    UserError
        If it cannot be read, is too large, contains entities, or is not SBML; with lines.
    """
    problems = Mistakes(str(path))
    text = _text(path, problems)
    problems.raise_if_any()
    return document(text, str(path))


def _text(path: Path, problems: Mistakes) -> str:
    try:
        if not path.is_file():
            problems.add("", "not found" if not path.exists() else "is not a file")
            return ""
        if (size := path.stat().st_size) > LARGEST:
            problems.add("", f"has {size} bytes", allowed=f"at most {LARGEST} bytes")
            return ""
        return path.read_bytes()[: LARGEST + 1].decode("utf-8-sig")
    except OSError as error:
        problems.add("", f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        problems.add("", "is not UTF-8 text", advice="Is it SBML?")
    return ""


def document(text: str, name: str = "the file") -> Any:
    """The libSBML document of a text; keep it alive while its elements are used. Raises like `read_sbml`."""
    import libsbml

    problems = Mistakes(name)
    scan_xml(text, problems)
    problems.raise_if_any()
    read = libsbml.readSBMLFromString(text)
    for i in range(read.getNumErrors()):
        error = read.getError(i)
        if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR:
            problems.add(f"line {error.getLine()}", " ".join(error.getMessage().split()))
    if read.getModel() is None and not problems.found:
        problems.add("", "contains no model")
    problems.raise_if_any()
    return read


def scan_xml(text: str, problems: Mistakes) -> None:
    """Refuse XML features that SBML does not need and that are unsafe to parse."""
    parser = expat.ParserCreate()
    depth = 0

    def doctype(name: str, *_: Any) -> None:
        problems.add(
            f"line {parser.CurrentLineNumber}",
            f"a document type ({name!r}), which can name external entities",
            advice="Remove it: SBML needs none.",
        )
        raise _Enough

    def begin(*_: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            problems.add(f"line {parser.CurrentLineNumber}", f"elements more than {DEEPEST} deep")
            raise _Enough

    def end(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(text.encode(), True)
    except _Enough:
        return
    except expat.ExpatError as error:
        problems.add(f"line {error.lineno}", f"is not XML: {expat.ErrorString(error.code)}")


class _Enough(Exception):
    """Stops the parser at the first reason to refuse a file."""


def unsupported(document: Any) -> list[tuple[str, str]]:
    """Features of SBML that are not supported: (place, what), the place with id and line."""
    model = document.getModel()
    return list(_unsupported(document, model))


def _unsupported(document: Any, model: Any) -> Iterator[tuple[str, str]]:
    for i in range(document.getNumPlugins()):
        plugin = document.getPlugin(i)
        name = plugin.getPackageName()
        if document.getLevel() == 3 and name != _CORE and document.getPackageRequired(name):
            yield "line 1", f"package {name!r}, which the file requires"
        if name == "comp":
            for k in range(plugin.getNumExternalModelDefinitions()):
                outside = plugin.getExternalModelDefinition(k)
                yield _place(outside), f"an external model ({outside.getSource()!r})"
    for i in range(document.getNumUnknownPackages()):
        prefix = document.getUnknownPackagePrefix(i)
        yield "line 1", f"package {prefix!r}, which is not known here"
    for i in range(model.getNumEvents()):
        event = model.getEvent(i)
        if event.isSetDelay():
            yield _place(event), "an event with a delay"
    for i in range(model.getNumRules()):
        if model.getRule(i).isAlgebraic():
            yield _place(model.getRule(i)), "an algebraic rule"
    for i in range(model.getNumReactions()):
        reaction = model.getReaction(i)
        if reaction.isSetFast() and reaction.getFast():
            yield _place(reaction), "a fast reaction"


def _place(thing: Any) -> str:
    name = thing.getId() or thing.getMetaId() or thing.getElementName()
    return f"{name} (line {thing.getLine()})"
