"""A model file of others, by what its name ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.core.errors import Mistakes
from models.readers import bngl, pysb, sbml
from models.readers.net import Foreign, read_net

SUFFIXES = (".bngl", ".net", ".py", ".sbml", ".xml")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as plain text, which can be sent to workers and kept in a run folder.

    Attributes
    ----------
    name : str
        Of the file.
    net : str
        The network, as its reader made it.
    notes : tuple of str
        What of the file is not in it.
    """

    name: str
    net: str
    notes: tuple[str, ...] = ()

    def read(self, problems: Mistakes | None = None) -> Foreign:
        """The network, looked through."""
        noted = problems or Mistakes(self.name)
        noted.file = self.name
        made = read_net(self.net, noted)
        noted.raise_if_any()
        assert made is not None
        return made


def load_model(path: Path, say: Callable[[str], None] = lambda _: None) -> ModelFile:
    """Read a model file; raises `UserError` with all that is wrong with it.

    Parameters
    ----------
    path : Path
        .bngl, .net, .xml or .sbml, which are never executed, or .py, a PySB module, which is.
    say : callable
        Told before code is run.
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
    made = ModelFile(path.name, net, tuple(notes))
    made.read(problems)
    return made
