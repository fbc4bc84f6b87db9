"""Observable formulas of PEtab of the form [scale *] observable [/ observable] [+ offset]."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.objective.measured.measurements import MeasuredObservable
from models.core.errors import Mistakes
from models.core.toml_tables import check_keys, text_of

KEYS = (
    *("observableId", "observableName", "observableFormula", "observableTransformation"),
    *("noiseFormula", "noiseDistribution", "note"),
)
TRANSFORMATIONS = {"lin": 0.0, "log": 1.0, "log10": math.log(10.0)}
"""Factor from the noise of a transformation to that of the natural logarithm; 0 for none."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_FORMULA = re.compile(
    rf"(?:(?P<scale>{_NAME})\s*\*\s*)?(?P<reads>{_NAME})(?:\s*/\s*(?P<per>{_NAME}))?(?:\s*\+\s*(?P<offset>{_NAME}))?"
)
_OF_ROW = re.compile(r"(observable|noise)Parameter[0-9]+_")


@dataclass(frozen=True, slots=True)
class Formula:
    """One observable with its formula.

    Attributes
    ----------
    observed : MeasuredObservable
    noise : float
        Standard deviation; nan where every row gives its own.
    per_unit : float
        Factor from a row's noise to that of the value, or of its natural logarithm.
    parameters : tuple of str
        Names of scale and offset; empty where there is none.
    """

    observed: MeasuredObservable
    noise: float
    per_unit: float
    parameters: tuple[str, str]

    def group(self, cell: str, joined: bool, place: str, problems: Mistakes) -> str:
        """The name of the group of a point whose scale and offset parameters are in `cell`.

        Parameters
        ----------
        joined : bool
            Whether several columns make up `cell`, which then names every parameter.
        """
        wanted = [name for name in self.parameters if _OF_ROW.match(name)]
        if not wanted:
            return ";".join(self.parameters) if any(self.parameters) else f"{self.observed.id};"
        given = [part.strip() for part in cell.split(";")] if cell else []
        if joined and given:
            given = [cell] * len(wanted)
        if len(given) != len(wanted) or any(_is_number(part) for part in given):
            names = "as many names as the formula has parameters, with ; between them"
            problems.add(place, f"observableParameters is {cell!r}", f"{len(wanted)}: {names}")
            return "?"
        rest = iter(given)
        return ";".join(next(rest) if _OF_ROW.match(name) else name for name in self.parameters)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def read_formula(
    name: str, place: str, table: Mapping[str, Any], names: Collection[str], problems: Mistakes
) -> Formula | None:
    """One observable; None where anything is wrong with it.

    Parameters
    ----------
    table : mapping
        PEtab's columns by name: observableFormula, observableTransformation, noiseFormula, noiseDistribution.
    names : collection of str
        Observables of the model.
    """
    before = len(problems.found)
    check_keys(table, KEYS, place, problems)
    text = text_of(table, "observableFormula", place, problems)
    found = _FORMULA.fullmatch(text.strip())
    if text and found is None:
        advice = "For instance observableParameter1_pAKT * pAKT_S473 / tAKT."
        problems.add(
            f"{place}.observableFormula", repr(text), "[scale *] reading [/ reading] [+ offset]", advice
        )
    parts = {key: part or "" for key, part in found.groupdict().items()} if found else {}
    for key in ("reads", "per"):
        if parts.get(key) and parts[key] not in names:
            given = f"unknown observable {parts[key]!r}"
            problems.add(f"{place}.observableFormula", given, names, name=parts[key])
    for key in ("scale", "offset"):
        if parts.get(key) in names:
            problems.add(f"{place}.observableFormula", f"{parts[key]!r} is an observable and no {key}")
    kind = table.get("observableTransformation", "lin")
    if kind not in TRANSFORMATIONS:
        problems.add(f"{place}.observableTransformation", repr(kind), TRANSFORMATIONS, name=str(kind))
    if (spread := table.get("noiseDistribution", "normal")) != "normal":
        problems.add(
            f"{place}.noiseDistribution", repr(spread), "'normal' (with a transformation, if need be)"
        )
    log = TRANSFORMATIONS.get(str(kind), 0.0)
    if log and parts.get("offset"):
        problems.add(f"{place}.observableFormula", "an offset under a logarithm has no closed form")
    noise = _noise(table.get("noiseFormula"), f"{place}.noiseFormula", problems)
    if len(problems.found) > before:
        return None
    per_unit = log or 1.0
    scale, offset = parts["scale"], parts["offset"]
    observed = MeasuredObservable(name, parts["reads"], parts["per"], log > 0, bool(scale), bool(offset))
    return Formula(observed, noise * per_unit, per_unit, (scale, offset))


def _noise(given: object, place: str, problems: Mistakes) -> float:
    if isinstance(given, str) and _OF_ROW.match(given):
        return math.nan
    try:
        value = float(given) if isinstance(given, (int, float, str)) and not isinstance(given, bool) else 0.0
    except ValueError:
        value = 0.0
    if not 0.0 < value < math.inf:
        said = "missing" if given is None else repr(given)
        problems.add(place, said, "a number above 0, or noiseParameter1_… where each row gives its own")
        return 1.0
    return value
