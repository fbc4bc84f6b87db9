"""Our arms as settings of a published model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.external.published.translation import Activity, Translation
from calibration.external.published.treatment import Obstacle, PublishedTreatment, apart, treatment
from models.core.errors import Mistakes
from models.treatments.arm import Arm, Vocabulary, parse_arm


def arm(words: Vocabulary, context: str = "mef", **table: object) -> Arm:
    problems = Mistakes()
    made = parse_arm("arm", {"context": context, "grown_in": "serum", **table}, words, problems)
    assert made is not None, problems.found
    return made


def told(own: Translation, words: Vocabulary, context: str = "mef", **table: object) -> PublishedTreatment:
    made = treatment(arm(words, context, **table), own, words)
    assert isinstance(made, PublishedTreatment), made
    return made


def lacks(own: Translation, words: Vocabulary, context: str = "mef", **table: object) -> tuple[str, str]:
    made = treatment(arm(words, context, **table), own, words)
    assert isinstance(made, Obstacle), made
    return made.lacks, made.says


def test_a_drug_turns_what_carries_the_work_of_its_targets(own: Translation, words: Vocabulary):
    made = told(own, words, rapamycin="20 nM")
    (stretch,) = made.stretches
    left = 1.0 / (1.0 + words.catalogue["rapamycin"].loads(20.0)["FKBP12"])
    assert dict(stretch.factors) == {"s_on": pytest.approx(left, rel=1e-3)}
    assert dict(stretch.inputs) == {"growth": 7.0, "blocker": 0.0}
    assert made.rest.factors == () and dict(made.rest.inputs)["growth"] == 7.0


@given(dose=st.floats(1e-3, 1e3))
def test_more_drug_leaves_less(own: Translation, words: Vocabulary, dose: float):
    less, more = (
        dict(told(own, words, rapamycin=f"{nM!r} nM").stretches[0].factors)["s_on"] for nM in (dose, 2 * dose)
    )
    assert 0.0 < more < less < 1.0


def test_a_drug_that_the_model_has_is_given_as_a_dose(own: Translation, words: Vocabulary):
    (stretch,) = told(own, words, **{"MK-2206": "1 uM"}).stretches
    assert dict(stretch.inputs) == {"growth": 7.0, "blocker": 500.0} and stretch.factors == ()


def test_a_ligand_comes_on_top_of_the_medium(own: Translation, words: Vocabulary):
    (stretch,) = told(own, words, insulin="100 nM").stretches
    assert dict(stretch.inputs)["growth"] == pytest.approx(8.0)


def test_starved_cells_rest_in_their_medium_first(own: Translation, words: Vocabulary):
    made = told(own, words, starve="16 h", insulin="100 nM")
    assert dict(made.rest.inputs)["growth"] == 7.0
    assert [(s.start, dict(s.inputs)["growth"]) for s in made.stretches] == [
        (-16 * 3600.0, pytest.approx(0.1)),
        (0.0, pytest.approx(1.1)),
    ]


def test_genes_of_the_arm_and_of_the_cells_are_changed(own: Translation, words: Vocabulary):
    made = told(own, words, genes={"S6K1": "knock-down"}, rapamycin="20 nM")
    assert dict(made.rest.factors) == {"S": 0.1, "S_p": 0.1}
    assert dict(made.stretches[0].factors).keys() == {"S", "S_p", "s_on"}
    assert dict(told(own, words, "pc3").rest.factors) == {"off": 0.0}  # PTEN lost
    assert dict(told(own, words, genes={"AKT": "T308A"}).rest.factors) == {"on": 0.0}
    assert told(own, words, "mcf7") == told(own, words, "mef")  # PIK3CA is let pass


def test_a_model_of_those_very_cells_has_their_genes_already(own: Translation, words: Vocabulary):
    theirs = replace(own, contexts=("pc3",))
    assert told(theirs, words, "pc3").rest.factors == ()
    assert lacks(theirs, words, "mef") == ("cells", "the model is of pc3, not of mef")


def test_what_is_lacking_is_said(own: Translation, words: Vocabulary):
    assert lacks(own, words, EGF="1 nM") == ("ligand", "no EGF")
    assert lacks(own, words, lapatinib="1 uM")[0] == "drug"
    assert lacks(own, words, genes={"IRS1": "knock-out"}) == ("gene", "no IRS1 that could be changed (lost)")
    assert lacks(own, words, genes={"AKT": "S473A"}) == ("gene", "no AKT that could be changed (S473A)")
    assert lacks(own, words, "mef_tsc2_null") == ("gene", "no TSC that could be changed (lost)")
    assert lacks(replace(own, media={}), words) == ("medium", "no medium that stands for serum")


def test_a_drug_that_tells_apart_what_the_model_lumps_cannot_be_given(own: Translation, words: Vocabulary):
    assert lacks(own, words, alpelisib="1 uM") == (
        "drug",
        "alpelisib tells PIK3CA and PIK3CB apart, the model does not",
    )
    both = dict(told(own, words, **{"GDC-0941": "1 uM"}).stretches[0].factors)
    assert both["k_on"] < 0.1


def test_a_slight_effect_on_a_target_that_is_not_there_is_let_pass(own: Translation, words: Vocabulary):
    few = replace(own, activities=tuple(a for a in own.activities if "MTORC1" not in a.of))
    assert "s_on" in dict(told(few, words, rapamycin="20 nM").stretches[0].factors)
    assert lacks(few, words, rapamycin="20 uM")[0] == "drug"  # there it also sits on mTORC1 itself


def test_contexts_are_told_apart_by_genes_that_the_model_has(own: Translation, words: Vocabulary):
    assert apart(["mef"], own, words) is None
    assert apart(["mef", "pc3"], own, words) is None
    found = apart(["mef", "mcf7"], own, words)
    assert found is not None and found.lacks == "cells" and "mcf7, mef" in found.says


def test_two_drugs_on_one_rate_multiply(words: Vocabulary, own: Translation):
    more = replace(own, activities=(*own.activities, Activity(("MTORC2",), ("s_on",))))
    assert dict(told(more, words, AZD8055="5 nM").stretches[0].factors)["s_on"] == pytest.approx(0.25)
