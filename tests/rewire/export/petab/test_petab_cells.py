"""PEtab's conditions mean the same cells and doses as ours, at any point of the parameter space."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.findings.claims.reader import load_findings
from models.cells.media import LIGANDS
from models.export.ids import dose_id, potency_id
from models.treatments.arm import Arm
from models.treatments.conditions import conditions
from rewire.export.petab.petab_cells import Cells, base_id, parameter_id, parameters, times_id
from rewire.export.petab.petab_claims import Inequality, said
from rewire.export.petab.petab_experiments import experiments, observable_id
from rewire.export.petab.petab_tables import bounds, tsv, version_1, version_2
from rewire.project.members import fitted_space
from rewire.project.project import load_project


@pytest.fixture(scope="module")
def rows() -> list[Inequality]:
    world = load_project()
    findings = load_findings(words=world.words, built=world.built)
    return [r for f in findings if f.use == "fit" for r in said(f) if isinstance(r, Inequality)]


@pytest.fixture(scope="module")
def arms(rows: list[Inequality]) -> list[Arm]:
    return list(dict.fromkeys(arm for row in rows for arm in (row.cell, row.reference)))


@pytest.fixture(scope="module")
def cells() -> Cells:
    return Cells(load_project(), frozenset(fitted_space(load_project()).names))


def test_cells_and_doses_are_ours(arms: list[Arm], cells: Cells):
    world, space = load_project(), fitted_space(load_project())
    z = np.random.default_rng(1).standard_normal(len(space))
    values = space.values(z)
    known = {p.id: p.value for p in parameters(world, space, z, arms)}
    multiplied = cells.multiplied(arms)
    assert "IRS1_copies" in multiplied
    for arm in arms:
        context = world.contexts[arm.context]
        ours = conditions(arm, context, world.catalogue, world.media, world.genes, overrides=values)
        rest = {n: known[v] if isinstance(v, str) else v for n, v in cells.rest(arm, multiplied).items()}
        whole = {n: rest[n] if n in rest else rest[base_id(n)] * rest[times_id(n)] for n in ours.rest}
        assert whole == pytest.approx(ours.rest), arm
        now: dict[str, float] = {}
        for (start, changes), (begin, settings) in zip(cells.changes(arm), ours.segments, strict=True):
            assert start == begin
            now |= changes  # type: ignore[arg-type]
            loads = dict.fromkeys((n for n in settings if n.startswith("load_")), 0.0)
            for drug in world.catalogue:
                for target in drug.targets:
                    if f"load_{target.target}" in loads:
                        kd = target.K * known.get(parameter_id(f"{drug.name}.potency"), 1.0)
                        loads[f"load_{target.target}"] += now.get(dose_id(drug.name), 0.0) / kd
            assert loads == pytest.approx({n: settings[n] for n in loads}), arm
            levels = {f"{ligand}_nM" for ligand in LIGANDS} & settings.keys()
            assert {n: now[n] for n in levels} == pytest.approx({n: settings[n] for n in levels})
            assert (start == 0.0 and arm.renew_medium) == ("CXCL8" in changes)


def test_names_are_ids_and_mean_one_thing(arms: list[Arm], cells: Cells):
    names = {cells.name(arm) for arm in arms}
    assert len(names) == len(arms) and all(name.isidentifier() for name in names)
    rests = {cells.rest_name(arm): arm.rest_key for arm in arms}
    assert len(rests) == len({arm.rest_key for arm in arms})


def test_parameters_are_those_that_matter(cells: Cells, arms: list[Arm]):
    world, space = load_project(), fitted_space(load_project())
    mcf7 = [arm for arm in arms if arm.context == "mcf7"]
    found = {p.id: p for p in parameters(world, space, np.zeros(len(space)), mcf7)}
    assert "mcf7__IRS1_copies" in found and "bt474__IRS1_copies" not in found
    assert "rapamycin_Kd_times" in found and "AZD8055_Kd_times" not in found
    assert set(world.built.rates) >= {name for name in found if "__" not in name and "Kd_times" not in name}
    for p in found.values():
        low, high = bounds(p)
        assert 0.0 < low < p.value < high and p.value == pytest.approx(10.0**p.centre)
    products = dict(cells.products(mcf7))
    assert products[potency_id("rapamycin", "FKBP12")] == "rapamycin_Kd_times"
    assert products["IRS1_copies"] == "IRS1_copies_times"


def test_experiments_share_what_they_can(rows: list[Inequality], cells: Cells):
    done = experiments(rows, cells)
    assert sum(len(e.rows) for e in done) == len(rows) > 2 * len(done)
    assert [e.id for e in done] == sorted({e.id for e in done})
    assert all(e.id.isidentifier() for e in done)
    pretreated = [e for e in done if e.shift_s > 0.0]
    assert pretreated and all(
        min(s.start_s for a in (e.cell, e.reference) for s in a.segments) < 0 for e in pretreated
    )
    same: dict[str, tuple[object, ...]] = {}
    for row in rows:  # an observable means one inequality
        key = (row.observable, row.per, row.sense, row.log2)
        assert same.setdefault(observable_id(row), key) == key


def test_tables_hang_together(rows: list[Inequality], cells: Cells):
    world, space = load_project(), fitted_space(load_project())
    done = experiments(rows, cells)
    free = parameters(world, space, np.zeros(len(space)), [a for e in done for a in (e.cell, e.reference)])
    plain = [e for e in done if len(e.cell.segments) == len(e.reference.segments) == 1]
    assert len(plain) < len(done)
    for make, chosen in ((version_1, plain), (version_2, done)):
        tables = {
            name: _read(text) for name, text in make(chosen, free, cells).items() if name.endswith(".tsv")
        }
        conditions_ = {row["conditionId"] for row in tables["conditions.tsv"]}
        parameters_ = {row["parameterId"] for row in tables["parameters.tsv"]}
        observables = {row["observableId"] for row in tables["observables.tsv"]}
        measured = tables["measurements.tsv"]
        assert len(measured) == sum(len(e.rows) for e in chosen)
        assert {row["observableId"] for row in measured} == observables
        if make is version_1:
            used = {
                row[c] for row in measured for c in ("simulationConditionId", "preequilibrationConditionId")
            }
            given = {v for row in tables["conditions.tsv"] for k, v in row.items() if k != "conditionId"}
        else:
            experiments_ = tables["experiments.tsv"]
            assert {row["experimentId"] for row in measured} == {row["experimentId"] for row in experiments_}
            used = {row["conditionId"] for row in experiments_}
            given = {row["targetValue"] for row in tables["conditions.tsv"]}
        assert used == conditions_
        assert {v for v in given if v and not _is_number(v)} <= parameters_


def test_version_1_knows_no_schedules(rows: list[Inequality], cells: Cells):
    done = [e for e in experiments(rows, cells) if len(e.cell.segments) > 1]
    with pytest.raises(ValueError, match="schedules"):
        version_1(done, [], cells)


def test_tables_are_plain_text():
    text = tsv(("a", "b"), [(1.0 / 3.0, None), ("two\twords\nin one", 1e-300)])
    assert text == "a\tb\n0.3333333333333333\t\ntwo words in one\t1e-300\n"


def _read(text: str) -> list[dict[str, str]]:
    head, *lines = (line.split("\t") for line in text.splitlines())
    assert all(len(line) == len(head) for line in lines)
    return [dict(zip(head, line, strict=True)) for line in lines]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
