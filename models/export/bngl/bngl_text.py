"""BioNetGen's languages: rules with actions that settle and treat cells (BNGL), and the network (.net)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from models.engines.bionetgen import ATOL, RTOL
from models.export.content import Content
from models.export.doses import entries, lines
from models.network import network_text
from models.simulation.network_reduction import Network, parse

SETTLE_S = 1e9
"""How long cells are left to come to rest [s]: thirty years, as there is no Newton's method in BioNetGen."""


@dataclass(frozen=True, slots=True)
class BnglPhase:
    """What holds for a while.

    Attributes
    ----------
    times : tuple of float [s]
        Of the output, first to last: three at least; even ones before 0, which is in none but at an end.
    parameters : mapping
        What is set at its start, by id.
    amounts : mapping
        Species pattern → copies/cell at its start.
    """

    times: tuple[float, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BnglProtocol:
    """One treatment of resting cells.

    Attributes
    ----------
    name : str
        Suffix of its output.
    says : str
        The treatment, for people.
    rest : mapping
        Parameters in which these cells come to rest, as far as they are not the file's.
    stretches : tuple of BnglPhase
        In order, one after the other.
    """

    name: str
    says: str
    rest: Mapping[str, float]
    stretches: tuple[BnglPhase, ...]


# --- BNGL -------------------------------------------------------------------------------------------------
def bngl(content: Content, protocols: Sequence[BnglProtocol], says: Iterable[str]) -> str:
    """The rules, with actions that run each of `protocols`; `says` are paragraphs of its head.

    Start amounts are the abundances of the parameters, whatever `content` has for amounts.
    """
    head, tail = _rules(content.built.model)
    network = parse(network_text(content.built.model))
    written = lines(entries(content, network))
    parts = [*remarks(says), *head, "begin parameters", *written, "end parameters", *tail]
    return "\n".join([*parts, "", "begin actions", *_actions(protocols), "end actions", ""])


@lru_cache(maxsize=8)
def _rules(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What PySB writes before and after the parameters."""
    from pysb.generator.bng import BngGenerator

    head, _, rest = str(BngGenerator(model).get_content()).partition("begin parameters\n")
    _, _, tail = rest.partition("end parameters\n")
    return tuple(head.splitlines()), tuple(tail.rstrip().splitlines())


def remarks(says: Iterable[str]) -> list[str]:
    """Paragraphs as comments."""
    return [f"# {line}".rstrip() for text in says for line in (*textwrap.wrap(text, 100), "")]


def _actions(protocols: Sequence[BnglProtocol]) -> list[str]:
    made = ["  generate_network({overwrite=>1})", '  saveParameters("as_written")']
    rested: dict[tuple[tuple[str, float], ...], list[BnglProtocol]] = {}
    for protocol in protocols:
        rested.setdefault(tuple(sorted(protocol.rest.items())), []).append(protocol)
    for number, (rest, group) in enumerate(rested.items(), 1):
        name = f"rest_{number}" if len(rested) > 1 else "rest"
        made += ["", f"  # {name}: the cells come to rest", "  resetConcentrations()"]
        made += ['  resetParameters("as_written")', *_set(dict(rest))]
        made.append(f"  simulate({{{_options(name)},t_start=>0,t_end=>{SETTLE_S:g},n_steps=>1}})")
        made += [f'  saveConcentrations("{name}")', f'  saveParameters("{name}")']
        for protocol in group:
            made += ["", *(f"  # {line}" for line in textwrap.wrap(f"{protocol.name}: {protocol.says}", 100))]
            made += [f'  resetConcentrations("{name}")', f'  resetParameters("{name}")']
            for i, stretch in enumerate(protocol.stretches):
                made += _set(stretch.parameters)
                made += [
                    f'  setConcentration("{pattern}",{amount!r})'
                    for pattern, amount in stretch.amounts.items()
                ]
                after = ",continue=>1" if i else ""
                made.append(f"  simulate({{{_options(protocol.name)}{after},{_output(stretch.times)}}})")
    return made


def _set(parameters: Mapping[str, float]) -> list[str]:
    return [f'  setParameter("{name}",{value!r})' for name, value in sorted(parameters.items())]


def _output(times: Sequence[float]) -> str:
    """Output times; before 0 BioNetGen takes only even ones."""
    first, last = times[0], times[-1]
    if first < 0.0:
        return f"t_start=>{first!r},t_end=>{last!r},n_steps=>{len(times) - 1}"
    return f"t_start=>{first!r},sample_times=>[{','.join(map(repr, times))}]"


def _options(suffix: str) -> str:
    return f'method=>"ode",suffix=>"{suffix}",atol=>{ATOL:g},rtol=>{RTOL:g},print_functions=>1'


# --- .net -------------------------------------------------------------------------------------------------
def net(content: Content, says: Iterable[str]) -> str:
    """The network with the start amounts of `content`.

    Raises
    ------
    ValueError
        Where there are changes after the start, which a .net file has no place for.
    """
    if content.changes:
        raise ValueError("a .net file has no schedule")
    network: Network = parse(network_text(content.built.model))
    settled = content.amounts
    skip = [n for n, _ in network.parameters if n.endswith("_start")] if settled is not None else []
    made = ["begin parameters"]
    for number, line in enumerate(lines(entries(content, network, skip), ""), 1):
        made.append(f"  {number} {line}")
    made += ["end parameters", "begin functions"]
    made += [f"  {i} {name}() {text}" for i, (name, text) in enumerate(network.functions, 1)]
    made += ["end functions", "begin species"]
    for i, (pattern, amount) in enumerate(network.species, 1):
        made.append(f"  {i} {pattern} {amount if settled is None else repr(float(settled[pattern]))}")
    text = network.text()
    return "\n".join([*remarks(says), *made, "end species", text[text.index("begin reactions") :]])
