"""One SBML file without cells, and a table with the parameters of every context and member."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.core.files import table as csv_text
from models.core.files import write
from models.engines.sbml_engines import EngineFailure, available, simulate
from models.export.ids import dose_id, potency_id
from models.export.sbml.document import About, Content, sbml
from models.simulation.engine import Array, Failure
from rewire import __version__
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.export.compare_courses import OURS, Agreement, Verification, agreement
from rewire.export.formats import ALL
from rewire.export.notes import LICENCE, NOT, UNITS
from rewire.export.proven_sbml import FORM, Exported, check_place, counts, put
from rewire.export.request import ExportOrder, Filled, compiled, fill, simulator
from rewire.project.project import load_project, parse_variants

_STEADY_S = 3e8
"""Time [s] after which cells in another engine are at steady state: ten years."""

TRIED = 3
"""Number of rows of the table that are verified in other engines."""

_SAYS = (
    "The model without cells: its abundances, mutations and media are the shared defaults, its rates first "
    "guesses. The table beside the file has one parameter set per row: set the parameters of its columns by "
    "their ids.",
    "The start amounts follow the abundances and are not a steady state: set a row, simulate years without "
    "treatment, then treat the cells. IL-8 of the medium is removed when a treatment begins: set CXCL8 to 0 "
    "then.",
    NOT,
    UNITS,
    LICENCE,
)


def sets_path(path: Path) -> Path:
    """Path of a file's table of parameter sets."""
    return path.with_name(f"{path.stem}.sets.csv")


def parameter_set(filled: Filled) -> dict[str, float]:
    """Every parameter of the file by id, for the untreated cells of a context and member."""
    world, values = filled.world, filled.values
    defaults = {name: s.default for name, s in world.built.settings.items() if not name.startswith("load_")}
    found = compiled(world, filled.arm).conditions(values).rest
    rates = {name: rate.guess for name, rate in world.built.rates.items()}
    rates |= {name: value for name, value in values.items() if name in rates}
    kds = {
        potency_id(drug.name, t.target): t.K * 10.0 ** values.get(f"{drug.name}.potency", 0.0)
        for drug in world.catalogue
        for t in drug.targets
        if f"load_{t.target}" in world.built.settings
    }
    rest = {name: value for name, value in found.items() if name in defaults}
    doses = {
        dose_id(d.name): 0.0
        for d in world.catalogue
        if any(potency_id(d.name, t.target) in kds for t in d.targets)
    }
    return defaults | rest | doses | kds | rates


def export_sets(
    path: Path,
    ensemble: Path | None = None,
    variants: Iterable[str] = (),
    say: Callable[[str], None] | None = None,
    *,
    created: str = "",
    verify: bool = True,
    force: bool = False,
) -> Exported:
    """Write the file and the table; see `rewire.export.proven_sbml.export_sbml` for the parameters.

    Contexts with another hypothesis have other reactions; they are left out, with a message.
    """
    place = sets_path(path)
    check_place(path, force, place)
    base = without_cells(ensemble, tuple(variants), created, say)
    filled = _all(base)
    if say and (other := sorted({*base.world.contexts} - {f.order.context for f in filled})):
        say(f"Left out because of another hypothesis: {', '.join(other)}.")
    text = text_of(base)
    rows = [(f, parameter_set(f)) for f in filled]
    found = _verify(path, text, [rows[i] for i in spread(len(rows))]) if verify else None
    record: dict[str, Any] = {"format": FORM, "context": ALL, "sets": len(rows), **counts(text)}
    if found is None or found.ok:
        names = list(rows[0][1])
        lines = ([f.order.context, f.member, *(values[n] for n in names)] for f, values in rows)
        write(place, csv_text(["context", "member", *names], lines))
        put(path, text, found)
        record = {"file": str(path), **record, "table": str(place)}
    return Exported(record, found)


def without_cells(
    ensemble: Path | None, variants: tuple[str, ...], created: str, say: Callable[[str], None] | None
) -> Filled:
    """The order of the file without cells; its context is not used."""
    contexts = load_project(parse_variants(variants)).contexts
    any_plain = next(name for name, context in contexts.items() if not context.variants)
    return fill(
        ExportOrder(any_plain, variants=variants, member="0", created=created, ensemble=ensemble), say
    )


def text_of(base: Filled) -> str:
    """The file without cells."""
    return sbml(Content(base.world.built, {}, base.world.catalogue), _about(base))


def _all(base: Filled) -> list[Filled]:
    """All contexts with these hypotheses and all members."""
    filled = []
    for name, context in base.world.contexts.items():
        if context.variants:
            continue
        arm = read_arm(base.world, name, renew_medium=False)
        for number in range(len(base.members)):
            order = replace(base.order, context=name, member=str(number))
            filled.append(replace(base, order=order, arm=arm, member=number))
    return filled


def _about(base: Filled) -> About:
    return About(
        "rewire",
        f"Rewire {__version__}: the model without cells",
        _SAYS,
        f"{base.order.created}T00:00:00Z",
        {
            "version": __version__,
            "context": ALL,
            "member": "0",
            "ensemble": base.ensemble,
            "settled": "false",
            "created": base.order.created,
            "variant": base.order.variants,
        },
    )


def spread(rows: int) -> list[int]:
    """The rows of a table that are verified, evenly spaced from the first to the last."""
    return sorted({round(i * (rows - 1) / (TRIED - 1)) for i in range(TRIED)})


def _verify(path: Path, text: str, rows: Sequence[tuple[Filled, dict[str, float]]]) -> Verification:
    """Set rows in each engine, simulate to the steady state, and compare with ours."""
    if not (engines := available()):
        raise UserError("no engine to verify with is installed; pass --no-verify")
    states = [_steady_state(filled) for filled, _ in rows]
    found = []
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, encoding="utf-8")
        for engine in engines:
            tried = []
            for (filled, values), (names, ours) in zip(rows, states, strict=True):
                labels = [f"{name} in {filled.order.context}, member {filled.member}" for name in names]
                try:
                    theirs, version = simulate(engine, trial, [_STEADY_S], names, values)
                    tried.append(agreement(version, ours, theirs, labels, [_STEADY_S]))
                except EngineFailure as error:
                    tried.append(Agreement(engine, None, reason=str(error)))
            found.append(max(tried, key=lambda a: np.inf if a.difference is None else a.difference))
    filled = rows[0][0]
    settings = {
        "rows": [[each.order.context, each.member] for each, _ in rows],
        "ensemble": filled.ensemble,
        "treat": [],
    }
    return Verification(path.name, len(states[0][0]), 1, _STEADY_S, tuple(found), settings)


def _steady_state(filled: Filled) -> tuple[tuple[str, ...], Array]:
    """Our own steady state: names, and the table (1, n_obs)."""
    done = simulator(filled.world).run({filled.arm: [0.0]}, filled.values, OURS, 10 * OURS)[filled.arm]
    if isinstance(done, Failure):
        raise UserError(f"our own simulation failed: {done.reason}")
    return done.names, done.copies[:1]
