"""Networks as machine code: the C that bngsim writes, bounded in its steps, compiled once and kept undamaged.

bngsim's own cache loads whatever lies there, and a truncated library ends the process with a bus error on
first use and no word. Here a file's name ends in a hash of its content, which is compared before the file is
loaded.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.network import cache_dir, write_whole

log = logging.getLogger(__name__)

_FLAGS = ("-O1", "-shared", "-fPIC", "-fno-math-errno")
"""Higher levels take twice as long to compile and run at the same speed."""

_NUMBER = re.compile(r"(?m)^(\d+ \w+) [-+]?[\d.]+(?:e[-+]?\d+)?$")
_RHS = re.compile(r"(int bngsim_codegen_rhs\([^)]*\) \{\n)")
_INCLUDE = "#include <string.h>\n"
_COUNTER = """
static _Thread_local long rewire_left = 0;
void rewire_budget(long calls) { rewire_left = calls; }
"""


_failed = ""
"""Why compiling failed; it is not tried again."""


@lru_cache(maxsize=1)
def compiler() -> str | None:
    """The C compiler, or None; said once."""
    names = [os.environ.get("CC", ""), "cc", "gcc", "clang"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if os.environ.get("REWIRE_INTERPRET"):
        found = None
    if found:
        log.info("C compiler %s found: networks are compiled.", found)
    else:
        log.warning(
            "No C compiler (cc, gcc, clang) found: networks are interpreted, two to three times as slow."
        )
    return found


def library(net: Path, model: Any, text: str) -> Path | None:
    """The compiled network: from the cache if undamaged there, else made anew; None where that fails.

    Parameters
    ----------
    net : Path
        The network's file.
    model : bngsim.Model
        Loaded from it, with its Jacobian prepared.
    text : str
        The network without comments. The numbers of its parameters do not matter: they are read at run time.
    """
    import bngsim
    from bngsim._codegen import prepare_codegen_source

    shape = _NUMBER.sub(r"\1", text)
    about = f"{bngsim.__version__} {compiler()} {_FLAGS} {_COUNTER} {model.analytical_jacobian_status}"
    key = hashlib.sha256(f"{about}\n{shape}".encode()).hexdigest()[:24]
    folder = cache_dir("compiled")
    if (kept := _kept(key, folder)) is not None:
        return kept
    global _failed
    if _failed:
        return None
    try:
        return _compile(bounded(prepare_codegen_source(str(net), model)), key, folder)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        _failed = said or "no reason was given"
        log.warning("Compiling failed, so networks are interpreted, two to three times as slow: %s", _failed)
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _compile(source: str, key: str, folder: Path, flags: tuple[str, ...] = _FLAGS) -> Path:
    command = compiler()
    assert command is not None
    with tempfile.TemporaryDirectory(prefix="rewire-") as work:
        code, made = Path(work) / "network.c", Path(work) / "network.so"
        code.write_text(source, encoding="utf-8")
        call = [command, *flags, "-o", str(made), str(code), "-lm"]
        subprocess.run(call, check=True, capture_output=True, text=True)
        data = made.read_bytes()
    path = folder / f"{key}.{_digest(data)}.so"
    write_whole(path, data)
    return path


def bounded(source: str) -> str:
    """Bound the calls of the right-hand side: bngsim goes on while time advances at all, perhaps for ever.

    Raises
    ------
    RuntimeError
        Where the generated code does not have the expected form.
    """
    body, found = _RHS.subn(r"\1    if (--rewire_left < 0) return -1;\n", source)
    if found != 1 or _INCLUDE not in body:
        raise RuntimeError("bngsim's generated C code has a new form: its right-hand side was not found")
    head = body.index(_INCLUDE) + len(_INCLUDE)
    return body[:head] + _COUNTER + body[head:]


class NoDerivatives(RuntimeError):
    """A network cannot be differentiated here, and why."""


def native(source: str, wide: bool = False) -> ctypes.CDLL:
    """Compile C, or take it from the cache if undamaged there.

    Parameters
    ----------
    wide : bool
        Whether it is made for the widest instructions that this machine has.

    Raises
    ------
    NoDerivatives
        Where there is no compiler, or it fails.
    """
    if compiler() is None:
        raise NoDerivatives("there is no C compiler (cc, gcc or clang)")
    flags = (*_FLAGS, *(("-O2", *widest()[1]) if wide else ()))
    key = hashlib.sha256(f"{compiler()} {flags} {source}".encode()).hexdigest()[:24]
    folder = cache_dir("compiled")
    try:
        return ctypes.CDLL(str(_kept(key, folder) or _compile(source, key, folder, flags)))
    except subprocess.CalledProcessError as error:
        raise NoDerivatives(f"the C compiler fails: {error.stderr.strip()}") from None


@lru_cache(maxsize=1)
def widest() -> tuple[int, tuple[str, ...]]:
    """How many numbers this machine works on at once, and the compiler's flags for that."""
    try:
        told = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        told = set()
    if {"avx512f", "fma"} <= told:
        return 8, ("-mavx512f", "-mfma")
    return (4, ("-mavx2", "-mfma")) if {"avx2", "fma"} <= told else (2, ())


def _kept(key: str, folder: Path) -> Path | None:
    """The undamaged library of that key in the cache."""
    for path in sorted(folder.glob(f"{key}.*.so")) if folder.is_dir() else ():
        if path.name.split(".")[1] == _digest(path.read_bytes()):
            return path
        log.warning("The compiled network %s is damaged and is made anew.", path)
        with suppress(OSError):
            path.unlink()
    return None
