"""The rules as one flat PySB module, with parameters, start amounts and treatment of one cell."""

from __future__ import annotations

import pprint
import re
from collections.abc import Iterable
from typing import Any

from models.export.content import Content
from models.export.doses import doses as drugs_of
from models.export.doses import entries, loads
from models.export.ids import Site, molecules, species_id
from models.network import network_text
from models.simulation.network_reduction import parse

_PARAMETER = re.compile(r"^Parameter\('(\w+)', ")
_INITIAL = re.compile(r"^Initial\(")

_SCHEDULE = """
# Changes after the start: time [s], parameters, and amounts [copies per cell] by species in BioNetGen's
# notation. PySB runs one phase at a time: simulate up to a change, apply it, and continue from there.
SCHEDULE = {schedule}
"""


def pysb_flat(content: Content, head: Iterable[str]) -> str:
    """A module whose `model` is the cell, with the changes after the start in `SCHEDULE`.

    The start amounts of a steady state are parameters named after the species. `head` becomes the docstring.
    """
    from pysb.export import export

    model, network = content.built.model, parse(network_text(content.built.model))
    starts = [n for n, _ in network.parameters if n.endswith("_start")] if content.amounts else []
    formulas = loads(drugs_of(content, network))
    made = entries(content, network, starts)
    numbers = [e for e in made if e.name not in formulas and e.name not in _constants(model)]
    amounts = dict(_amounts(content))
    parameters = [f"Parameter({e.name!r}, {e.text})" + _remark(e.note) for e in numbers]
    parameters += [f"Parameter({f'{species_id(p)}_start'!r}, {amount!r})" for p, amount in amounts.items()]
    parameters += [f"Expression({name!r}, {formula})" for name, formula in formulas.items()]
    initials = [f"Initial({_pattern(p)}, {species_id(p)}_start)" for p in amounts]
    lines = []
    for line in export(model, "pysb_flat").splitlines():
        if _PARAMETER.match(line):
            lines += parameters
            parameters = []
        elif _INITIAL.match(line) and content.amounts is not None:
            lines += initials
            initials = []
        else:
            lines.append(line)
    changes = tuple((c.time_s, dict(c.parameters), dict(c.amounts)) for c in content.changes)
    schedule = _SCHEDULE.format(schedule=pprint.pformat(changes, width=110))
    docstring = '"""' + "\n\n".join(text.replace("\\", " ").replace('"""', "'''") for text in head) + '\n"""'
    return "\n".join([docstring, *lines, schedule])


def _remark(note: str) -> str:
    return f"  # {' '.join(note.split())}" if note else ""


def _constants(model: Any) -> frozenset[str]:
    """Parameters of the network that are formulas in the rules."""
    return frozenset(e.name for e in model.expressions)


def _amounts(content: Content) -> Iterable[tuple[str, float]]:
    """Start amounts of a steady state; zeros are left out, except for species that rules start from."""
    if content.amounts is None:
        return
    seeds = {p for p, a in parse(network_text(content.built.model)).species if not _number(a) or float(a)}
    for pattern, amount in content.amounts.items():
        if amount or pattern in seeds:
            yield pattern, float(amount)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pattern(species: str) -> str:
    """A species of the network in PySB's notation."""
    return " % ".join(
        f"{m.name}({', '.join(f'{site.name}={_site(site)}' for site in m.sites)})" for m in molecules(species)
    )


def _site(site: Site) -> str:
    if site.bond and site.state:
        return f"({site.state!r}, {site.bond})"
    return site.bond or (repr(site.state) if site.state else "None")
