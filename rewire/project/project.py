"""All of the project's files, read once: the model, cells, drugs, media, genes. No simulation yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from models.assemble import Built, build
from models.cells.context import Context, load_contexts
from models.cells.drugs import Catalogue, load_catalogue
from models.cells.genes import Genes, load_genes
from models.cells.media import Medium, load_media
from models.core.errors import Mistakes
from models.treatments.arm import Vocabulary


@dataclass(frozen=True)
class Project:
    """The files of the project, read and checked."""

    variants: tuple[tuple[str, str], ...]
    contexts: dict[str, Context]
    catalogue: Catalogue
    media: dict[str, Medium]
    genes: Genes

    @property
    def words(self) -> Vocabulary:
        """The names that an arm may use."""
        return Vocabulary(self.contexts, self.catalogue, self.media, self.genes)

    @cached_property
    def built(self) -> Built:
        """The model with the chosen hypotheses; built at first use."""
        return build(dict(self.variants))


def parse_variants(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`NAME=CHOICE` from the command line, sorted; `models.assemble` refuses unknown names."""
    problems = Mistakes("--variant")
    chosen: dict[str, str] = {}
    for text in texts:
        name, equals, choice = (part.strip() for part in text.partition("="))
        if not (name and equals and choice):
            problems.add("", repr(text), allowed='NAME=CHOICE, such as "sin1=akt_activates"')
        elif chosen.setdefault(name, choice) != choice:
            problems.add(name, f"{choice!r} after {chosen[name]!r}", advice="Choose one.")
    problems.raise_if_any()
    return tuple(sorted(chosen.items()))


@lru_cache(maxsize=8)
def load_project(variants: tuple[tuple[str, str], ...] = ()) -> Project:
    """Read everything; all mistakes of all files come in one `UserError`."""
    problems = Mistakes()
    media = load_media(problems=problems)
    genes = load_genes(problems=problems)
    contexts = load_contexts(media=media, genes=genes, problems=problems)
    problems.raise_if_any()
    return Project(variants, contexts, load_catalogue(), media, genes)
