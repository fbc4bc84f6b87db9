"""`rewire verify`: where does an SBML file differ from what the project writes?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from models.core.errors import Mistakes
from models.export.sbml.document import NAMESPACE, sbml
from models.export.sbml.reading import document, read_sbml, unsupported
from rewire.export.formats import ALL
from rewire.export.notes import about, from_tags
from rewire.export.request import PLAIN, ExportOrder, content, fill
from rewire.export.sbml.parameter_sets import text_of, without_cells
from rewire.report.tables import Column, Table

NEAR = 1e-9
"""Relative difference of numbers that counts as none: the steady state is exact only to rounding."""

LEAST = 1e-6
"""Start amounts [copies/cell] below which differences count as none."""

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NOTES = re.compile(r"<(notes|annotation)>.*?</\1>", re.DOTALL)  # compared as texts
_AMOUNTS = ("species", "initial assignment")
_REPEATED = ("treat", "gene", "variant")
_NEEDED = ("version", "context", "member", "ensemble", "settled", "created")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a file and what the project writes.

    Attributes
    ----------
    element : str
        Such as "parameter" or "species".
    id : str
    line : int
        Line in the file; of the list that it belongs in, if something is missing.
    what : str
        The attribute or part that differs.
    found, written : str
        In the file, and as the project writes it; "–" if there is none.
    """

    element: str
    id: str
    line: int
    what: str
    found: str
    written: str


def verify(
    path: Path, ensemble: Path | None = None, say: Callable[[str], None] | None = None
) -> list[Difference]:
    """All differences between a file and what the project writes for the same order.

    Raises `UserError` if the file cannot be read, has unsupported features, or was not written by the
    project.
    """
    theirs = read_sbml(path)
    problems = Mistakes(str(path))
    for place, what in unsupported(theirs):
        problems.add(place, f"{what} is not supported")
    problems.raise_if_any()
    found = _tags(path, problems)
    problems.raise_if_any()
    order = _order(found, ensemble, problems)
    if order.context == ALL:
        filled = without_cells(ensemble, order.variants, order.created, say)
        ours = document(text_of(filled))
    else:
        filled = fill(order, say)
        ours = document(sbml(content(filled), about(filled)))
    differences = []
    if filled.ensemble != found["ensemble"]:
        line = theirs.getModel().getLine()
        where = ("model", theirs.getModel().getId(), line, "ensemble")
        differences.append(Difference(*where, found["ensemble"], filled.ensemble))
        if say:
            say("The file was written from another ensemble; without --ensemble, rates differ.")
    return differences + list(compare(theirs, ours))


def _tags(path: Path, problems: Mistakes) -> dict[str, Any]:
    """The tags that record how the file was written."""
    root = ElementTree.fromstring(path.read_bytes())  # `read_sbml` has refused entities
    places = list(root.iter(f"{{{NAMESPACE}}}export"))
    if len(places) != 1:
        advice = "Only files that `rewire export sbml` wrote can be verified."
        problems.add("annotation", f"{len(places) or 'no'} <rewire:export> in it", advice=advice)
        return {}
    found: dict[str, Any] = dict(places[0].attrib)
    for name in _REPEATED:
        found[name] = [node.text or "" for node in places[0].iter(f"{{{NAMESPACE}}}{name}")]
    for name in _NEEDED:
        if name not in found:
            problems.add("annotation", f"<rewire:export> has no {name!r}", allowed=(*_NEEDED, *PLAIN))
    if found.get("settled", "true") not in ("true", "false"):
        problems.add("annotation", f"settled={found['settled']!r}", allowed="true, false")
    return found


def _order(found: Mapping[str, Any], ensemble: Path | None, problems: Mistakes) -> ExportOrder:
    order = from_tags(found, ensemble)
    if not order.member.isdigit():
        problems.add("annotation", f"member={order.member!r}", allowed="the number of a member")
    problems.raise_if_any()
    return order


# --- comparing documents ----------------------------------------------------------------------------------
def compare(theirs: Any, ours: Any) -> Iterator[Difference]:
    """Differences of two libSBML documents, in the order of ours, then what only theirs has."""
    head_theirs, head_ours = _head(theirs), _head(ours)
    model = theirs.getModel()
    yield from _fields("model", model.getId(), model.getLine(), head_theirs, head_ours)
    for name, list_of in _LISTS_OF.items():
        mine, given = _by_key(list_of(ours.getModel())), _by_key(list_of(model))
        place = list_of(model).getLine() or model.getLine()
        for key, thing in mine.items():
            if key not in given:
                yield Difference(name, key, place, "whole", "–", _short(thing))
                continue
            other = given[key]
            yield from _fields(name, key, other.getLine(), _flat(other), _flat(thing))
        for key, thing in given.items():
            if key not in mine:
                yield Difference(name, key, thing.getLine(), "whole", _short(thing), "–")


_LISTS_OF: Mapping[str, Callable[[Any], Any]] = {
    "function": lambda m: m.getListOfFunctionDefinitions(),
    "unit": lambda m: m.getListOfUnitDefinitions(),
    "compartment": lambda m: m.getListOfCompartments(),
    "species": lambda m: m.getListOfSpecies(),
    "parameter": lambda m: m.getListOfParameters(),
    "initial assignment": lambda m: m.getListOfInitialAssignments(),
    "rule": lambda m: m.getListOfRules(),
    "constraint": lambda m: m.getListOfConstraints(),
    "reaction": lambda m: m.getListOfReactions(),
    "event": lambda m: m.getListOfEvents(),
}


def _by_key(list_of: Any) -> dict[str, Any]:
    things = {}
    for i in range(list_of.size()):
        thing = list_of.get(i)
        key = getattr(thing, "getSymbol", thing.getId)() or getattr(thing, "getVariable", thing.getId)()
        things[key or f"number {i + 1}"] = thing
    return things


def _short(thing: Any) -> str:
    value = {"value": "getValue", "amount": "getInitialAmount"}
    for name, get in value.items():
        if hasattr(thing, get):
            return f"{name} {getattr(thing, get)():g}"
    if getattr(thing, "isSetMath", lambda: False)():
        return _math(thing)
    return "there"


def _head(document: Any) -> dict[str, str]:
    model = document.getModel()
    fields = {
        f"sbml {k}": str(v) for k, v in (("level", document.getLevel()), ("version", document.getVersion()))
    }
    for kind in ("Substance", "Time", "Volume", "Area", "Length", "Extent"):
        fields[f"{kind.lower()}Units"] = getattr(model, f"get{kind}Units")()
    fields |= {"id": model.getId(), "name": model.getName(), "conversionFactor": model.getConversionFactor()}
    fields["sboTerm"] = model.getSBOTermID()
    return fields | _words(model)


def _words(thing: Any) -> dict[str, str]:
    return {"notes": thing.getNotesString(), "annotation": thing.getAnnotationString()}


def _flat(thing: Any) -> dict[str, str]:
    """Every attribute and formula of an element and its children, by path."""
    fields = _words(thing)
    text = thing.toSBML()  # a fragment declares none of its prefixes
    prefixes = sorted(set(re.findall(r"[\s</]([A-Za-z_]\w*):\w", text)) - {"xml", "xmlns"})
    spaces = "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in prefixes)
    (root,) = ElementTree.fromstring(f"<all{spaces}>{_NOTES.sub('', text)}</all>")
    _walk(root, "", fields)
    for part, holder in _formulas(thing):
        fields[part] = _math(holder)
    return fields


def _walk(node: Any, path: str, fields: dict[str, str]) -> None:
    """Attributes of a node under their names, those of its children under a path."""
    for key, value in node.attrib.items():
        fields[f"{path} {_local(key)}".strip()] = value
    counts: dict[str, int] = {}
    for child in node:
        tag = _local(child.tag)
        if tag == "math":
            continue
        name = child.get("species") or child.get("variable") or child.get("kind")
        step = f"{path} {tag}{f' {name}' if name else ''}".strip()
        counts[step] = counts.get(step, 0) + 1
        step += f" ({counts[step]})" if counts[step] > 1 else ""
        fields[step] = "there"
        _walk(child, step, fields)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def _formulas(thing: Any) -> Iterator[tuple[str, Any]]:
    if getattr(thing, "isSetMath", lambda: False)():
        yield "formula", thing
    if hasattr(thing, "getKineticLaw") and thing.isSetKineticLaw():
        yield "rate law", thing.getKineticLaw()
    if hasattr(thing, "getTrigger") and thing.isSetTrigger():
        yield "trigger", thing.getTrigger()
        for i in range(thing.getNumEventAssignments()):
            assignment = thing.getEventAssignment(i)
            yield f"sets {assignment.getVariable()}", assignment


def _math(holder: Any) -> str:
    import libsbml

    return str(libsbml.formulaToL3String(holder.getMath())) if holder.isSetMath() else ""


def _fields(
    element: str, key: str, line: int, theirs: Mapping[str, str], ours: Mapping[str, str]
) -> Iterator[Difference]:
    least = LEAST if element in _AMOUNTS else 0.0
    for name in {**ours, **theirs}:
        found, written = theirs.get(name, ""), ours.get(name, "")
        if not same(found, written, least):
            yield Difference(element, key, line, name, _cut(found, written), _cut(written, found))


def _cut(text: str, other: str) -> str:
    """The part of a text around its first difference from another."""
    if not text:
        return "–"
    flat, beside = " ".join(text.split()), " ".join(other.split())
    if len(flat) <= 120:
        return flat
    start = next((i for i, (a, b) in enumerate(zip(flat, beside, strict=False)) if a != b), 0)
    return ("…" if start > 30 else "") + flat[max(0, start - 30) : start + 90] + "…"


def same(a: str, b: str, least: float = 0.0) -> bool:
    """Whether texts are equal except for white space, last digits of numbers, and numbers below `least`."""
    if a == b:
        return True
    x, y = " ".join(a.split()), " ".join(b.split())
    if _NUMBER.sub("0", x) != _NUMBER.sub("0", y):
        return False
    pairs = zip(_NUMBER.findall(x), _NUMBER.findall(y), strict=True)
    return all(p == q or math.isclose(float(p), float(q), rel_tol=NEAR, abs_tol=least) for p, q in pairs)


def table(path: Path, differences: list[Difference]) -> Table:
    """The answer of `rewire verify`."""
    columns = [
        Column("element", "element"),
        Column("id", "id"),
        Column("line", "line", "right"),
        Column("what", "what"),
        Column("in the file", "found"),
        Column("as written", "written"),
    ]
    footer = () if differences else (f"{path} is as the project writes it.",)
    extra = {"file": str(path), "as_written": not differences}
    return Table("verify", [asdict(d) for d in differences], columns, extra=extra, footer=footer)
