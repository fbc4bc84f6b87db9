"""How the cost of an evaluation grows: `python -m benchmarks.scaling`. Ratios, side by side in one run.

Over cores wall time counts; over findings and species CPU time of one core, which other work on the machine
hardly moves.

--cores      evaluations a second of the real problem, in a pool of one process, of two, … (in turn)
--findings   one evaluation of 10 to 1,000 findings that ask for the same distinct treatments
--species    one evaluation of the same findings on networks of 100 to 5,000 species, with the same answers
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.problems import make, recipe, size, told_apart
from benchmarks.race import machine
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.kinds import Ratio
from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from calibration.objective.workers.pool import Pool, cores
from models.simulation.simulator import Simulator
from rewire.project.project import load_project

BATCH = 12
"""Evaluations a process gets in a round."""

ROUNDS = 5
FINDINGS = (10, 30, 100, 300, 1000)
KINDS = (1, 5, 20, 60, 246)
"""AKTs that are told apart: 108, 188, 488, 1,288 and 5,008 species."""

FEW = "normal"
"""The context whose findings are asked of large networks: five treatments, three of them in one file."""

Record = dict[str, Any]


@click.command()
@click.option("--cores", "of_cores", is_flag=True, help="Only over cores.")
@click.option("--findings", "of_findings", is_flag=True, help="Only over findings.")
@click.option("--species", "of_species", is_flag=True, help="Only over species.")
@click.option("--most", default=5100, show_default=True, help="Species of the largest network.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON lines, for later.")
def main(of_cores: bool, of_findings: bool, of_species: bool, most: int, out: Path | None) -> None:
    """How the cost of an evaluation grows with cores, findings and species."""
    every = not (of_cores or of_findings or of_species)
    records: list[Record] = []
    if every or of_cores:
        records += over_cores()
    with threadpool_limits(1):
        if every or of_findings:
            records += over_findings()
        if every or of_species:
            records += over_species(most)
    if out is not None:
        stamp = {"date": time.strftime("%Y-%m-%d"), "machine": machine()}
        with out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({**record, **stamp}) + "\n" for record in records)


# --- cores ------------------------------------------------------------------------------------------------
def over_cores() -> list[Record]:
    """Evaluations a second in pools of one process and more, which take turns."""
    made = recipe()
    counts = [1, *range(2, cores() + 1)]
    rng = np.random.default_rng(0)
    n = made.make().n  # type: ignore[attr-defined]
    rates: dict[int, list[float]] = {count: [] for count in counts}
    answers: dict[int, list[bytes]] = {count: [] for count in counts}
    pools = {count: Pool(made, count) for count in counts}
    try:
        for pool in pools.values():
            pool.__enter__()
        for turn in range(ROUNDS + 1):
            points = 0.1 * rng.standard_normal((BATCH * max(counts), n))
            for count, pool in pools.items():
                begun = time.perf_counter()
                outcomes = pool.map([Task(z) for z in points])
                if turn:  # the first loads and compiles
                    rates[count].append(len(points) / (time.perf_counter() - begun))
                    answers[count].append(outcomes[-1].terms.tobytes())
    finally:
        for pool in pools.values():
            pool.__exit__(None, None, None)
    click.echo("\n| processes | evaluations/s | x | the same bits |\n|---|---|---|---|")
    records = []
    for count in counts:
        rate, factor = median(rates[count]), median(rates[count]) / median(rates[1])
        same = answers[count] == answers[1]
        click.echo(f"| {count} | {rate:.2f} | {factor:.2f} | {'yes' if same else 'NO'} |")
        records.append({"what": "cores", "processes": count, "rate": rate, "x": factor, "same": same})
    return records


def cpu_in_turn(jobs: Sequence[Callable[[Vector], object]], points: Sequence[Vector]) -> list[float]:
    """Median CPU seconds of each job, all jobs at each point in turn; the first point only warms up."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for z in points:
        for job, own in zip(jobs, seconds, strict=True):
            begun = time.process_time()
            job(z)
            own.append(time.process_time() - begun)
    return [median(own[1:]) for own in seconds]


# --- findings ---------------------------------------------------------------------------------------------
def spread(findings: Sequence[Finding], count: int) -> list[Finding]:
    """So many findings over the same treatments: each time round with other thresholds, in other proteins."""
    base = [f for f in findings if isinstance(f.claim, Ratio) and f.claim.numerator.against is None][
        : FINDINGS[0]
    ]
    seen = list(dict.fromkeys(f.claim.numerator.observable for f in base if isinstance(f.claim, Ratio)))
    made = []
    for i in range(count):
        finding, turn = base[i % len(base)], i // len(base)
        claim = finding.claim
        assert isinstance(claim, Ratio)
        what = claim.numerator.observable if turn == 0 else seen[(i + turn) % len(seen)]
        claim = replace(
            claim,
            numerator=replace(claim.numerator, observable=what, per=None),
            denominator=replace(claim.denominator, observable=what, per=None),
            at_least=None if claim.at_least is None else claim.at_least * 0.99**turn,
            at_most=None if claim.at_most is None else claim.at_most * 1.01**turn,
        )
        made.append(replace(finding, id=f"{finding.id}/{turn}", claim=claim))
    return made


def over_findings() -> list[Record]:
    """One evaluation of more and more findings at the same distinct treatments."""
    real, world = make(), load_project()
    jobs: list[Callable[[Vector], object]] = []
    problems = []
    for count in FINDINGS:
        bench = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes)
        own = spread(real.findings, count)
        problem = Evaluator(bench, world.contexts, real.space, own, real.told)
        problems.append(problem)
        jobs.append(lambda z, problem=problem: problem.evaluate_task(Task(z)))  # type: ignore[misc]
    points = list(0.1 * np.random.default_rng(0).standard_normal((ROUNDS + 1, real.n)))
    seconds = cpu_in_turn(jobs, points)
    click.echo("\n| findings | distinct treatments | evaluation [CPU ms] | x |\n|---|---|---|---|")
    records = []
    for problem, took in zip(problems, seconds, strict=True):
        treatments, factor = len(problem.plan.times), took / seconds[0]
        click.echo(f"| {problem.n_findings} | {treatments} | {1e3 * took:.1f} | {factor:.2f} |")
        records.append(
            {
                "what": "findings",
                "findings": problem.n_findings,
                "treatments": treatments,
                "seconds": took,
                "x": factor,
            }
        )
    return records


# --- species ----------------------------------------------------------------------------------------------
def over_species(most: int) -> list[Record]:
    """One evaluation of one context's findings on larger and larger networks."""
    world = load_project()
    posed = make(contexts=(FEW,))
    points = list(0.1 * np.random.default_rng(0).standard_normal((3, posed.n)))
    first = posed.evaluate_task(Task(points[0])).terms
    click.echo(f"\nFindings of {FEW}: {posed.n_findings}, {len(posed.plan.times)} treatments.\n")
    click.echo(
        "| species | reactions | set-up [s] | evaluation [CPU s] | a species [ms] | x | difference [log2] |"
    )
    click.echo("|---|---|---|---|---|---|---|")
    records: list[Record] = []
    for kinds in KINDS:
        if 108 + 20 * (kinds - 1) > most:
            continue
        begun = time.perf_counter()
        built = told_apart(world.built, kinds)
        bench = Simulator(built, world.contexts, world.catalogue, world.media, world.genes)
        problem = Evaluator(bench, world.contexts, posed.space, posed.all, posed.told)
        apart = float(np.abs(problem.evaluate_task(Task(points[0])).terms - first).max())  # compiles
        ready = time.perf_counter() - begun
        times = []
        for z in points[1:]:
            begun = time.process_time()
            problem.evaluate_task(Task(z))
            times.append(time.process_time() - begun)
        took, (species, reactions) = median(times), size(built)
        records.append(
            {
                "what": "species",
                "species": species,
                "reactions": reactions,
                "ready": ready,
                "seconds": took,
                "apart": apart,
            }
        )
        factor = took / records[0]["seconds"]
        per = f"{1e3 * took / species:.2f}"
        cells = (species, reactions, f"{ready:.1f}", f"{took:.3g}", per, f"{factor:.1f}", f"{apart:.1e}")
        click.echo(f"| {' | '.join(map(str, cells))} |")
    return records


if __name__ == "__main__":
    main()
