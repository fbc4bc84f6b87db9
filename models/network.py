"""Rules to reaction network: BioNetGen's expansion, cached by content.

Expanding rules needs Perl. The text of a network depends on the rules and not on the values of the
parameters, so it is stored under a hash of the rules: whoever only changes numbers, or uses the shipped
model, never needs Perl.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import logging
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from models.core.errors import UserError

SHIPPED = Path(__file__).with_name("networks")
"""Networks that come with the project, read-only."""

log = logging.getLogger(__name__)

_PARAMETER = re.compile(r"^(\s*\d+\s+)(\w+)(\s+)(\S+)(\s+# Constant)\s*$")
_PERL_MODULES = ("FindBin", "Class::Struct", "File::Spec", "IO::Handle", "List::Util", "Math::Trig")


def cache_dir(part: str = "") -> Path:
    """The user's cache folder (or a part of it): `REWIRE_CACHE`, or the platform's usual place."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("REWIRE_CACHE") or user_cache_dir("rewire")) / part


def write_whole(path: Path, data: bytes) -> None:
    """Write `path` by rename: a reader sees the old file, the whole new file, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(data)
        Path(name).chmod(0o644)  # temporary files are private
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def network_key(model: Any) -> str:
    """Hash of everything that shapes the network of `model`: its components in order, without values."""
    parts = ["network/1", _version("pysb"), _version("bionetgen")]
    parts += [f"Parameter({p.name})" for p in model.parameters]
    for kind in (model.compartments, model.monomers, model.expressions, model.rules, model.observables):
        parts += [repr(component) for component in kind]
    parts += [repr(initial) for initial in model.initials]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def network_text(model: Any) -> str:
    """The reaction network of `model` in BioNetGen's .net format, with the model's parameter values.

    Parameters
    ----------
    model : pysb.Model

    Returns
    -------
    str

    Raises
    ------
    UserError
        Where the network is in no cache and Perl or BioNetGen is missing, or BioNetGen refuses the rules.
    """
    key = network_key(model)
    text = _stored(key)
    if text is None:
        text = _expand(model)
        try:
            write_whole(cache_dir("networks") / f"{key}.net.gz", _packed(text))
        except OSError as error:
            log.warning("The network could not be cached in %s: %s", cache_dir("networks"), error)
    return _with_values(text, model)


def ship(model: Any, folder: Path = SHIPPED) -> Path:
    """Store the network of `model` among those that come with the project; the path of its file."""
    path = folder / f"{network_key(model)}.net.gz"
    write_whole(path, _packed(network_text(model)))
    return path


def ship_all(folder: Path = SHIPPED) -> list[Path]:
    """Store the networks of the default model and of each single alternative; networks of older rules go."""
    from models.assemble import build
    from pathway import VARIANTS

    choices: list[dict[str, str]] = [{}]
    choices += [{name: other} for name, others in VARIANTS.items() for other in others[1:]]
    kept = [ship(build(choice).model, folder) for choice in choices]
    for path in set(folder.glob("*.net.gz")) - set(kept):
        path.unlink()
    return kept


def _packed(text: str) -> bytes:
    """Compressed without a time stamp, so that equal networks give equal files."""
    return gzip.compress(text.encode(), mtime=0)


def _stored(key: str) -> str | None:
    for folder in (SHIPPED, cache_dir("networks")):
        path = folder / f"{key}.net.gz"
        try:
            text = gzip.decompress(path.read_bytes()).decode()
        except FileNotFoundError:
            continue
        except (OSError, EOFError, ValueError) as error:  # damaged: made anew
            log.warning("Ignoring the damaged network file %s: %s", path, error)
            continue
        if "end groups" in text:
            return text
        log.warning("Ignoring the incomplete network file %s", path)
    return None


def _with_values(text: str, model: Any) -> str:
    """Put the parameter values of `model` into a stored network."""
    values = {p.name: repr(float(p.value)) for p in model.parameters}
    lines = []
    for line in text.splitlines():
        found = _PARAMETER.match(line)
        if found and found[2] in values:
            line = f"{found[1]}{found[2]}{found[3]}{values[found[2]]}{found[5]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def missing_for_expansion() -> list[str]:
    """What is missing here for expanding rules, in words; empty where nothing is."""
    missing = []
    perl = shutil.which("perl")
    if perl is None:
        missing.append("Perl (the command `perl`)")
    else:
        uses = [f"-M{name}" for name in _PERL_MODULES]
        if subprocess.run([perl, *uses, "-e", "1"], capture_output=True, check=False).returncode:
            missing.append(
                "Perl's standard library (on Debian and Ubuntu the package `perl`, not only `perl-base`)"
            )
    try:
        from pysb.pathfinder import get_path

        get_path("bng")
    except Exception:  # pysb raises bare Exception here
        missing.append("BioNetGen (it comes with the Python package `bionetgen`; or set BNGPATH)")
    return missing


def _expand(model: Any) -> str:
    missing = missing_for_expansion()
    if missing:
        raise UserError(
            f"The rules are new here, and expanding them needs {' and '.join(missing)}, missing here. "
            f"The shipped model still works, with any numbers (rates, contexts, drugs, findings); "
            f"edited rules and variants that were never expanded do not"
        )
    from pysb.bng import BngInterfaceError, generate_network

    try:
        text: str = generate_network(model)
    except BngInterfaceError as error:
        raise UserError(f"BioNetGen refuses the rules: {str(error).strip()}") from error
    return text


if __name__ == "__main__":
    for made in ship_all():
        print(made)
