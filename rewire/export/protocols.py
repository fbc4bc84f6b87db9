"""Arms as protocols for other tools: the steady state, later changes, and times of reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models.core.units import format_dose, format_time
from models.export.bngl.bngl_text import BnglPhase, BnglProtocol
from models.export.content import Content
from models.export.ids import dose_id, sid, unused_name
from models.network import network_text
from models.simulation.network_reduction import parse
from models.treatments.arm import Arm
from models.treatments.schedule import Segment
from rewire.export.request import Filled, compiled
from rewire.project.project import Project

POINTS = 49
"""Number of output times of a phase that no finding reads."""

AFTER_S = 48 * 3600.0
"""Length [s] of the last phase if no finding reads it."""


def untreated(filled: Filled) -> Arm:
    """The untreated cells of an order in their own medium."""
    cell = filled.world.contexts[filled.arm.context]
    return Arm("untreated", cell.name, cell.medium, False, (), (Segment(0.0, cell.medium),))


def resting(filled: Filled, arm: Arm) -> dict[str, float]:
    """Parameters of the network at the steady state of an arm: rates, abundances, medium."""
    world, values = filled.world, filled.values
    known = {name for name, _ in parse(network_text(world.built.model)).parameters}
    rest = {n: v for n, v in values.items() if "." not in n} | compiled(world, arm).conditions(values).rest
    return {n: v for n, v in rest.items() if n in known}


def bare(filled: Filled) -> Content:
    """The untreated cells of an order before the steady state, for files with protocols."""
    potencies = {n.removesuffix(".potency"): v for n, v in filled.values.items() if n.endswith(".potency")}
    return Content(filled.world.built, resting(filled, untreated(filled)), filled.world.catalogue, potencies)


def protocols(
    filled: Filled,
    content: Content,
    arms: Mapping[Arm, Sequence[float]],
    why: Mapping[Arm, Sequence[str]] | None = None,
) -> dict[str, tuple[Arm, BnglProtocol]]:
    """One protocol per arm, by the arm's name (numbered if several share it).

    Parameters
    ----------
    content : Content
        The content of the file: see `bare`.
    arms : mapping of Arm to times [s]
        Times of reading; if empty, evenly spaced times up to `AFTER_S` after the last change.
    why : mapping of Arm to sequence of str, optional
        Ids of the findings that read each arm.
    """
    defaults = {name: s.default for name, s in content.built.settings.items()}
    made: dict[str, tuple[Arm, BnglProtocol]] = {}
    for arm, times in arms.items():
        name = sid(arm.name)
        name = unused_name(f"arm_{name}" if name.startswith("rest") else name, made)  # "rest" is reserved
        rest = resting(filled, arm)
        changed = {n: v for n, v in rest.items() if v != content.values.get(n, defaults.get(n, v))}
        back = {n: defaults[n] for n in content.values if n not in rest and n in defaults}
        phases = tuple(_phases(filled, arm, rest, times))
        readers = ", ".join((why or {}).get(arm, ()))
        text = in_words(arm, filled.world) + (f". Read by {readers}" if readers else "")
        made[name] = (arm, BnglProtocol(name, text, changed | back, phases))
    return made


def in_words(arm: Arm, world: Project) -> str:
    """The treatment in words."""
    parts = []
    if arm.grown_in != world.contexts[arm.context].medium:
        parts.append(f"grown in {arm.grown_in}")
    parts += [f"{gene} {change}" for gene, change in arm.genes]
    for segment in arm.segments:
        what = [
            segment.medium,
            *(f"{name} {format_dose(nM)}" for name, nM in (*segment.ligands, *segment.drugs)),
        ]
        parts.append(f"from {format_time(segment.start_s)} {', '.join(what)}")
    return "; ".join(parts)


def _phases(
    filled: Filled, arm: Arm, rest: Mapping[str, float], times: Sequence[float]
) -> Iterable[BnglPhase]:
    starts = [segment.start_s for segment in arm.segments]
    horizon = max(times) if len(times) else starts[-1] + AFTER_S
    before = {name: value for name, value in rest.items() if name.endswith("_nM")}
    secreted = [p for p, _ in parse(network_text(filled.world.built.model)).species if p.startswith("CXCL8(")]
    levels = [settings for _, settings in compiled(filled.world, arm).conditions(filled.values).segments]
    for segment, settings, end in zip(arm.segments, levels, [*starts[1:], float("inf")], strict=True):
        start = segment.start_s
        if start > max(horizon, 0.0):
            return
        now = {n: v for n, v in settings.items() if n in before}
        now |= {dose_id(name): nM for name, nM in segment.drugs}
        moved = {n: now.get(n, 0.0) for n in sorted({*before, *now}) if now.get(n, 0.0) != before.get(n, 0.0)}
        washed = secreted if start == 0.0 and arm.renew_medium else ()
        yield BnglPhase(
            _times(start, min(end, max(horizon, start + 1.0)), times), moved, dict.fromkeys(washed, 0.0)
        )
        before = dict.fromkeys(before, 0.0) | now


def _times(start: float, end: float, wanted: Sequence[float]) -> tuple[float, ...]:
    """Output times of a phase: those wanted in it and both ends, else evenly spaced; at least three."""
    if len(wanted):
        found = sorted({start, *(t for t in wanted if start < t < end), end})
        return tuple(found if len(found) > 2 else (start, (start + end) / 2, end))
    step = (end - start) / (POINTS - 1)
    return (*(round(start + i * step, 6) for i in range(POINTS - 1)), end)
