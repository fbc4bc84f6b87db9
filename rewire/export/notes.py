"""The description in an exported file: notes for people, and tags for `rewire verify`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.core.units import format_time
from models.export.sbml.document import About
from rewire import __version__
from rewire.export.request import PLAIN, ExportOrder, Filled

NOT = (
    "It is not a posterior, not fitted to one data set, and makes no statement about patients: there are no "
    "pharmacokinetics and no cell death, and growth is a proxy of which only ratios have a meaning."
)
UNITS = "Amounts are copies per cell, time is in seconds, drugs and ligands in nM."
UNSETTLED = "The start amounts are not a steady state: simulate years without treatment first."
LICENCE = f"Version {__version__}. Licence: Apache-2.0."


def about(filled: Filled) -> About:
    """Description and tags of an SBML file."""
    order, cell = filled.order, filled.world.contexts[filled.order.context]
    return About(
        id=order.context,
        name=f"Rewire {__version__}: {cell.title}, member {filled.member}",
        says=tuple(notes(filled)),
        created=f"{order.created}T00:00:00Z",
        tags=tags(filled),
    )


def notes(filled: Filled, start: str = "") -> list[str]:
    """Paragraphs on what the model is and is not; `start` describes the start amounts (default: SBML's)."""
    order, cell = filled.order, filled.world.contexts[filled.order.context]
    variants = ", ".join(f"{name} = {choice}" for name, choice in filled.world.built.variants.items())
    treat = "; ".join((*order.treat, *order.genes, *(f"{k} {v}" for k, v in order.plain.items())))
    offset = format_time(-filled.start_s)
    zero = f" Time 0 of the treatment is at {offset} in this file." if filled.start_s and not start else ""
    start = start or (
        "The start amounts are the steady state. A start amount follows its abundance when that is changed; "
        "proteins that turn over follow within days, so simulate to the new steady state before a treatment. "
        "IL-8 is removed at time 0 of the treatment, where the medium is renewed."
        if order.settled
        else UNSETTLED
    )
    return [
        f"{cell.title}. {cell.says}",
        "How cells rewire PI3K-AKT-mTOR signalling when a drug blocks it: reactions expanded from rules, "
        f"with one parameter set (member {filled.member} of {filled.members.label}, {filled.ensemble}) of "
        "several at which the same findings hold. Most rates started from guesses: see their notes.",
        NOT,
        f"{UNITS}{zero} {start}",
        "To treat the cells, set the dose parameter of a drug or ligand (its name with _nM) or an abundance "
        "(its gene with _copies); loads of the targets and all rates follow.",
        f"Treatment in this file: {treat or 'none'}. Competing hypotheses: {variants}.",
        LICENCE,
    ]


def tags(filled: Filled) -> dict[str, str | Sequence[str]]:
    """What `rewire verify` needs to write the same file again."""
    order = filled.order
    return {
        "version": __version__,
        "context": order.context,
        "member": str(filled.member),
        "ensemble": filled.ensemble,
        "settled": "true" if order.settled else "false",
        "created": order.created,
        **order.plain,
        "treat": order.treat,
        "gene": order.genes,
        "variant": order.variants,
    }


def from_tags(found: Mapping[str, Any], ensemble: Path | None = None) -> ExportOrder:
    """The order in a file's tags."""
    return ExportOrder(
        context=found["context"],
        treat=tuple(found.get("treat", ())),
        genes=tuple(found.get("gene", ())),
        variants=tuple(found.get("variant", ())),
        member=found["member"],
        settled=found["settled"] == "true",
        created=found["created"],
        plain={key: found[key] for key in PLAIN if key in found},
        ensemble=ensemble,
    )
