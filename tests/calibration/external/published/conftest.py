"""The toy, read once."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from calibration.external.published.mapping import read_mapping
from calibration.external.published.published_model import Published, read_published
from calibration.external.published.translation import Translation
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.treatments.arm import Vocabulary
from tests.calibration.external.published.toy import MAPPING, OBSERVABLES, toy


@pytest.fixture(scope="session")
def toy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("toy") / "toy.xml"
    assert libsbml.writeSBMLToFile(toy(), str(path))
    return path


@pytest.fixture(scope="session")
def published(toy_file: Path) -> Published:
    return read_published(toy_file)


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    genes, media = load_genes(), load_media()
    return Vocabulary(load_contexts(media=media, genes=genes), load_catalogue(), media, genes)


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, published: Published, words: Vocabulary) -> Translation:
    path = tmp_path_factory.mktemp("mapping") / "toy.toml"
    path.write_text(MAPPING)
    return read_mapping(path, published, words, OBSERVABLES)
