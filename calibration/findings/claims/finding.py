"""A finding: one published claim about cells, typed, with its source, ready to be scored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from calibration.findings.claims.observation import ClaimMargins, Observation
from calibration.findings.claims.points import SampleRequest, merge
from models.treatments.arm import Arm

TRUSTS = ("weak", "fair", "strong")
"""Reliability of the evidence."""

USES = ("fit", "validation", "frozen")
"""Used in a fit; kept for validation; never fitted and never used to choose a rule, a prior or a
threshold.
"""


class Claim(Protocol):
    """What every kind of claim offers (`calibration/findings/claims/kinds.py`)."""

    @property
    def subject(self) -> str:
        """What the claim is about, where `wanted` does not say so."""
        ...

    @property
    def wanted(self) -> str:
        """What must be observed, as text."""
        ...

    @property
    def terms(self) -> tuple[str, ...]:
        """Each elementary inequality as text, in the order of `ClaimMargins.parts`."""
        ...

    def requests(self) -> list[SampleRequest]:
        """What must be simulated."""
        ...

    def score(self, observation: Observation) -> ClaimMargins:
        """Margins. Pure: the same trajectories give the same margins."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The publication of a claim, and the place in it."""

    citation: str
    where: str = ""
    doi: str = ""
    pmid: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim in one context.

    Attributes
    ----------
    id : str
        Unique over all files; `<id>@<context>` where a finding is made in several contexts.
    row : str
        The row of the list of findings that it stands for.
    description : str
        The claim in one sentence.
    kind : str
    claim : Claim or None
        None where the model cannot express it; then `cannot` gives the reason.
    stated : str
        The inequality as text, for a claim that the model cannot express.
    context : str
        For arms that name none.
    trust, use : str
    source : Source
    file : str
    fate_known : bool
        Whether it was known, when the frozen set was chosen, that the model holds or fails it.
    conflict : str
        The known conflict of the literature that it is part of.
    informative : bool
        False where it is nearly true by construction.
    why : str
        Why it is not informative, or the source of a threshold that is easier than the rule.
    note : str
    wanted : str
        What must be observed, as text, e.g. ">= 1.5 x vehicle at 24 h".
    terms : tuple (n_parts,) of str
        Its elementary inequalities as text; none where the model cannot express it.
    """

    id: str
    row: str
    description: str
    kind: str
    claim: Claim | None
    context: str
    trust: str
    use: str
    source: Source
    file: str = ""
    cannot: str = ""
    stated: str = ""
    conflict: str = ""
    informative: bool = True
    fate_known: bool = False
    why: str = ""
    note: str = ""
    wanted: str = field(init=False, repr=False, compare=False, default="")
    terms: tuple[str, ...] = field(init=False, repr=False, compare=False, default=())
    _requests: tuple[SampleRequest, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        # a fit asks for these at every evaluation
        if self.claim is not None:
            object.__setattr__(self, "wanted", self.claim.wanted)
            object.__setattr__(self, "terms", self.claim.terms)
            object.__setattr__(self, "_requests", tuple(merge(self.claim.requests())))
        else:
            object.__setattr__(self, "wanted", self.stated)

    @property
    def n_parts(self) -> int:
        """Number of margins in its score."""
        return len(self.terms)

    @property
    def is_cohort(self) -> bool:
        """Whether it is about a population: scored by `score_cohort`, and no term of a fit."""
        return self.kind == "cohort"

    def requests(self) -> list[SampleRequest]:
        """What must be simulated, one entry per distinct arm."""
        return list(self._requests)

    @property
    def arms(self) -> frozenset[Arm]:
        """The arms that it reads."""
        return frozenset(r.arm for r in self._requests)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts whose baseline it depends on."""
        return tuple(sorted({arm.context for arm in self.arms})) or ((self.context,) if self.context else ())
