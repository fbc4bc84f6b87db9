"""One kinetic model, whoever wrote it: a reaction network, and what its names mean.

Files of others become one in `models.readers.model_file`; the project's own model in `KineticModel.of_built`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from models.assemble import Built
from models.network import network_text
from models.simulation.engine import Engine
from models.simulation.network_reduction import Network, parse


@dataclass(frozen=True)
class KineticModel:
    """A reaction network with names, units and default values.

    Attributes
    ----------
    name : str
        Of the file, or of the model.
    net : str
        The network as its reader wrote it, in BioNetGen's .net format, with the file's own names of species.
    network : Network
        The same with species S1(), S2(), …, which is safe to compile.
    species : tuple of str
        What they are called in the file, in order.
    units : mapping of str to str
        Unit of each observable and function whose unit is known.
    time_unit : float or None
        Seconds in one unit of the model's time, where it is known.
    notes : tuple of str
        What of the file is not in the model.
    """

    name: str
    net: str
    network: Network = field(repr=False)
    species: tuple[str, ...] = field(repr=False)
    units: Mapping[str, str] = field(default_factory=dict, repr=False)
    time_unit: float | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of_network(cls, name: str, net: str, network: Network, notes: tuple[str, ...] = ()) -> KineticModel:
        """From a network that was read and checked."""
        names = tuple(pattern.replace("$", "") for pattern, _ in network.species)
        numbered = tuple(
            (f"{'$' if '$' in pattern else ''}S{i}()", amount)
            for i, (pattern, amount) in enumerate(network.species, 1)
        )
        return cls(name, net, replace(network, species=numbered), names, notes=notes)

    @classmethod
    def of_built(cls, built: Built, name: str = "rewire") -> KineticModel:
        """The model of the project, assembled by `models.assemble.build`; its time is in seconds."""
        net = network_text(built.model)
        made = cls.of_network(name, net, parse(net))
        units = {observable: readout.unit for observable, readout in built.observables.items()}
        return replace(made, units=units, time_unit=1.0)

    @cached_property
    def text(self) -> str:
        """The network for `models.simulation.engine.Engine`, with species S1(), S2(), …"""
        return self.network.text()

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Name → number or formula."""
        return dict(self.network.parameters)

    @cached_property
    def settings(self) -> dict[str, float]:
        """Parameters that are a number, and so can be set, with their default values."""
        return {name: float(value) for name, value in self.parameters.items() if is_number(value)}

    @property
    def primary(self) -> tuple[str, ...]:
        """Names of `settings`."""
        return tuple(self.settings)

    @cached_property
    def observables(self) -> tuple[str, ...]:
        """Sums of species."""
        return tuple(name for name, _ in self.network.groups)

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """Rates and read-outs that are formulas of amounts."""
        return tuple(name for name, _ in self.network.functions)

    def compile(self, compiled: bool | None = None) -> Engine:
        """Ready to run.

        Parameters
        ----------
        compiled : bool, optional
            Whether the equations become C code; by default where a C compiler is.
        """
        return Engine(self.text, compiled)

    def with_values(self, values: Mapping[str, float]) -> Network:
        """The network with the file's own names of species, and other values of some `settings`."""
        parameters = tuple(
            (name, repr(float(values[name])) if name in values else value)
            for name, value in self.network.parameters
        )
        fixed = ("$" if pattern.startswith("$") else "" for pattern, _ in self.network.species)
        named = zip(fixed, self.species, self.network.species, strict=True)
        species = tuple((mark + name, amount) for mark, name, (_, amount) in named)
        return replace(self.network, parameters=parameters, species=species)


def is_number(value: str) -> bool:
    """Whether the text is a number, and no formula."""
    try:
        float(value)
    except ValueError:
        return False
    return True
