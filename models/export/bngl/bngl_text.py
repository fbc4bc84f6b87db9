"""BioNetGen's formats: rules with actions that treat cells at steady state (BNGL), and networks (.net)."""

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

STEADY_S = 1e9
"""Time simulated to reach the steady state [s]: thirty years, because BioNetGen has no Newton's method."""


@dataclass(frozen=True, slots=True)
class BnglPhase:
    """A period with constant parameters.

    Attributes
    ----------
    times : tuple of float [s]
        Output times, first to last: at least three; evenly spaced before 0, which may only be the first or
        last.
    parameters : mapping
        Parameters set at its start, by id.
    amounts : mapping
        Species pattern → copies/cell set at its start.
    """

    times: tuple[float, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BnglProtocol:
    """One treatment of cells at steady state.

    Attributes
    ----------
    name : str
        Suffix of its output.
    description : str
        The treatment in words.
    rest : mapping
        Parameters of the steady state that differ from the file's.
    phases : tuple of BnglPhase
    """

    name: str
    description: str
    rest: Mapping[str, float]
    phases: tuple[BnglPhase, ...]


# --- BNGL -------------------------------------------------------------------------------------------------
def bngl(content: Content, protocols: Sequence[BnglProtocol], head: Iterable[str]) -> str:
    """The rules, with actions that run each of `protocols`; `head` are paragraphs of comments.

    Start amounts are the abundances in the parameters; the amounts of `content` are not used.
    """
    before, after = _rules(content.built.model)
    network = parse(network_text(content.built.model))
    written = lines(entries(content, network))
    parts = [*remarks(head), *before, "begin parameters", *written, "end parameters", *after]
    return "\n".join([*parts, "", "begin actions", *_actions(protocols), "end actions", ""])


@lru_cache(maxsize=8)
def _rules(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """PySB's lines before and after the parameters."""
    from pysb.generator.bng import BngGenerator

    head, _, rest = str(BngGenerator(model).get_content()).partition("begin parameters\n")
    _, _, tail = rest.partition("end parameters\n")
    return tuple(head.splitlines()), tuple(tail.rstrip().splitlines())


def remarks(paragraphs: Iterable[str]) -> list[str]:
    """Paragraphs as comments."""
    return [f"# {line}".rstrip() for text in paragraphs for line in (*textwrap.wrap(text, 100), "")]


def _actions(protocols: Sequence[BnglProtocol]) -> list[str]:
    made = ["  generate_network({overwrite=>1})", '  saveParameters("as_written")']
    by_rest: dict[tuple[tuple[str, float], ...], list[BnglProtocol]] = {}
    for protocol in protocols:
        by_rest.setdefault(tuple(sorted(protocol.rest.items())), []).append(protocol)
    for number, (rest, group) in enumerate(by_rest.items(), 1):
        name = f"rest_{number}" if len(by_rest) > 1 else "rest"
        made += ["", f"  # {name}: steady state", "  resetConcentrations()"]
        made += ['  resetParameters("as_written")', *_set(dict(rest))]
        made.append(f"  simulate({{{_options(name)},t_start=>0,t_end=>{STEADY_S:g},n_steps=>1}})")
        made += [f'  saveConcentrations("{name}")', f'  saveParameters("{name}")']
        for protocol in group:
            made += [
                "",
                *(f"  # {line}" for line in textwrap.wrap(f"{protocol.name}: {protocol.description}", 100)),
            ]
            made += [f'  resetConcentrations("{name}")', f'  resetParameters("{name}")']
            for i, phase in enumerate(protocol.phases):
                made += _set(phase.parameters)
                made += [f'  setConcentration("{pattern}",{x!r})' for pattern, x in phase.amounts.items()]
                after = ",continue=>1" if i else ""
                made.append(f"  simulate({{{_options(protocol.name)}{after},{_output(phase.times)}}})")
    return made


def _set(parameters: Mapping[str, float]) -> list[str]:
    return [f'  setParameter("{name}",{value!r})' for name, value in sorted(parameters.items())]


def _output(times: Sequence[float]) -> str:
    """Output times; before 0 BioNetGen takes only evenly spaced ones."""
    first, last = times[0], times[-1]
    if first < 0.0:
        return f"t_start=>{first!r},t_end=>{last!r},n_steps=>{len(times) - 1}"
    return f"t_start=>{first!r},sample_times=>[{','.join(map(repr, times))}]"


def _options(suffix: str) -> str:
    return f'method=>"ode",suffix=>"{suffix}",atol=>{ATOL:g},rtol=>{RTOL:g},print_functions=>1'


# --- .net -------------------------------------------------------------------------------------------------
def net(content: Content, head: Iterable[str]) -> str:
    """The network with the start amounts of `content`, below `head` as comments.

    Raises `ValueError` if `content` changes after the start: a .net file has no schedule.
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
    return "\n".join([*remarks(head), *made, "end species", text[text.index("begin reactions") :]])
