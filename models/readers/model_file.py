"""The one door for model files of others: `open_model` makes a `KineticModel` of a file, by its ending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from models.core.errors import Mistakes
from models.kinetic_model import KineticModel
from models.readers import bngl, pysb, sbml
from models.readers.net import read_net

SUFFIXES = (".bngl", ".net", ".py", ".sbml", ".xml")


def read_model(
    name: str, net: str, notes: tuple[str, ...] = (), problems: Mistakes | None = None
) -> KineticModel:
    """A model from the network that one of the readers made, as a run folder keeps it.

    Parameters
    ----------
    name : str
        Of the file.
    net : str
        The network in BioNetGen's .net format.
    notes : tuple of str
        What of the file is not in it.
    problems : Mistakes, optional
        Where mistakes are noted beside others.

    Raises
    ------
    UserError
        With all that is wrong.
    """
    noted = problems or Mistakes(name)
    noted.file = name
    made = read_net(net, noted, name, notes)
    noted.raise_if_any()
    assert made is not None
    return made


def open_model(path: Path, say: Callable[[str], None] = lambda _: None) -> KineticModel:
    """Read a model file.

    Parameters
    ----------
    path : Path
        .bngl, .net, .xml or .sbml, which are never executed, or .py, a PySB module, which is.
    say : callable
        Called with a line before code is run.

    Raises
    ------
    UserError
        With all that is wrong with the file.
    """
    problems = Mistakes(path.name)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        problems.add("", f"the ending {suffix!r}", allowed=", ".join(SUFFIXES))
        problems.raise_if_any()
    try:
        data = path.read_bytes() if suffix != ".py" else b""
        text = data.decode("utf-8") if suffix in (".bngl", ".net") else ""
    except (OSError, UnicodeDecodeError) as error:
        problems.add("", f"cannot be read ({error})")
        problems.raise_if_any()
    notes: list[str] = []
    if suffix == ".py":
        say(f"{path} is Python code, and it is run now, with all your rights.")
        net = pysb.run_module(path, problems)
    elif suffix == ".bngl":
        source, notes = bngl.clean(text, problems)
        net = bngl.expand(source, problems) if source else ""
    elif suffix == ".net":
        net = text
    else:
        net, notes = sbml.sbml_to_net(data, problems)
    problems.raise_if_any()
    return read_model(path.name, net, tuple(notes), problems)
