"""Which findings a question is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import load_findings
from models.core.errors import Mistakes
from rewire.project.project import Project


def all_findings(world: Project, folder: Path | None = None) -> list[Finding]:
    """The findings of a folder, in the order of their rows; the project's by default."""
    return sorted(
        load_findings(folder, words=world.words, built=world.built), key=lambda f: (f.use != "fit", f.row)
    )


def chosen(
    findings: Sequence[Finding],
    contexts: Collection[str] = (),
    ids: Collection[str] = (),
    use: str | None = None,
) -> list[Finding]:
    """Some findings: by context, by id (with or without its `@context`) or row, by use.

    Raises
    ------
    UserError
        For a name that no finding has.
    """
    problems = Mistakes("")
    for wanted in ids:
        if not any(wanted in names(f) for f in findings):
            problems.add("--finding", f"no finding {wanted!r}", [f.id for f in findings], name=wanted)
    known = {name for f in findings for name in f.contexts}
    for wanted in contexts:
        if wanted not in known:
            problems.add("CONTEXT", f"no finding in {wanted!r}", allowed=known, name=wanted)
    problems.raise_if_any()
    return [
        f
        for f in findings
        if (not ids or any(wanted in names(f) for wanted in ids))
        and (not contexts or set(f.contexts) & set(contexts))
        and use in (None, f.use)
    ]


def refuse_frozen(findings: Sequence[Finding], paths: Sequence[str]) -> None:
    """Refuse a fit to findings that were named on the command line and are frozen.

    Raises
    ------
    UserError
        With the id of every frozen finding.
    """
    problems = Mistakes(", ".join(paths))
    for finding in findings:
        if paths and finding.use == "frozen":
            problems.add(
                f"finding {finding.id}.use",
                "'frozen': kept apart to test predictions, never fitted",
                allowed=("fit", "validation"),
                advice="Leave the file out of this fit; `rewire check` scores frozen findings.",
            )
    problems.raise_if_any()


def names(finding: Finding) -> tuple[str, str, str]:
    """What a finding can be called by: its id, the id without a context, its row."""
    return finding.id, finding.id.partition("@")[0], finding.row
