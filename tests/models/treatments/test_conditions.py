"""Conditions: the numbers that an arm sets, with and without overrides."""

from time import perf_counter
from typing import Any

import pytest

from models.assemble import build
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import LIGANDS, load_media
from models.core.errors import Mistakes
from models.treatments.arm import Arm, Vocabulary, parse_arm
from models.treatments.conditions import Compiled, Conditions, compile_arm
from models.treatments.conditions import conditions as conditions_of

WORDS = Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())
DEFAULTS: dict[str, float] = {gene.copies: 1e4 for gene in WORDS.genes.by_symbol.values()}
DEFAULTS |= {
    k: float("intact" in k) for g in WORDS.genes.by_symbol.values() for m in g.mutants.values() for k, _ in m
}
DEFAULTS |= {f"load_{t.target}": 0.0 for d in WORDS.catalogue for t in d.targets}
DEFAULTS |= {f"{ligand}_nM": 0.0 for ligand in LIGANDS}


def compiled(context: str = "mcf7", **table: Any) -> Compiled:
    problems = Mistakes()
    arm = parse_arm("a", table, WORDS, problems, context=context)
    problems.raise_if_any()
    assert isinstance(arm, Arm)
    return compile_arm(arm, WORDS.contexts[context], WORDS.catalogue, WORDS.media, WORDS.genes, DEFAULTS)


def conditions(context: str = "mcf7", overrides: dict[str, float] | None = None, **table: Any) -> Conditions:
    return compiled(context, **table).conditions(overrides)


def test_rest_is_the_cell_in_its_medium_without_drugs() -> None:
    c = conditions(rapamycin="20 nM @ -30 min", insulin="100 nM")
    assert c.rest["IRS1_copies"] == 3e4
    assert c.rest["PIK3CA_mutant"] == 1
    assert c.rest["IGF1_nM"] == 1
    assert not any(k.startswith("load_") for k in c.rest)
    assert [t for t, _ in c.segments] == [-1800, 0]
    before, after = (s for _, s in c.segments)
    assert before["load_FKBP12"] == after["load_FKBP12"] == pytest.approx(20 / 0.2)
    assert before["insulin_nM"] == pytest.approx(0.05)
    assert after["insulin_nM"] == pytest.approx(100.05)
    assert before["IRS1_copies"] == 3e4


def test_starved_cells_lose_their_ligands() -> None:
    c = conditions(starve="16 h", insulin="100 nM")
    assert c.rest["PDGF_nM"] == 0.05
    assert [s["PDGF_nM"] for _, s in c.segments] == [0, 0]
    assert [s["insulin_nM"] for _, s in c.segments] == [0, 100]


def test_genes_multiply_what_the_cell_has() -> None:
    genes = {"IRS1": "knock-down", "GRB10": "x5", "SIN1": ["T86A/T398A", "knock-down 50%"], "TSC2": "KO"}
    rest = conditions(genes=genes).rest
    assert rest["IRS1_copies"] == pytest.approx(0.1 * 3e4)
    assert rest["GRB10_copies"] == 5e4
    assert (rest["SIN1_T86_T398_intact"], rest["MTORC2_copies"]) == (0, 5e3)
    assert rest["TSC_copies"] == 0
    assert conditions(genes={"PIK3CA": "wild type"}).rest["PIK3CA_mutant"] == 0
    assert conditions("a549", genes={"PIK3CA": "H1047R"}).rest["PIK3CA_mutant"] == 1


def test_overrides_reach_their_context_and_pass_through_genes() -> None:
    ready = compiled(genes={"IRS1": "knock-down", "GRB10": "KO"}, AZD8055="500 nM")
    over = {
        "mcf7.IRS1_copies": 1e5,
        "mcf7.GRB10_copies": 9e9,
        "mcf7.FOXO_copies": 7.0,
        "du145.IGF1R_copies": 1.0,
    }
    for settings in (ready.conditions(over).rest, ready.conditions(over).segments[0][1]):
        assert settings["IRS1_copies"] == pytest.approx(1e4)
        assert settings["GRB10_copies"] == 0
        assert settings["FOXO_copies"] == 7
        assert settings["IGF1R_copies"] == 2e4
    assert ready.conditions().rest["IRS1_copies"] == pytest.approx(3e3), "a call must not change the plan"
    assert {"mcf7.IRS1_copies", "AZD8055.potency"} <= ready.reads
    assert "du145.IGF1R_copies" not in ready.reads


def test_what_is_lost_stays_lost() -> None:
    assert conditions("mda_mb_468", {"mda_mb_468.PTEN_copies": 5.0}).rest["PTEN_copies"] == 0


@pytest.mark.parametrize("drug", load_catalogue().names)
def test_loads_and_potency_shifts_are_the_catalogue_s(drug: str) -> None:
    for shift in (0.0, 0.5, -1.0):
        ((_, settings),) = conditions(overrides={f"{drug}.potency": shift}, **{drug: "100 nM"}).segments
        for target, load in WORDS.catalogue[drug].loads(100.0, shift).items():
            assert settings[f"load_{target}"] == pytest.approx(load)


def test_loads_of_two_drugs_add_up() -> None:
    both = conditions(AZD8055="500 nM", BEZ235="300 nM").segments[0][1]["load_MTORC1"]
    apart = [WORDS.catalogue[d].loads(x)["MTORC1"] for d, x in (("AZD8055", 500.0), ("BEZ235", 300.0))]
    assert both == pytest.approx(sum(apart))


def test_settings_that_the_model_lacks_are_dropped() -> None:
    problems = Mistakes()
    arm = parse_arm("a", {"rapamycin": "20 nM"}, WORDS, problems, context="mcf7")
    assert arm is not None
    model = {"IRS1_copies": 1e4, "EGF_nM": 0.0}
    few = compile_arm(arm, WORDS.contexts["mcf7"], WORDS.catalogue, WORDS.media, WORDS.genes, model)
    assert few.conditions().segments == [(0.0, {"IRS1_copies": 3e4, "EGF_nM": 0.02})]


def test_a_call_is_cheap() -> None:
    ready = compiled("mda_mb_468", BEZ235="300 nM", reparixin="1 uM@24 h")
    over = {f"mda_mb_468.{s}": v for s, v in DEFAULTS.items()}
    best = min(_seconds(ready, over) for _ in range(5))
    assert best < 1e-3  # 110 arms then cost a tenth of a second at the very worst; about 20 us here


def _seconds(ready: Compiled, over: dict[str, float]) -> float:
    start = perf_counter()
    for _ in range(20):
        ready.conditions(over)
    return (perf_counter() - start) / 20


def test_without_defaults_those_of_the_model_are_used() -> None:
    problems = Mistakes()
    arm = parse_arm("a", {"genes": {"GRB10": "knock-down"}}, WORDS, problems, context="mcf7")
    assert arm is not None
    parts = WORDS.catalogue, WORDS.media, WORDS.genes
    usual = build().settings["GRB10_copies"].default
    read = conditions_of(arm, WORDS.contexts["mcf7"], *parts, {"mcf7.IRS1_copies": 5.0})
    assert read.rest["GRB10_copies"] == pytest.approx(0.1 * usual)
    assert read.rest["IRS1_copies"] == 5
    with pytest.raises(ValueError, match="'mcf7', not in 'mef'"):
        conditions_of(arm, WORDS.contexts["mef"], *parts)
