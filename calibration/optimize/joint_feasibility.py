"""Points at which a set of findings holds together: looked for from several starts, and remembered.

A search is elastic: the shortfalls of all of the set are made small together, those that are there at its
start pressed hardest. Where it ends without success, what is left short are the findings that pay for each
other.
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
"""How much more a term weighs that fails where a search begins; the first time that a set is tried."""

SETTINGS = Settings(Loss(target=0.05, prior=1e-4), enough=0.0, kicks=2, share=0.25, every=1_000_000)
"""The point is to hold at all: little is asked beyond, and little pulls back, so that no set is given up that
can just hold. A quarter of the columns, the steepest, is all that is renewed of a Jacobian."""

FINE = replace(SETTINGS, loss=replace(SETTINGS.loss, target=0.005))
"""When a set is tried again: neither room to spare nor pressing pushes what nearly holds off its place."""


@dataclass(frozen=True, slots=True)
class SearchEffort:
    """What each attempt may cost.

    Attributes
    ----------
    evaluations : float
        Of the set in question (each simulates what it needs once), slopes that are new apart.
    tries : int
        Known points that an attempt begins at; a draw of the prior comes last.
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
    """What was done for one set.

    Attributes
    ----------
    evaluations : float
    starts : int
    z : array (n,) or None
        Where it was least short.
    margins : array (n_set,) [log2]
        There, in the order of the indices.
    """

    evaluations: float = 0.0
    starts: int = 0
    z: Vector | None = None
    margins: Vector = field(default_factory=lambda: np.zeros(0))
    least: float = np.inf
    used: set[bytes] = field(default_factory=set)


class Search:
    """Looks for points at which findings hold together, and remembers all that it has seen.

    Parameters
    ----------
    pool : Pool
        Entered already, where it has workers.
    needs : array (n_findings, n_terms)
        The terms on which each finding hangs: its own, and those of the untreated cells that it is about.
    effort : SearchEffort
    known : iterable of (z, terms)
        Points that were evaluated already.

    Attributes
    ----------
    spent : float
        All of it, in evaluations of the whole problem.
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
        self._slopes: Vector = np.full((needs.shape[1], pool.problem.n), np.nan)
        self._draws = 0
        for z, terms in known:
            self.know(z, terms)

    # --- what is known --------------------------------------------------------------------------------------
    def know(self, z: Vector, terms: Vector) -> None:
        """Keep a point with all its terms (n_terms,) [log2]."""
        self._points.append((z, terms))
        self._held.append((~failing(terms, self.needs), z))

    def look(self, z: Vector) -> Vector:
        """Evaluate a point in full, and keep it."""
        (outcome,) = self.pool.map([Task(z)])
        self.spent += outcome.cost
        self.know(z, outcome.terms)
        return outcome.terms

    def holding(self, wanted: Iterable[int]) -> Vector | None:
        """A point at which all of `wanted` hold, among those seen."""
        chosen = list(wanted)
        return next((z for held, z in self._held if held[chosen].all()), None)

    @property
    def exhausted(self) -> bool:
        """Whether the question has cost all that it may."""
        return self.spent >= self.effort.most

    def tried(self, wanted: Iterable[int]) -> Attempt:
        """What was done for a set so far."""
        return self._tried.setdefault(frozenset(wanted), Attempt())

    # --- one set --------------------------------------------------------------------------------------------
    def attempt(self, wanted: Sequence[int], first: Sequence[Vector] = ()) -> Vector | None:
        """A point at which all of `wanted` hold; None where none was found with the effort allowed.

        Begins at `first`, then where an attempt before was least short, where the known points are, and at
        the best of a few draws of the prior; never twice at the same point for the same set.
        """
        if (z := self.holding(wanted)) is not None:
            return z
        part = RecordedPool(self.pool, self.needs[list(wanted)])
        tried = self.tried(wanted)
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
        """Points to begin at, best first."""
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
        jac, cost, stale = self._slopes_at(part, z, terms)
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
                self._slopes[part.cut.only] = state.jac
        return state.evaluations

    def _draw(self, n: int) -> list[Vector]:
        self._draws += 1
        return list(start.draw(self.effort.seed, self._draws, SETTINGS.draws, n))

    def _slopes_at(self, part: RecordedPool, z: Vector, terms: Vector) -> tuple[Vector, float, bool]:
        """The Jacobian of a part, its cost, and whether rows of it are from another point.

        What the last search on a term learnt of its slopes is gone on with, and corrected: most of a Jacobian
        is there by the time that a set has been grown.
        """
        slopes = self._slopes[part.cut.only]
        new: Mask = np.asarray(np.isnan(slopes).any(axis=1))
        cost = 0.0
        if new.any():
            slopes, cost = jacobian(part, z, terms, slopes, new, SETTINGS.stride)
            self._slopes[part.cut.only] = slopes
        return slopes, cost, not bool(new.all())

    def _remember(self, part: RecordedPool, wanted: Sequence[int], tried: Attempt) -> None:
        """What the points of an attempt say of its set and of the subsets that lack one finding."""
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
