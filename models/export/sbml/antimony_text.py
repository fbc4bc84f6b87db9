"""SBML as Antimony and back, by libAntimony, in a separate process because its parser is global."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from models.core.isolated import EngineFailure, run_isolated, serve

NAME = "Antimony"
LIMIT_S = 300.0
"""Longest time [s] that a conversion may take."""


def available() -> bool:
    """Whether libAntimony is installed here."""
    return find_spec("antimony") is not None


def to_antimony(sbml: str) -> str:
    """SBML text as Antimony text. Raises `EngineFailure`.

    libAntimony drops the last letter of units that end in "s", so `copies` is renamed to `copy` before.
    """
    return str(_convert("loadSBMLString", "getAntimonyString", _singular(sbml)))


def to_sbml(antimony: str) -> str:
    """Antimony text as SBML text; raises like `to_antimony`."""
    return str(_convert("loadAntimonyString", "getSBMLString", antimony))


def _convert(load: str, get: str, text: str) -> str:
    job = {"load": load, "get": get, "text": text}
    answered = run_isolated("models.export.sbml.antimony_text", job, NAME, LIMIT_S)
    if answered["error"]:
        raise EngineFailure(f"{NAME}: {answered['error']}")
    return str(answered["text"])


def _run(job: Mapping[str, Any]) -> dict[str, Any]:
    antimony: Any = import_module("antimony")  # it has no types
    read = getattr(antimony, job["load"])(job["text"])
    if read < 0:
        return {"error": " ".join(antimony.getLastError().split()), "text": ""}
    return {"error": "", "text": getattr(antimony, job["get"])(antimony.getMainModuleName())}


def _singular(sbml: str) -> str:
    """The document with units named after `copy` instead of `copies`."""
    import libsbml

    document: Any = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    units = [model.getUnitDefinition(i) for i in range(model.getNumUnitDefinitions())]
    renamed = {u.getId(): u.getId().replace("copies", "copy") for u in units if "copies" in u.getId()}
    everything = document.getListOfAllElements()
    for i in range(everything.getSize()):
        for old, new in renamed.items():
            everything.get(i).renameUnitSIdRefs(old, new)
    for unit in units:
        unit.setId(renamed.get(unit.getId(), unit.getId()))
    written: str = libsbml.writeSBMLToString(document)
    return written


if __name__ == "__main__":
    serve(_run)
