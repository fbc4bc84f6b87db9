"""Are `pathway`, `models` and `calibration` the packages of this project?

These are plain names, and package registries hold others of the same name. One of those installed
beside this project can hide ours, or be merged into it file by file, without a word. This module
imports nothing of the project, so that it runs before another package's code can
(`docs/adr/0011-generic-names.md`).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

PACKAGES = ("pathway", "models", "calibration")
DISTRIBUTION = "rewire"


def location(name: str) -> Path | None:
    """The folder that `import name` would use, without importing it; None where there is none."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def other_owners(names: Iterable[str], parent: Path) -> dict[str, list[str]]:
    """Package → the other distributions that installed files into it under `parent`."""
    owners = {name: set[str]() for name in names}
    for distribution in importlib.metadata.distributions(path=[str(parent)]):
        label = distribution.metadata["Name"] or "a distribution without a name"
        for file in distribution.files or ():
            if file.parts and file.parts[0] in owners and label.casefold() != DISTRIBUTION:
                owners[file.parts[0]].add(label)
    return {name: sorted(found) for name, found in owners.items() if found}


def collisions(find: Callable[[str], Path | None] = location) -> list[str]:
    """One line for each package that is missing, elsewhere, or shared with another distribution."""
    parent = Path(__file__).resolve().parent.parent
    lines = []
    for name in PACKAGES:
        found = find(name)
        if found is None:
            lines.append(f"package '{name}' is missing; it belongs in {parent}")
        elif found.parent != parent:
            lines.append(f"package '{name}' comes from {found}, but ours is in {parent}")
    if not lines and parent.name in ("site-packages", "dist-packages"):
        for name, others in other_owners(PACKAGES, parent).items():
            lines.append(f"package '{name}' in {parent} also holds files of {', '.join(others)}")
    return lines


def stop_on_collision() -> None:
    """Exit with status 2 and say what to do, before another package's code is imported."""
    lines = collisions()
    if lines:
        for line in lines:
            print(f"error: {line}", file=sys.stderr)
        print(
            "A package of the same name is installed beside this project. Keep the project in an environment "
            "of its own: run `make setup`, then .venv/bin/rewire.",
            file=sys.stderr,
        )
        sys.exit(2)
