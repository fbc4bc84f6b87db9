"""BPSL, the language of PyBNF's .prop files: one constraint a line; mistakes are told with file and line.

A > 5 at 10                          B < A always weight 2 altpenalty B < C min 0.1
A at 5 < other.A at 60               A > B once between 0, C=10 confidence 0.98 tolerance 3
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from calibration.external.constraint import Constraint, Side, Strength, Trigger
from models.core.errors import Mistakes, nearest
from models.core.text_file import TextFile

MOST = 20_000  # constraints of a file
SIGNS = ("<", "<=", ">", ">=")
WHEN = ("always", "once", "at", "between", "once between")
STRENGTH = ("weight", "confidence", "pmin", "logit")
WORDS = (
    *("always", "once", "at", "between", "everytime", "first", "before", "weight", "altpenalty", "min"),
    *("confidence", "tolerance", "pmin", "pmax", "logit", "scale"),
)

_TOKEN = re.compile(
    r"\s+|(?P<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_.]*)"
    r"|(?P<sign><=|>=|<|>)|(?P<other>[=,])",
    re.ASCII,
)


def read_prop(text: TextFile, problems: Mistakes) -> list[Constraint]:
    """The constraints of one .prop file; the name of the file is the arm that they speak of."""
    problems.file = text.name
    found: list[Constraint] = []
    for number, raw in enumerate(text.content.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        if len(found) >= MOST:
            problems.add("", f"more than {MOST:,} constraints")
            break
        try:
            found.append(_Line(text, number, line).read())
        except _Mistake as mistake:
            advice = mistake.advice or f"The line is {line!r}."
            problems.add(f"line {number}", mistake.given, mistake.allowed, advice)
    return found


class _Mistake(Exception):
    def __init__(self, given: str, allowed: str = "", advice: str = "") -> None:
        super().__init__(given)
        self.given, self.allowed, self.advice = given, allowed, advice


class _Line:
    """Reads one line, word by word."""

    def __init__(self, text: TextFile, number: int, line: str) -> None:
        self.file, self.base, self.number, self.line = text.name, text.stem, number, line
        self.words = list(_words(line))
        self.at = 0

    # --- words ----------------------------------------------------------------------------------------------
    @property
    def next(self) -> str:
        return self.words[self.at][1] if self.at < len(self.words) else ""

    @property
    def kind(self) -> str:
        return self.words[self.at][0] if self.at < len(self.words) else ""

    def take(self, *allowed: str) -> bool:
        """Go on over the next word where it is one of these, whatever its case."""
        if self.kind == "name" and self.next.casefold() in allowed:
            self.at += 1
            return True
        return False

    def number_(self, low: float | None = None, high: float | None = None) -> float:
        if self.kind != "number":
            raise _Mistake(f"{self.next or 'the end of the line'!r} where a number is expected")
        value = float(self.next)
        if (low is not None and value < low) or (high is not None and value > high):
            raise _Mistake(f"{self.next}", f"a number from {low} to {high if high is not None else '…'}")
        self.at += 1
        return value

    def side(self) -> Side:
        if self.kind == "number":
            return self.number_()
        if self.kind != "name" or self.next.casefold() in WORDS:
            raise _Mistake(
                f"{self.next or 'the end of the line'!r} where an observable or a number is expected"
            )
        self.at += 1
        return self.words[self.at - 1][1]

    def sign(self) -> str:
        if self.kind != "sign":
            raise _Mistake(
                f"{self.next or 'the end of the line'!r} where a comparison is expected", " ".join(SIGNS)
            )
        self.at += 1
        return self.words[self.at - 1][1]

    # --- parts ----------------------------------------------------------------------------------------------
    def read(self) -> Constraint:
        left = self.side()
        if isinstance(left, str) and self.next.casefold() == "at":
            return self.split(left)
        sign = self.sign()
        right = self.side()
        if isinstance(left, float) and isinstance(right, float):
            raise _Mistake("two numbers are compared", "at least one observable")
        when, triggers = self.when()
        return self.made(left, sign, right, when, triggers, False)

    def split(self, left: str) -> Constraint:
        self.take("at")
        first = self.trigger(moment=True)
        sign = self.sign()
        right = self.side()
        if not isinstance(right, str):
            raise _Mistake(f"{right:g}", "an observable, where the other side has a moment of its own")
        if not self.take("at"):
            raise _Mistake(f"{self.next or 'the end of the line'!r}", "at, as on the other side")
        second = self.trigger(moment=True)
        if first.repeat or second.repeat:
            raise _Mistake("everytime", "first", "PyBNF has no everytime with two moments.")
        return self.made(left, sign, right, "at", (first, second), True)

    def made(
        self, left: Side, sign: str, right: Side, when: str, triggers: tuple[Trigger, ...], split: bool
    ) -> Constraint:
        strength = self.strength()
        if self.at < len(self.words):
            raise self.lost(STRENGTH if strength == Strength() else ())
        if sign.startswith(">"):
            left, right = right, left
            triggers = triggers[::-1] if split else triggers
        where = (self.file, self.number, self.line, self.base)
        return Constraint(*where, left, right, "=" in sign, when, triggers, split, strength)

    def lost(self, allowed: tuple[str, ...]) -> _Mistake:
        near = nearest(self.next, allowed or WORDS)
        return _Mistake(
            f"{self.next or 'the end of the line'!r}",
            ", ".join(allowed),
            f"Did you mean {near!r}?" if near else "",
        )

    def when(self) -> tuple[str, tuple[Trigger, ...]]:
        if self.take("always"):
            return "always", ()
        if self.take("once"):
            return ("once between", self.between()) if self.take("between") else ("once", ())
        if self.take("between"):
            return "between", self.between()
        if self.take("at"):
            return "at", (self.trigger(moment=True),)
        raise self.lost(WHEN)

    def between(self) -> tuple[Trigger, Trigger]:
        start = self.trigger()
        if self.next != ",":
            raise _Mistake(f"{self.next or 'the end of the line'!r}", "a comma between two moments")
        self.at += 1
        return start, self.trigger()

    def trigger(self, moment: bool = False) -> Trigger:
        name = ""
        if self.kind == "name" and self.next.casefold() not in WORDS:
            name = self.next
            self.at += 1
            if self.next != "=":
                raise _Mistake(f"{self.next or 'the end of the line'!r}", "= and a number")
            self.at += 1
        value = self.number_()
        repeat = moment and self.take("everytime")
        if moment and not repeat:
            self.take("first")
        return Trigger(name, value, repeat, moment and self.take("before"))

    def strength(self) -> Strength:
        if self.take("weight"):
            weight, alt, least = self.number_(0.0), None, 0.0
            if self.take("altpenalty"):
                left, sign, right = self.side(), self.sign(), self.side()
                alt = (right, left) if sign.startswith(">") else (left, right)
            if self.take("min"):
                least = self.number_(0.0)
            return Strength("hinge", weight, alt, least)
        if self.take("confidence"):
            floor = (1.0 - self.number_(0.0, 1.0)) / 2.0
            return Strength("probit", pmin=floor, pmax=1.0 - floor, scale=self.optional("tolerance"))
        if self.next.casefold() == "pmin":
            pmin, pmax = self.limits()
            return Strength("probit", pmin=pmin, pmax=pmax, scale=self.optional("tolerance"))
        if self.take("logit"):
            if not self.take("scale"):
                raise _Mistake(f"{self.next or 'the end of the line'!r}", "scale")
            scale = self.number_(0.0)
            if scale == 0.0:
                raise _Mistake("a scale of 0", "a number above 0")
            pmin, pmax = self.limits() if self.next.casefold() == "pmin" else (0.0, 1.0)
            return Strength("logit", pmin=pmin, pmax=pmax, scale=scale)
        return Strength()

    def optional(self, word: str) -> float:
        return self.number_(0.0) if self.take(word) else 0.0

    def limits(self) -> tuple[float, float]:
        self.take("pmin")
        pmin = self.number_(0.0, 1.0)
        if not self.take("pmax"):
            raise _Mistake(f"{self.next or 'the end of the line'!r}", "pmax")
        pmax = self.number_(0.0, 1.0)
        if pmin > pmax:
            raise _Mistake(f"pmin {pmin:g} above pmax {pmax:g}")
        return pmin, pmax


def _words(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(line):
        token = _TOKEN.match(line, at)
        if token is None:
            raise _Mistake(f"{line[at : at + 10]!r}", "names, numbers, < <= > >= = and ,")
        at = token.end()
        if token.lastgroup:
            yield token.lastgroup, token[0]
