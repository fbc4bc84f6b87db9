"""A constraint of a .prop file, read."""

from __future__ import annotations

from dataclasses import dataclass, field

Side = float | str
"""A number, or an observable, perhaps with an arm before it: "arm.observable"."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A moment: the independent variable at `value`, or an observable that crosses it."""

    name: str
    value: float
    repeat: bool = False
    before: bool = False

    @property
    def words(self) -> str:
        """As in the file."""
        place = f"{self.name}={self.value:g}" if self.name else f"{self.value:g}"
        return place + (" everytime" if self.repeat else "") + (" before" if self.before else "")


@dataclass(frozen=True, slots=True)
class Strength:
    """How much a violation costs, in one of PyBNF's three families."""

    family: str = "hinge"  # or "probit" or "logit"
    weight: float = 1.0
    alt: tuple[Side, Side] | None = None  # (left, right) of left < right
    least: float = 0.0
    pmin: float = 0.0
    pmax: float = 1.0
    scale: float = 0.0  # tolerance of probit, scale of logit


@dataclass(frozen=True, slots=True)
class Constraint:
    """`low` < `high` (or <=, with `equal`), when `when` says so.

    Attributes
    ----------
    base : str
        The arm that names without an arm belong to.
    triggers : tuple of Trigger
        One for "at" (two where each side has its own), two for "between".
    split : bool
        Whether each side has a moment of its own: triggers[0] is that of `low`.
    """

    file: str
    line: int
    text: str
    base: str
    low: Side
    high: Side
    equal: bool
    when: str
    triggers: tuple[Trigger, ...] = ()
    split: bool = False
    strength: Strength = field(default_factory=Strength)

    @property
    def id(self) -> str:
        """Where it stands."""
        return f"{self.file}:{self.line}"

    @property
    def sides(self) -> tuple[Side, ...]:
        """Everything that it reads."""
        return (self.low, self.high, *(self.strength.alt or ()))
