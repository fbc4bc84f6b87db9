"""The Python face: the model as PySB has it, and the verbs with their examples."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rewire
import rewire.api
from models.simulation.simulator import VERDICT, Simulator
from rewire.analysis.simulate.ensemble_band import read_arm
from rewire.project.members import load_members
from rewire.project.project import load_project

ROOT = Path(__file__).resolve().parent.parent
VERBS = ("load_model", "simulate", "check", "calibrate", "validate", "posterior", "export", "audit")
EXAMPLES = {
    verb: doctest.DocTestFinder().find(getattr(rewire.api, verb), verb)[0] for verb in rewire.api.__all__
}
SLOW = ("calibrate", "validate")
OBSERVED = ("pAKT_S473", "pS6K_T389", "pERK", "tIRS1", "pHER3", "pSTAT5", "IL8", "growth")


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_says_all_that_one_asks(name: str):
    verb = getattr(rewire.api, name)
    said = inspect.getdoc(verb) or ""
    assert all(f"{part}\n---" in said for part in ("Parameters", "Returns", "Raises", "Examples"))
    for parameter in inspect.signature(verb).parameters:
        assert parameter in said, parameter


def test_each_verb_has_an_example():
    assert set(EXAMPLES) == set(VERBS) and all(example.examples for example in EXAMPLES.values())


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=verb, marks=[pytest.mark.slow] if verb in SLOW else [])
        for verb, example in EXAMPLES.items()
    ],
)
def test_the_example_runs(example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.append)
    assert not said, "".join(said)


def test_verbs_that_are_packages_can_be_called(tmp_path: Path):
    """Whether or not a module of theirs was imported before."""
    code = """
import rewire
first = rewire.export
from rewire.export.formats import FORMS
assert rewire.export is first and callable(first) and callable(rewire.audit)
from models.core.errors import UserError
try:
    rewire.export("smbl", "x")
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "unknown format 'smbl'" in done.stdout, done.stderr


# --- the model as PySB has it ---------------------------------------------------------------------------
@pytest.fixture(scope="module")
def resting():
    """PySB's own simulator of resting cells."""
    from pysb.simulator import ScipyOdeSimulator

    model = rewire.load_model("mcf7", member=3, steady_state=True)
    options = {"rtol": 1e-9, "atol": 1e-7, "mxstep": 1_000_000}
    return ScipyOdeSimulator(model, integrator="lsoda", integrator_options=options, compiler="python")


def course(simulator, times, **values: float) -> np.ndarray:
    """Observables and expressions (n_times, n) from PySB."""
    done = simulator.run(tspan=times, param_values=values or None)
    tables = [
        done.observables if name in done.observables.dtype.names else done.expressions for name in OBSERVED
    ]
    return np.column_stack([table[name] for table, name in zip(tables, OBSERVED, strict=True)])


def ours(treat: tuple[str, ...], times, member: int) -> np.ndarray:
    """The same from our engine; the medium is not renewed at time 0, as PySB knows of no medium."""
    world = load_project()
    arm = read_arm(world, "mcf7", treat, renew_medium=False)
    values = load_members(world, None, None).values[member]
    simulator = Simulator(world.built, world.contexts, world.catalogue, world.media, world.genes)
    done = simulator.run({arm: times}, values, VERDICT)[arm]
    return done.copies[:, [done.names.index(name) for name in OBSERVED]]


def test_pysb_simulates_a_vehicle_course_as_we_do(resting):
    times = [0.0, 3600.0, 86400.0]
    assert np.allclose(course(resting, times), ours((), times, 3), rtol=1e-4, atol=1e-2)


def test_pysb_simulates_a_ligand_as_we_do(resting):
    times = [0.0, 300.0, 3600.0, 14400.0]
    added = resting.model.parameters["NRG1_nM"].value + 2.0
    mine = ours(("NRG1=2 nM",), times, 3)
    assert mine[2, 4] > 1.5 * mine[0, 4]  # pHER3 rises
    assert np.allclose(course(resting, times, NRG1_nM=added), mine, rtol=1e-4, atol=1e-2)


def test_without_a_member_rates_are_first_guesses_and_cells_start_from_their_abundances():
    model = rewire.load_model("mcf7")
    built = load_project().built
    assert all(model.parameters[name].value == rate.guess for name, rate in built.rates.items())
    copies = load_project().contexts["mcf7"].copies
    assert all(model.parameters[name].value == given.copies for name, given in copies.items())
    assert len(model.initials) == len(built.model.initials)


def test_without_a_context_defaults_stand():
    model, built = rewire.load_model(member="best"), load_project().built
    assert all(model.parameters[name].value == s.default for name, s in built.settings.items())
    assert any(model.parameters[name].value != rate.guess for name, rate in built.rates.items())


def test_a_model_is_made_anew_each_time():
    first, second = rewire.load_model(), rewire.load_model()
    first.parameters["AKT_copies"].value = 1.0
    assert second.parameters["AKT_copies"].value == 1.5e5
    assert load_project().built.model.parameters["AKT_copies"].value == 1.5e5


def test_a_hypothesis_is_taken():
    names = {rule.name for rule in rewire.load_model(variants=["sin1=akt_activates"]).rules}
    assert "akt_phosphorylates_sin1_t86" in names and "s6k_phosphorylates_sin1_t86" not in names


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"context": "mcf8"}, "mcf7"),
        ({"member": 10**6}, "best, median"),
        ({"variants": ["sin1=no"]}, "akt_activates"),
    ],
)
def test_a_mistake_names_what_is_allowed(asked: dict, said: str):
    from models.core.errors import UserError

    with pytest.raises(UserError, match=said):
        rewire.load_model(**asked)


def test_evidence_travels_with_the_model():
    """PySB's own exporters keep the annotations."""
    from pysb.export import export
    from pysb.importers.json import model_from_json

    model = rewire.load_model()
    flat = export(model, "pysb_flat")
    assert "Annotation(EGFR, 'https://identifiers.org/uniprot:P00533', 'is')" in flat
    assert (
        "Annotation(mtorc2_phosphorylates_akt_s473, 'https://identifiers.org/doi:10.1126/science.1106148', "
        "'isDescribedBy')" in flat
    )
    again = model_from_json(export(model, "json"))
    assert [repr(a) for a in again.annotations] == [repr(a) for a in model.annotations]
    marked = {a.subject.name for a in model.annotations}
    assert {m.name for m in model.monomers} <= marked
    assert len(marked & {r.name for r in model.rules}) > 60


def test_annotations_change_no_network():
    from models.network import SHIPPED, network_key

    model = rewire.load_model("mcf7", member="best")
    before = network_key(model)
    model.annotations.clear()
    assert network_key(model) == before
    assert (SHIPPED / f"{before}.net.gz").exists()
