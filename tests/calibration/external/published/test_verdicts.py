"""Findings on the toy: known verdicts, and reasons where there can be none."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.external.published import verdicts as module
from calibration.external.published.published_model import Published
from calibration.external.published.translation import Translation
from calibration.external.published.verdicts import PublishedVerdict, observables, verdicts
from calibration.findings.claims.finding import Finding
from calibration.findings.claims.reader import read_findings
from models.simulation.engine import Failure
from models.treatments.arm import Vocabulary
from rewire.project.project import load_project
from rewire.project.selections import all_findings
from tests.calibration.external.published.toy import OBSERVABLES, resting

HEAD = """
format = "findings/1"
source = { citation = "nobody" }
context = "mef"
grown_in = "serum"
[arm.vehicle]
[arm.rapamycin]
rapamycin = "20 nM"
[arm.lapatinib]
lapatinib = "1 uM"
[arm.egf]
EGF = "1 nM"
[arm.irs1]
genes = { IRS1 = "knock-out" }
[arm.akt_null]
genes = { AKT = "knock-out" }
[arm.breast]
context = "mcf7"
"""


def finding(name: str, body: str) -> str:
    return f'\n[[finding]]\nid = "{name}"\nsays = "Said."\ntrust = "weak"\nuse = "fit"\nrow = "X01"\n{body}\n'


def ratio(of: str, bound: str, observable: str = "pAKT_T308", at: str = "1 h", to: str = "vehicle") -> str:
    return (
        f'kind = "ratio"\nobservable = "{observable}"\nof = {{ arm = "{of}", at = "{at}" }}\n'
        f'to = {{ arm = "{to}", at = "{at}" }}\n{bound}'
    )


def part(of: str, bound: str, observable: str = "pAKT_T308") -> str:
    return (
        f'{{ kind = "ratio", observable = "{observable}", of = {{ arm = "{of}", at = "1 h" }}, '
        f'to = {{ arm = "vehicle", at = "1 h" }}, {bound} }}'
    )


FINDINGS = {
    "X01_rises": ratio("rapamycin", "at_least = 1.25"),
    "X01_falls": ratio("rapamycin", "at_most = 0.8"),
    "X01_rises_later": ratio("rapamycin", "at_least = 1.25", at="24 h"),
    "X01_erk": ratio("rapamycin", "at_least = 1.25", "pERK"),
    "X01_lapatinib": ratio("lapatinib", "at_least = 1.25"),
    "X01_egf": ratio("egf", "at_least = 1.25"),
    "X01_irs1": ratio("irs1", "at_least = 1.25"),
    "X01_cells": ratio("breast", "at_least = 1.25"),
    "X01_absent": ratio("vehicle", "at_least = 1.25", to="akt_null"),
    "X01_in_part": f'kind = "all_of"\nparts = [{part("rapamycin", "at_least = 1.25")}, '
    f"{part('rapamycin', 'at_least = 1.25', 'pERK')}]",
}


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory, published: Published, own: Translation, words: Vocabulary
) -> dict[str, PublishedVerdict]:
    read = load(tmp_path_factory.mktemp("findings"), words)
    return {v.finding.id: v for v in verdicts(read, published, own, words)}


def load(folder: Path, words: Vocabulary) -> list[Finding]:
    path = folder / "toy.toml"
    path.write_text(HEAD + "".join(finding(name, body) for name, body in FINDINGS.items()))
    return read_findings(path, words, OBSERVABLES)


def test_what_is_worked_out_by_hand_is_found(found: dict[str, PublishedVerdict], words: Vocabulary):
    left = 1.0 / (1.0 + words.catalogue["rapamycin"].loads(20.0)["FKBP12"])
    fold = resting(mtorc1=left) / resting()
    rises = found["X01_rises"]
    assert rises.score.got == pytest.approx(fold, rel=1e-3) and rises.score.verdict == "holds"
    assert found["X01_falls"].score.verdict == "fails" and found["X01_falls"].lacks is None
    assert rises.within and not found["X01_rises_later"].within


@pytest.mark.parametrize(
    ("name", "lacks", "said"),
    [
        ("X01_erk", "observable", "no pERK"),
        ("X01_lapatinib", "drug", "for lapatinib to act on"),
        ("X01_egf", "ligand", "no EGF"),
        ("X01_irs1", "gene", "no IRS1"),
        ("X01_cells", "cells", "cannot tell mcf7, mef apart"),
        ("X01_absent", "reading", "absent"),
        ("X01_in_part", "observable", "no pERK"),
    ],
)
def test_what_cannot_be_evaluated_says_why(
    found: dict[str, PublishedVerdict], name: str, lacks: str, said: str
):
    verdict = found[name]
    assert verdict.score.verdict == "unevaluable" and verdict.lacks == lacks
    assert said in verdict.score.reason


def test_parts_that_can_be_read_are_counted(found: dict[str, PublishedVerdict]):
    assert found["X01_in_part"].parts == (1, 1) and found["X01_in_part"].finding.n_parts == 2
    assert found["X01_falls"].parts == (0, 1) and found["X01_erk"].parts == (0, 0)


def test_equal_treatments_are_simulated_once(
    tmp_path: Path, published: Published, own: Translation, words: Vocabulary, monkeypatch: pytest.MonkeyPatch
):
    """Whatever cells of ours they are of, and however many findings ask for them."""
    asked = []
    real = module.simulate
    monkeypatch.setattr(module, "simulate", lambda *args: asked.append(args[2]) or real(*args))
    verdicts(load(tmp_path, words), published, own, words)
    (runs,) = asked
    assert len(runs) == 3  # vehicle (which the breast cells are, too), rapamycin, without AKT
    assert sum(86400.0 in times for times in runs.values()) == 2


def test_a_simulation_that_fails_is_an_obstacle(
    tmp_path: Path, published: Published, own: Translation, words: Vocabulary, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "simulate", lambda *args: dict.fromkeys(args[2], Failure("too stiff")))
    told = verdicts(load(tmp_path, words)[:1], published, own, words)
    assert told[0].lacks == "simulation" and "too stiff" in told[0].score.reason


def test_every_finding_of_ours_reads_something():
    world = load_project()
    known = world.built.observables
    for read in all_findings(world):
        assert read.claim is None or set(observables(read.claim)) <= known.keys(), read.id
        assert read.claim is None or list(observables(read.claim))
