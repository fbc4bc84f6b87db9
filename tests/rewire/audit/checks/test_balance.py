"""Mass balance and conserved moieties."""

from __future__ import annotations

import locale
from pathlib import Path

import libsbml
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rewire.audit.checks.balance import FORMULAS, MOLECULES, SPECIES, balance, leaks
from rewire.audit.checks.moieties import moieties
from rewire.audit.model import load
from rewire.audit.network import network


def section(path: Path):
    subject = load(path)
    return balance(subject, network(subject))


@settings(deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(1, 7), st.integers(1, 9)), elements=st.integers(-2, 2)))
def test_moieties_are_a_basis_of_what_no_reaction_changes(matrix: np.ndarray):
    names = [f"s{i}" for i in range(len(matrix))]
    columns = [{n: float(c) for n, c in zip(names, column, strict=True) if c} for column in matrix.T]
    found = moieties(names, columns)
    assert found is not None
    weights = np.array([[one.get(name, 0) for name in names] for one in found]).reshape(-1, len(names))
    assert len(found) == len(names) - np.linalg.matrix_rank(matrix)
    assert not (weights @ matrix).any()
    assert not len(found) or np.linalg.matrix_rank(weights) == len(found)


@pytest.mark.parametrize(
    "number",
    [
        "223",
        pytest.param("255", marks=pytest.mark.slow),
        "347",
        "427",
        "448",
        "580",
        "833",
    ],
)
def test_moieties_are_as_many_as_copasi_finds(published: Path, number: str):
    before = locale.setlocale(locale.LC_ALL)
    import COPASI as copasi  # which sets the locale of the whole process to "C"

    locale.setlocale(locale.LC_ALL, before)
    (path,) = published.glob(f"BIOMD0000000{number}_*.xml")
    subject = load(path, ignore_fast=True)
    net = network(subject)
    data = copasi.CRootContainer.addDatamodel()
    try:
        assert data.importSBML(str(path))
        theirs = data.getModel().getMoieties().size()
    finally:
        copasi.CRootContainer.removeDatamodel(data)
    ours = moieties(net.reacting, [r.net for r in net.reactions])
    assert ours is not None and len(ours) == theirs


def test_a_consistent_model_has_masses_and_a_leak_is_named():
    good = [{"A": -1.0, "B": -1.0, "C": 1.0}, {"C": -1.0, "A": 1.0, "B": 1.0}]
    assert leaks(good) == pytest.approx([0.0, 0.0])
    lost = [*good, {"C": -1.0, "A": 1.0}, {"A": -2.0, "D": 1.0}]
    errors = leaks(lost)
    assert [abs(e) > 1e-6 for e in errors] == [False, False, True, False]


def test_species_that_are_just_names(build):
    reactions = {
        "bind": (["A", "B"], ["C"], "k * A * B"),
        "free": (["C"], ["A", "B"], "k * C"),
        "oops": (["C"], ["A"], "k * C"),
        "made": ([], ["A"], "k"),
    }
    done = section(build({"A": 1.0, "B": 1.0, "C": 0.0}, reactions, {"k": 1.0}))
    assert done.facts["judged by"] == SPECIES and done.score == pytest.approx(100 * 2 / 3)
    assert [f.id for f in done.findings] == ["oops"] and done.facts["made from or lost to nothing"] == 1


def test_patterns_are_judged_by_their_molecules(build):
    names = {"A": "A(b)", "B": "B(a)", "AB": "A(b!1).B(a!1)", "X": "X()"}
    reactions = {
        "bind": (["A", "B"], ["AB"], "k * A * B"),
        "turn": (["AB"], ["A", "X"], "k * AB"),
        "back": (["X", "A"], ["AB", "AB"], "k * X * A"),
        "lose": (["AB"], ["A"], "k * AB"),
    }
    done = section(build({"A": 1.0, "B": 1.0, "AB": 0.0, "X": 0.0}, reactions, {"k": 1.0}, names=names))
    assert done.facts["judged by"] == MOLECULES
    assert done.facts["made from or lost to nothing"] == 1  # "lose" lets B go
    assert [f.id for f in done.findings] == ["back"]  # B may turn into X, and not into A and B


def test_chemical_formulas(tmp_path: Path):
    document = libsbml.SBMLDocument(libsbml.SBMLNamespaces(3, 1, "fbc", 2))
    document.setPackageRequired("fbc", False)
    model = document.createModel()
    model.getPlugin("fbc").setStrict(False)
    compartment = model.createCompartment()
    compartment.setId("c")
    compartment.setSize(1)
    compartment.setConstant(True)
    for name, formula, charge in (("H2O", "H2O", 0), ("H", "H", 1), ("OH", "HO", -1), ("O", "O", -2)):
        species = model.createSpecies()
        species.setId(name)
        species.setCompartment("c")
        species.setInitialAmount(1)
        species.setConstant(False)
        species.setBoundaryCondition(False)
        species.setHasOnlySubstanceUnits(True)
        species.getPlugin("fbc").setChemicalFormula(formula)
        species.getPlugin("fbc").setCharge(charge)
    for name, products in (("good", ["H", "OH"]), ("bad", ["H", "O"])):
        reaction = model.createReaction()
        reaction.setId(name)
        reaction.setReversible(False)
        reaction.setFast(False)
        for who, create in (
            ("H2O", reaction.createReactant),
            *((p, reaction.createProduct) for p in products),
        ):
            reference = create()
            reference.setSpecies(who)
            reference.setStoichiometry(1)
            reference.setConstant(True)
        reaction.createKineticLaw().setMath(libsbml.parseL3Formula("H2O"))
    path = tmp_path / "water.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    done = section(path)
    assert done.facts["judged by"] == FORMULAS and [f.id for f in done.findings] == ["bad"]
    assert "-1 H" in done.findings[0].says and "-1 charge" in done.findings[0].says


def test_a_model_without_reactions_is_not_judged(build):
    done = section(build({"A": 1.0}, {}, {}, rates={"A": "-A"}))
    assert done.score is None and "no reactions" in done.reason
