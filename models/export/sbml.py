"""SBML Level 3 of one cell with one parameter set, with units, checked by libSBML before it is handed out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.assemble import Built
from models.cut import parse
from models.network import network_text

UNITS: Mapping[str, tuple[tuple[str, int, int], ...]] = {
    "copies/cell": (("item", 1, 0),),
    "copies": (("item", 1, 0),),
    "1/s": (("second", -1, 0),),
    "copies/s": (("item", 1, 0), ("second", -1, 0)),
    "1/(copies*s)": (("item", -1, 0), ("second", -1, 0)),
    "nM": (("mole", 1, -9), ("litre", -1, 0)),
    "1": (("dimensionless", 1, 0),),
}
"""Our units in SBML's base units: (kind, exponent, power of ten)."""


def sbml(
    built: Built,
    values: Mapping[str, float],
    name: str = "rewire",
    notes: str = "",
    amounts: Mapping[str, float] | None = None,
) -> str:
    """The model as SBML text.

    Parameters
    ----------
    built : Built
    values : mapping
        Rates and settings by name; what is not named keeps its default.
    name : str
        Id of the model.
    notes : str
        A sentence for the reader of the file.
    amounts : mapping, optional
        Species pattern → start amount [copies/cell], such as a settled state; else what the parameters imply.

    Raises
    ------
    ValueError
        For a name that the network does not have, or where libSBML finds an error: our bug, not the user's.
    """
    import bngsim
    from bngsim.convert import write_sbml

    network = parse(network_text(built.model))
    if unknown := set(values) - {parameter for parameter, _ in network.parameters}:
        raise ValueError(f"no parameters of the network: {', '.join(sorted(unknown))}")
    parameters = tuple((n, repr(float(values[n])) if n in values else text) for n, text in network.parameters)
    species = tuple(
        (p, repr(float(amounts[p])) if amounts and p in amounts else a) for p, a in network.species
    )
    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        path = Path(folder) / "model.net"
        path.write_text(replace(network, parameters=parameters, species=species).text(), encoding="utf-8")
        plain: str = write_sbml(bngsim.Model.from_net(path), model_id=name)
    return _annotated(plain, built, notes)


def _annotated(text: str, built: Built, notes: str) -> str:
    """The same model with units and a note, after a check that it is valid."""
    import libsbml

    document: Any = libsbml.readSBMLFromString(text)  # everything below hangs on it: keep it alive
    model = document.getModel()
    for number, parts in enumerate(UNITS.values()):
        definition = model.createUnitDefinition()
        definition.setId(f"unit_{number}")
        for kind, exponent, scale in parts:
            unit = definition.createUnit()
            unit.setKind(libsbml.UnitKind_forName(kind))
            unit.setExponent(exponent)
            unit.setScale(scale)
            unit.setMultiplier(1.0)
    model.setSubstanceUnits("item")
    model.setExtentUnits("item")
    model.setTimeUnits("second")
    model.setVolumeUnits("dimensionless")
    for i in range(model.getNumCompartments()):
        model.getCompartment(i).setUnits("dimensionless")
    ids = {name: f"unit_{number}" for number, name in enumerate(UNITS)}
    units = {name: rate.unit for name, rate in built.rates.items()}
    units |= {name: setting.unit for name, setting in built.settings.items()}
    for i in range(model.getNumParameters()):
        parameter = model.getParameter(i)
        if parameter.getId() in units:
            parameter.setUnits(ids[units[parameter.getId()]])
    if notes:
        paragraph = libsbml.XMLNode.convertStringToXMLNode(
            f'<p xmlns="http://www.w3.org/1999/xhtml">{_escaped(notes)}</p>'
        )
        model.setNotes(paragraph)
    if wrong := errors(document):
        raise ValueError("the SBML is not valid: " + "; ".join(wrong))
    written: str = libsbml.writeSBMLToString(document)
    return written


def errors(document: Any) -> list[str]:
    """What libSBML calls an error in a document; missing units are only warnings to it."""
    import libsbml

    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.checkConsistency()
    found = (document.getError(i) for i in range(document.getNumErrors()))
    return [e.getMessage().strip() for e in found if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
