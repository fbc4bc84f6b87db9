"""An export as the user described it (cells, member, treatment), looked up, and as content of a file."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import Mistake, Mistakes, UserError
from models.export.content import Content, ContentChange
from models.export.ids import dose_id
from models.network import network_text
from models.parameters import Space
from models.simulation.engine import Array, Engine, Failure
from models.simulation.simulator import ATOL, SCORE, VERDICT, Simulator
from models.simulation.steady_state import settle
from models.treatments.arm import Arm
from models.treatments.conditions import Compiled, compile_arm
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.project.members import Members, load_members, read_members, shipped
from rewire.project.project import Project, load_project, parse_variants

Say = Callable[[str], None] | None
PLAIN = ("medium", "grown_in", "starve")
BEST, MEDIAN = "best", "median"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """The cells to export, as on the command line.

    Attributes
    ----------
    context : str
    treat, genes, variants : tuple of str
    member : str
        A number, "best" (most findings hold) or "median" (nearest to all others).
    settled : bool
        Whether the file starts from the steady state.
    created : str
        Date of the file, as in "2026-01-31".
    plain : mapping
        `medium`, `grown_in`, `starve` of the arm.
    ensemble : Path, optional
    """

    context: str
    treat: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    member: str = BEST
    settled: bool = True
    created: str = ""
    plain: Mapping[str, str] = field(default_factory=dict)
    ensemble: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """An order with everything that it names looked up.

    Attributes
    ----------
    order : ExportOrder
    world : Project
        With the hypotheses of these cells.
    arm : Arm
    members : Members
    member : int
    start_s : float
        The file's time 0 in the time [s] of the project; at or before 0.
    ensemble : str
        Hash of the ensemble.
    """

    order: ExportOrder
    world: Project
    arm: Arm
    members: Members
    member: int
    start_s: float
    ensemble: str

    @property
    def values(self) -> dict[str, float]:
        """The member's parameters by name."""
        return self.members.space.values(self.members.z[self.member])

    @property
    def summary(self) -> dict[str, Any]:
        """Context, member, ensemble and treatment, for the report of a verification."""
        treat = list(self.order.treat)
        cells = {"context": self.order.context, "member": self.member}
        return {**cells, "ensemble": self.ensemble, "treat": treat}


@contextmanager
def noted(found: list[Mistake]) -> Iterator[None]:
    """Collect the mistakes that a step raises, so that the next steps can report theirs, too."""
    try:
        yield
    except UserError as error:
        found.extend(error.problems)


def raise_all(found: Sequence[Mistake]) -> None:
    """Raise the collected mistakes, if any."""
    if found:
        raise UserError(found)


def fill(order: ExportOrder, say: Say = None) -> Filled:
    """Look up everything that an order names; raises `UserError` with all unknown names at once."""
    world = load_project(parse_variants(order.variants))
    found: list[Mistake] = []
    with noted(found):
        date = created(order.created)
    with noted(found):
        arm = read_arm(world, order.context, order.treat, order.genes, **order.plain)
    if not found and (own := world.contexts[order.context].variants):  # they have another hypothesis
        world = load_project(tuple(sorted({**dict(world.variants), **own}.items())))
    with noted(found):
        members = load_members(world, order.ensemble, None, say if not found else None)
        number = member_number(order.member, members, order.ensemble)
    raise_all(found)
    start = min((s.start_s for s in arm.segments), default=0.0)
    dated = replace(order, member=str(number), created=date)
    return Filled(dated, world, arm, members, number, min(start, 0.0), fingerprint(members.space, members.z))


def fingerprint(space: Space, z: Array) -> str:
    """Hash of the parameters of an ensemble, to 12 digits."""
    logs = np.atleast_2d(space.centre_log10 + space.sd * z)
    lines = [f"{name} " + " ".join(f"{x:.12g}" for x in logs[:, i]) for i, name in enumerate(space.names)]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def created(given: str) -> str:
    """The date of the file: as given, else `SOURCE_DATE_EPOCH`'s, else today's (UTC)."""
    if given:
        try:
            if not _DATE.fullmatch(given):
                raise ValueError
            datetime.date.fromisoformat(given)
        except ValueError:
            problems = Mistakes("--created")
            problems.add("", repr(given), allowed="a date such as 2026-01-31")
            problems.raise_if_any()
        return given
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch.isdigit() else None
    return (now or datetime.datetime.now(datetime.UTC)).date().isoformat()


def member_number(text: str, members: Members, ensemble: Path | None) -> int:
    """The number of a member given as a number, "best" or "median"."""
    if text == MEDIAN:
        distance = np.linalg.norm(members.z[:, None, :] - members.z[None, :, :], axis=2)
        return int(np.argmin(distance.sum(axis=1)))
    if text == BEST:
        if members.match is None:
            return 0
        origins = read_members(ensemble or shipped()).origins
        return int(np.argmax([origin.hold for origin in origins]))
    if re.fullmatch(r"[0-9]{1,9}", text) and int(text) < len(members):
        return int(text)
    problems = Mistakes("--member")
    problems.add("", repr(text), allowed=f"best, median, 0 to {len(members) - 1}")
    problems.raise_if_any()
    raise AssertionError


# --- content ----------------------------------------------------------------------------------------------
def compiled(world: Project, arm: Arm) -> Compiled:
    """An arm compiled for the model of a project."""
    defaults = {name: setting.default for name, setting in world.built.settings.items()}
    return compile_arm(arm, world.contexts[arm.context], world.catalogue, world.media, world.genes, defaults)


def simulator(world: Project) -> Simulator:
    """Our own simulator without compiled code, with which exports are compared."""
    return Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes, compiled=False)


def content(filled: Filled) -> Content:
    """The content of the file; raises `UserError` if the cells have no steady state."""
    world, arm, values = filled.world, filled.arm, filled.values
    made = compiled(world, arm).conditions(values)
    engine = Engine(network_text(world.built.model), compiled=False)
    known = set(engine.parameters)
    rest = {n: v for n, v in values.items() if "." not in n} | made.rest
    rest = {n: v for n, v in rest.items() if n in known}
    steps = list(zip(arm.segments, made.segments, strict=True))
    (first, (_, settings)), later = steps[0], steps[1:]
    amounts = resting(engine, rest) if filled.order.settled else None
    secreted = [pattern for pattern in engine.species if pattern.startswith("CXCL8(")]
    if amounts is not None and arm.renew_medium and filled.start_s == 0.0:
        amounts |= dict.fromkeys(secreted, 0.0)
    levels = {n: v for n, v in settings.items() if n in known and n.endswith("_nM")}
    before = levels | {dose_id(name): nM for name, nM in first.drugs}
    changes = []
    for segment, (start, settings) in later:
        now = {n: v for n, v in settings.items() if n in known and n.endswith("_nM")}
        now |= {dose_id(name): nM for name, nM in segment.drugs}
        moved = {n: now.get(n, 0.0) for n in {*before, *now} if now.get(n, 0.0) != before.get(n, 0.0)}
        washed = dict.fromkeys(secreted if start == 0.0 and arm.renew_medium else (), 0.0)
        if moved or washed:
            changes.append(ContentChange(start - filled.start_s, moved, washed))
        before = now
    return Content(
        world.built,
        rest | levels,
        world.catalogue,
        {n.removesuffix(".potency"): v for n, v in values.items() if n.endswith(".potency")},
        dict(first.drugs),
        amounts,
        changes,
    )


def resting(engine: Engine, values: Mapping[str, float]) -> dict[str, float]:
    """Steady state: species pattern → amount [copies/cell]."""
    engine.set(dict(values))
    state = settle(engine, engine.initial(), VERDICT, ATOL * VERDICT / SCORE)
    if isinstance(state, Failure):
        raise UserError(f"no steady state: {state.reason}; --initial-amounts exports without one")
    return dict(zip(engine.species, map(float, state), strict=True))
