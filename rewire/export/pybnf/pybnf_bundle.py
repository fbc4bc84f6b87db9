"""The findings as a fitting problem for PyBNF: the content of the folder.

A folder: a BioNetGen file for each context (`<context>.bngl`), the findings in its cells in BPSL
(`<context>.prop`), `rewire.conf` with the free parameters and their prior, and tables: findings that BPSL
cannot express (`not_mapped.tsv`), the finding of each line (`lines.tsv`), the treatment of each output
(`arms.tsv`), and our names of PyBNF's parameters (`free.tsv`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.observation import ABSENT
from calibration.objective.build import PLAUSIBLE
from calibration.objective.layout import RANGE_WEIGHT
from calibration.objective.simulation_plan import untreated
from calibration.optimize.gauss_newton_step import BOX
from models.assemble import Built, build
from models.cells.plausible_ranges import load_plausible
from models.core.errors import UserError
from models.core.units import format_time
from models.export.pybnf.pybnf_layout import PybnfLayout, lay_out
from models.export.pybnf.pybnf_text import PybnfWriter, free_id
from models.parameters import Space, space
from models.simulation.engine import Failure
from models.simulation.simulator import ATOL, SCORE, Simulator
from models.treatments.arm import Arm
from rewire.export.pybnf.bpsl_constraints import (
    OTHER,
    BpslFunctions,
    Line,
    expressible,
    lines,
    lost,
    points,
    range_lines,
)
from rewire.project.project import Project

METHODS = ("cmaes", "de", "ade", "ss", "pso", "check")
"""PyBNF's fitting methods, and its check of one point."""

ARMS = ("output", "context", "genes", "grown in", "from", "medium", "drugs [nM]", "ligands [nM]")


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the PyBNF run.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    box : float
        Half width of the bounds around each first guess [prior standard deviations], between which the prior
        is log-uniform. 0 for our own prior, which is unbounded.
    rtol : float
        Relative tolerance; the absolute one is proportional, as in our own fits.
    population, iterations : int
    minutes : float
        0 for no limit; from the start of the process.
    cores : int
    seed : int
    """

    method: str = "cmaes"
    box: float = BOX
    rtol: float = SCORE
    population: int = 20
    iterations: int = 10_000
    minutes: float = 0.0
    cores: int = 1
    seed: int = 1

    @property
    def atol(self) -> float:
        """Absolute tolerance [copies/cell]."""
        return ATOL * self.rtol / SCORE


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """The files and what they contain.

    Attributes
    ----------
    texts : mapping of str to str
        File name to content.
    layout : PybnfLayout
    lines : tuple of Line
        Every term of every finding and every range of untreated cells; those with a `text` are mapped.
    space : Space
        Free parameters; PyBNF's name of one is `models.export.pybnf.pybnf_text.free_id` of ours.
    """

    texts: Mapping[str, str]
    layout: PybnfLayout
    lines: tuple[Line, ...]
    space: Space

    @property
    def mapped(self) -> tuple[str, ...]:
        """Findings of which every part is mapped."""
        ids = dict.fromkeys(line.finding for line in self.lines if not line.untreated)
        lost = {line.finding for line in self.lines if not line.text}
        return tuple(name for name in ids if name not in lost)


def bundle(
    findings: Sequence[Finding],
    world: Project,
    options: Options | None = None,
    built: Built | None = None,
    free: Space | None = None,
    whole: bool = False,
    context: str = "",
) -> Bundle:
    """The files as texts.

    Parameters
    ----------
    findings : sequence of Finding
        Usually the fit findings.
    built : Built, optional
        Another model than that of `world`.
    free : Space, optional
        Free parameters; by default those of a fit of these findings.
    whole : bool
        Leave out findings of which a part cannot be expressed, instead of mapping the other parts.
    context : str
        Only this context; "" for all.
    """
    options, built = options or Options(), built or world.built
    findings = [f for f in findings if not context or context in f.contexts]
    inside = [f for f in findings if not f.is_cohort and (not context or f.contexts == (context,))]
    mapped = [f for f in inside if expressible(f) or not whole]
    free = free if free is not None else _space(mapped, world, built)
    read = [point for finding in mapped for point in points(finding)]
    rests = {name: untreated(world.contexts[name]) for name in sorted({p.arm.context for p in read})}
    times: dict[Arm, set[float]] = {arm: {0.0} for arm in rests.values()}
    for point in read:
        times.setdefault(point.arm, {0.0}).add(point.time)
    layout = lay_out(times, world.contexts)
    words = BpslFunctions()
    own: list[Line] = []
    for finding in findings:
        if finding in mapped:
            own += lines(finding, layout.place, lambda arm: layout.file_of(arm).name, words)
        if finding in inside or finding.is_cohort:
            own += lost(finding)
        else:
            own += [Line(finding.id, part, term, why=OTHER) for part, term in enumerate(finding.terms)]
    own += _ranges(rests, layout, world, built, words)
    return Bundle(_texts(layout, own, words, world, built, free, options), layout, tuple(own), free)


# --- content ----------------------------------------------------------------------------------------------
def _space(findings: Iterable[Finding], world: Project, built: Built) -> Space:
    used = sorted({name for finding in findings for name in finding.contexts})
    drugs = sorted({drug for finding in findings for arm in finding.arms for drug in arm.drugs})
    return space(
        built,
        {name: world.contexts[name] for name in used},
        {name: world.catalogue[name].prior for name in drugs},
    )


def _ranges(
    rests: Mapping[str, Arm], layout: PybnfLayout, world: Project, built: Built, words: BpslFunctions
) -> list[Line]:
    """Ranges of the untreated cells of each context, except for proteins that the cells lack."""
    plausible = load_plausible(PLAUSIBLE)
    bench = Simulator(built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)
    courses = bench.run({arm: [0.0] for arm in rests.values()})
    made: list[Line] = []
    for name, arm in rests.items():
        course = courses[arm]
        if isinstance(course, Failure):
            raise UserError(f"{name}: the cells at first guess cannot be simulated: {course.reason}")
        bands = world.contexts[name].bands(plausible.bands).values()
        there = [band for band in bands if course.at(band.per, 0.0) > ABSENT]
        made += range_lines(name, there, layout.file_of(arm).name, words, RANGE_WEIGHT)
    return made


def _texts(
    layout: PybnfLayout,
    own: Sequence[Line],
    words: BpslFunctions,
    world: Project,
    built: Built,
    free: Space,
    options: Options,
) -> dict[str, str]:
    texts: dict[str, str] = {}
    rows: list[list[str]] = []
    for file in layout.files:
        other = world.contexts[file.context].variants
        model = build({**built.variants, **other}) if other else built
        parts = (world.contexts, world.catalogue, world.media, world.genes, free, words.functions)
        writer = PybnfWriter(model, *parts, options.rtol, options.atol)
        outputs = {phase.suffix for phase in file.phases}
        printed = {name for line in own for output, name in line.reads if output in outputs}
        texts[f"{file.name}.bngl"] = writer.text(file, printed)
        text = [f"# {file.name}: high >= low, both log2 of a reading [copies/cell]; times in seconds\n"]
        for line in (line for line in own if line.text and line.base == file.name):
            text.append(f"{line.text} weight {line.weight:.6g}\n")
            rows.append([line.finding, str(line.part), f"{file.name}.prop", str(len(text)), line.says])
        if len(text) > 1:
            texts[f"{file.name}.prop"] = "".join(text)
    texts["rewire.conf"] = _conf(texts, free, options)
    texts["lines.tsv"] = _tsv(("finding", "part", "file", "line", "says"), rows)
    lost = ([line.finding, str(line.part), line.says, line.why] for line in own if not line.text)
    texts["not_mapped.tsv"] = _tsv(("finding", "part", "says", "why BPSL cannot say it"), lost)
    texts["arms.tsv"] = _tsv(ARMS, _arms(layout))
    names = zip(free.names, free.centre_log10, free.sd, strict=True)
    rows = [[free_id(name), name, repr(float(centre)), repr(float(sd))] for name, centre, sd in names]
    texts["free.tsv"] = _tsv(("PyBNF's name", "name", "median [log10]", "sd [log10]"), rows)
    return texts


def _arms(layout: PybnfLayout) -> Iterable[list[str]]:
    for file in layout.files:
        for cell in file.cells:
            arm = cell.untreated
            genes = " ".join(f"{gene}={change}" for gene, change in arm.genes)
            for phase in (s for run in cell.runs.values() for s in run):
                now = phase.segment
                named = [" ".join(f"{name}={nM:g}" for name, nM in what) for what in (now.drugs, now.ligands)]
                start = format_time(now.start_s)
                yield [phase.suffix, file.context, genes, arm.grown_in, start, now.medium, *named]


def _tsv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    clean = ("\t".join(" ".join(cell.split()) for cell in row) for row in (head, *rows))
    return "\n".join(clean) + "\n"


def _conf(texts: Mapping[str, str], free: Space, options: Options) -> str:
    """PyBNF's configuration."""
    names = [name.removesuffix(".bngl") for name in texts if name.endswith(".bngl")]
    lines = [
        "# pybnf -c rewire.conf   (in this folder, with BNGPATH set to the folder of BNG2.pl)",
        "# PyBNF minimises the sum of weight x shortfall [log2] over the lines of the .prop files.",
        f"fit_type = {options.method}",
    ]
    for name in names:
        prop = f"{name}.prop" if f"{name}.prop" in texts else "none"
        lines.append(f"model = {name}.bngl : {prop}")
    lines += [
        "output_dir = pybnf_output",
        "bngl_backend = bngsim",
        f"population_size = {options.population}",
        f"max_iterations = {options.iterations}",
        f"parallel_count = {options.cores}",
        f"random_seed = {options.seed}",
        "verbosity = 1",
        "num_to_output = 1000000",
    ]
    if options.method == "ss":  # the defaults are ten points per parameter, and a reserve for every iteration
        lines += [f"{size} = {10 * options.population}" for size in ("init_size", "reserve_size")]
    if options.minutes:
        lines.append(f"wall_time_fit = {round(60 * options.minutes)}")
    lines.append("")
    for name, centre, sd in zip(free.names, free.centre_log10, free.sd, strict=True):
        if options.box:
            low, high = (10.0 ** (centre + sign * options.box * sd) for sign in (-1.0, 1.0))
            lines.append(f"loguniform_var = {free_id(name)} {low:.12g} {high:.12g}")
        else:
            lines.append(f"lognormal_var = {free_id(name)} {centre:.12g} {sd:.12g}")
    return "\n".join([*lines, ""])
