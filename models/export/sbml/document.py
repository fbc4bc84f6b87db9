"""SBML Level 3 Version 2 of one cell.

Rates, settings, observables and activities are parameters under their own names. A drug is a dose in nM that
loads its targets (``load_<target> = dose / Kd + …``), so that a receiving tool can set doses, ligands and
abundances directly. Formulas are assignment rules, a schedule becomes events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.core.units import format_time
from models.export.content import NAMESPACE, PROJECT, About, Content, ContentChange, tagged
from models.export.doses import LOAD, doses
from models.export.doses import loads as formulas_of_loads
from models.export.ids import REVERSE, molecules, reaction_ids, rule_names, species_id
from models.export.sbml.annotation import (
    AMOUNT_SBO,
    COMPARTMENT_SBO,
    CONCENTRATION_SBO,
    KD_SBO,
    PARAMETER_SBO,
    Meaning,
    meaning,
)
from models.export.sbml.dimensions import KNOWN, NONE, Dimension, Equations, Reader, label, of, unknown
from models.export.sbml.writer import SbmlWriter, done, faults, formula
from models.network import network_text
from models.simulation.network_reduction import Network, parse

__all__ = ["NAMESPACE", "About", "Content", "ContentChange", "faults", "sbml"]

CELL = "cell"
_COPIES, _NM = KNOWN["copies"], KNOWN["nM"]
_SETTING_SBO: Mapping[Dimension, int] = {_COPIES: AMOUNT_SBO, _NM: CONCENTRATION_SBO}


def sbml(content: Content, about: About) -> str:
    """The model as SBML text; equal input gives equal text.

    Raises `ValueError` for a name that the network does not have, contradicting units, or an error or
    warning of libSBML: our bugs, not the user's.
    """
    return _Document(content, about).text()


class _Document:
    """A document under construction."""

    def __init__(self, content: Content, about: About) -> None:
        self.content, self.about = content, about
        self.built = content.built
        text = network_text(self.built.model)
        self.network: Network = parse(text)
        self.rules = rule_names(text)
        known = {name for name, _ in self.network.parameters}
        if wrong := set(content.values) - known:
            raise ValueError(f"no parameters of the network: {', '.join(sorted(wrong))}")
        self.ids = tuple(species_id(pattern) for pattern, _ in self.network.species)
        self.molecules = tuple(molecules(pattern) for pattern, _ in self.network.species)
        lefts = [tuple(self.ids[s] for s in r.reactants) for r in self.network.reactions]
        rights = [tuple(self.ids[s] for s in r.products) for r in self.network.reactions]
        self.reactions = reaction_ids(zip(self.rules, lefts, rights, strict=True))
        self.sides = list(zip(lefts, rights, strict=True))
        self.changed = {name for change in content.changes for name in change.parameters}
        self.meaning: Meaning = meaning()
        self.writer = SbmlWriter(about.id)
        self.dimensions, self.formulas = self._dimensions()

    def text(self) -> str:
        writer = self.writer
        self._head()
        cell = writer.compartment(CELL, COMPARTMENT_SBO)
        writer.mark(cell, self.meaning.compartment())
        self._species()
        self._drugs()
        self._parameters()
        self._observables()
        self._starts()
        self._reactions()
        self._events()
        return writer.text()

    # --- units --------------------------------------------------------------------------------------------
    def _dimensions(self) -> tuple[dict[Any, Dimension], dict[str, Any]]:
        """The unit of every name and number, and the formulas with units on their numbers."""
        built, network = self.built, self.network
        known = {
            name: KNOWN[thing.unit]
            for things in (built.rates, built.settings, built.observables)
            for name, thing in things.items()
        }
        known |= {name: _COPIES for name, _ in network.groups} | dict.fromkeys(self.ids, _COPIES)
        known |= {name: _COPIES for name, _ in network.parameters if name.endswith("_start")}
        equations = Equations()
        reader = Reader(known, equations)
        formulas = {}
        for name, text in (*network.parameters, *network.functions):
            tree = formula(text)
            if tree.isNumber():
                continue
            formulas[name] = tree
            equations.equal(
                reader.form(tree, name), of(known[name]) if name in known else unknown(name), name
            )
        for name, reaction, (left, _) in zip(self.reactions, network.reactions, self.sides, strict=True):
            tree = formulas[name] = formula(" * ".join((f"({reaction.law})", *left)))
            equations.equal(reader.form(tree, name), of(KNOWN["copies/s"]), name)
        found = equations.solve(reader.rank) | known
        for name, tree in formulas.items():
            label(tree, name, lambda key: self.writer.unit(found.get(key, NONE)))
        return found, formulas

    # --- head ---------------------------------------------------------------------------------------------
    def _head(self) -> None:
        writer, about = self.writer, self.about
        done(writer.model.setName(about.name))
        done(writer.model.setSBOTerm(293))  # non-spatial continuous framework
        writer.notes(writer.model, about.says)
        writer.made_by(PROJECT, about.created)
        writer.mark(writer.model, self.meaning.model())
        done(writer.model.appendAnnotation(tagged(about.tags)))

    # --- species ------------------------------------------------------------------------------------------
    def _species(self) -> None:
        start = self._amounts()
        for (pattern, _), name, parts in zip(self.network.species, self.ids, self.molecules, strict=True):
            sbo = self.meaning.species_sbo(parts)
            made = self.writer.species(name, pattern, CELL, start[pattern], sbo)
            self.writer.mark(made, self.meaning.species(parts, self.built.uniprot))

    def _amounts(self) -> dict[str, float]:
        settled = self.content.amounts
        if settled is not None:
            return {pattern: float(settled[pattern]) for pattern, _ in self.network.species}
        value: dict[str, Any] = {name: self._value(name, text) for name, text in self.network.parameters}
        return {p: float(value.get(a, a) or 0.0) for p, a in self.network.species}

    def _starts(self) -> None:
        """Start amounts that follow an abundance when a receiving tool changes it.

        In a steady state all states of a molecule are scaled with its abundance. Not those of a molecule that
        is produced and degraded, whose abundance acts over time, and of complexes of two conserved molecules.
        """
        writer, start = self.writer, self._amounts()
        for molecule, (first, parameter) in self._conserved().items():
            members = [s for s, parts in enumerate(self.molecules) if any(m.name == molecule for m in parts)]
            value = self._value(parameter, dict(self.network.parameters)[parameter])
            if self.content.amounts is None or not value:
                writer.initial(self.ids[first], formula(parameter))
                continue
            for s in members:
                amount = start[self.network.species[s][0]]
                others = {m.name for m in self.molecules[s]} & (self._conserved().keys() - {molecule})
                if amount > 0.0 and not others:
                    tree = formula(f"1.0 * {parameter} / 1.0")
                    tree.getChild(0).replaceChild(0, writer.number(amount, _COPIES))
                    tree.replaceChild(1, writer.number(value, _COPIES))
                    writer.initial(self.ids[s], tree)
        if self.content.amounts is None:
            for s, (_, text) in enumerate(self.network.species):
                if text.endswith("_start"):
                    writer.initial(self.ids[s], formula(text))

    def _conserved(self) -> dict[str, tuple[int, str]]:
        """Molecules that are neither produced nor degraded → their initial species, and their abundance."""
        starts = {
            self.molecules[s][0].name: (s, text)
            for s, (_, text) in enumerate(self.network.species)
            if text in self.built.settings and len(self.molecules[s]) == 1
        }
        counts = [[m.name for m in parts] for parts in self.molecules]
        for reaction in self.network.reactions:
            before = [name for s in reaction.reactants for name in counts[s]]
            after = [name for s in reaction.products for name in counts[s]]
            for name in {*before, *after}:
                if before.count(name) != after.count(name):
                    starts.pop(name, None)
        return starts

    # --- parameters ---------------------------------------------------------------------------------------
    def _drugs(self) -> None:
        """Doses, half-occupancy doses, and the loads that follow from them."""
        writer, content = self.writer, self.content
        found = doses(content, self.network)
        formulas, start = formulas_of_loads(found), dict[str, float]()
        for drug in found:
            made = writer.parameter(
                drug.id,
                _NM,
                drug.nM,
                CONCENTRATION_SBO,
                constant=drug.id not in self.changed,
                called=drug.drug,
            )
            writer.mark(made, self.meaning.agent("drugs", drug.drug))
            for hit in drug.hits:
                writer.notes(writer.parameter(hit.id, _NM, hit.K, KD_SBO), [hit.source])
                load = LOAD + hit.target  # the value in the file; a tool computes it from the rule
                start[load] = start.get(load, 0.0) + drug.nM / hit.K
        for name in sorted(name for name, _ in self.network.parameters if name.startswith(LOAD)):
            made = writer.parameter(
                name, NONE, start.get(name, 0.0), PARAMETER_SBO, constant=name not in formulas
            )
            writer.notes(made, [self.built.settings[name].says])
            if name in formulas:
                writer.rule(name, formula(formulas[name]))

    def _parameters(self) -> None:
        writer, built = self.writer, self.built
        for name, text in self.network.parameters:
            if name.startswith(LOAD) or (name.endswith("_start") and self.content.amounts is not None):
                continue  # a steady state does not depend on the initial amounts
            value = self._value(name, text)
            if value is None:
                writer.parameter(name, self.dimensions[name], None, PARAMETER_SBO, constant=False)
                writer.rule(name, self.formulas[name])
                continue
            rate, setting = built.rates.get(name), built.settings.get(name)
            dimension = self.dimensions[name]
            sbo = self.meaning.rate_sbo(name) if rate else _SETTING_SBO.get(dimension, PARAMETER_SBO)
            made = writer.parameter(name, dimension, value, sbo, constant=name not in self.changed)
            if rate:
                writer.notes(made, [f"First guess {rate.guess:g} {rate.unit}, {rate.source}"])
            writer.notes(made, [setting.says] if setting else [])
            if setting and name.endswith("_nM"):
                writer.mark(made, self.meaning.agent("ligands", name.removesuffix("_nM")))

    def _value(self, name: str, text: str) -> float | None:
        """The value of a parameter; None if it is a formula of others."""
        if name in self.content.values:
            return float(self.content.values[name])
        return None if name in self.formulas else float(text)

    def _observables(self) -> None:
        """Sums of species, then formulas of them, under their own names."""
        writer, read = self.writer, self.built.observables
        for name, members in self.network.groups:
            made = writer.parameter(name, _COPIES, None, AMOUNT_SBO, constant=False)
            writer.notes(made, [read[name].says] if name in read else [])
            parts = [self.ids[s] if c == 1 else f"{c!r} * {self.ids[s]}" for c, s in members]
            tree = formula(" + ".join(parts)) if parts else writer.number(0.0, _COPIES)
            if parts:
                label(tree, name, lambda _: self.writer.unit(NONE))
            writer.rule(name, tree)
        for name, _ in self.network.functions:
            dimension = self.dimensions.get(name, NONE)
            sbo = AMOUNT_SBO if dimension == _COPIES else PARAMETER_SBO
            made = writer.parameter(name, dimension, None, sbo, constant=False)
            writer.notes(made, [read[name].says] if name in read else [])
            writer.rule(name, self.formulas[name])

    # --- reactions and treatment --------------------------------------------------------------------------
    def _reactions(self) -> None:
        for name, rule, reaction, (left, right) in zip(
            self.reactions, self.rules, self.network.reactions, self.sides, strict=True
        ):
            before = [self.molecules[s] for s in reaction.reactants]
            after = [self.molecules[s] for s in reaction.products]
            kind = self.meaning.kind(rule, before, after)
            sbo = self.meaning.reaction_sbo(kind)
            note = self.built.rules[rule.removeprefix(REVERSE)]
            made = self.writer.reaction(name, rule, left, right, self.formulas[name], sbo)
            self.writer.notes(made, [note.evidence])
            self.writer.mark(made, self.meaning.reaction(rule, kind, note.evidence))

    def _events(self) -> None:
        place = {pattern: name for (pattern, _), name in zip(self.network.species, self.ids, strict=True)}
        for number, change in enumerate(self.content.changes, 1):
            values = [
                (name, self.writer.number(value, self._dimension_of(name)))
                for name, value in sorted(change.parameters.items())
            ]
            values += [
                (place[pattern], self.writer.number(value, _COPIES))
                for pattern, value in sorted(change.amounts.items())
            ]
            name = f"treatment changes at {format_time(change.time_s)}"
            self.writer.event(f"treatment_{number}", name, change.time_s, values)

    def _dimension_of(self, name: str) -> Dimension:
        return self.dimensions.get(name, _NM)  # doses of drugs are not in the network
