"""The picture of the packages in `docs/architecture.md`, made from the code: `make architecture`.

Folders say in their `__init__.py` what comes in and what goes out; arrows are the imports that the files
make, those inside functions included. `--check` changes nothing and says what the page gets wrong: a
picture that is out of date, a folder without a word, a step of a walk that names what is not there.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import re
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
PACKAGES = ("pathway", "models", "calibration", "rewire")
DRAWN = ("models", "calibration", "rewire", "rewire/analysis", "rewire/export")
"""Folders with a picture of what is in them."""

BEGIN, END = "<!-- made by `make architecture`: begin -->", "<!-- made by `make architecture`: end -->"
STEP = re.compile(r"^\| *\d+ *\| `([\w/.]+\.py)` \| `([\w.]+)` \|", re.MULTILINE)
"""A row of a walk: number, file, function."""

Arrows = dict[str, set[str]]


@cache
def files() -> dict[str, None]:
    """Every Python file of the packages, relative to the root, in order."""
    found = (path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    return dict.fromkeys(sorted(path.relative_to(ROOT).as_posix() for path in found))


@cache
def tree(file: str) -> ast.Module:
    """A file, parsed."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), file)


@cache
def folders() -> tuple[str, ...]:
    """Folders of code, in the order of the packages."""
    found = {file.rpartition("/")[0] for file in files()}
    return tuple(sorted(found, key=lambda folder: (PACKAGES.index(folder.partition("/")[0]), folder)))


def data_folders(folder: str) -> list[str]:
    """Folders without code below a folder of code, and above those of another one."""
    found = []
    for path in sorted((ROOT / folder).rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if not path.is_dir() or name.endswith("__pycache__") or not any(f.is_file() for f in path.iterdir()):
            continue
        owner = max((f for f in folders() if f"{name}/".startswith(f"{f}/")), key=len)
        if owner == folder != name:
            found.append(name[len(folder) + 1 :])
    return found


def about(folder: str) -> str:
    """What a folder says of itself: the docstring of its `__init__.py`, as one paragraph."""
    file = f"{folder}/__init__.py"
    text = ast.get_docstring(tree(file)) if (ROOT / file).is_file() else None
    return " ".join((text or "").split())


@cache
def imported(file: str) -> frozenset[str]:
    """Files of the packages that a file imports anywhere in it."""
    found = set[str]()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [name for alias in node.names for name in (f"{node.module}.{alias.name}", node.module)]
        else:
            continue
        for name in names:
            path = name.replace(".", "/")
            found |= {f for f in (f"{path}.py", f"{path}/__init__.py") if f in files()}
    return frozenset(found)


def arrows(folder: str) -> Arrows:
    """What the folders and files right below `folder` import of each other."""

    def child(file: str) -> str | None:
        rest = file.removeprefix(f"{folder}/")
        name = rest.partition("/")[0].removesuffix(".py")
        return None if rest == file or name.startswith("__") else name

    found: Arrows = {name: set() for file in files() if (name := child(file))}
    for file in files():
        if name := child(file):
            found[name] |= {other for to in imported(file) if (other := child(to)) and other != name}
    return found


def reduced(full: Arrows) -> Arrows:
    """Without the arrows that follow from others, so that a person can read the picture; circles stay."""

    def reached(start: str, along: Arrows, skip: str | None = None) -> set[str]:
        seen: set[str] = set()
        todo = [name for name in along[start] if name != skip]
        while todo:
            if (name := todo.pop()) not in seen:
                seen.add(name)
                todo.extend(along[name])
        return seen

    below = {name: reached(name, full) for name in full}
    circle = {name: {other for other in to if name in below[other]} for name, to in full.items()}
    down = {name: to - circle[name] for name, to in full.items()}
    return {
        name: circle[name] | {other for other in down[name] if other not in reached(name, down, other)}
        for name in full
    }


def picture(folder: str) -> str:
    """A Mermaid graph; an arrow points to what is imported."""
    lines = ["```mermaid", "graph TD"]
    for name, to in sorted(reduced(arrows(folder)).items()):
        label = f"{name}/" if (ROOT / folder / name).is_dir() else f"{name}.py"
        lines.append(f'  {name}["{label}"]')
        lines += [f"  {name} --> {other}" for other in sorted(to)]
    return "\n".join([*lines, "```"])


def imports_of(folder: str) -> list[str]:
    """Folders of the same package, and other packages, that the files right in a folder import."""
    package = folder.partition("/")[0]
    found = set()
    for file in files():
        if file.rpartition("/")[0] == folder:
            for to in imported(file):
                home = to.rpartition("/")[0]
                found.add(f"{home}/" if home.partition("/")[0] == package else home.partition("/")[0])
    return sorted(found - {f"{folder}/"})


def made() -> str:
    """The part of the page that is made from the code."""
    parts = []
    for folder in folders():
        mark = f"## `{folder}`" if folder in PACKAGES else f"**`{folder}/`**"
        parts.append(f"{mark}\n\n{about(folder)}" if folder in PACKAGES else f"{mark} {about(folder)}")
        notes = []
        if found := imports_of(folder):
            notes.append(f"Imports {', '.join(f'`{name}`' for name in found)}.")
        if found := data_folders(folder):
            notes.append(f"Data: {', '.join(f'`{name}/`' for name in found)}.")
        if notes:
            parts.append(f"*{' '.join(notes)}*")
        if folder in DRAWN:
            parts.append(picture(folder))
    return "\n\n".join([BEGIN, *parts, END])


def renewed(page: str) -> str:
    """The page with the part that is made from the code as it is now."""
    before, _, rest = page.partition(BEGIN)
    return before + made() + rest.partition(END)[2]


@cache
def functions(file: str) -> tuple[str, ...]:
    """Functions and classes at the top of a file, and the methods of those classes as "Class.method"."""
    found = []
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        if isinstance(node, ast.ClassDef):
            found += [f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)]
    return tuple(found)


def mistakes(page: str) -> list[str]:
    """What the page gets wrong, a line each."""
    lines = [
        f"{folder}/__init__.py: its docstring is to say what comes in and what goes out (In: … Out: …)"
        for folder in folders()
        if not about(folder) or (folder not in PACKAGES and not {"In:", "Out:"} <= set(about(folder).split()))
    ]
    for file, function in STEP.findall(page):
        if file not in files() or function not in functions(file):
            there = [other for other in files() if function in functions(other)]
            hint = there or difflib.get_close_matches(file, files(), 1)
            lines.append(f"walk: {file} has no {function}; see {', '.join(hint) or 'git log'}")
    if page != renewed(page):
        lines.append("the picture is out of date: make architecture")
    return lines


def main() -> int:
    """Write the page anew, or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 if something is wrong")
    check = parser.parse_args().check
    page = PAGE.read_text(encoding="utf-8")
    if not check:
        page = renewed(page)
        PAGE.write_text(page, encoding="utf-8")
    lines = mistakes(page)
    print(*lines, sep="\n", end="\n" if lines else "", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
