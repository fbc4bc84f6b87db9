"""The explicit PySB model being built, in PySB's own verbs; evidence, priors and sources are keywords beside them.

PySB's self-exporter writes into module globals, so a second model silently gains parts of the first. Here every
component is made with ``_export=False`` and added to one `pysb.Model`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pysb

from pathway.papers import dois

if TYPE_CHECKING:
    from pysb import Component, Formula, Pattern, RuleExpression

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

RESOLVER = "https://identifiers.org/"


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


Made = TypeVar("Made", bound="Component")


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

    @property
    def monomers(self) -> Mapping[str, pysb.Monomer]:
        """The molecules declared so far, by name."""
        return self.model.monomers

    def __getitem__(self, name: str) -> Formula:
        """The parameter, observable or expression of that name."""
        found: Formula = self.model.components[name]
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.model.components.keys()  # noqa: SIM118 (a ComponentSet, not a dict)

    def _add(self, component: Made) -> Made:
        self.model.add_component(component)
        return component

    def _annotate(self, subject: Component, identifier: str, predicate: str) -> None:
        annotation = pysb.Annotation(subject, RESOLVER + identifier, predicate, _export=False)
        self.model.add_annotation(annotation)

    # --- PySB's components ---------------------------------------------------------------------------------
    def Monomer(
        self,
        name: str,
        sites: Sequence[str] = (),
        site_states: Mapping[str, Sequence[str]] | None = None,
        *,
        uniprot: str = "",
        chebi: str = "",
        predicate: str = "",
    ) -> pysb.Monomer:
        """A molecule, annotated with its accessions.

        Parameters
        ----------
        uniprot, chebi : str
            Accessions, with blanks between them.
        predicate : str, optional
            How it relates to them. By default "is" for one accession and "hasVersion" for several (isoforms or
            paralogues in one pool); a complex says "hasPart", a messenger RNA "encodes".
        """
        states = {site: list(names) for site, names in (site_states or {}).items()}
        monomer = self._add(pysb.Monomer(name, list(sites), states, _export=False))
        self.monomer_module[name] = self.module
        self.uniprot[name] = tuple(uniprot.split())
        identifiers = [f"uniprot:{a}" for a in uniprot.split()] + [f"CHEBI:{a}" for a in chebi.split()]
        for identifier in identifiers:
            self._annotate(
                monomer, identifier, predicate or ("is" if len(identifiers) == 1 else "hasVersion")
            )
        return monomer

    def Parameter(
        self,
        name: str,
        value: float,
        *,
        prior: float | None = None,
        source: str = "",
        unit: str = "",
        description: str = "",
    ) -> pysb.Parameter:
        """A constant.

        With `prior` and `source` it is a free rate, whose unit follows from its suffix. With `unit` and
        `description` it is a setting of cell contexts and treatments. With neither it is a plain number.

        Parameters
        ----------
        value : float
            First guess of a rate, default of a setting [its unit].
        prior : float, optional
            Prior standard deviation of log10 of the rate [decades].

        Raises
        ------
        ValueError
            For a rate whose suffix (after the last underscore) is not in `SUFFIX_UNITS`.
        """
        if prior is not None:
            suffix = name.rsplit("_", 1)[-1]
            if suffix not in SUFFIX_UNITS:
                raise ValueError(f"rate {name!r}: suffix {suffix!r} is not one of {', '.join(SUFFIX_UNITS)}")
            self.rates[name] = Rate(name, value, SUFFIX_UNITS[suffix], prior, source, self.module, "")
        elif unit:
            self.settings[name] = Setting(name, value, unit, description)
        return self._add(pysb.Parameter(name, value, _export=False))

    def Initial(self, pattern: Pattern, value: pysb.Parameter) -> None:
        """What is there before the cells come to their steady state [copies/cell].

        Where a molecule is made and lost, its steady state does not depend on it.
        """
        self.model.add_initial(pysb.Initial(pattern, value, _export=False))

    def Observable(
        self, name: str, pattern: Pattern, description: str = "", secreted: bool = False
    ) -> pysb.Observable:
        """A sum of species [copies/cell]; with `description` findings may read it: what an antibody would see.

        What is `secreted` lies in the medium: none of it is left when the medium is renewed.
        """
        if secreted:
            self.secreted.append(name)
        if description:
            self.readouts[name] = Readout(name, "copies/cell", description)
        return self._add(pysb.Observable(name, pattern, _export=False))

    def Expression(
        self, name: str, formula: Formula | float, description: str = "", unit: str = "copies/cell"
    ) -> pysb.Expression:
        """A named formula; with `description` findings may read it."""
        if description:
            self.readouts[name] = Readout(name, unit, description)
        return self._add(pysb.Expression(name, formula, _export=False))

    def Rule(
        self,
        name: str,
        rule_expression: RuleExpression,
        rate_forward: Formula,
        rate_reverse: pysb.Parameter | pysb.Expression | None = None,
        *,
        evidence: str,
        **options: Any,
    ) -> pysb.Rule:
        """A rule with its evidence, annotated with the papers that the evidence names.

        A forward rate that is a formula, not yet a component, becomes the expression ``<name>_rate``.
        """
        self.notes[name] = RuleNote(name, self.module, evidence)
        for suffix in RULE_SUFFIXES:
            if (own := f"{name}_{suffix}") in self.rates:
                self.rates[own] = replace(self.rates[own], rule=name)
        if not isinstance(rate_forward, pysb.Parameter | pysb.Expression):
            rate_forward = self.Expression(f"{name}_rate", rate_forward)
        rule = self._add(
            pysb.Rule(name, rule_expression, rate_forward, rate_reverse, _export=False, **options)
        )
        for doi in dois(evidence):
            self._annotate(rule, f"doi:{doi}", "isDescribedBy")
        return rule

    # --- PySB's macros, each with a name of its own --------------------------------------------------------
    def catalyze_one_step(
        self,
        name: str,
        enzyme: Formula,
        substrate: Pattern,
        product: Pattern | None,
        kf: Formula,
        *,
        evidence: str,
    ) -> pysb.Rule:
        """Catalysis without a bond, at kf [1/(copies*s)] x `enzyme` [copies], the amount of active enzyme."""
        return self.Rule(name, substrate >> product, kf * enzyme, evidence=evidence)

    def equilibrate(
        self,
        name: str,
        s1: Pattern,
        s2: Pattern,
        kf: Formula,
        kr: pysb.Parameter | pysb.Expression,
        *,
        evidence: str,
    ) -> pysb.Rule:
        """A reversible change of one molecule, kf [1/s] and kr [1/s]."""
        return self.Rule(name, s1 | s2, kf, kr, evidence=evidence)

    def bind(
        self,
        name: str,
        s1: Pattern,
        site1: str,
        s2: Pattern,
        site2: str,
        kf: Formula,
        kr: pysb.Parameter | pysb.Expression,
        *,
        evidence: str,
    ) -> pysb.Rule:
        """Reversible binding of two molecules at the sites named, kf [1/(copies*s)] and kr [1/s]."""
        free = s1(**{site1: None}) + s2(**{site2: None})
        bound = s1(**{site1: 1}) % s2(**{site2: 1})
        return self.Rule(name, free | bound, kf, kr, evidence=evidence)

    def synthesize(self, name: str, species: Pattern, ksynth: Formula, *, evidence: str) -> pysb.Rule:
        """Synthesis at ksynth [copies/s]."""
        return self.Rule(name, None >> species, ksynth, evidence=evidence)

    def degrade(self, name: str, species: Pattern, kdeg: Formula, *, evidence: str) -> pysb.Rule:
        """First-order loss at kdeg [1/s], also out of a complex (its partners stay)."""
        return self.Rule(name, species >> None, kdeg, evidence=evidence, delete_molecules=True)

    # --- what meets other modules and drugs ----------------------------------------------------------------
    def residual_activity(self, target: str) -> Formula:
        """Residual activity [1] of a target: 1/(1 + sum of dose/K over the drugs that hit it)."""
        name = f"left_{target}"
        if name in self:
            return self[name]
        load = self.Parameter(
            f"load_{target}", 0.0, unit="1", description=f"sum over drugs of dose/K at {target}"
        )
        return self.Expression(name, 1 / (1 + load))

    def needs(self, name: str, typical: float) -> Formula:
        """Another module's observable or expression; where that module is left out, a constant stands in."""
        if name in self:
            return self[name]
        stand_in = f"input_{name}"
        if stand_in in self:
            return self[stand_in]
        return self.Parameter(stand_in, typical, unit="copies/cell", description=f"stands in for {name}")
