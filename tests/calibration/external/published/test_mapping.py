"""Mapping files: right ones are read, wrong ones told, all mistakes at once."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.external.published.mapping import read_mapping
from calibration.external.published.published_model import Published
from calibration.external.published.translation import Translation
from models.core.errors import UserError
from models.treatments.arm import Vocabulary
from tests.calibration.external.published.toy import MAPPING, OBSERVABLES


def test_it_is_read(own: Translation):
    assert (own.title, own.second, own.span, own.rest, own.contexts) == ("Toy", 60.0, 7200.0, inf, None)
    assert own.observables["pAKT_T308"] == "A_p"
    assert own.media["serum"] == {"growth": 7.0} and own.ligands == {"insulin": {"growth": 0.01}}
    assert own.inputs == {"growth", "blocker"} and own.drugs == {"MK-2206": {"blocker": 0.5}}
    assert own.activities[0].of == ("FKBP12",) and own.activities[0].turns == ("s_on",)
    assert own.genes["AKT"].turns == ("A", "A_p") and own.genes["AKT"].mutants == {"T308A": ("on",)}
    assert own.turned == {"s_on", "k_on", "strength", "A", "A_p", "on", "S", "S_p", "off"}
    assert own.ignores == {"PIK3CA", "RAS", "RB1", "INPP4B"}


MISTAKES = [
    ('time = "min"', 'time = "minutes"', "time: 'minutes'; allowed: d, h, min, s"),
    ('time = "min"', "", "time: missing"),
    ('title = "Toy"', "", "title: missing"),
    ('span = "2 h"', "span = 2", "span: 2 has no unit"),
    ('contexts = "any"', 'contexts = ["mcf8"]', "contexts: 'mcf8'.*Did you mean 'mcf7'"),
    ('"PIK3CA", ', '"RB2", ', "ignores: unknown gene 'RB2'"),
    ('contexts = "any"', 'context = "any"', "unknown key 'context'.*Did you mean 'contexts'"),
    ('contexts = "any"', 'cycle = "1 h"', "cycle: given, but"),
    ('pAKT_T308 = "A_p"', 'pAKT_T309 = "A_p"', "unknown observable 'pAKT_T309'.*Did you mean 'pAKT_T308'"),
    ('"A_p"', '"A_q"', "observable.pAKT_T308: 'A_q' is not in the model.*Did you mean 'A_p'"),
    ('"S_p"', '"exp(S_p)"', "observable.pS6K_T389: the function 'exp'"),
    ('"S_p"', '"S_p ^ 2"', "observable.pS6K_T389: .*in a formula"),
    ('"S_p"', '"S_p +"', "observable.pS6K_T389: "),
    ('"S_p"', '"on"', "observable.pS6K_T389: 'on' is a reaction"),
    ('"S_p"', "3", "observable.pS6K_T389: 3"),
    ('"S_p"', '"twin"', "observable.pS6K_T389: 'twin' is the name of several things. Give an id: S, S_p"),
    ("[medium.serum]", "[medium.serums]", "unknown medium 'serums'.*Did you mean 'serum'"),
    ("growth = 7", "grwth = 7", "medium.serum: 'grwth' is not in the model.*Did you mean 'growth'"),
    ("growth = 7", "growth = -7", "medium.serum.growth: -7; allowed: a number, 0 or more"),
    ("growth = 7", 'growth = "7"', "medium.serum.growth: '7'"),
    ("growth = 7", "growth = 7\nbase = 1", "medium.serum_low: 'base' is missing"),
    ("[ligand.insulin]", "[ligand.insuline]", "unknown ligand 'insuline'.*Did you mean 'insulin'"),
    ("[drug.MK-2206]", "[drug.MK-2207]", "unknown drug 'MK-2207'.*Did you mean 'MK-2206'"),
    ('of = ["FKBP12"]', 'of = ["FKBP"]', "activity 1.of: 'FKBP'.*Did you mean 'FKBP12'"),
    ('of = ["MTORC1"]', 'of = ["FKBP12"]', "activity 2.of: 'FKBP12' is in an activity above"),
    ('["k_on"]', '["k_onn"]', "activity 3.turns: 'k_onn' is not in the model.*Did you mean 'k_on'"),
    ('["k_on"]', '["A"]', "activity 3.turns: 'A' is a species"),
    ('["k_on"]', '["growth"]', "turns 'growth', which a medium or dose sets"),
    ('["k_on"]', "[]", "activity 3.turns: "),
    ("[gene.PTEN]", "[gene.PTENN]", "unknown gene 'PTENN'.*Did you mean 'PTEN'"),
    ('"T308A"', '"T308B"', "gene.AKT: unknown key 'T308B'"),
    ('format = "mapping/1"', 'format = "mapping/2"', "format: 'mapping/2'; allowed: 'mapping/1'"),
    ("[observable]", "[observable", "is not valid TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, published: Published, words: Vocabulary, right: str, wrong: str, said: str
):
    assert right in MAPPING
    path = tmp_path / "toy.toml"
    path.write_text(MAPPING.replace(right, wrong, 1))
    with pytest.raises(UserError, match=said) as told:
        read_mapping(path, published, words, OBSERVABLES)
    assert "toy.toml" in str(told.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path, published: Published, words: Vocabulary):
    text = MAPPING
    chosen = [m for m in MISTAKES if m[0] in ('time = "min"', "growth = 7", "[gene.PTEN]", '"T308A"')][1:]
    for right, wrong, _ in {m[0]: m for m in chosen}.values():
        text = text.replace(right, wrong, 1)
    path = tmp_path / "toy.toml"
    path.write_text(text)
    with pytest.raises(UserError) as told:
        read_mapping(path, published, words, OBSERVABLES)
    assert len(told.value.problems) >= 4


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="AS_p0123456789.eE+-*/() \t_abcxyz^%,;'\"[]", max_size=40))
def test_any_formula_is_read_or_refused(
    tmp_path: Path, published: Published, words: Vocabulary, formula: str
):
    """Nothing but names of the model, numbers, + - * / and parentheses gets through."""
    path = tmp_path / "toy.toml"
    path.write_text(MAPPING.replace('"S_p"', "'''" + formula.replace("'", "") + "'''", 1))
    try:
        own = read_mapping(path, published, words, OBSERVABLES)
    except UserError as error:
        assert all("toy.toml" in str(problem) for problem in error.problems)
    else:
        assert set(own.observables["pS6K_T389"]) <= set("AS_pkgrowthblckeansfi0123456789.eE+-*/() \t")
        assert "rewire_reading_" in published.handled(own.observables, [], []).text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["contexts", "ignores", "rest", "cycle", "span", "activity", "medium", "gene", "drug"]),
    st.sampled_from(["1", '"x"', "[]", "[1]", "{}", "{ a = 1 }", "true", "[{ of = 1 }]", "{ serum = 1 }"]),
)
def test_any_value_under_any_key_is_read_or_refused(
    tmp_path: Path, published: Published, words: Vocabulary, key: str, value: str
):
    head, _, _ = MAPPING.partition("[observable]")
    lines = [line for line in head.splitlines() if not line.startswith(f"{key} =")]
    path = tmp_path / "toy.toml"
    path.write_text("\n".join([*lines, f"{key} = {value}"]))
    try:
        read_mapping(path, published, words, OBSERVABLES)
    except UserError as error:
        assert error.problems
