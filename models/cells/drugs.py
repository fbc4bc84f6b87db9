"""The drug catalogue: targets and potencies of each drug, and the activity that remains at a dose.

Occupancy is equilibrium occupancy, `load = dose / K`; loads of several drugs on one target add up (they
compete for one site), and the target keeps `1 / (1 + load)` of its activity. K is the biochemical or the
cell potency, whichever the catalogue names under `sets`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import Mistakes, nearest
from models.core.toml_tables import check_keys, fold, is_table
from models.core.units import dose

FORMAT = "drugs/1"
CATALOGUE = Path(__file__).with_name("drugs.toml")

#: Targets whose activity is multiplied by 1 / (1 + load).
FACTOR_TARGETS = frozenset({
    "INSR", "IGF1R", "EGFR", "ERBB2", "PDGFRB", "PIK3CA", "PIK3CB", "PDPK1",
    "MTORC1", "MTORC2", "S6K", "MEK", "JAK2", "CXCR1", "CDK46",
})  # fmt: skip
#: Targets that the pathway binds to the drug explicitly, with the one mode that each stands for.
BINDING_TARGETS: Mapping[str, str] = {
    "FKBP12": "rapalog",
    "AKT_allosteric": "allosteric",
    "AKT_ATP": "ATP-competitive",
}
TARGETS = FACTOR_TARGETS | BINDING_TARGETS.keys()
MODES = frozenset({"ATP-competitive", "allosteric", "covalent", "rapalog", "FRB, direct", "antibody"})
BIOCHEMICAL = ("Ki", "Kd")  # `Ki` stands for an enzyme IC50 too; `Kd` for binding without a reaction
POTENCIES = (*BIOCHEMICAL, "cell", "effective")
LARGEST_PRIOR = 0.3  # [decades]: a wider shift would let a drug fit its own findings
_DRUG_KEYS = frozenset({"aliases", "says", "source", "prior", "targets"})
_TARGET_KEYS = frozenset({"target", "mode", *POTENCIES, "sets", "why", "source"})


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a drug. Potencies are [nM], None where unknown; `sets` names the one that counts."""

    target: str
    mode: str
    potencies: Mapping[str, float]
    sets: str
    source: str
    why: str = ""

    @property
    def K(self) -> float:
        """Half-occupancy concentration that the model uses [nM]."""
        return self.potencies[self.sets]

    @property
    def Ki(self) -> float | None:
        """Biochemical Ki, IC50 or Kd [nM]."""
        return next((self.potencies[key] for key in BIOCHEMICAL if key in self.potencies), None)

    @property
    def cell(self) -> float | None:
        """IC50 measured in cells [nM]."""
        return self.potencies.get("cell")


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug with its targets; `prior` is the sd of its potency shift [decades], 0 where it is fixed."""

    name: str
    targets: tuple[Target, ...]
    aliases: tuple[str, ...] = ()
    says: str = ""
    source: str = ""
    prior: float = 0.0

    def loads(self, dose_nM: float, shift_log10: float = 0.0) -> dict[str, float]:
        """Load dose / K [1] on each target; `shift_log10` [decades] makes every K that much larger."""
        return {t.target: dose_nM / (t.K * 10.0**shift_log10) for t in self.targets}


def residual(drug: Drug, dose_nM: float, shift_log10: float = 0.0) -> dict[str, float]:
    """Remaining activity of each target at `dose_nM` [1]; for FKBP12 and AKT the unbound fraction."""
    return {target: 1.0 / (1.0 + load) for target, load in drug.loads(dose_nM, shift_log10).items()}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All drugs, found by name or alias, whatever the case and punctuation."""

    drugs: Mapping[str, Drug]
    index: Mapping[str, str]  # folded name or alias -> name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all drugs, in the order of the file."""
        return tuple(self.drugs)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and fold(name) in self.index

    def __iter__(self) -> Iterator[Drug]:
        return iter(self.drugs.values())

    def __len__(self) -> int:
        return len(self.drugs)

    def __getitem__(self, name: str) -> Drug:
        problems = Mistakes()
        drug = self.lookup(name, problems, "")
        problems.raise_if_any()
        assert drug is not None
        return drug

    def lookup(self, name: str, problems: Mistakes, place: str) -> Drug | None:
        """The drug of that name or alias; otherwise None, with the mistake noted in `problems`."""
        if name in self:
            return self.drugs[self.index[fold(name)]]
        near = nearest(fold(str(name)), self.index)
        advice = f"Did you mean {self.index[near]!r}?" if near else ""
        problems.add(place, f"unknown drug {name!r}", allowed=self.names, advice=advice)
        return None


def residual_table(catalogue: Catalogue, dose_nM: float) -> list[dict[str, Any]]:
    """One row per drug and target: potencies [nM], which one sets occupancy, remaining activity at a dose."""
    return [
        {"drug": drug.name, "target": t.target, "mode": t.mode, "Ki": t.Ki, "cell": t.cell,
         "effective": t.potencies.get("effective"), "sets": t.sets, "K": t.K,
         "residual": residual(drug, dose_nM)[t.target], "source": t.source}
        for drug in catalogue for t in drug.targets
    ]  # fmt: skip


def load_catalogue(path: Path | str | None = None) -> Catalogue:
    """Read a catalogue (the shipped one where `path` is None); all mistakes in one `UserError`."""
    path = CATALOGUE if path is None else Path(path)
    problems = Mistakes(file=path.name)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.add("", f"cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError) as error:  # broken TOML, not UTF-8, nested without end
        problems.add("", f"is not valid TOML: {error}")
    problems.raise_if_any()
    if (given := tables.pop("format", None)) != FORMAT:
        problems.add("format", f"is {given!r}", allowed=f'format = "{FORMAT}"')
    drugs: dict[str, Drug] = {}
    index: dict[str, str] = {}
    for name, table in tables.items():
        if (drug := _drug(name, table, problems)) is None:
            continue
        drugs[name] = drug
        for called in (name, *drug.aliases):
            key = fold(called)
            if not key:
                problems.add(name, f"name {called!r} has no letter or digit")
            elif key in index:
                problems.add(
                    name, f"name {called!r} is already taken by {index[key]!r}", advice="Remove one."
                )
            else:
                index[key] = name
    problems.raise_if_any()
    return Catalogue(drugs, index)


def _text(table: Mapping[str, Any], key: str, place: str, problems: Mistakes) -> str:
    """A text of a table, "" where it is missing."""
    if isinstance(value := table.get(key, ""), str):
        return value.strip()
    problems.add(f"{place}: {key}", f"{value!r} is not a text")
    return ""


def _drug(name: str, table: Any, problems: Mistakes) -> Drug | None:
    if not is_table(table, name, problems):
        return None
    check_keys(table, _DRUG_KEYS, name, problems)
    aliases = table.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        problems.add(f"{name}: aliases", f"{aliases!r} is not a list of names")
        aliases = []
    prior = table.get("prior", 0.0)
    if isinstance(prior, bool) or not isinstance(prior, int | float) or not 0 <= prior <= LARGEST_PRIOR:
        problems.add(
            f"{name}: prior", f"is {prior!r}", allowed=f"a number from 0 to {LARGEST_PRIOR} [decades]"
        )
        prior = 0.0
    source = _text(table, "source", name, problems)
    entries = table.get("targets")
    if not isinstance(entries, list) or not entries:
        problems.add(f"{name}: targets", "is missing or empty", allowed="a list of one table for each target")
        entries = []
    read = (_target(name, entry, source, problems) for entry in entries)
    targets = tuple(target for target in read if target is not None)
    hit = [target.target for target in targets]
    for target in {t for t in hit if hit.count(t) > 1}:
        problems.add(name, f"has target {target!r} twice", advice="Give each target once.")
    return Drug(name, targets, tuple(aliases), _text(table, "says", name, problems), source, float(prior))


def _target(drug: str, entry: Any, source: str, problems: Mistakes) -> Target | None:
    """One entry of `targets`; None if it has a mistake."""
    if not is_table(entry, f"{drug}: targets", problems):
        return None
    target = entry.get("target")
    place = f"{drug}: {target}"
    before = len(problems.found)
    if not isinstance(target, str) or target not in TARGETS:
        problems.add(f"{drug}: target", f"unknown target {target!r}", allowed=TARGETS, name=str(target))
    check_keys(entry, _TARGET_KEYS, place, problems)
    mode = _text(entry, "mode", place, problems)
    if mode not in MODES:
        problems.add(place, f"unknown mode {mode!r}", allowed=MODES, name=mode)
    elif isinstance(target, str) and BINDING_TARGETS.get(target, mode) != mode:
        problems.add(place, f"mode {mode!r}", allowed=repr(BINDING_TARGETS[target]))
    potencies: dict[str, float] = {}
    for key in POTENCIES:
        if key not in entry:
            continue
        try:
            if (value := dose(entry[key])) <= 0:
                raise ValueError(f"{entry[key]!r} is not above zero")
            potencies[key] = value
        except ValueError as error:
            problems.add(f"{place}: {key}", str(error))
    sets = _text(entry, "sets", place, problems)
    if sets not in POTENCIES or sets not in entry:
        given = [key for key in POTENCIES if key in entry]
        problems.add(f"{place}: sets", f"is {sets!r}", allowed=given or POTENCIES, name=sets)
    why = _text(entry, "why", place, problems)
    if "effective" in entry and not why:
        problems.add(f"{place}: why", "is missing", advice="An effective potency needs its reason.")
    source = _text(entry, "source", place, problems) or source
    if not source:
        problems.add(f"{place}: source", "is missing", advice='Cite a source, or write "general knowledge".')
    if len(problems.found) > before:
        return None
    return Target(str(target), mode, potencies, sets, source, why)
