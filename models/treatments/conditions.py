"""Arm × cell × overrides -> the settings of each phase of a simulation.

An arm is compiled once, because a fit needs every arm at every evaluation; each parameter set then only fills
in numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.assemble import build
from models.cells.context import Context
from models.cells.genes import Genes
from models.cells.media import LIGANDS, Medium
from models.treatments.arm import Arm

if TYPE_CHECKING:
    from models.cells.drugs import Catalogue

Settings = dict[str, float]
LN10 = math.log(10.0)
_Loads = tuple[tuple[str, float], ...]  # (load setting, load)


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """Settings at the steady state, then those from each start [s] on; others have their default."""

    rest: Settings
    segments: list[tuple[float, Settings]]


@dataclass(frozen=True, slots=True, eq=False)
class _Phase:
    start_s: float
    levels: Settings  # ligand setting -> nM
    loads: tuple[tuple[str, _Loads], ...]  # ("<drug>.potency", loads at shift 0) of each drug


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A compiled arm. Call `conditions` with the values of a parameter set."""

    arm: Arm
    _rest: Settings
    _open: tuple[tuple[str, str, float], ...]  # ("<ctx>.<setting>", setting, factor of the changed genes)
    _phases: tuple[_Phase, ...]

    @property
    def reads(self) -> frozenset[str]:
        """Names of overrides that can change this arm's conditions."""
        potencies = {key for s in self._phases for key, _ in s.loads}
        return frozenset(key for key, _, _ in self._open) | potencies

    def conditions(self, overrides: Mapping[str, float] | None = None) -> Conditions:
        """Conditions under `overrides`: "<ctx>.<setting>" -> value, "<drug>.potency" -> log10 shift of K."""
        overrides = overrides or {}
        rest = self._rest.copy()
        for key, setting, factor in self._open:
            if (value := overrides.get(key)) is not None:
                rest[setting] = value * factor
        segments = []
        for phase in self._phases:
            now = rest.copy()
            now.update(phase.levels)
            for key, loads in phase.loads:
                weaker = 10.0 ** -overrides.get(key, 0.0)
                for setting, load in loads:
                    now[setting] = now.get(setting, 0.0) + load * weaker
            segments.append((phase.start_s, now))
        return Conditions(rest, segments)

    def derivatives(self, overrides: Mapping[str, float]) -> dict[str, list[tuple[int, str, float]]]:
        """Override -> (phase, setting, derivative), per decade of the override (of K, for a potency).

        Phases are numbered as the segments of `conditions`; -1 is the steady state.
        """
        found: dict[str, list[tuple[int, str, float]]] = {}
        for key, setting, factor in self._open:
            if (value := overrides.get(key)) is not None:
                by = LN10 * value * factor
                found[key] = [(at, setting, by) for at in range(-1, len(self._phases))]
        for at, phase in enumerate(self._phases):
            for key, loads in phase.loads:
                if key in overrides:
                    by = -LN10 * 10.0 ** -overrides[key]
                    found.setdefault(key, []).extend((at, setting, load * by) for setting, load in loads)
        return found


def compile_arm(
    arm: Arm,
    context: Context,
    catalogue: Catalogue,
    media: Mapping[str, Medium],
    genes: Genes,
    defaults: Mapping[str, float] | None = None,
) -> Compiled:
    """Compile an arm for the `context` that it names.

    `defaults` has the default of every setting of the model (by default those of the default model). Settings
    that the model lacks, of a module left out, are dropped.
    """
    if context.name != arm.context:
        raise ValueError(f"arm {arm.name!r} is in {arm.context!r}, not in {context.name!r}")
    if defaults is None:
        defaults = {name: setting.default for name, setting in build().settings.items()}
    effects = [*context.effects, *(e for symbol, change in arm.genes for e in genes[symbol].effects(change))]
    factor: Settings = {}
    fixed: Settings = {}
    for setting, value, times in effects:
        if times:
            factor[setting] = factor.get(setting, 1.0) * value
        else:
            fixed[setting] = value
    rest = {name: a.copies for name, a in context.copies.items() if name in defaults}
    for setting, by in factor.items():
        if setting in defaults:
            rest[setting] = rest.get(setting, defaults[setting]) * by
    rest.update((setting, value) for setting, value in fixed.items() if setting in defaults)
    rest.update(_levels(media[arm.grown_in], (), defaults))
    is_open = [s for s in defaults if s not in fixed and not s.startswith("load_") and s not in _LEVELS]
    return Compiled(
        arm,
        rest,
        tuple((f"{arm.context}.{s}", s, factor.get(s, 1.0)) for s in is_open),
        tuple(
            _Phase(
                segment.start_s,
                _levels(media[segment.medium], segment.ligands, defaults),
                tuple((f"{x}.potency", _loads(catalogue, x, nM, defaults)) for x, nM in segment.drugs),
            )
            for segment in arm.segments
        ),
    )


def conditions(
    arm: Arm,
    context: Context,
    catalogue: Catalogue,
    media: Mapping[str, Medium],
    genes: Genes,
    overrides: Mapping[str, float] | None = None,
    defaults: Mapping[str, float] | None = None,
) -> Conditions:
    """Conditions of an arm for one parameter set; see `compile_arm` and `Compiled.conditions`."""
    return compile_arm(arm, context, catalogue, media, genes, defaults).conditions(overrides)


_LEVELS = frozenset(f"{ligand}_nM" for ligand in LIGANDS)


def _levels(medium: Medium, added: tuple[tuple[str, float], ...], defaults: Mapping[str, float]) -> Settings:
    """Ligand settings [nM]: those of the medium, plus added ligands."""
    extra = dict(added)
    levels = {f"{x}_nM": medium.levels.get(x, 0.0) + extra.get(x, 0.0) for x in LIGANDS}
    return {setting: value for setting, value in levels.items() if setting in defaults}


def _loads(catalogue: Catalogue, drug: str, nM: float, defaults: Mapping[str, float]) -> _Loads:
    loads = {f"load_{target}": load for target, load in catalogue[drug].loads(nM).items()}
    return tuple((setting, load) for setting, load in loads.items() if setting in defaults)
