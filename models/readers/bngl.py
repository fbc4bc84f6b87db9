"""BioNetGen files of others: only the blocks that describe a model, let through line by line, then expanded.

BioNetGen is a Perl program that evaluates action lines as Perl. None of the file's actions reach it: the file
is written anew from the lines that were let through, with one action of ours at the end.
"""

from __future__ import annotations

import hashlib
import re
import resource
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from models.core.errors import Mistakes
from models.network import cache_dir, missing_for_expansion, write_whole
from models.readers.formulas import FUNCTIONS, NAME, names_in, refused

LARGEST = 4_000_000  # characters
PATIENCE = 150.0  # [s] for the expansion
MEMORY = 6 * 2**30  # [bytes] of the expansion
OUTPUT = 500 * 2**20  # [bytes]

BLOCKS = (
    *("parameters", "compartments", "molecule types", "seed species", "species"),
    *("observables", "functions", "reaction rules"),
)
_FORMULAS = ("parameters", "functions")
_CHARACTERS = re.compile(r"[A-Za-z0-9_\s.,+\-*/^()<>=!&|~?$@:%]*", re.ASCII)
_LONE = re.compile(r"\$(?![A-Za-z_@])")
"""$ stands before a molecule that is held constant, and nowhere else."""

_KEYWORDS = frozenset(
    (
        *("DeleteMolecules", "MoveConnected", "TotalRate", "MatchOnce", "Sat", "MM", "Hill", "Ele"),
        *("exclude_reactants", "include_reactants", "exclude_products", "include_products"),
    )
)
_CALLED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(", re.ASCII)
_ACTION = re.compile(r"([A-Za-z_]\w*)\s*\(", re.ASCII)
_LIMIT = re.compile(r"\b(max_agg|max_iter)\s*=>\s*(\d{1,6})\b", re.ASCII)
_STOICH = re.compile(r"\bmax_stoich\s*=>\s*\{\s*([A-Za-z0-9_,\s=>]*)\}", re.ASCII)
_FREE = "__FREE"
"""PyBNF's mark of a free parameter: a name with this ending needs no value in the file."""


def statements(text: str) -> list[tuple[int, str]]:
    """(line number, statement) without comments, with continued lines joined."""
    joined: list[tuple[int, str]] = []
    begun: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].rstrip()
        first = first if begun else number
        begun.append(line.removesuffix("\\").strip())
        if line.endswith("\\"):
            continue
        if statement := " ".join(begun).strip():
            joined.append((first, statement))
        begun = []
    return joined


def clean(text: str, problems: Mistakes) -> tuple[str, list[str]]:
    """The model of a .bngl file as text that is safe to expand, and what was left out, in words."""
    if len(text) > LARGEST:
        problems.add("", f"{len(text):,} characters", allowed=f"at most {LARGEST:,}")
        return "", []
    blocks, left_out, limits = _sorted(text, problems)
    if missing := {"reaction rules", "seed species"} - set(blocks) - ({"seed species"} & {"species"}):
        problems.add("", f"no block {' and no block '.join(sorted(missing))}")
    _named(blocks, problems)
    if problems.found:
        return "", []
    lines = ["begin model"]
    for name in BLOCKS:
        if name in blocks:
            lines += [f"begin {name}", *(line for _, line in blocks[name]), f"end {name}"]
    lines += ["end model", f"generate_network({{overwrite=>1{limits}}})", ""]
    return "\n".join(lines), left_out


def _sorted(text: str, problems: Mistakes) -> tuple[dict[str, list[tuple[int, str]]], list[str], str]:
    """The statements of each block, the actions that were left out, and the limits of the expansion."""
    blocks: dict[str, list[tuple[int, str]]] = {}
    left_out: dict[str, int] = {}
    block, limits = "", ""
    for number, line in statements(text):
        place = f"line {number}"
        words = " ".join(line.split())
        if words.startswith("begin "):
            block = words[6:]
            if block == "species":
                block = "seed species"
            if block in ("model", "actions"):
                block = "" if block == "model" else block
            elif block not in BLOCKS:
                problems.add(place, f"the block {block!r}", allowed=BLOCKS, name=block)
            else:
                blocks.setdefault(block, [])
        elif words.startswith("end "):
            block = ""
        elif block in ("", "actions"):
            action = _ACTION.match(line)
            name = action[1] if action else line[:30]
            if name == "generate_network":
                limits = _limits(line)
            elif name in ("setOption", "substanceUnits", "setModelName", "version", "readFile") or not action:
                if name not in ("setModelName", "version"):
                    problems.add(place, f"{name!r}", advice="It changes the model; say it in the blocks.")
            else:
                left_out[name] = left_out.get(name, 0) + 1
        elif block in blocks:
            if _LONE.search(line):
                problems.add(place, f"a lone $ in {line[:50]!r}")
            elif not _CHARACTERS.fullmatch(line):
                odd = next(c for c in line if not _CHARACTERS.fullmatch(c))
                problems.add(place, f"the character {odd!r} in {line[:50]!r}")
            else:
                blocks[block].append((number, line))
        if len(problems.found) > 20:
            break
    said = [f"actions that were not run: {', '.join(f'{n} ({c})' for n, c in sorted(left_out.items()))}"]
    return blocks, said if left_out else [], limits


def _limits(line: str) -> str:
    """What of a generate_network call shapes the network: numbers and names only."""
    kept = [f"{key}=>{value}" for key, value in _LIMIT.findall(line)]
    if found := _STOICH.search(line):
        pairs = re.findall(r"([A-Za-z_]\w*)\s*=>\s*(\d{1,6})", found[1], re.ASCII)
        kept.append("max_stoich=>{" + ",".join(f"{name}=>{count}" for name, count in pairs) + "}")
    return "".join(f",{part}" for part in kept)


def _split(line: str) -> tuple[str, str]:
    """Name and formula of a parameter or function; a number before the name, and `=`, may stand there."""
    line = re.sub(r"^\d+\s+", "", line)
    name, _, formula = re.sub(r"^(\S+?)\s*=\s*", r"\1 ", line, count=1).partition(" ")
    return name, formula.strip()


def _named(blocks: dict[str, list[tuple[int, str]]], problems: Mistakes) -> None:
    """Look through formulas and calls; give values to free parameters that have none."""
    entries = {block: [(n, *_split(line)) for n, line in blocks.get(block, [])] for block in _FORMULAS}
    functions = {name.partition("(")[0] for _, name, _ in entries["functions"]}
    for block, found in entries.items():
        for number, name, formula in found:
            bare = name.removesuffix("()")
            if not NAME.fullmatch(bare):
                more = "local functions are not supported here" if "(" in bare else ""
                problems.add(f"line {number}", f"the name {name!r}", advice=more)
            elif why := refused(formula, None, functions if block == "functions" else ()):
                problems.add(f"line {number}", why)
    molecules = {
        name
        for block in ("molecule types", "seed species")
        for _, line in blocks.get(block, [])
        for name in _CALLED.findall(line)
    }
    callable_ = {*FUNCTIONS, *functions, *molecules, *_KEYWORDS}
    for block in ("observables", "reaction rules", "seed species"):
        for number, line in blocks.get(block, []):
            for name in _CALLED.findall(line):
                if name not in callable_:
                    problems.add(f"line {number}", f"{name!r}", allowed=callable_ - FUNCTIONS, name=name)
    known = {name for _, name, _ in entries["parameters"]}
    free = dict.fromkeys(
        name
        for _, _, formula in entries["parameters"]
        for name in names_in(formula)
        if name.endswith(_FREE) and name not in known
    )
    if free:
        blocks["parameters"] = [(0, f"{name} 1") for name in free] + blocks["parameters"]


def expand(source: str, problems: Mistakes) -> str:
    """The network of a cleaned model, from the cache or by BioNetGen within bounds of time and memory."""
    key = hashlib.sha256(f"foreign/1\n{source}".encode()).hexdigest()[:24]
    stored = cache_dir("foreign") / f"{key}.net"
    try:
        text = stored.read_text(encoding="utf-8")
        if "end groups" in text:
            return text
    except (OSError, UnicodeDecodeError):
        pass
    if missing := missing_for_expansion():
        problems.add("", f"expanding rules needs {' and '.join(missing)}, missing here")
        return ""
    from pysb.pathfinder import get_path

    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        path = Path(folder) / "model.bngl"
        path.write_text(source, encoding="utf-8")
        try:
            done = subprocess.run(
                ["perl", get_path("bng"), "--outdir", folder, str(path)],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                preexec_fn=_bounded,
                check=False,
            )
        except subprocess.TimeoutExpired:
            problems.add("", f"its network is not done after {PATIENCE:g} s", advice="Limit it with max_agg.")
            return ""
        made = path.with_suffix(".net")
        text = made.read_text(encoding="utf-8") if made.exists() else ""
    if done.returncode or "end groups" not in text:
        lines = [
            line.strip()
            for line in (done.stdout + done.stderr).splitlines()
            if "ABORT" in line or "ERROR" in line
        ]
        problems.add("", f"BioNetGen refuses it: {' '.join(lines[:3]) or 'no reason was given'}"[:400])
        return ""
    with suppress(OSError):  # made anew next time
        write_whole(stored, text.encode())
    return text


def _bounded() -> None:
    """In the child: bounds that the expansion cannot lift."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CPU, (int(PATIENCE), int(PATIENCE)))
