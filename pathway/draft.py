"""The explicit model being built: monomers, rules and rates with their evidence, and no self-export.

PySB's self-exporter writes into module globals, so a second model silently gains parts of the first. Here every
component is made with ``_export=False`` and added to one `pysb.Model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pysb

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


Guess = tuple[float, float, str]
"""First guess, prior width [decades], source."""


@dataclass
class ModelBuilder:
    """A model under construction.

    Parameters
    ----------
    variants : mapping of str to str
        The hypothesis chosen for each name of `pathway.VARIANTS`.
    """

    variants: Mapping[str, str]
    model: pysb.Model = field(default_factory=lambda: pysb.Model("rewire", _export=False))
    rates: dict[str, Rate] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    readouts: dict[str, Readout] = field(default_factory=dict)
    notes: dict[str, RuleNote] = field(default_factory=dict)
    monomer_module: dict[str, str] = field(default_factory=dict)
    uniprot: dict[str, tuple[str, ...]] = field(default_factory=dict)
    secreted: list[str] = field(default_factory=list)
    module: str = ""

    def __getitem__(self, name: str) -> Any:
        """The monomer, observable, expression or parameter of that name."""
        return self.model.components[name]

    def _add(self, component: Any) -> Any:
        self.model.add_component(component)
        return component

    # --- molecules ---------------------------------------------------------------------------------------------
    def monomer(self, name: str, uniprot: str, **sites: str | None) -> Any:
        """Declare a molecule: ``monomer("AKT", "P31749 P31751", loc="cyt mem", T308="u p", drug=None)``.

        A site with states lists them; a site without (None) only binds.
        """
        states = {s: v.split() for s, v in sites.items() if v}
        self.monomer_module[name] = self.module
        self.uniprot[name] = tuple(uniprot.split())
        return self._add(pysb.Monomer(name, list(sites), states, _export=False))

    def setting(self, name: str, default: float, unit: str, says: str) -> Any:
        """A constant that contexts and treatments set."""
        if name in self.settings:
            return self[name]
        self.settings[name] = Setting(name, default, unit, says)
        return self._add(pysb.Parameter(name, default, _export=False))

    def copies(self, symbol: str, default: float, says: str) -> Any:
        """The abundance of a molecule [copies/cell], `<symbol>_copies`."""
        return self.setting(f"{symbol}_copies", default, "copies/cell", says)

    def start(self, pattern: Any, copies: Any) -> None:
        """What is there before anything is settled."""
        self.model.add_initial(pysb.Initial(pattern, copies, _export=False))

    def seed(self, pattern: Any, symbol: str, amount: float) -> None:
        """A start amount of a turned-over molecule; its settled amount does not depend on it."""
        name = f"{symbol}_start"
        self.start(pattern, self._add(pysb.Parameter(name, amount, _export=False)))

    # --- what is read ------------------------------------------------------------------------------------------
    def see(self, name: str, pattern: Any, says: str) -> Any:
        """An observable [copies/cell] that findings may read: what an antibody would see."""
        self.readouts[name] = Readout(name, "copies/cell", says)
        return self._add(pysb.Observable(name, pattern, _export=False))

    def see_secreted(self, name: str, pattern: Any, says: str) -> Any:
        """As `see`, of a molecule in the medium: none of it is left when the medium is renewed."""
        self.secreted.append(name)
        return self.see(name, pattern, says)

    def count(self, name: str, pattern: Any) -> Any:
        """An observable that only rates use."""
        return self._add(pysb.Observable(name, pattern, _export=False))

    def let(self, name: str, formula: Any, says: str = "", unit: str = "copies/cell") -> Any:
        """A named formula; with `says` it can be read by findings."""
        if says:
            self.readouts[name] = Readout(name, unit, says)
        return self._add(pysb.Expression(name, formula, _export=False))

    def inhibited(self, target: str) -> Any:
        """Residual activity [1] of a target: 1/(1 + sum of dose/K over the drugs that hit it)."""
        name = f"left_{target}"
        if name in self.model.components.keys():  # noqa: SIM118 (a ComponentSet, not a dict)
            return self[name]
        load = self.setting(f"load_{target}", 0.0, "1", f"sum over drugs of dose/K at {target}")
        return self.let(name, 1 / (1 + load))

    def needs(self, name: str, typical: float) -> Any:
        """Another module's observable or activity; where that module is left out, a constant stands in."""
        if name in self.model.components.keys():  # noqa: SIM118 (a ComponentSet, not a dict)
            return self[name]
        return self.setting(f"input_{name}", typical, "copies/cell", f"stands in for {name}")

    # --- rates and rules ---------------------------------------------------------------------------------------
    def rate(self, name: str, guess: Guess, rule: str = "") -> Any:
        """A free rate; its suffix (after the last underscore) fixes its unit."""
        suffix = name.rsplit("_", 1)[-1]
        if suffix not in SUFFIX_UNITS:
            raise ValueError(f"rate {name!r}: suffix {suffix!r} is not one of {', '.join(SUFFIX_UNITS)}")
        value, sd, source = guess
        self.rates[name] = Rate(name, value, SUFFIX_UNITS[suffix], sd, source, self.module, rule)
        return self._add(pysb.Parameter(name, value, _export=False))

    def rule(
        self, name: str, reaction: Any, forward: Any, backward: Any = None, *, why: str, **options: Any
    ) -> Any:
        """A rule whose rates are given as parameters or expressions, with its evidence."""
        self.notes[name] = RuleNote(name, self.module, why)
        rates = [r for r in (forward, backward) if r is not None]
        return self._add(pysb.Rule(name, reaction, *rates, _export=False, **options))

    def convert(
        self, name: str, reaction: Any, kcat: Guess | Any, *, times: Any = 1, why: str, **options: Any
    ) -> Any:
        """A first-order step: rate = kcat x `times`. `kcat` is a guess (a new rate) or a rate already made."""
        k = self.rate(f"{name}_kcat", kcat, name) if isinstance(kcat, tuple) else kcat
        law = k if times == 1 else self.let(f"{name}_rate", k * times)
        self.rule(name, reaction, law, why=why, **options)
        return k

    def catalyse(
        self, name: str, reaction: Any, enzyme: Any, kact: Guess | Any, *, times: Any = 1, why: str
    ) -> Any:
        """One-step catalysis without a bond: rate = kact x enzyme [copies] x `times`."""
        k = self.rate(f"{name}_kact", kact, name) if isinstance(kact, tuple) else kact
        self.rule(name, reaction, self.let(f"{name}_rate", k * enzyme * times), why=why)
        return k

    def bind(
        self, name: str, reaction: Any, kf: Guess, kr: Guess, *, times: Any = 1, why: str
    ) -> tuple[Any, Any]:
        """Reversible binding, forward kf [1/(copies*s)] x `times` and back kr [1/s]."""
        f, r = self.rate(f"{name}_kf", kf, name), self.rate(f"{name}_kr", kr, name)
        forward = f if times == 1 else self.let(f"{name}_rate", f * times)
        self.rule(name, reaction, forward, r, why=why)
        return f, r

    def lose(self, name: str, pattern: Any, kdeg: Guess | Any, *, times: Any = 1, why: str) -> Any:
        """First-order loss of a molecule, also out of a complex (its partners stay)."""
        k = self.rate(f"{name}_kdeg", kdeg, name) if isinstance(kdeg, tuple) else kdeg
        law = k if times == 1 else self.let(f"{name}_rate", k * times)
        self.rule(name, pattern >> None, law, why=why, delete_molecules=True)
        return k

    def make(self, name: str, pattern: Any, law: Any, *, why: str) -> None:
        """Synthesis at rate `law` [copies/s]."""
        self.rule(name, None >> pattern, self.let(f"{name}_rate", law), why=why)
