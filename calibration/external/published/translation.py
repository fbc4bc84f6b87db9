"""What in a published model stands for what in our findings, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

Values = Mapping[str, float]
"""Id of an input → its value, or what it gains for each nM."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Targets of drugs, and the ids of what carries their work."""

    of: tuple[str, ...]
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneAbundance:
    """Ids of what a gene's abundance multiplies, and of what is gone in each of its mutants."""

    turns: tuple[str, ...]
    mutants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Translation:
    """A mapping file, read against its model.

    Attributes
    ----------
    title, model, says, citation : str
        `model` is what the name of its file begins with.
    second : float
        Seconds in one unit of the model's time.
    span : float [s]
        How far the model was compared with data; infinite where the file does not say.
    rest : float [s]
        How long untreated cells are followed before anything happens; infinite: until nothing moves.
    cycle : float [s]
        Over so much time cells are begun and averaged that never rest; 0 where they rest.
    contexts : tuple of str or None
        The contexts that it is a model of; None for any, with the changes of genes that it can express.
    ignores : frozenset of str
        Genes whose change in a context is let pass.
    observables : dict of str to str
        Ours → formula in ids.
    media, ligands, drugs : dict of str to dict
        Inputs by id: values, and what is added for each nM.
    activities : tuple of Activity
    genes : dict of str to GeneAbundance
    """

    title: str = ""
    model: str = ""
    says: str = ""
    citation: str = ""
    second: float = 1.0
    span: float = inf
    rest: float = inf
    cycle: float = 0.0
    contexts: tuple[str, ...] | None = None
    ignores: frozenset[str] = frozenset()
    observables: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Values] = field(default_factory=dict)
    ligands: Mapping[str, Values] = field(default_factory=dict)
    drugs: Mapping[str, Values] = field(default_factory=dict)
    activities: tuple[Activity, ...] = ()
    genes: Mapping[str, GeneAbundance] = field(default_factory=dict)

    @property
    def inputs(self) -> frozenset[str]:
        """Ids of everything that is set."""
        tables = (*self.media.values(), *self.ligands.values(), *self.drugs.values())
        return frozenset(name for values in tables for name in values)

    @property
    def turned(self) -> frozenset[str]:
        """Ids of everything that is multiplied."""
        lists = [activity.turns for activity in self.activities]
        for gene in self.genes.values():
            lists += [gene.turns, *gene.mutants.values()]
        return frozenset(name for names in lists for name in names)
