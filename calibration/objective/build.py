"""The whole problem from plain values: the files of the project (and of the user) to an `Evaluator`.

Worker processes build theirs here as well, from the same values, so nothing but these has to be sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from calibration.findings.claims.reader import FINDINGS, STATEMENTS, load_findings, toml_files
from calibration.objective.evaluator import Evaluator
from calibration.objective.measured.point_files import load_measurements
from calibration.objective.workers.pool import Pool, Recipe
from models.assemble import build
from models.cells import plausible_ranges
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.cells.plausible_ranges import load_plausible
from models.core.errors import Mistakes
from models.parameters import Space, space
from models.simulation.simulator import Simulator
from models.treatments.arm import Vocabulary

PLAUSIBLE = Path(plausible_ranges.__file__).with_name("plausible_ranges.toml")


def make(
    findings: Sequence[str] = (),
    variants: Mapping[str, str] | None = None,
    fixed: Mapping[str, float] | None = None,
    freeze: bool = False,
    whole: bool = False,
    ids: Sequence[str] = (),
    measurements: str | None = None,
) -> Evaluator:
    """Read everything and make the problem.

    Parameters
    ----------
    findings : sequence of str
        Files or folders of findings; none means those that ship.
    variants : mapping of str to str, optional
        Structural hypotheses other than the default.
    fixed : mapping of str to float, optional
        Rates that are set and no longer free: a mechanism taken out.
    freeze : bool
        Keep abundances and potencies at their first guess: only shared kinetics are free.
    whole : bool
        Simulate on the whole network rather than on its cuts: one network to compile, a little slower a run.
    ids : sequence of str
        Only these findings.
    measurements : str, optional
        A data set (see `calibration.objective.measured.point_files`) that stands beside the findings.
    """
    noted = Mistakes()
    media = load_media(problems=noted)
    genes = load_genes(problems=noted)
    contexts = load_contexts(media=media, genes=genes, problems=noted)
    told = load_plausible(PLAUSIBLE, noted)
    noted.raise_if_any()
    catalogue = load_catalogue()
    built = build(variants or {})
    words = Vocabulary(contexts, catalogue, media, genes)
    found = load_findings(list(findings) or None, words=words, built=built)
    if ids:
        found = [finding for finding in found if finding.id in set(ids)]
    measured = load_measurements(Path(measurements), words, built.observables) if measurements else None
    used = {name for finding in found for name in finding.contexts}
    drugs = {drug for finding in found for arm in finding.arms for drug in arm.drugs}
    if measured:
        used |= set(measured.contexts)
        drugs |= {drug for arm in measured.times for drug in arm.drugs}
    free = space(
        built,
        {} if freeze else {name: contexts[name] for name in sorted(used)},
        {} if freeze else {name: catalogue[name].prior for name in sorted(drugs)},
    )
    bench = Simulator(built, contexts, catalogue, media, genes, whole=whole)
    return Evaluator(bench, contexts, without(free, fixed or {}), found, told, fixed, measured)


def without(free: Space, names: Collection[str]) -> Space:
    """The space without some of its parameters."""
    keep = [i for i, name in enumerate(free.names) if name not in names]
    return Space(
        tuple(free.names[i] for i in keep),
        free.centre_log10[keep],
        free.sd[keep],
        tuple(free.scope[i] for i in keep),
    )


def recipe(**options: Any) -> Recipe:
    """The same, for worker processes; `options` are those of `make`."""
    return Recipe("calibration.objective.build", "make", options)


def open_pool(workers: int | None = None, **options: Any) -> Pool:
    """The problem here and in `workers` processes (None: one a core); to be used in a `with` statement."""
    return Pool(recipe(**options), workers)


def findings_hash(paths: Sequence[str] = (), beside: Sequence[Path] = ()) -> str:
    """Of all files of findings, and of those `beside` them; by content, whatever their folders are called."""
    digest = hashlib.sha256()
    for path in [Path(p) for p in paths] or [FINDINGS]:
        for file in toml_files(path):
            if file.name != STATEMENTS:
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    for file in beside:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
