"""bngsim with an SBML model in it, for a process of its own (`models.core.isolated`)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class BngsimModel:
    """A loaded model. Start amounts that the file works out from what is set do not follow it.

    Parameters
    ----------
    text : str
        SBML.
    options
        Of ``bngsim.Simulator``.
    """

    def __init__(self, text: str, **options: Any) -> None:
        import bngsim

        logging.getLogger("bngsim").setLevel(logging.ERROR)
        warnings.simplefilter("ignore")
        self.version = str(bngsim.__version__)
        self.model: Any = bngsim.Model.from_sbml_string(text)
        self.species = list(self.model.species_names)
        self.parameters = set(self.model.param_names)
        self.simulator: Any = bngsim.Simulator(self.model, **options)

    def reload(self) -> None:
        """Begin as the file does."""
        self.model.reset()

    def values(self, species: Sequence[str]) -> Array:
        """Concentrations of species now, (n_species,)."""
        return np.array([float(self.model.get_concentration(name)) for name in species])

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters or species, and leave all else as it is."""
        for name, value in values.items():
            if name in self.parameters:
                self.model.set_param(name, value)
            else:
                self.model.set_concentration(name.strip("[]"), value)

    def state(self) -> Array:
        """All species, (n_species,)."""
        return np.array(self.model.get_state(), float)

    def put(self, state: Array) -> None:
        """Set what `state` gave."""
        self.model.set_state(state)
