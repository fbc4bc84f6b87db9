"""Joint feasibility: a search for points at which a set of findings holds together, from several starts.

The search minimises the sum of all shortfalls (elastic constraints: Chinneck & Dravnieks 1991, ORSA J Comput
3:157), with more weight on what fails at its start. Where it ends without success, the findings that are
still short are those that exclude each other. Every point that was evaluated is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from calibration.objective.problem import Loss, Mask, Task, Vector
from calibration.objective.recorded_subset import RecordedPool, failing, margins
from calibration.objective.workers.pool import Pool
from calibration.optimize import start
from calibration.optimize.gauss_newton import advance, jacobian
from calibration.optimize.state import Settings, State

PRESS = 4.0
"""Factor on the weight of terms that fail where a search begins, in the first attempt on a set."""

SETTINGS = Settings(Loss(target=0.05, prior=1e-4), enough=0.0, kicks=2, share=0.25, every=1_000_000)
"""A small target margin and a weak prior, so that a set which can just hold is found. Only the quarter of a
Jacobian's columns with the largest norm is renewed."""

FINE = replace(SETTINGS, loss=replace(SETTINGS.loss, target=0.005))
"""For later attempts on a set: a target near 0, which does not move findings that nearly hold."""


@dataclass(frozen=True, slots=True)
class SearchEffort:
    """What each attempt may use.

    Attributes
    ----------
    evaluations : float
        Of the set in question (each simulates what it needs once), without new Jacobians.
    tries : int
        Known points from which an attempt starts; a draw of the prior comes last.
    seed : int
    most : float
        Evaluations of the whole problem after which a question is left open.
    """

    evaluations: float = 600.0
    tries: int = 2
    seed: int = 0
    most: float = 400.0


@dataclass
class Attempt:
    """What was tried for one set.

    Attributes
    ----------
    evaluations : float
    starts : int
    z : array (n,) or None
        The point with the least shortfall.
    margins : array (n_set,) [log2]
        At that point, in the order of the indices.
    """

    evaluations: float = 0.0
    starts: int = 0
    z: Vector | None = None
    margins: Vector = field(default_factory=lambda: np.zeros(0))
    least: float = np.inf
    used: set[bytes] = field(default_factory=set)


class Search:
    """Looks for points at which findings hold together, and remembers all that were evaluated.

    Parameters
    ----------
    pool : Pool
        Entered already, where it has workers.
    needs : array (n_findings, n_terms)
        The terms that each finding needs: its own, and those of the untreated cells that it is about.
    effort : SearchEffort
    known : iterable of (z, terms)
        Points that were evaluated before.

    Attributes
    ----------
    spent : float
        Total cost, in evaluations of the whole problem.
    """

    def __init__(
        self,
        pool: Pool,
        needs: Mask,
        effort: SearchEffort | None = None,
        known: Iterable[tuple[Vector, Vector]] = (),
    ) -> None:
        self.pool, self.needs = pool, needs
        self.effort = effort or SearchEffort()
        self.spent = 0.0
        self._points: list[tuple[Vector, Vector]] = []
        self._held: list[tuple[Mask, Vector]] = []
        self._tried: dict[frozenset[int], Attempt] = {}
        self._jacobian: Vector = np.full((needs.shape[1], pool.problem.n), np.nan)
        self._draws = 0
        for z, terms in known:
            self.add_point(z, terms)

    # --- known points ---------------------------------------------------------------------------------------
    def add_point(self, z: Vector, terms: Vector) -> None:
        """Keep a point with all its terms (n_terms,) [log2]."""
        self._points.append((z, terms))
        self._held.append((~failing(terms, self.needs), z))

    def evaluate_point(self, z: Vector) -> Vector:
        """Evaluate a point in full, and keep it."""
        (outcome,) = self.pool.map([Task(z)])
        self.spent += outcome.cost
        self.add_point(z, outcome.terms)
        return outcome.terms

    def feasible_point(self, wanted: Iterable[int]) -> Vector | None:
        """A known point at which all of `wanted` hold."""
        chosen = list(wanted)
        return next((z for held, z in self._held if held[chosen].all()), None)

    @property
    def exhausted(self) -> bool:
        """Whether the effort is used up."""
        return self.spent >= self.effort.most

    def attempts(self, wanted: Iterable[int]) -> Attempt:
        """What was tried for a set so far."""
        return self._tried.setdefault(frozenset(wanted), Attempt())

    # --- one set --------------------------------------------------------------------------------------------
    def attempt(self, wanted: Sequence[int], first: Sequence[Vector] = ()) -> Vector | None:
        """A point at which all of `wanted` hold; None where none was found with the effort allowed.

        Starts from `first`, from the point of an earlier attempt with the least shortfall, from known points,
        and from the best of a few draws of the prior; never twice from the same point for the same set.
        """
        if (z := self.feasible_point(wanted)) is not None:
            return z
        part = RecordedPool(self.pool, self.needs[list(wanted)])
        tried = self.attempts(wanted)
        begins = [*self._begins(part, first, tried), None]
        settings, press = (FINE, 1.0) if tried.starts else (SETTINGS, PRESS)
        spent = 0.0
        for i, begin in enumerate(begins):
            allowed = (self.effort.evaluations - spent) / (len(begins) - i)
            spent += self._descend(part, begin, allowed, settings, press)
            tried.starts += 1
            if part.answer is not None:
                break
        tried.evaluations += spent
        self.spent += part.cost
        self._remember(part, wanted, tried)
        return part.answer

    def _begins(self, part: RecordedPool, first: Sequence[Vector], tried: Attempt) -> list[Vector | None]:
        """Starting points, best first."""
        short = [part.cut.short(terms[part.cut.only]) for _, terms in self._points]
        ranked = [self._points[i][0] for i in np.argsort(short, kind="stable")]
        before = [tried.z] if tried.z is not None else []
        chosen: list[Vector | None] = []
        for z in [*first, *before, *ranked]:
            if z.tobytes() not in tried.used and len(chosen) < self.effort.tries:
                tried.used.add(z.tobytes())
                chosen.append(z)
        return chosen

    def _descend(
        self, part: RecordedPool, begin: Vector | None, allowed: float, settings: Settings, press: float
    ) -> float:
        """Gauss-Newton from one point (None: a draw) until all hold, it stalls, or the budget is spent."""
        points = [begin] if begin is not None else self._draw(part.cut.n)
        outcomes = part.map([Task(z) for z in points])
        i = int(np.argmin([part.cut.short(o.terms) for o in outcomes]))
        z, terms = points[i], outcomes[i].terms
        if part.answer is not None:
            return float(len(points))
        jac, cost, stale = self._jacobian_at(part, z, terms)
        state = State(
            self.effort.seed,
            self._draws,
            z=z,
            origin=z,
            terms=terms,
            jac=jac,
            exact=not stale,
            stale=stale,
            jacobians=1,
            weights=np.where(terms < 0.0, press, 1.0) * part.cut.weights,
            evaluations=len(points) + cost,
        )
        state = start.note_best(state, part.cut, settings)
        while part.answer is None and not state.members and state.evaluations < allowed + cost:
            state = advance(state, part, settings)
            if state.jac is not None:
                self._jacobian[part.cut.only] = state.jac
        return state.evaluations

    def _draw(self, n: int) -> list[Vector]:
        self._draws += 1
        return list(start.draw(self.effort.seed, self._draws, SETTINGS.draws, n))

    def _jacobian_at(self, part: RecordedPool, z: Vector, terms: Vector) -> tuple[Vector, float, bool]:
        """The Jacobian of a part, its cost, and whether rows of it are from another point.

        Rows from earlier searches are used again and corrected: most of a Jacobian is known by the time that
        a set has been grown.
        """
        jac = self._jacobian[part.cut.only]
        new: Mask = np.asarray(np.isnan(jac).any(axis=1))
        cost = 0.0
        if new.any():
            jac, cost = jacobian(part, z, terms, jac, new, SETTINGS.stride)
            self._jacobian[part.cut.only] = jac
        return jac, cost, not bool(new.all())

    def _remember(self, part: RecordedPool, wanted: Sequence[int], tried: Attempt) -> None:
        """Note points for the set of an attempt and for the subsets that lack one finding."""
        everyone = np.zeros(len(self.needs), dtype=bool)
        everyone[list(wanted)] = True
        if part.answer is not None:
            self._held.append((everyone, part.answer))
        for place, z in part.without.items():
            held = everyone.copy()
            held[wanted[place]] = False
            self._held.append((held, z))
        if part.least < tried.least:
            here = margins(part.nearest_terms, part.cut.needs)
            tried.least, tried.z, tried.margins = part.least, part.nearest, here[np.argsort(wanted)]
