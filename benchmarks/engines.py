"""Engines that run the simulations of one evaluation: PySB with SciPy, BioNetGen, libRoadRunner."""

from __future__ import annotations

import re
import subprocess
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tasks import SECRETED, Stretch, Values, Work
from calibration.objective.problem import Vector
from models.assemble import Built
from models.export.sbml.document import About, Content, sbml
from rewire.project.project import load_project

Answer = list[Vector]
"""Readings (n_times, n_names) of each arm."""


def each(work: Work, settle: Callable[..., Any], stretch: Callable[..., Any]) -> Answer:
    """Run all arms from their settled cells.

    Parameters
    ----------
    settle : callable
        (values) -> state.
    stretch : callable
        (state, values, stretch) -> (state, readings (n_times, n_names)).
    """
    found = []
    for cell in work.cells:
        rest = settle(cell.values)
        for arm in cell.arms:
            state, values, tables = rest, dict(cell.values), []
            for part in arm:
                values |= part.values
                state, table = stretch(state, values, part)
                tables.append(table)
            found.append(np.concatenate(tables))
    return found


def grid(part: Stretch) -> list[float]:
    """Times of one integration, from 0: its start, what is read, its end."""
    return sorted({0.0, *(t - part.start for t in part.times), part.end - part.start})


def rows_of(part: Stretch) -> list[int]:
    """Which of the grid are read."""
    times = grid(part)
    return [times.index(t - part.start) for t in part.times]


# --- PySB with SciPy ----------------------------------------------------------------------------------------
def pysb_scipy(built: Built) -> tuple[Callable[[Work], Answer], str]:
    """PySB's `ScipyOdeSimulator` with LSODA; compiled by Cython where that is installed.

    A call of PySB costs seconds of symbolic work whatever it simulates, so all arms go into one call (one for
    the cells at rest, one for the first stretches, …) and are read from the union of their times.
    """
    from pysb.simulator import ScipyOdeSimulator

    compiler = "cython" if find_spec("Cython") else "python"
    model = built.model
    first = {p.name: p.value for p in model.parameters}

    @lru_cache
    def made(rtol: float, atol: float) -> Any:
        options = {"rtol": rtol, "atol": atol, "mxstep": 1_000_000}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ScipyOdeSimulator(model, compiler=compiler, integrator="lsoda", integrator_options=options)

    def run(work: Work) -> Answer:
        simulator = made(work.rtol, work.atol)
        washed = [i for i, s in enumerate(model.species) if repr(s) == SECRETED]

        def go(times: list[float], values: list[Values], states: list[Vector] | None) -> Any:
            chosen = [[{**first, **each}[name] for name in first] for each in values]
            starts = None if states is None else np.array(states)
            return simulator.run(tspan=np.array(times), param_values=np.array(chosen), initials=starts)

        settled = go([0.0, work.settle], [cell.values for cell in work.cells], None)
        rests = _listed(settled.species)
        values = [dict(cell.values) for cell in work.cells for _ in cell.arms]
        states = [rests[i][-1] for i, cell in enumerate(work.cells) for _ in cell.arms]
        arms = [arm for cell in work.cells for arm in cell.arms]
        found: list[list[Vector]] = [[] for _ in arms]
        for step in range(max(map(len, arms))):
            now = [i for i, arm in enumerate(arms) if len(arm) > step]
            for i in now:
                values[i] |= arms[i][step].values
                if arms[i][step].wash:
                    states[i] = states[i].copy()
                    states[i][washed] = 0.0
            union = sorted({t for i in now for t in grid(arms[i][step])})
            done = go(union, [values[i] for i in now], [states[i] for i in now])
            species, seen = _listed(done.species), _listed(done.observables)
            formulas = _listed(done.expressions)
            for i, amounts, groups, others in zip(now, species, seen, formulas, strict=True):
                part = arms[i][step]
                rows = [union.index(t - part.start) for t in part.times]
                columns = [groups if name in groups.dtype.names else others for name in work.names]
                table = [column[name][rows] for column, name in zip(columns, work.names, strict=True)]
                found[i].append(np.stack(table, axis=1))
                states[i] = amounts[union.index(part.end - part.start)]
        return [np.concatenate(tables) for tables in found]

    version = f"PySB {metadata.version('pysb')}, SciPy {metadata.version('scipy')} LSODA, {compiler}"
    return run, version


def _listed(results: Any) -> list[Any]:
    """PySB gives one table for one simulation, a list for several."""
    return list(results) if isinstance(results, list) else [results]


# --- libRoadRunner ------------------------------------------------------------------------------------------
def without_cells(built: Built) -> str:
    """Our SBML of the model, without cells in it."""
    about = About("cells", "The model without cells", ("For benchmarks.",), "2000-01-01T00:00:00Z")
    return sbml(Content(built, {}, load_project().catalogue), about)


def roadrunner(built: Built) -> tuple[Callable[[Work], Answer], str]:
    """LibRoadRunner on our SBML, loaded once."""
    import roadrunner as library

    runner = library.RoadRunner(without_cells(built))
    model = runner.model
    washed = list(model.getFloatingSpeciesIds()).index(SECRETED.removesuffix("()"))

    def run(work: Work) -> Answer:
        integrator = runner.getIntegrator()
        integrator.setValue("relative_tolerance", work.rtol)
        integrator.setValue("absolute_tolerance", work.atol)
        integrator.setValue("maximum_num_steps", 1_000_000)
        runner.timeCourseSelections = list(work.names)

        def put(values: Mapping[str, float]) -> None:
            for name, value in values.items():
                runner[name] = value

        def settle(values: Mapping[str, float]) -> Vector:
            put(values)
            runner.reset()  # start amounts follow what was set
            runner.simulate(times=[0.0, work.settle])
            state: Vector = np.array(model.getFloatingSpeciesAmounts())
            return state

        def stretch(state: Vector, values: Mapping[str, float], part: Stretch) -> tuple[Vector, Vector]:
            begin = state.copy()
            if part.wash:
                begin[washed] = 0.0
            put({name: values[name] for name in changing})
            model.setFloatingSpeciesAmounts(begin)
            table = np.array(runner.simulate(times=grid(part)))
            return np.array(model.getFloatingSpeciesAmounts()), table[rows_of(part)]

        changing = {n for cell in work.cells for arm in cell.arms for part in arm for n in part.values}
        return each(work, settle, stretch)

    return run, f"libRoadRunner {library.__version__}"


# --- BioNetGen ----------------------------------------------------------------------------------------------
def bionetgen(folder: Path, points: Mapping[str, float]) -> tuple[Callable[[Mapping[str, float]], None], str]:
    """BioNetGen as a process of its own for each file of a bundle; networks are expanded beforehand.

    The function takes the free parameters by PyBNF's names.
    """
    from pysb.pathfinder import get_path

    program = get_path("bng")
    plain = sorted(folder.glob("*.bngl"))
    texts = {}
    for path in plain:
        text = path.read_text(encoding="utf-8")
        model, actions = text.split("begin actions\n")
        texts[path.stem] = actions.replace("generate_network({overwrite=>1})", "", 1)
        expand = model.replace("begin parameters", "begin parameters\n" + _fixed(points), 1)
        name = f"expand_{path.stem}"
        (folder / f"{name}.bngl").write_text(
            f"{expand}\ngenerate_network({{overwrite=>1}})\n", encoding="utf-8"
        )
        _call([program, f"{name}.bngl"], folder)
    first = {stem: (folder / f"expand_{stem}.net").read_text(encoding="utf-8") for stem in texts}

    def run(values: Mapping[str, float]) -> None:
        for stem, actions in texts.items():
            net = _NUMBER.sub(lambda found: _filled(found, values), first[stem])
            (folder / f"run_{stem}.net").write_text(net, encoding="utf-8")
            text = f'readFile({{file=>"run_{stem}.net"}})\nbegin actions\n{actions}'
            (folder / f"run_{stem}.bngl").write_text(text, encoding="utf-8")
            _call([program, f"run_{stem}.bngl"], folder)

    version = (Path(program).parent / "VERSION").read_text(encoding="utf-8").strip()
    return run, f"BioNetGen {version}, one process a context"


_NUMBER = re.compile(r"^(\s*\d+\s+)(\w+__FREE)(\s+)(\S+)", re.MULTILINE)


def _filled(found: re.Match[str], values: Mapping[str, float]) -> str:
    return f"{found[1]}{found[2]}{found[3]}{values[found[2]]!r}"


def _fixed(points: Mapping[str, float]) -> str:
    return "\n".join(f"{name} {value!r}" for name, value in points.items())


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise RuntimeError(f"BioNetGen: {' '.join(said[-3:])}")
