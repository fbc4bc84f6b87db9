"""The BioNetGen file of a context, with all treatments of its cells as actions that PyBNF runs.

The steady state is simulated first, and every treatment starts from it. Free parameters of PyBNF are named
``<name>__FREE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from models.assemble import Built
from models.cells.context import Context
from models.cells.drugs import Catalogue
from models.cells.genes import Genes
from models.cells.media import Medium
from models.export.ids import dose_id, sid
from models.export.pybnf.pybnf_layout import SOON, File, PybnfPhase
from models.network import network_text
from models.parameters import Space
from models.simulation.network_reduction import parse
from models.treatments.arm import Arm
from models.treatments.conditions import Conditions, conditions
from models.treatments.schedule import Segment

STEADY_S = 1e9
"""Time simulated to reach the steady state [s]: thirty years, far longer than the slowest protein needs."""

Levels = dict[str, float]
"""Parameter to number."""

FREE = "__FREE"
"""PyBNF's mark of a free parameter."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINED = re.compile(r"^(\s*)([A-Za-z_]\w*)(\s+)(\S.*)$")


@dataclass(frozen=True, slots=True, eq=False)
class PybnfWriter:
    """Writes the file of a context.

    Attributes
    ----------
    space : Space
        Free parameters.
    functions : mapping of str to str
        Outputs besides the model's own read-outs: name to formula.
    rtol, atol : float
        Tolerances; `atol` in copies/cell.
    """

    built: Built
    contexts: Mapping[str, Context]
    catalogue: Catalogue
    media: Mapping[str, Medium]
    genes: Genes
    space: Space
    functions: Mapping[str, str]
    rtol: float
    atol: float

    def text(self, file: File, printed: Iterable[str]) -> str:
        """The .bngl file of a context, with the functions that are `printed`."""
        needed = set(printed)
        needed |= {word for name in needed for word in _WORD.findall(self.functions[name])}
        functions = {name: formula for name, formula in self.functions.items() if name in needed}
        values, more, base, changes = self._values(file)
        added = {"parameters": more, "functions": {f"{name}()": f for name, f in functions.items()}}
        lines = []
        block = ""
        for line in _rules(self.built).splitlines():
            if line.startswith("begin "):
                block = line[6:].strip()
            elif line.startswith("end "):
                lines += [f"  {name} {value}" for name, value in added.get(block, {}).items()]
                block = ""
            elif block == "parameters" and (found := _DEFINED.match(line)) and found[2] in values:
                line = f"{found[1]}{found[2]}{found[3]}{values[found[2]]}"
            lines.append(line)
        return "\n".join([*lines, *self._actions(file, base, changes), ""])

    # --- parameters -----------------------------------------------------------------------------------------
    def _values(self, file: File) -> tuple[dict[str, str], dict[str, str], Levels, dict[str, Levels]]:
        """Parameters of the model, additional ones, and numbers that actions set: at first, and by cell."""
        known = {p.name for p in self.built.model.parameters}
        free = {name for name in self.space.names if name in known}
        kept = file.cells[-1].untreated
        base = {name: value for name, value in self._rest(kept).items() if name in known}
        values = {name: f"{value:.12g}" for name, value in base.items()}
        values |= {name: f"{name}{FREE}" for name in free}
        more = {dose_id(drug): "0" for drug in file.drugs}
        opens = self._open(kept)
        for name, (own, factor) in opens.items():
            values[name] = f"{factor:.12g}*{own}" if factor != 1.0 else own
        changes: dict[str, Levels] = {}
        for cell in file.cells[:-1]:
            there, other = self._rest(cell.untreated), self._open(cell.untreated)
            own_levels: Levels = {}
            changes[cell.name] = own_levels
            for name in sorted(base):
                if (name in opens) != (name in other) or opens.get(name) != other.get(name):
                    times, plus = f"{name}_times", f"{name}_plus"
                    own = (opens.get(name) or other[name])[0]
                    values[name] = f"{times}*{own} + {plus}"
                    more |= {k: f"{v:.12g}" for k, v in _line(times, plus, name, opens, base).items()}
                    own_levels |= _line(times, plus, name, other, there)
                elif name not in opens and there[name] != base[name]:
                    own_levels[name] = there[name]
        base = {n: v for n, v in base.items() if n not in opens} | {n: float(v) for n, v in more.items()}
        for setting in self.built.settings:
            if setting.startswith("load_"):
                parts = [p for drug in file.drugs for p in self._load(drug, setting.removeprefix("load_"))]
                values[setting] = " + ".join(parts) or "0"
        return values, more | self._unused({**values, **more}), base, changes

    def _rest(self, arm: Arm) -> Levels:
        """All settings of the steady state except loads, abundances at first guess."""
        defaults = {name: setting.default for name, setting in self.built.settings.items()}
        rest = defaults | self._conditions(arm).rest
        return {name: value for name, value in rest.items() if not name.startswith("load_")}

    def _open(self, arm: Arm) -> dict[str, tuple[str, float]]:
        """Free abundances of these cells: setting to (free parameter, factor of changed genes)."""
        keys = {
            n: n.removeprefix(f"{arm.context}.") for n in self.space.names if n.startswith(f"{arm.context}.")
        }
        once, twice = (self._conditions(arm, dict.fromkeys(keys, x)).rest for x in (1.0, 2.0))
        return {
            setting: (free_id(key), once[setting])
            for key, setting in keys.items()
            if setting in once and once[setting] != twice[setting]
        }

    def _unused(self, values: Mapping[str, str]) -> dict[str, str]:
        """Parameters free only in other files: PyBNF warns at every evaluation if a file lacks one."""
        used = {word for value in values.values() for word in _WORD.findall(value)}
        names = [name for name in map(free_id, self.space.names) if name not in used]
        return {f"unused_{name.removesuffix(FREE)}": name for name in names}

    def _load(self, drug: str, target: str) -> list[str]:
        """Term of a drug in the load on a target."""
        per_nM = self.catalogue[drug].loads(1.0).get(target)
        if per_nM is None:
            return []
        shift = f"/{free_id(f'{drug}.potency')}" if f"{drug}.potency" in self.space.names else ""
        return [f"{per_nM:.12g}*{dose_id(drug)}{shift}"]

    def _conditions(self, arm: Arm, overrides: Mapping[str, float] | None = None) -> Conditions:
        defaults = {name: setting.default for name, setting in self.built.settings.items()}
        context = self.contexts[arm.context]
        return conditions(arm, context, self.catalogue, self.media, self.genes, overrides, defaults)

    # --- actions --------------------------------------------------------------------------------------------
    def _actions(self, file: File, base: Levels, changes: Mapping[str, Levels]) -> Iterator[str]:
        now = base  # values set so far
        seeds = list(self._seeds())
        yield "begin actions"
        yield "generate_network({overwrite=>1})"
        for cell in file.cells:
            kept = cell is file.cells[-1]
            own = changes.get(cell.name, {})
            if kept:
                yield from _set(now, base)
                now = base
                yield "resetConcentrations()"
                yield self._to_steady_state(f"{file.name}_settling")
                yield "saveConcentrations()"
            for run in cell.runs.values():
                if not kept:
                    yield from _set(now, base | own)
                    now = base | own
                    yield "resetConcentrations()"
                    moved = {name.removesuffix("_times") for name in own}
                    yield from (f'setConcentration("{s}","{n}")' for s, n, on in seeds if on & moved)
                    yield self._to_steady_state(f"{run[0].suffix}_settling")
                for phase in run:
                    then = base | own | self._bath(cell.untreated, phase.segment)
                    yield from _set(now, then)
                    now = then
                    if phase.wash:
                        yield from (f'setConcentration("{name}",0)' for name in _secreted(self.built))
                    yield self._simulated(phase)
                if kept:
                    yield "resetConcentrations()"
        yield "end actions"

    def _to_steady_state(self, suffix: str) -> str:
        return f'simulate({{suffix=>"{suffix}",{self._how},t_start=>0,t_end=>{STEADY_S:g},n_steps=>1}})'

    def _simulated(self, phase: PybnfPhase) -> str:
        rows = ",".join(f"{t:.12g}" for t in phase.rows)
        seen = f"sample_times=>[{rows}],print_functions=>1" if SOON in phase.rows else "n_steps=>1"
        end = f"t_start=>0,t_end=>{phase.rows[-1]:.12g}"
        return f'simulate({{suffix=>"{phase.suffix}",{self._how},{end},{seen}}})'

    @property
    def _how(self) -> str:
        return f'method=>"ode",rtol=>{self.rtol:g},atol=>{self.atol:g}'

    def _bath(self, cell: Arm, segment: Segment) -> Levels:
        """Ligands and doses [nM] of a segment; only drugs that are present."""
        plain = Segment(0.0, segment.medium, (), segment.ligands)
        ((_, now),) = self._conditions(replace(cell, segments=(plain,))).segments
        known = {p.name for p in self.built.model.parameters}
        levels = {name: value for name, value in now.items() if name.endswith("_nM") and name in known}
        return levels | {dose_id(drug): nM for drug, nM in segment.drugs}

    def _seeds(self) -> Iterator[tuple[str, str, set[str]]]:
        """Species present initially: pattern, amount, and the parameters that it is computed from."""
        network = parse(network_text(self.built.model))
        made = {name: set(_WORD.findall(formula)) | {name} for name, formula in network.parameters}
        for pattern, amount in network.species:
            if amount in made:
                yield pattern, amount, made[amount]


def free_id(name: str) -> str:
    """PyBNF's name of a free parameter."""
    return f"{sid(name)}{FREE}"


def _line(
    times: str, plus: str, name: str, opens: Mapping[str, tuple[str, float]], rest: Levels
) -> dict[str, float]:
    """An abundance as `times` x its free parameter + `plus`."""
    if name in opens:
        return {times: opens[name][1], plus: 0.0}
    return {times: 0.0, plus: rest[name]}


def _set(now: Levels, then: Levels) -> Iterator[str]:
    for name in sorted(then):
        if now[name] != then[name]:
            yield f'setParameter("{name}",{then[name]:.12g})'


def _secreted(built: Built) -> tuple[str, ...]:
    return tuple(f"{m.name}()" for m in built.model.monomers if m.name == "CXCL8")


def _rules(built: Built) -> str:
    from pysb.generator.bng import BngGenerator

    text: str = BngGenerator(built.model).get_content()
    return text
