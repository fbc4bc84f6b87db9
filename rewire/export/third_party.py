"""`rewire export` of a third-party model: its network with the values of one member, as .net or SBML."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np

from models.core.errors import Mistakes, UserError
from models.core.quiet_solvers import quiet
from models.engines.bionetgen import NAME as BIONETGEN
from models.engines.sbml_engines import EngineFailure, available, simulate
from models.kinetic_model import KineticModel
from models.simulation.engine import Array, Failure
from rewire.analysis.external.external_members import ExternalMembers
from rewire.export.bngl.net_file import run_in_bionetgen, run_in_bngsim
from rewire.export.compare_courses import OURS, Agreement, Verification, agreement
from rewire.export.proven_file import Runner
from rewire.export.proven_sbml import Exported, check_place, put

FORMATS = {"net": ".net", "sbml": ".xml"}
"""Format → ending of its file."""

SHARES = (1e-3, 1e-2, 0.05, 0.15, 0.35, 0.65, 1.0)
"""Times of the comparison, in the longest arm."""


def export_external(
    members: ExternalMembers,
    form: str,
    path: Path,
    member: str = "best",
    verify: bool = True,
    force: bool = False,
) -> Exported:
    """Write the model at the values of a member; its arms are not in the file.

    Parameters
    ----------
    form : str
        A key of `FORMATS`.
    member : str
        "best", or a number from 0, best first.
    verify : bool
        Run the file in other engines first; nothing is written where one of them does not agree.

    Raises
    ------
    UserError
        With all that is wrong.
    """
    number = _member(members, form, member)
    check_place(path, force)
    model, values = members.problem.model, members.values[number]
    network = model.with_values(values)
    text = network.text() if form == "net" else sbml_of(network.text(), model.name)
    found = _prove(members, number, form, text, path.name) if verify else None
    record = {
        "format": "BioNetGen network" if form == "net" else "SBML",
        "model": model.name,
        "member": number,
        "species": len(network.species),
        "reactions": len(network.reactions),
        "parameters": len(network.parameters),
    }
    if found is None or found.ok:
        put(path, text, found)
        record = {"file": str(path), **record}
    return Exported(record, found)


def _member(members: ExternalMembers, form: str, member: str) -> int:
    problems = Mistakes("rewire export")
    if form not in FORMATS:
        problems.add("FORMAT", f"{form!r} of a third-party model", allowed=FORMATS, name=form)
    number = 0 if member == "best" else int(member) if member.isdecimal() else -1
    if not 0 <= number < len(members):
        problems.add("--member", repr(member), allowed=f'"best", or 0 to {len(members) - 1}')
    problems.raise_if_any()
    return number


def sbml_of(net: str, name: str) -> str:
    """SBML of a network, by bngsim, which compares the equations.

    Raises
    ------
    UserError
        Where the network has no faithful form as SBML.
    """
    from bngsim import BngsimError
    from bngsim.convert import net_to_sbml

    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        path = Path(folder) / "model.net"
        path.write_text(net, encoding="utf-8")
        try:
            with warnings.catch_warnings(), quiet():
                warnings.simplefilter("ignore")
                return str(net_to_sbml(path).output_text)
        except (BngsimError, ValueError, RuntimeError, KeyError, RecursionError) as error:
            said = (str(error).splitlines() or [type(error).__name__])[0]
            raise UserError(f"{name} has no faithful form as SBML: {said[:400]}") from None


def _prove(members: ExternalMembers, member: int, form: str, text: str, name: str) -> Verification:
    """Run the text in each engine, from the start amounts of the file, and compare with our own engine."""
    problem = members.problem
    until = max(arm.until for arm in problem.arms.values())
    times = [share * until for share in SHARES]
    second = problem.free.second or 1.0  # where the unit of time is not known, times are as in the model
    shown = [second * time for time in times]
    names = problem.model.observables
    ours = own_courses(problem.model, members.values[member], times)
    found = []
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        trial = Path(folder) / name
        trial.write_text(text, encoding="utf-8")
        for engine, run in _engines(form).items():
            try:
                theirs, version = run(trial, times, names)
            except EngineFailure as error:
                found.append(Agreement(engine, None, reason=str(error)))
                continue
            found.append(agreement(version, ours, theirs, names, shown))
    settings = {"model": problem.model.name, "member": member, "ensemble": members.label}
    return Verification(name, len(names), len(times), shown[-1], tuple(found), settings)


def _engines(form: str) -> dict[str, Runner]:
    if form == "net":
        return {BIONETGEN: run_in_bionetgen, "bngsim": run_in_bngsim}
    if not available():
        raise UserError(
            "no engine to verify with is installed; pip install libroadrunner copasi-basico, or --no-verify"
        )
    return {name: _in_sbml_engine(name) for name in available()}


def _in_sbml_engine(name: str) -> Runner:
    return lambda path, times, names: simulate(name, path, times, names)


def own_courses(model: KineticModel, values: dict[str, float], times: list[float]) -> Array:
    """Observables (n_times, n_observables) of the model by our own engine."""
    engine = model.compile()
    engine.set(values)
    run = engine.run(engine.initial(), [0.0, *times], OURS, 10 * OURS)
    if isinstance(run, Failure):
        raise UserError(f"the model cannot be simulated at these values: {run.reason}")
    return np.asarray(run.observables[1:])
