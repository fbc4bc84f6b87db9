"""The report of an ensemble: the same page as a run's, without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rewire import __version__
from rewire.analysis.check.check import check, prior_file
from rewire.analysis.check.prior_share import load_prior
from rewire.analysis.simulate.seed_courses import drawn
from rewire.project.members import load_members
from rewire.project.project import load_project
from rewire.report.run_report import Report


def page(
    folder: Path | None, out: Path, members: int, say: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Write the page; returns how many fit findings hold."""
    done = check(ensemble=folder, members=members, say=say)
    world = load_project()
    loaded = load_members(world, folder, members)
    prior = load_prior(prior_file(folder))
    facts = {"ensemble": done.members.label, "rewire": __version__} | {
        "variants": ", ".join(f"{k} = {v}" for k, v in world.built.variants.items())
    }
    name = str(folder) if folder else "the shipped ensemble"
    Report(
        f"The findings in {name}", facts, done.summaries, prior.margin if prior else {}, drawn(world, loaded)
    ).write(out)
    fit = [s for s in done.summaries if s.use == "fit" and s.scored]
    return {
        "file": str(out),
        "members": len(loaded),
        "hold": sum(s.verdict == "holds" for s in fit),
        "of": len(fit),
    }
