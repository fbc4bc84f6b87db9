"""Cells and treatments as PEtab conditions: the values of the parameters of the file.

A free abundance is a parameter of the problem (``mcf7__IRS1_copies``). One that a treatment multiplies (a
knock-down) is ``IRS1_copies_base * IRS1_copies_times`` in the file, because a condition of version 1 is a
number or a name and no product; so is the Kd of a drug whose potency is free (``rapamycin_Kd_times``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.cells.media import LIGANDS
from models.export.ids import dose_id, potency_id, sid, species_id, unused_name
from models.network import network_text
from models.parameters import Space
from models.simulation.network_reduction import parse
from models.treatments.arm import Arm
from models.treatments.conditions import Compiled
from rewire.export.request import compiled
from rewire.project.project import Project

Targets = dict[str, float | str]
"""Parameter or species of the file → a number, or a parameter of the problem."""

_LEVELS = tuple(f"{ligand}_nM" for ligand in LIGANDS)


def base_id(setting: str) -> str:
    """The parameter with a setting before it is multiplied."""
    return f"{setting}_base"


def times_id(setting: str) -> str:
    """The parameter that multiplies a setting."""
    return f"{setting}_times"


def parameter_id(name: str) -> str:
    """A free parameter's name in the problem: ``mcf7.IRS1_copies`` is ``mcf7__IRS1_copies``."""
    if name.endswith(".potency"):
        return f"{sid(name.removesuffix('.potency'))}_Kd_times"
    return "__".join(sid(part) for part in name.split("."))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A free parameter; its log10 is normal with `centre` and `sd` [decades]."""

    id: str
    value: float
    centre: float
    sd: float
    says: str


def parameters(world: Project, space: Space, z: np.ndarray, arms: Iterable[Arm]) -> list[Parameter]:
    """The free parameters on which arms depend, at the point `z` (n,)."""
    arms = list(arms)
    used = (
        {("shared",)} | {("context", a.context) for a in arms} | {("drug", d) for a in arms for d in a.drugs}
    )
    found = []
    rows = zip(space.names, space.scope, space.centre_log10, space.sd, np.asarray(z, float), strict=True)
    for name, scope, centre, sd, at in rows:
        if scope in used:
            rate = world.built.rates.get(name)
            says = f"[{rate.unit}] {rate.source}" if rate else _WORDS[scope[0]].format(*scope[1:])
            found.append(
                Parameter(
                    parameter_id(name), float(10.0 ** (centre + sd * at)), float(centre), float(sd), says
                )
            )
    return found


_WORDS = {"context": "[copies/cell] of {0}", "drug": "[1] multiplies every Kd of {0}"}


@dataclass(eq=False)
class Cells:
    """Arms as targets of conditions; `free` are the names of free parameters in the project."""

    world: Project
    free: frozenset[str]
    _compiled: dict[Arm, Compiled] = field(default_factory=dict)
    _names: dict[Arm, str] = field(default_factory=dict)
    _rests: dict[tuple[object, ...], str] = field(default_factory=dict)
    _factors: dict[Arm, dict[str, float]] = field(default_factory=dict)

    # --- names --------------------------------------------------------------------------------------------
    def name(self, arm: Arm) -> str:
        """Context and name of an arm, numbered if other arms have the same."""
        if arm not in self._names:
            self._names[arm] = unused_name(sid(f"{arm.context}__{arm.name}"), self._names.values())
        return self._names[arm]

    def rest_name(self, arm: Arm) -> str:
        """The name of the steady state that an arm starts from."""
        if arm.rest_key not in self._rests:
            changes = [f"{symbol}_{re.sub(r'[^A-Za-z0-9]+', '_', change)}" for symbol, change in arm.genes]
            name = sid("__".join((arm.context, arm.grown_in, *changes)))
            self._rests[arm.rest_key] = unused_name(name, self._rests.values())
        return self._rests[arm.rest_key]

    # --- values -------------------------------------------------------------------------------------------
    def factors(self, arm: Arm) -> dict[str, float]:
        """Free setting → the factor of the arm's changed genes."""
        if arm not in self._factors:
            self._factors[arm] = self._find_factors(arm)
        return self._factors[arm]

    def _find_factors(self, arm: Arm) -> dict[str, float]:
        names = {f"{arm.context}.{name}": name for name in self.world.built.settings}
        free = {key: name for key, name in names.items() if key in self.free}
        one, two = (self._compile(arm).conditions(dict.fromkeys(free, x)).rest for x in (1.0, 2.0))
        return {name: one[name] for name in free.values() if two[name] == 2.0 * one[name]}

    def multiplied(self, arms: Iterable[Arm]) -> list[str]:
        """Free settings that some arm multiplies."""
        hit = {s for arm in arms for s, factor in self.factors(arm).items() if factor != 1.0}
        return [name for name in self.world.built.settings if name in hit]

    def rest(self, arm: Arm, multiplied: Iterable[str]) -> Targets:
        """The steady state that an arm starts from: abundances, mutations, medium."""
        known, factors = set(multiplied), self.factors(arm)
        targets: Targets = {}
        for setting, value in self._compile(arm).conditions().rest.items():
            own = parameter_id(f"{arm.context}.{setting}") if setting in factors else value
            if setting not in known:
                targets[setting] = own
            else:
                targets |= {base_id(setting): own, times_id(setting): factors.get(setting, 1.0)}
        return targets

    def changes(self, arm: Arm) -> list[tuple[float, Targets]]:
        """Changes with their time [s] in the project: ligands, doses, and the medium renewed at 0."""
        settings = self._compile(arm).conditions().segments
        given: set[str] = set()
        found: list[tuple[float, Targets]] = []
        for segment, (start, values) in zip(arm.segments, settings, strict=True):
            now: Targets = {name: values[name] for name in _LEVELS if name in values}
            doses = {dose_id(drug): nM for drug, nM in segment.drugs}
            now |= dict.fromkeys(given - doses.keys(), 0.0) | doses
            given |= doses.keys()
            if start == 0.0 and arm.renew_medium:
                now |= dict.fromkeys(self.secreted, 0.0)
            found.append((start, now))
        return found

    @cached_property
    def secreted(self) -> list[str]:
        """Species in the medium, which are removed when it is renewed."""
        species = parse(network_text(self.world.built.model)).species
        return [species_id(pattern) for pattern, _ in species if pattern.startswith("CXCL8(")]

    def default(self, target: str) -> float | None:
        """Value of a target without an entry in a condition; None for a species, which stays as it is."""
        settings = self.world.built.settings
        if target in settings:
            return settings[target].default
        if target.endswith("_base"):
            return settings[target.removesuffix("_base")].default
        return None if target in self.secreted else 1.0 if target.endswith("_times") else 0.0

    def products(self, arms: Iterable[Arm]) -> list[tuple[str, str]]:
        """Parameters of the file that are products, and their factors (`models.export.sbml.cell_pair`)."""
        arms = list(arms)
        found = [(name, times_id(name)) for name in self.multiplied(arms)]
        for drug in sorted({d for arm in arms for d in arm.drugs}):
            if f"{drug}.potency" in self.free:
                loads = [t for t in self.world.catalogue[drug].targets if self._hits(t.target)]
                found += [(potency_id(drug, t.target), parameter_id(f"{drug}.potency")) for t in loads]
        return found

    def _hits(self, target: str) -> bool:
        return f"load_{target}" in self.world.built.settings

    def _compile(self, arm: Arm) -> Compiled:
        if arm not in self._compiled:
            self._compiled[arm] = compiled(self.world, arm)
        return self._compiled[arm]
