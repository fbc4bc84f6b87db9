"""The command line: statuses, streams, messages."""

from __future__ import annotations

import json

import pytest

from models.core.errors import nearest
from rewire.cli.main import VERBS, with_new_names


def test_help_lists_every_verb(rewire):
    said = rewire("--help")
    assert said.status == 0 and all(f"  {verb} " in said.out for verb in VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_of_a_verb_has_examples_and_json(rewire, verb: str):
    said = rewire(verb, "--help")
    assert (
        said.status == 0 and "Examples:" in said.out and f"rewire {verb}" in said.out and "--json" in said.out
    )


def test_a_misspelt_verb(rewire):
    said = rewire("chek")
    assert said.status == 2 and "did you mean 'check'?" in said.err and said.out == ""
    assert nearest("chek", VERBS) == "check"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("list", "drugs", "--dose", "500"), ("no unit", "nM")),
        (("list", "drugs", "--dose", "-5 nM"), ("negative",)),
        (("list", "rules", "--module", "atk"), ("Did you mean 'akt'?",)),
        (("list", "rules", "--dose", "5 nM"), ("--dose goes with drugs",)),
        (("list", "rules", "--variant", "sin1=s6k_inhibit"), ("s6k_inhibits",)),
        (("list", "rules", "--variant", "sin1"), ("NAME=CHOICE",)),
        (("simulate", "mcf8"), ("Did you mean 'mcf7'?",)),
        (("simulate", "mcf7", "--treat", "rapamicin=20 nM"), ("Did you mean 'rapamycin'?",)),
        (("simulate", "mcf7", "--treat", "rapamycin=20"), ("no unit",)),
        (("simulate", "mcf7", "--treat", "rapamycin"), ("NAME=VALUE",)),
        (("simulate", "mcf7", "--gene", "AKT9=knock-out"), ("AKT",)),
        (("simulate", "mcf7", "--until", "24"), ("no unit",)),
        (("simulate", "mcf7", "--until", "0 h"), ("--until",)),
        (("simulate", "mcf7", "--observable", "pAKT"), ("pAKT_S473",)),
        (("check", "mcf8"), ("Did you mean 'mcf7'?",)),
        (("check", "--finding", "S07_rapamycin_raise_irs1"), ("S07_rapamycin_raises_irs1",)),
        (("knockouts", "foxo_receptor"), ("Did you mean 'foxo_receptors'?",)),
        (("calibrate", "--out", "a", "--resume", "."), ("give one of them",)),
        (("calibrate", "--minutes", "0"), ("minutes",)),
        (("diff", "nowhere", "."), ("nowhere",)),
        (("export", "sbml", "mcf7", "--member", "99999"), ("--member",)),
    ],
)
def test_misuse_is_said_plainly(rewire, args, words):
    said = rewire(*args)
    assert said.status == 2, said.err
    assert said.out == "" and "Traceback" not in said.err
    assert all(word in said.err for word in words), said.err


def test_two_mistakes_are_said_at_once(rewire):
    said = rewire("simulate", "mcf8", "--treat", "rapamicin=20 nM")
    assert "mcf7" in said.err and "rapamycin" in said.err


@pytest.mark.parametrize("what", ["contexts", "drugs", "findings", "rules", "observables", "parameters"])
def test_list_in_both_forms(rewire, what: str):
    said, told = rewire("list", what), rewire("list", what, "--json")
    answer = json.loads(told.out)
    assert said.status == told.status == 0 and answer["schema"] == f"rewire.{what}/1"
    assert len(answer["records"]) > 10 and len(said.out.splitlines()) > 10
    assert told.err == ""


def test_residual_activities_at_a_dose(rewire):
    answer = json.loads(rewire("list", "drugs", "--dose", "0.5 uM", "--json").out)
    assert answer["dose_nM"] == 500.0
    rows = {(r["drug"], r["target"]): r for r in answer["records"]}
    row = rows["AZD8055", "MTORC1"]
    assert row["residual"] == pytest.approx(1 / (1 + 500 / row["K"]))


def test_a_misspelt_choice_names_the_choices(rewire):
    said = rewire("list", "drug")
    assert said.status == 2 and "drugs" in said.err


def test_renamed_options_work_for_one_version_with_a_notice(capsys: pytest.CaptureFixture[str]):
    assert with_new_names(["sample", "--warm", "60", "--lanes=2", "--work", "--warmup"]) == [
        *("sample", "--warmup", "60", "--parallel-starts=2", "--work", "--warmup"),
    ]
    said = capsys.readouterr().err
    assert "--warm is now --warmup" in said and "--lanes is now --parallel-starts" in said
