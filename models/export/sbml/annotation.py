"""Machine-readable annotation: SBO terms, and identifiers.org addresses of molecules, drugs and papers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from models.export.ids import Molecule
from pathway.papers import dois

RESOLVER = "https://identifiers.org/"
_MRNA = "_mRNA"
COMPARTMENT_SBO, AMOUNT_SBO, CONCENTRATION_SBO = 290, 361, 196
PARAMETER_SBO, KD_SBO = 2, 282


class Mark(NamedTuple):
    """An annotation: a biology qualifier such as "is", and addresses."""

    qualifier: str
    resources: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Meaning:
    """The table of `annotations.toml`."""

    table: Mapping[str, Any]

    def species(self, molecules: Sequence[Molecule], uniprot: Mapping[str, Sequence[str]]) -> list[Mark]:
        """Annotations of a species; of a complex, all its parts."""
        if len(molecules) > 1:
            parts = {a for m in molecules for a in self._accessions(m.name, uniprot)}
            return [Mark("hasPart", _addresses(sorted(parts)))]
        name = molecules[0].name
        ids = self._accessions(name, uniprot)
        if not ids:
            return []
        if name.endswith(_MRNA):
            how = "encodes"
        elif name in self.table["complexes"]["names"]:
            how = "hasPart"
        elif len(ids) > 1:  # isoforms or paralogues in one
            how = "hasVersion"
        else:
            how = "isVersionOf" if molecules[0].sites else "is"
        return [Mark(how, _addresses(ids))]

    def species_sbo(self, molecules: Sequence[Molecule]) -> int:
        """SBO term of a species."""
        name = molecules[0].name
        if len(molecules) > 1 or name in self.table["complexes"]["names"]:
            return 297
        if name in self.table["molecules"]:
            return 247
        return 250 if name.endswith(_MRNA) else 252

    def _accessions(self, name: str, uniprot: Mapping[str, Sequence[str]]) -> list[str]:
        if name in self.table["molecules"]:
            return [self.table["molecules"][name]]
        return [f"uniprot:{accession}" for accession in uniprot.get(name, ())]

    def kind(self, rule: str, left: Sequence[Sequence[Molecule]], right: Sequence[Sequence[Molecule]]) -> str:
        """The kind of a reaction (those of `annotations.toml`), from its species."""
        before = [m for species in left for m in species]
        after = [m for species in right for m in species]
        if not before:
            return self._made(rule, after)
        if len(after) < len(before):
            gone = {m.name for m in before} - {m.name for m in after} or {before[0].name}
            name = sorted(gone)[0]
            if name.endswith(_MRNA):
                return "mRNA decay"
            return "removal" if name in self.table["molecules"] else "degradation"
        if len(left) != len(right):
            return "binding" if len(left) > len(right) else "dissociation"
        return _change(before, after)

    def _made(self, rule: str, after: Sequence[Molecule]) -> str:
        if after and after[0].name.endswith(_MRNA):
            return "transcription"
        return "translation" if rule.endswith("_translated") else "production"

    def reaction(self, rule: str, kind: str, why: str) -> list[Mark]:
        """Annotations of a reaction: its process and the papers that its rule names."""
        process = self.table["rules"].get(rule, self.table["kinds"][kind].get("go"))
        marks = [Mark("isVersionOf", _addresses([process]))] if process else []
        if papers := [f"doi:{doi}" for doi in dois(why)]:
            marks.append(Mark("isDescribedBy", _addresses(papers)))
        return marks

    def reaction_sbo(self, kind: str) -> int:
        """SBO term of a kind of reaction."""
        return int(self.table["kinds"][kind]["sbo"])

    def rate_sbo(self, name: str) -> int:
        """SBO term of a rate, from its suffix."""
        return int(self.table["rates"].get(name.rsplit("_", 1)[-1], PARAMETER_SBO))

    def agent(self, group: str, name: str) -> list[Mark]:
        """Annotations of a drug ("drugs") or a ligand ("ligands")."""
        found = self.table[group].get(name)
        return [Mark("is", _addresses([found]))] if found else []

    def model(self) -> list[Mark]:
        """Annotations of the model."""
        about = self.table["model"]
        return [
            Mark("hasTaxon", _addresses([about["taxon"]])),
            Mark("isVersionOf", _addresses(about["processes"])),
        ]

    def compartment(self) -> list[Mark]:
        """Annotations of the cell."""
        return [Mark("is", _addresses([self.table["model"]["compartment"]]))]


def _change(before: Sequence[Molecule], after: Sequence[Molecule]) -> str:
    """The kind of a change that keeps the numbers of molecules and species."""
    changes = {
        (a.name, a.state, b.state)
        for old, new in zip(before, after, strict=True)
        for a, b in zip(old.sites, new.sites, strict=False)
        if a.state != b.state
    }
    if len(changes) != 1:
        return "conversion"
    ((site, old_state, new_state),) = changes
    if site == "loc":
        return "translocation"
    if site == "drug":
        return "drug release" if new_state == "none" else "drug binding"
    if {old_state, new_state} <= {"u", "p", "p1", "p2"}:
        rises = ["u", "p1", "p2", "p"].index(new_state) > ["u", "p1", "p2", "p"].index(old_state)
        return "phosphorylation" if rises else "dephosphorylation"
    return "conversion"


def _addresses(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(RESOLVER + name for name in ids)


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The shipped table."""
    path = Path(__file__).with_name("annotations.toml")
    return Meaning(tomllib.loads(path.read_text(encoding="utf-8")))
