"""The content of a PEtab folder: findings, cells, experiments, and what PEtab cannot express."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import load_findings
from calibration.objective.build import PLAUSIBLE
from models.cells.plausible_ranges import PlausibleRange, load_plausible
from models.core.errors import Mistakes
from models.export.sbml.cell_pair import REFERENCE
from models.parameters import Space
from models.treatments.arm import Arm
from rewire.export.formats import ALL, ExportRequest
from rewire.export.petab.petab_cells import Cells, Parameter, parameters
from rewire.export.petab.petab_claims import (
    SCHEDULE,
    Inequality,
    Unsaid,
    has_schedule,
    in_context,
    ranges,
    said,
)
from rewire.export.petab.petab_experiments import Experiment, experiments
from rewire.export.request import fill
from rewire.project.members import Members
from rewire.project.project import Project, load_project, parse_variants

GENERAL = (
    Unsaid("*", 0, "the trust in a report", "a PEtab measurement is always right: every trust is one"),
    Unsaid("*", 0, "a claim of several parts as one report", "each part is a separate measurement"),
    Unsaid("*", 0, "drift of untreated cells", "part of our verdict, and no term of our likelihood either"),
)
"""Limits that apply to all findings."""


@dataclass(frozen=True, eq=False)
class PetabPlan:
    """The content of the folder: fitted findings, ranges of untreated cells by context, experiments."""

    world: Project
    findings: list[Finding]
    bands: Mapping[str, Mapping[str, PlausibleRange]]
    cells: Cells
    version_1: list[Experiment]
    version_2: list[Experiment]
    unsaid: list[Unsaid]
    members: Members
    member: int
    date: str

    @property
    def values(self) -> dict[str, float]:
        """The member's parameters by name."""
        return self.members.space.values(self.members.z[self.member])

    @property
    def versions(self) -> dict[str, list[Experiment]]:
        """The experiments of each version, by folder."""
        return {"v1": self.version_1, "v2": self.version_2}

    @property
    def arms(self) -> list[Arm]:
        """Every treatment once."""
        return list(dict.fromkeys(arm for e in self.version_2 for arm in (e.cell, e.reference)))

    @property
    def changed(self) -> list[str]:
        """Parameters of both cells in the file that some treatment sets."""
        found = {t for arm in self.arms for _, targets in self.cells.changes(arm) for t in targets}
        found -= set(self.cells.secreted)
        return sorted(found | {REFERENCE + name for name in found})

    def free(self, done: Iterable[Experiment]) -> list[Parameter]:
        """The free parameters of some experiments."""
        space: Space = self.members.space
        arms = [arm for e in done for arm in (e.cell, e.reference)]
        return parameters(self.world, space, self.members.z[self.member], arms)


def prepare(asked: ExportRequest) -> PetabPlan:
    """Look up everything that the folder needs."""
    plain = load_project(parse_variants(asked.variants))
    known = [name for name in plain.contexts if _same_model(plain, name)]
    one = asked.context if asked.context != ALL else known[0]
    filled = fill(replace(asked.order, context=one), asked.say)
    world, members = filled.world, filled.members
    chosen = known if asked.context == ALL else [one]
    findings = [f for f in load_findings(words=world.words, built=world.built) if f.use == "fit"]
    found = [row for f in findings for row in said(f) if set(f.contexts) & set(chosen)]
    rows = in_context((row for row in found if isinstance(row, Inequality)), chosen)
    unsaid = [row for row in found if isinstance(row, Unsaid)]
    kept = set(rows)
    elsewhere = [row for row in found if isinstance(row, Inequality) and row not in kept]
    unsaid += [Unsaid(r.owner, r.part, r.words, "cells of a context that is left out") for r in elsewhere]
    unsaid += [Unsaid(r.owner, r.part, r.words, SCHEDULE, "1") for r in rows if has_schedule(r)]
    if not rows:
        problems = Mistakes("CONTEXT")
        problems.add("", f"no fit finding about {asked.context!r} can be expressed in PEtab")
        problems.raise_if_any()
    plausible = load_plausible(PLAUSIBLE)
    used = sorted({arm.context for r in rows for arm in (r.cell, r.reference)})
    bands = {name: world.contexts[name].bands(plausible.bands) for name in used}
    rows += [row for name in used for row in ranges(world.contexts[name], bands[name])]
    cells = Cells(world, frozenset(members.space.names))
    return PetabPlan(
        world,
        findings,
        bands,
        cells,
        experiments([r for r in rows if not has_schedule(r)], cells),
        experiments(rows, cells),
        [*GENERAL, *unsaid],
        members,
        filled.member,
        filled.order.created,
    )


def _same_model(world: Project, name: str) -> bool:
    """Whether a context has the hypotheses of the model."""
    return all(world.built.variants[key] == choice for key, choice in world.contexts[name].variants.items())
