"""`rewire export petab`: what is written agrees with our likelihood, here and in pyPESTO."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.export.petab.run_problem import observables
from rewire.export.formats import ExportRequest
from rewire.export.petab.petab_cells import parameters
from rewire.export.petab.petab_experiments import measured
from rewire.export.petab.petab_folder import Compared, PetabProof, compare, neg_log_cdfs
from rewire.export.petab.petab_plan import PetabPlan, prepare
from rewire.export.petab.petab_problem import VERSIONS, export, tables

DAY = "2026-01-31"
CELLS = "mcf7"
PYPESTO = os.environ.get("REWIRE_PYPESTO", "")
"""A Python that has pypesto, petab and libroadrunner."""


@pytest.fixture(scope="module")
def plan() -> PetabPlan:
    return prepare(ExportRequest("petab", Path("x"), CELLS, created=DAY))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole export, proven."""
    path = tmp_path_factory.mktemp("petab") / "mcf7"
    done = export(ExportRequest("petab", path, CELLS, created=DAY))
    assert done.ok and done.verification is not None
    return path


def objective(plan: PetabPlan, z: np.ndarray, version: str) -> float:
    rows = [row for _, row in measured(plan.versions[version])]
    return float(sum(neg_log_cdfs(rows, plan.findings, plan.world, plan.bands, plan.members.space.values(z))))


def point(plan: PetabPlan, z: np.ndarray) -> dict[str, float]:
    return {p.id: p.value for p in parameters(plan.world, plan.members.space, z, plan.arms)}


# --- words ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("mcf8",), "Did you mean 'mcf7'?"),
        (("mcf7", "--member", "first"), "best, median, 0 to"),
        (("mcf7", "--created", "31.1.2026"), "2026-01-31"),
        (("mcf7", "--treat", "rapamycin=20 nM"), "has no meaning in this format"),
        ((), "none given"),
    ],
)
def test_misuse_is_said_and_nothing_is_written(rewire, tmp_path: Path, args, word: str):
    said = rewire("export", "petab", *args, "--out", tmp_path / "a", "--no-verify")
    assert said.status == 2 and word in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken(rewire, tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").write_text("mine")
    (tmp_path / "b").write_text("mine")
    for name, word in (("a", "exists already"), ("b", "is a file"), ("no/a", "is not a folder")):
        said = rewire("export", "petab", CELLS, "--out", tmp_path / name)
        assert said.status == 2 and word in said.err
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["mine"]


# --- tables -----------------------------------------------------------------------------------------------
def test_what_is_mapped_and_what_is_not(plan: PetabPlan):
    files = tables(plan)
    mapped = list(csv.DictReader(files["mapped.tsv"].splitlines(), delimiter="\t"))
    unsaid = list(csv.DictReader(files["not_mapped.tsv"].splitlines(), delimiter="\t"))
    assert len(mapped) == sum(len(e.rows) for e in plan.version_2)
    done = {row["datasetId"] for row in mapped}
    left = {f"{row['finding']}/{row['part']}" for row in unsaid if row["versions"] == "1, 2"}
    assert not done & left
    for finding in plan.findings:  # every part of every finding of these cells is in one of the two
        if CELLS in finding.contexts and not finding.is_cohort:
            assert {f"{finding.id}/{i + 1}" for i in range(finding.n_parts)} <= done | left
    assert all(row["why"] for row in unsaid)
    assert any("trust" in row["inequality"] for row in unsaid)


def test_nominal_values_and_priors_are_the_member_s(plan: PetabPlan):
    rows = csv.DictReader(tables(plan)["v1/parameters.tsv"].splitlines(), delimiter="\t")
    free = {row["parameterId"]: row for row in rows if row["estimate"] == "1"}
    values = plan.values
    assert float(free["akt_undocks_kcat"]["nominalValue"]) == values["akt_undocks_kcat"]
    assert float(free["mcf7__IRS1_copies"]["nominalValue"]) == values["mcf7.IRS1_copies"]
    assert float(free["rapamycin_Kd_times"]["nominalValue"]) == 10.0 ** values["rapamycin.potency"]
    space = plan.members.space
    i = space.names.index("akt_undocks_kcat")
    centre, sd = map(float, free["akt_undocks_kcat"]["objectivePriorParameters"].split(";"))
    assert (centre, sd) == (space.centre_log10[i], space.sd[i])


# --- agreement --------------------------------------------------------------------------------------------
def test_what_does_not_agree_is_said(plan: PetabPlan, tmp_path: Path):
    rows = [row for _, row in measured(plan.version_1)]
    ours = [0.5] * len(rows)
    found = compare(tmp_path, "1", rows, ours, lambda _: ([0.5] * (len(rows) - 1) + [0.6], "engine 1"))
    assert not found.ok and found.difference == pytest.approx(0.1) and rows[-1].owner in found.where
    odd = compare(tmp_path, "1", rows, ours, lambda _: ([math.nan] * len(rows), "engine 1"))
    assert not odd.ok
    proof = PetabProof((found, odd))
    assert not proof.ok and "does NOT agree" in proof.lines()[0]
    json.dumps(proof.record(), allow_nan=False)
    assert not PetabProof(()).ok
    failed = PetabProof((Compared("1", "engine", 3, 1.0, math.nan, math.inf, reason="it burnt"),))
    assert "it burnt" in failed.lines()[0] and json.dumps(failed.record(), allow_nan=False)


@pytest.mark.slow
def test_both_versions_agree_with_ours_anywhere(folder: Path, plan: PetabPlan):
    stored = json.loads((folder / "verification.json").read_text())
    assert stored["agrees"] and [v["version"] for v in stored["versions"]] == ["1", "2"]
    z = 0.5 * np.random.default_rng(3).standard_normal(len(plan.members.space))
    for version in VERSIONS:
        found, _ = observables(folder / version, point(plan, z))
        ours = objective(plan, z, version)
        assert ours > 50.0  # a point at which much fails
        assert sum(found) == pytest.approx(ours, rel=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(not PYPESTO, reason="REWIRE_PYPESTO names no Python with pypesto")
def test_petablint_accepts_both(folder: Path):
    for version in VERSIONS:
        command = [PYPESTO, "-m", "petab.petablint", str(folder / version / "problem.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not PYPESTO, reason="REWIRE_PYPESTO names no Python with pypesto")
def test_pypesto_s_objective_is_ours(folder: Path, plan: PetabPlan, tmp_path: Path):
    space = plan.members.space
    points = [plan.members.z[plan.member], 0.5 * np.random.default_rng(3).standard_normal(len(space))]
    (tmp_path / "points.json").write_text(json.dumps([point(plan, z) for z in points]))
    script = Path(__file__).resolve().parents[4] / "benchmarks" / "other_tools" / "in_pypesto.py"
    files = [folder / "v1" / "problem.yaml", tmp_path / "points.json", tmp_path / "out.json"]
    subprocess.run([PYPESTO, script, *files], check=True, capture_output=True)
    found = json.loads((tmp_path / "out.json").read_text())
    used = {("shared",), ("context", CELLS), *(("drug", d) for arm in plan.arms for d in arm.drugs)}
    mine = np.array([scope in used for scope in space.scope])
    for z, told in zip(points, found["points"], strict=True):
        ours = objective(plan, z, "v1") + found["measurements"] * math.log(2.0)
        assert told["fit"] == pytest.approx(ours, rel=1e-5)
        density = 0.5 * z**2 + 0.5 * math.log(2.0 * math.pi) + np.log(space.sd)  # in log10
        assert told["prior"] == pytest.approx(float(density[mine].sum()), rel=1e-9)
