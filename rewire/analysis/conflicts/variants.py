"""Would a set of findings hold together under another hypothesis? Each variant that touches it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from calibration.objective.evaluator import Evaluator
from calibration.objective.problem import Task, Vector
from calibration.objective.recorded_subset import margins
from calibration.objective.workers.pool import Pool, Recipe
from calibration.optimize.joint_feasibility import Search, SearchEffort
from models.core.errors import UserError
from pathway import VARIANTS
from rewire.project import questions
from rewire.project.members import load_members
from rewire.project.project import load_project

TOUCHED = 0.02
"""A variant that moves no margin [log2] of a set by more, at any member, does not touch it."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class VariantAttempt:
    """What became of a set under another hypothesis.

    Attributes
    ----------
    variant : dict of str to str
        What is different.
    verdict : str
        "holds", "not found", "no effect", or "not built" (new rules and no Perl to expand them).
    evaluations : float
    margins : dict of str to float, or None
        Where they hold, or where they are least short [log2].
    without : tuple of str
        Findings of which it is enough to leave out one.
    """

    variant: Mapping[str, str]
    verdict: str
    evaluations: float = 0.0
    margins: Mapping[str, float] | None = None
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return ", ".join(f"{name}={choice}" for name, choice in self.variant.items())

    def record(self) -> dict[str, Any]:
        """One record of `variants` in the JSON answer."""
        return {
            "variant": self.name,
            "verdict": self.verdict,
            "evaluations": self.evaluations,
            "margins": self.margins,
            "without": self.without,
        }


def alternatives(current: Mapping[str, str], size: int) -> Iterator[dict[str, str]]:
    """Other answers to `size` of the open questions at once."""
    others = [(name, c) for name, choices in VARIANTS.items() for c in choices if c != current[name]]
    for some in combinations(others, size):
        if len({name for name, _ in some}) == size:
            yield dict(some)


class Hypotheses:
    """Tries one set of findings under other hypotheses; one in each worker process.

    Parameters
    ----------
    ids : sequence of str
        The findings.
    findings : sequence of str
        Files or folders of findings; none means those that ship.
    base : mapping of str to str
        The hypotheses under which no point was found.
    ensemble, members
        Points to begin at, as `load_members` takes them.
    effort : SearchEffort
        Of the attempt on each hypothesis.
    """

    def __init__(
        self,
        ids: Sequence[str],
        findings: Sequence[str],
        base: Mapping[str, str],
        ensemble: Path | None,
        members: int,
        effort: SearchEffort,
    ) -> None:
        self.ids, self.findings, self.base, self.effort = ids, findings, base, effort
        self._ensemble, self._members = ensemble, members

    @cached_property
    def usual(self) -> Vector:
        """The terms (n_members, n_terms) [log2] under the hypotheses of `base`."""
        return self._seen(*self._made({}))

    def _made(self, other: Mapping[str, str]) -> tuple[Evaluator, Vector]:
        """The problem of these findings alone, and the members in its space."""
        variants = {**self.base, **other}
        problem = questions.make(self.ids, ids=self.ids, findings=self.findings, variants=variants)
        world = load_project(tuple(sorted(variants.items())))
        return problem, load_members(world, self._ensemble, self._members, None, problem.space).z

    def _seen(self, problem: Evaluator, points: Vector) -> Vector:
        return np.array([problem.evaluate_task(Task(z)).terms for z in points])

    def attempt(self, other: Mapping[str, str]) -> VariantAttempt:
        """One alternative; a set that it does not touch is not searched for."""
        try:
            problem, points = self._made(other)
        except UserError:
            return VariantAttempt(other, "not built")
        seen = self._seen(problem, points)
        own = np.r_[tuple(problem.rows)]  # without the cells at rest
        if np.all(np.abs(seen - self.usual)[:, own] < TOUCHED):
            return VariantAttempt(other, "no effect")
        hangs = questions.needs(problem)
        wanted = range(problem.n_findings)
        search = Search(Pool(problem=problem), hangs, self.effort, zip(points, seen, strict=True))
        ids = [f.id for f in problem.findings]
        if (z := search.attempt(wanted)) is not None:
            terms = [*seen, problem.evaluate_task(Task(z)).terms]
            got = max((margins(one, hangs) for one in terms), key=min)  # the clearest of those known
            return VariantAttempt(
                other, "holds", search.attempts(wanted).evaluations, dict(zip(ids, got, strict=True))
            )
        tried = search.attempts(wanted)
        enough = [
            ids[i]
            for i in wanted
            if len(ids) > 1 and search.feasible_point(j for j in wanted if j != i) is not None
        ]
        return VariantAttempt(
            other, "not found", tried.evaluations, dict(zip(ids, tried.margins, strict=True)), tuple(enough)
        )


def ways_out(
    recipe: Recipe, current: Mapping[str, str], most: int, workers: int | None, say: Say
) -> list[VariantAttempt]:
    """Every alternative to `current`; several hypotheses changed at once only until something holds.

    Parameters
    ----------
    recipe : Recipe
        Of `Hypotheses`.
    most : int
        Hypotheses changed at once; of two, both must touch the set.
    """
    done: list[VariantAttempt] = []
    with Pool(recipe, workers) as pool:
        for size in range(1, most + 1):
            useless = {one for t in done if t.verdict == "no effect" for one in t.variant.items()}
            others = [other for other in alternatives(current, size) if not useless & set(other.items())]
            for tried in pool.each("attempt", others):
                done.append(tried)
                if tried.verdict != "no effect":
                    say(f"with {tried.name}: {tried.verdict}")
            if any(tried.verdict == "holds" for tried in done):
                break
    return done
