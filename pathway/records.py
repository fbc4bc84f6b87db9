"""What the model's names mean, kept beside it: rates, settings, read-outs, and the evidence of rules."""

from __future__ import annotations

from dataclasses import dataclass

SUFFIX_UNITS = {
    "kf": "1/(copies*s)",
    "kr": "1/s",
    "kact": "1/(copies*s)",
    "kcat": "1/s",
    "kdeg": "1/s",
    "ksyn": "copies/s",
    "K": "copies",
    "Kd": "nM",
    "x": "1",
}
"""Closed table: a rate's suffix fixes its unit. ``x`` is a dimensionless factor."""

RULE_SUFFIXES = ("kf", "kr", "kact", "kcat", "kdeg")
"""A rate that is named after a rule, with one of these, belongs to that rule."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A free kinetic constant: log10 of it is normal around `guess` with `sd` decades."""

    name: str
    guess: float
    unit: str
    sd: float
    source: str
    module: str
    rule: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A constant that a cell context or a treatment sets."""

    name: str
    default: float
    unit: str
    says: str


@dataclass(frozen=True, slots=True)
class Readout:
    """Something a finding may read."""

    name: str
    unit: str
    says: str


@dataclass(frozen=True, slots=True)
class RuleNote:
    """Where a rule lives and what it rests on."""

    name: str
    module: str
    evidence: str
