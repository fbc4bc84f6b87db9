"""Modules and chosen hypotheses to one `pysb.Model` for all contexts and treatments."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.core.errors import Mistake, Mistakes, UserError
from pathway import MODULES, VARIANTS
from pathway.builder import ModelBuilder, Rate, Readout, RuleNote, Setting


@dataclass(frozen=True)
class Built:
    """A model with what its names mean.

    Attributes
    ----------
    model : pysb.Model
    rates : dict of Rate
        Free kinetic constants, by name.
    settings : dict of Setting
        Constants that contexts and treatments set, by name.
    observables : dict of Readout
        What findings may read, by name.
    rules : dict of RuleNote
        Module and evidence of each rule, by name.
    variants : dict
        The hypothesis chosen for each open question.
    monomer_module : dict
        Which module declares a monomer.
    uniprot : dict
        UniProt accessions of each monomer.
    secreted : tuple of str
        Observables of what is in the medium, and goes with it.
    """

    model: Any
    rates: dict[str, Rate]
    settings: dict[str, Setting]
    observables: dict[str, Readout]
    rules: dict[str, RuleNote]
    variants: dict[str, str]
    monomer_module: dict[str, str]
    uniprot: dict[str, tuple[str, ...]]
    secreted: tuple[str, ...] = ()


def chosen(variants: Mapping[str, str]) -> dict[str, str]:
    """All hypotheses: the defaults with `variants` over them.

    Raises
    ------
    UserError
        For an unknown question or answer; all at once.
    """
    problems = Mistakes("variants")
    for name, value in variants.items():
        if name not in VARIANTS:
            problems.add(name, f"unknown variant {name!r}", VARIANTS, name=name)
        elif value not in VARIANTS[name]:
            problems.add(name, f"unknown choice {value!r}", VARIANTS[name], name=value)
    problems.raise_if_any()
    return {name: variants.get(name, choices[0]) for name, choices in VARIANTS.items()}


def build(variants: Mapping[str, str] | None = None, modules: Sequence[str] | None = None) -> Built:
    """The model, or the named `modules` of it with constants standing in for what they need.

    Kept and shared: whoever changes the model takes `assemble`.

    Raises
    ------
    UserError
        For an unknown variant, or a mistake in a rule.
    """
    return _build(tuple(chosen(variants or {}).items()), tuple(modules or MODULES))


def in_rule(error: Exception, module: str, path: Path) -> UserError:
    """What Python or PySB says of a module of the pathway, with the line of the rule."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path
    ]
    place = f"line {lines[-1]}" if lines else ""
    return UserError([Mistake(f"pathway/{module}.py", place, f"{type(error).__name__}: {error}")])


def assemble(variants: Mapping[str, str] | None = None, modules: Sequence[str] | None = None) -> Built:
    """The same as `build`, made anew: a model that the caller may change."""
    builder = ModelBuilder(chosen(variants or {}))
    parts = [(name, importlib.import_module(f"pathway.{name}")) for name in modules or MODULES]
    for step in ("molecules", "activities", "rules"):
        for name, part in parts:
            builder.module = name
            if hasattr(part, step):
                try:
                    getattr(part, step)(builder)
                except Exception as error:
                    raise in_rule(error, name, Path(str(part.__file__))) from error
    return Built(
        builder.model,
        builder.rates,
        builder.settings,
        builder.readouts,
        builder.notes,
        dict(builder.variants),
        builder.monomer_module,
        builder.uniprot,
        tuple(builder.secreted),
    )


@lru_cache(maxsize=32)
def _build(variants: tuple[tuple[str, str], ...], modules: tuple[str, ...]) -> Built:
    return assemble(dict(variants), modules)
