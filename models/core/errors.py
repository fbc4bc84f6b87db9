"""Mistakes in people's files and options, reported all at once, each with its place and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name most like `name`, or None."""
    by_fold = {a.casefold(): a for a in allowed}
    hits = difflib.get_close_matches(str(name).casefold(), list(by_fold), n=1, cutoff=0.6)
    return by_fold[hits[0]] if hits else None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where it is, what was given, what is allowed, what to do."""

    file: str
    place: str
    given: str
    allowed: str = ""
    advice: str = ""

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.place) if part)
        text = f"{where}: {self.given}" if where else self.given
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return f"{text}. {self.advice}" if self.advice else text


class UserError(Exception):
    """Mistakes that the user can correct. Printed without a traceback; exit status 2."""

    def __init__(self, problems: Iterable[Mistake] | str) -> None:
        if isinstance(problems, str):
            problems = [Mistake("", "", problems)]
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Mistakes:
    """Collects the mistakes of one file (or several: change `file`) before anything is raised."""

    file: str = ""
    found: list[Mistake] = field(default_factory=list)

    def add(
        self, place: str, given: str, allowed: Iterable[str] | str = "", advice: str = "", name: str = ""
    ) -> None:
        """Note a mistake.

        Parameters
        ----------
        place : str
            Finding, table or key, so that the line can be found.
        given : str
            What was found, in words.
        allowed : iterable of str or str
            The allowed names, or a description of them.
        advice : str
            What to do; by default the allowed name nearest to `name`.
        name : str
            The misspelt name itself.
        """
        if not isinstance(allowed, str):
            names = sorted(allowed)
            if name and not advice and (near := nearest(name, names)):
                advice = f"Did you mean {near!r}?"
            allowed = (
                ", ".join(names) if len(names) <= 40 else ", ".join(names[:40]) + f" … ({len(names)} names)"
            )
        self.found.append(Mistake(self.file, place, given, allowed, advice))

    def raise_if_any(self) -> None:
        """Raise one `UserError` with every mistake noted so far."""
        if self.found:
            raise UserError(self.found)
