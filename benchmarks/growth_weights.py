"""The weights of growth: fitted to drug pairs in DU145 and to findings on growth, and what they then predict.

python -m benchmarks.growth_weights ../shared/data/synergy/sintef_du145.tsv
python -m benchmarks.growth_weights ../shared/data/synergy/sintef_du145.tsv --fit  # fit the weights anew
python -m benchmarks.growth_weights ../shared/data/synergy/sintef_du145.tsv --leave-out  # predict each pair

The cells themselves are not refitted: growth feeds nothing back, so the members' courses are simulated once.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, cast

import click
import cma
import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.stats import spearmanr

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.populations import Cohort
from calibration.findings.claims.score import score, score_cohort
from models.core.errors import UserError
from models.simulation.simulator import VERDICT, Simulator, Trajectory
from models.treatments.arm import Arm
from rewire.analysis.populations.cohort import ALL, moved
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.project.members import Members, load_members
from rewire.project.project import Project, load_project
from rewire.project.selections import all_findings

Array = NDArray[np.float64]

GUESSES = {
    "e2f_drives_division_x": (4.0, 0.3),
    "cap_translation_drives_division_x": (2.0, 0.3),
    "s6_drives_division_x": (5.0, 0.2),
    "erk_drives_division_x": (1.0, 0.3),
    "stat5_drives_division_x": (0.1, 0.5),
    "drive_halves_division_x": (12.0, 0.3),
    "foxo_kills_K": (3.5e3, 0.2),
    "cells_die_kcat": (8e-6, 0.3),
}
"""The fitted weights: first guess before any fit, prior standard deviation [decades]."""

TARGETS = {
    "AKT1-3": ("MK-2206", 20.0),
    "PI3K and mTOR": ("BEZ235", 40.0),
    "MEK1/2": ("PD0325901", 0.3),
    "PDPK1": ("GSK2334470", 113.0),
    "JAK1/2": ("ruxolitinib", 20.0),
    "PTEN": ("PTEN", 0.0),
    "GSK3A/B": ("GSK3", 0.0),
}
"""The screen's targets that the model has: our drug and its K [nM] (at the weakest target named), or the gene
that is knocked down.
"""

TIMES_K = (1.0, 4.0)
"""Doses as multiples of K (the screen gives none); a knock-down leaves what such a dose would."""

GENES = ("PTEN", "GSK3A/B")
"""Targets without a drug in the catalogue: not in the fit."""

HOURS = np.array([0.0, 1, 3, 6, 12, 24, 36, 48, 60, 72])
CELLS = ("mcf7", "bt474", "mda_mb_361", "skbr3", "mda_mb_468", "du145", "pc3", "a549")
RAPALOG = ("mcf7", "rapamycin=20 nM")
SUPRA_ADDITIVE = (
    ("bt474", "lapatinib=300 nM", "MK-2206=300 nM"),
    ("skbr3", "lapatinib=300 nM", "MK-2206=300 nM"),
    ("bt474", "abemaciclib=200 nM", "lapatinib=300 nM"),
    ("mda_mb_361", "abemaciclib=200 nM", "lapatinib=300 nM"),
    ("du145", "BEZ235=40 nM", "MK-2206=20 nM"),
    ("du145", "BEZ235=160 nM", "MK-2206=80 nM"),
    ("du145", "GDC-0941=300 nM", "MK-2206=300 nM"),
)
"""Receptor with AKT, CDK4/6 with HER2, PI3K with AKT inhibitors: cells, one drug, the other."""

POPULATION = 100
"""Cells of S13's population in the fit; 300 in the table."""

Treated = tuple[str, ...]
"""Cells, then the treatments: texts of `rewire simulate --treat`, or "GENE=change" with a leading "gene:"."""


@dataclass(frozen=True)
class Pair:
    """A pair of the screen: targets, measured Bliss excess (above 0: synergy), curated call."""

    targets: tuple[str, str]
    excess: float
    synergy: bool

    @property
    def drugs(self) -> bool:
        """Whether both targets have a drug here."""
        return not set(self.targets) & set(GENES)


def read_screen(path: Path) -> list[Pair]:
    """The pairs whose targets the model has."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wanted = {"target_a", "target_b", "bliss_excess", "curated"}
    if not rows or not wanted <= set(rows[0]):
        raise UserError(f"{path}: columns {', '.join(sorted(wanted))} are expected")
    return [
        Pair((row["target_a"], row["target_b"]), -float(row["bliss_excess"]), bool(row["curated"]))
        for row in rows
        if row["target_a"] in TARGETS and row["target_b"] in TARGETS
    ]


def treatment(target: str, times: float) -> str:
    """A target's drug at so many times its K, or the knock-down that leaves as much."""
    name, k = TARGETS[target]
    return f"gene:{name}=knock-down {100 * times / (1 + times):g}%" if not k else f"{name}={k * times:g} nM"


def screened(targets: Iterable[str], times: float) -> Treated:
    """DU145 with these targets hit."""
    return ("du145", *(treatment(target, times) for target in targets))


class Formula:
    """The pathway's own growth and survival, as functions of readings and weights."""

    def __init__(self, world: Project) -> None:
        model = world.built.model
        inner = {"death_genes", "division_drive", "dividing", "survival", "growth_rate", "growth_in_a_step"}
        self.values = {p.name: float(p.value) for p in model.parameters}

        def opened(name: str) -> Any:
            found = sympy.sympify(model.expressions[name].expr)
            parts = {s: opened(s.name) for s in found.free_symbols if s.name in inner}
            return found.xreplace(parts)

        formulas = [opened(name) for name in ("growth_rate", "survival", "growth")]
        symbols = sorted(set().union(*(f.free_symbols for f in formulas)), key=lambda s: str(s.name))
        self.weights = [s.name for s in symbols if s.name in self.values]
        self.readings = [s.name for s in symbols if s.name not in self.values]
        names = {s: sympy.Symbol(s.name) for s in symbols}
        order = [sympy.Symbol(name) for name in (*self.readings, *self.weights)]
        self._call = sympy.lambdify(order, [f.xreplace(names) for f in formulas])

    def __call__(self, readings: Array, weights: Mapping[str, float]) -> tuple[Array, Array, Array]:
        """Growth rate [1/s], survival and growth; readings are (..., n_readings)."""
        known = {**self.values, **weights}
        columns = (readings[..., i] for i in range(len(self.readings)))
        done = self._call(*columns, *(known[name] for name in self.weights))
        return cast(tuple[Array, Array, Array], tuple(done))


def reads_growth(finding: Finding) -> bool:
    """Whether a finding speaks of growth or survival."""
    return any(f"'{name}'" in repr(finding.claim) for name in ("growth", "survival"))


class Courses:
    """What the members' cells do under all treatments; simulated once."""

    def __init__(self, world: Project, members: Members, screen: Sequence[Pair]) -> None:
        self.world, self.screen = world, screen
        self.formula = Formula(world)
        found = [f for f in all_findings(world) if f.use != "frozen" and f.claim and reads_growth(f)]
        self.findings = [f for f in found if not isinstance(f.claim, Cohort)]
        (self.population,) = (f for f in found if isinstance(f.claim, Cohort) and f.claim.is_population)
        self.arms = {treated: self._arm(treated) for treated in self._treated()}
        times: dict[Arm, set[float]] = {arm: set(HOURS * 3600) for arm in self.arms.values()}
        for finding in self.findings:
            for request in finding.claim.requests():  # type: ignore[union-attr]
                times.setdefault(request.arm, {0.0}).update(request.times.tolist())
        self.bench = Simulator(
            world.built, world.contexts, world.catalogue, world.media, world.genes, whole=True
        )
        self.runs = [self._run(times, values) for values in members.values]
        columns = [
            self.runs[0][arm].names.index(name)
            for arm in list(self.arms.values())[:1]
            for name in self.formula.readings
        ]
        self.columns = columns
        rows = {arm: np.searchsorted(self.runs[0][arm].times, HOURS * 3600) for arm in self.arms.values()}
        self.readings = np.array(
            [[run[arm].copies[rows[arm]][:, columns] for arm in self.arms.values()] for run in self.runs]
        )
        self.place = {treated: i for i, treated in enumerate(self.arms)}
        self.tumours = list(self._tumours(members))

    def _treated(self) -> Iterator[Treated]:
        for cells in CELLS:
            yield (cells,)
        yield RAPALOG
        for cells, a, b in SUPRA_ADDITIVE:
            yield from ((cells, a), (cells, b), (cells, a, b))
        for times in TIMES_K:
            for target in TARGETS:
                yield screened([target], times)
            for pair in combinations(TARGETS, 2):
                yield screened(pair, times)

    def _arm(self, treated: Treated) -> Arm:
        genes = [text.removeprefix("gene:") for text in treated[1:] if text.startswith("gene:")]
        drugs = [text for text in treated[1:] if not text.startswith("gene:")]
        return read_arm(self.world, treated[0], drugs, genes)

    def _run(self, times: Mapping[Arm, set[float]], values: Mapping[str, float]) -> dict[Arm, Trajectory]:
        done = self.bench.run({arm: sorted(at) for arm, at in times.items()}, values, VERDICT)
        for arm, course in done.items():
            if not isinstance(course, Trajectory):
                raise UserError(f"{arm.context}: {course.reason}")
        return cast(dict[Arm, Trajectory], done)

    def _tumours(self, members: Members) -> Iterator[dict[Arm, Trajectory]]:
        context = self.world.contexts[self.population.context]
        claim = cast(Cohort, self.population.claim)
        times: dict[Arm, set[float]] = {}
        for request in claim.requests():
            times.setdefault(request.arm, {0.0}).update(request.times.tolist())
        rng = np.random.default_rng([1, 2**21])  # the population of `rewire cohort`
        for i in range(claim.cells):
            base = members.values[i % len(members)]
            yield self._run(times, moved(base, self.world, context, context.cohort, rng, ALL))


class Prediction:
    """What one set of weights says of all cells."""

    def __init__(self, courses: Courses, weights: Mapping[str, float]) -> None:
        self.courses, self.weights = courses, weights

    @cached_property
    def log_fold(self) -> Array:
        """The growth rate integrated over 72 h, (n_members, n_treated): ln of the fold of cells."""
        rate = self.courses.formula(self.courses.readings, self.weights)[0]
        return cast(Array, np.trapezoid(rate, HOURS * 3600, axis=-1))

    def _of(self, treated: Treated) -> Array:
        return cast(Array, self.log_fold[:, self.courses.place[treated]])

    def viability(self, treated: Treated) -> Array:
        """Cells after 72 h over those of untreated cells, (n_members,)."""
        return cast(Array, np.exp(self._of(treated) - self._of(treated[:1])))

    def gr(self, treated: Treated) -> Array:
        """GR value, (n_members,); Hafner 2016: 1 untreated, 0 no growth, below 0 loss of cells."""
        return cast(Array, 2 ** (self._of(treated) / self._of(treated[:1])) - 1)

    def excess(self, treated: Treated) -> Array:
        """Bliss excess of a pair, (n_members,): above 0 where fewer cells are left than expected."""
        cells, a, b = treated
        return cast(Array, self.viability((cells, a)) * self.viability((cells, b)) - self.viability(treated))

    def screen_excess(self, targets: Sequence[str]) -> float:
        """Mean over members and doses."""
        pair = sorted(targets, key=list(TARGETS).index)
        return float(np.mean([self.excess(screened(pair, times)) for times in TIMES_K]))

    def with_growth(self, run: Mapping[Arm, Trajectory]) -> dict[Arm, Trajectory]:
        """Courses in which growth and survival are those of these weights."""
        changed = {}
        for arm, course in run.items():
            copies = course.copies.copy()
            rate, survival, growth = self.courses.formula(copies[:, self.courses.columns], self.weights)
            for name, values in (("growth_rate", rate), ("survival", survival), ("growth", growth)):
                copies[:, course.names.index(name)] = values
            changed[arm] = Trajectory(course.times, course.names, copies)
        return changed

    def parts(self, findings: Sequence[Finding], members: Sequence[int]) -> dict[str, Array]:
        """Margins of each elementary claim, (n_members, n_parts) [log2]."""
        wanted = {r.arm for f in findings for r in f.claim.requests()}  # type: ignore[union-attr]
        runs = [
            self.with_growth({arm: c for arm, c in self.courses.runs[i].items() if arm in wanted})
            for i in members
        ]
        return {f.id: np.array([score(f, run.get).parts for run in runs]) for f in findings}

    def correlation(self, cells: int | None = None) -> float:
        """S13: rank correlation of the rise of AKT output and growth over tumours."""
        tumours = self.courses.tumours[:cells]
        return score_cohort(self.courses.population, [self.with_growth(t).get for t in tumours]).got


def short_of(values: Array | float, wanted: float, scale: float) -> float:
    """Mean shortfall in units of `scale`; at most 2 for each, so that one odd member does not decide."""
    return float(np.mean(np.clip((wanted - np.nan_to_num(values, nan=-9.0)) / scale, 0, 2)))


def loss(z: Array, courses: Courses, pairs: Sequence[Pair]) -> float:
    """What is minimized; `z` in prior standard deviations."""
    says = Prediction(courses, weights_at(z))
    total = 0.5 * float(z @ z)
    got = np.array([says.screen_excess(p.targets) for p in pairs])
    synergy = np.array([p.synergy for p in pairs])
    above = (got[synergy][:, None] - got[~synergy][None]) / 0.03
    total += 20 * float(np.log1p(np.exp(-np.clip(above, -50, 50))).mean())
    total += 0.25 * float((((got - [p.excess for p in pairs]) / 0.1) ** 2).sum())
    total += 30 * short_of(-says.gr(RAPALOG), -0.75, 0.1)
    total += 10 * short_of(says.gr(RAPALOG), 0.3, 0.1)  # rapalogs slow cells and do not stop them
    total += sum(8 * short_of(says.excess(pair), 0.02, 0.03) for pair in SUPRA_ADDITIVE)
    some = range(0, len(courses.runs), max(1, len(courses.runs) // 4))
    fitted = [f for f in courses.findings if f.use == "fit"]
    total += sum(20 * short_of(parts, 0.1, 0.2) for parts in says.parts(fitted, some).values())
    total += 10 * short_of(says.correlation(POPULATION), 0.15, 0.1)
    for cells in CELLS:  # untreated cells double in 22 to 60 h
        doublings = says.log_fold[:, courses.place[(cells,)]] / math.log(2)
        total += 2 * (short_of(doublings, 1.2, 0.2) + short_of(-doublings, -3.3, 0.2))
    return total


def weights_at(z: Array) -> dict[str, float]:
    """Weights by name."""
    return {
        name: guess * 10.0 ** (sd * float(x))
        for x, (name, (guess, sd)) in zip(z, GUESSES.items(), strict=True)
    }


def fit(courses: Courses, pairs: Sequence[Pair], starts: int, evaluations: int) -> dict[str, float]:
    """The best of some starts of CMA-ES, from the first guesses."""
    ends = []
    for seed in range(1, starts + 1):
        options = {"seed": seed, "maxfevals": evaluations, "bounds": [-4, 4], "verbose": -9}
        found = cma.CMAEvolutionStrategy(np.zeros(len(GUESSES)), 0.5, options)
        found.optimize(loss, args=(courses, pairs))
        ends.append((float(found.result.fbest), found.result.xbest))
    return weights_at(min(ends, key=lambda end: end[0])[1])


def auc(scores: Sequence[float], synergy: Sequence[bool]) -> float:
    """The share of (synergy, none) pairs that are in the right order."""
    values, yes = np.array(scores), np.array(synergy)
    above = values[yes][:, None] - values[~yes][None]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def screen_table(says: Prediction, pairs: Sequence[Pair], title: str) -> None:
    """How well the screen's calls are predicted, beside what knows less."""
    synergy = [p.synergy for p in pairs]
    targets = sorted({t for p in pairs for t in p.targets}, key=list(TARGETS).index)
    excess = {pair: says.screen_excess(pair) for pair in combinations(targets, 2)}
    effect = {
        t: float(np.mean([1 - says.viability(screened([t], times)) for times in TIMES_K])) for t in targets
    }

    def predicted(new: Mapping[str, str]) -> list[float]:
        return [
            excess[tuple(sorted((new[a], new[b]), key=targets.index))]  # type: ignore[index]
            for a, b in (p.targets for p in pairs)
        ]

    own = predicted({t: t for t in targets})
    ours = auc(own, synergy)
    shuffled = np.array(
        [auc(predicted(dict(zip(targets, new, strict=True))), synergy) for new in permutations(targets)]
    )
    single = auc([max(effect[a], effect[b]) for a, b in (p.targets for p in pairs)], synergy)
    rank = spearmanr(own, [p.excess for p in pairs]).statistic
    click.echo(f"\n{title}: {len(pairs)} pairs, {sum(synergy)} curated as synergy")
    click.echo(f"  AUC of the curated calls         {ours:.2f}")
    click.echo(f"  best single effect               {single:.2f}")
    click.echo(f"  shuffled targets, mean           {shuffled.mean():.2f}")
    click.echo(f"  shuffles that do as well         {(shuffled >= ours).mean():.0%}")
    click.echo(f"  rank correlation of Bliss excess {rank:.2f}")
    for pair, value in sorted(zip(pairs, own, strict=True), key=lambda row: -row[1]):
        call = "synergy" if pair.synergy else ""
        click.echo(f"    {' + '.join(pair.targets):32} {value:6.3f}  screen {pair.excess:6.3f}  {call}")


def facts(says: Prediction) -> None:
    """What has to come out."""
    slowed = says.gr(RAPALOG)
    share = (slowed <= 0.8).mean()
    click.echo(f"\nrapamycin in MCF-7: GR {np.median(slowed):.2f}, at most 0.8 in {share:.0%} of members")
    for pair in SUPRA_ADDITIVE:
        got = says.excess(pair)
        click.echo(
            f"{' + '.join(pair):50} Bliss excess {np.median(got):6.3f}, above 0 in {(got > 0).mean():.0%}"
        )
    click.echo(f"S13, rank correlation: {says.correlation():.2f} (at least 0.1 wanted)")
    for cells in CELLS:
        doublings = says.log_fold[:, says.courses.place[(cells,)]] / math.log(2)
        click.echo(f"{cells}: {np.median(doublings):.1f} doublings in 72 h")


def findings_table(says: Prediction) -> None:
    """The share of members in which each finding on growth holds."""
    for use in ("fit", "validation"):
        found = [f for f in says.courses.findings if f.use == use]
        parts = says.parts(found, range(len(says.courses.runs)))
        shares = {f.id: float((parts[f.id].min(axis=1) >= 0).mean()) for f in found}
        held = sum(share >= 0.8 for share in shares.values())
        click.echo(f"\nfindings on growth, {use}: {held} of {len(found)} hold in 80 % of members")
        for name, share in shares.items():
            click.echo(f"  {name:60} {share:.0%}")


@click.command()
@click.argument("screen", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fit", "refit", is_flag=True, help="Fit the weights anew (a minute).")
@click.option(
    "--leave-out", is_flag=True, help="Predict each pair by weights fitted to the others (minutes)."
)
@click.option("--members", default=20, show_default=True, help="Of the shipped ensemble.")
@click.option("--starts", default=1, show_default=True, help="Starts of a fit.")
@click.option("--evaluations", default=800, show_default=True, help="Of a start; about a minute.")
def main(screen: Path, refit: bool, leave_out: bool, members: int, starts: int, evaluations: int) -> None:
    """What growth's weights predict of the screen SCREEN and of the findings."""
    world = load_project()
    pairs = read_screen(screen)
    courses = Courses(world, load_members(world, None, members), pairs)
    fitted = [p for p in pairs if p.drugs]
    weights = {name: courses.formula.values[name] for name in GUESSES}
    if refit:
        weights = fit(courses, fitted, starts, evaluations)
    for name, value in weights.items():
        click.echo(f"{name:40} {value:.3g}")
    says = Prediction(courses, weights)
    screen_table(says, fitted, "Pairs of drugs (fitted)")
    screen_table(says, pairs, "With PTEN and GSK3 knocked down for their inhibitors (these pairs not fitted)")
    facts(says)
    findings_table(says)
    if leave_out:
        left = []
        for pair in fitted:
            others = [p for p in fitted if p is not pair]
            left.append(Prediction(courses, fit(courses, others, 1, evaluations)).screen_excess(pair.targets))
        area = auc(left, [p.synergy for p in fitted])
        rank = spearmanr(left, [p.excess for p in fitted]).statistic
        click.echo(
            f"\nEach pair by weights fitted to the others: AUC {area:.2f}, rank correlation {rank:.2f}"
        )


if __name__ == "__main__":
    main()
