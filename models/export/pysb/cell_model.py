"""A PySB model made one cell: its parameter values, and a steady state to start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models.export.ids import Molecule, Site, molecules, species_id

if TYPE_CHECKING:
    from pysb import Model, Pattern


def set_values(model: Model, values: Mapping[str, float]) -> None:
    """Give parameters their values; names that the model lacks are left out."""
    for parameter in model.parameters:
        if parameter.name in values:
            parameter.value = float(values[parameter.name])


def start_from(model: Model, amounts: Mapping[str, float]) -> None:
    """Start from these amounts alone, each a parameter ``<species>_start``.

    Parameters
    ----------
    amounts : mapping
        Species as BioNetGen writes it → amount [copies/cell].
    """
    from pysb import Initial, Parameter

    model.initials.clear()
    known = {parameter.name: parameter for parameter in model.parameters}
    for species, amount in amounts.items():
        name = f"{species_id(species)}_start"
        if name not in known:
            known[name] = Parameter(name, amount, _export=False)
            model.add_component(known[name])
        known[name].value = amount
        model.add_initial(Initial(_pattern(model, species), known[name], _export=False))


def _pattern(model: Model, species: str) -> Pattern:
    first, *others = (_part(model, molecule) for molecule in molecules(species))
    for other in others:
        first = first % other
    return first


def _part(model: Model, molecule: Molecule) -> Pattern:
    return model.monomers[molecule.name](**{site.name: _condition(site) for site in molecule.sites})


def _condition(site: Site) -> str | int | tuple[str, int] | None:
    if site.bond and site.state:
        return (site.state, int(site.bond))
    return int(site.bond) if site.bond else site.state or None
