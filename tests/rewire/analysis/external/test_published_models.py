"""`rewire check --model … --mapping …`: the toy, mistakes, and the published models themselves."""

from __future__ import annotations

import json
from pathlib import Path

import libsbml
import pytest

from rewire.analysis.external.published_models import CANNOT, check_published, claims
from tests.calibration.external.published.toy import MAPPING, toy
from tests.rewire.conftest import Rewire

ROOT = Path(__file__).resolve().parents[4]
SBML = ROOT.parent / "shared" / "data" / "models" / "sbml"
MAPPINGS = ROOT / "examples" / "published"
REBOUND = MAPPINGS / "rebound"

FINDINGS = """
format = "findings/1"
source = { citation = "A paper, 2000" }
context = "mef"
grown_in = "serum"
[arm.vehicle]
[arm.rapamycin]
rapamycin = "20 nM"

[[finding]]
id = "S02_rises"
row = "S02"
says = "Rapamycin raises S473."
kind = "ratio"
observable = "pAKT_S473"
of = { arm = "rapamycin", at = "24 h" }
to = { arm = "vehicle", at = "24 h" }
at_least = 1.25
contexts = ["mef", "hek293"]
trust = "strong"
use = "fit"

[[finding]]
id = "S02_falls"
row = "S02"
says = "It does not."
kind = "ratio"
observable = "pAKT_S473"
of = { arm = "rapamycin", at = "1 h" }
to = { arm = "vehicle", at = "1 h" }
at_most = 0.8
trust = "weak"
use = "validation"

[[finding]]
id = "S02_erk"
row = "S02"
says = "Not to be seen."
kind = "ratio"
observable = "pERK"
of = { arm = "rapamycin", at = "1 h" }
to = { arm = "vehicle", at = "1 h" }
at_least = 1.25
trust = "weak"
use = "fit"
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A model, a mapping, and findings."""
    model, mapping, findings = tmp_path / "toy.xml", tmp_path / "toy.toml", tmp_path / "findings"
    assert libsbml.writeSBMLToFile(toy(), str(model))
    mapping.write_text(MAPPING)
    findings.mkdir()
    (findings / "paper.toml").write_text(FINDINGS)
    return model, mapping, findings


def test_a_published_model_is_checked(rewire: Rewire, files: tuple[Path, Path, Path]):
    model, mapping, findings = files
    said = rewire("check", "--model", model, "--mapping", mapping, "--findings", findings)
    assert said.status == 0  # what fails is no fit finding
    assert "holds, beyond its data" in said.out and "cannot be evaluated: no pERK" in said.out
    assert "claims that hold: 1 of 2 that can be evaluated; 1 cannot" in said.out
    assert "left out of the model: event pulse" in said.out


def test_the_json_answer_is_one_of_a_check(rewire: Rewire, files: tuple[Path, Path, Path], tmp_path: Path):
    """So `rewire diff` compares a published model with ours, or with another one."""
    model, mapping, findings = files
    said = rewire("check", "--model", model, "--mapping", mapping, "--findings", findings, "--json")
    told = json.loads(said.out)
    assert told["schema"] == "rewire.check/1" and told["title"] == "Toy" and told["members"] == 1
    by_id = {r["id"]: r for r in told["records"]}
    assert by_id["S02_erk"]["lacks"] == "observable" and by_id["S02_erk"]["margin"]["median"] is None
    assert by_id["S02_falls"]["verdict"] == "fails" and by_id["S02_falls"]["within_span"]
    assert by_id["S02_rises@mef"]["parts"] == {"hold": 1, "read": 1, "of": 1}
    answer = tmp_path / "theirs.json"
    answer.write_text(said.out)
    assert rewire("diff", answer, answer).out.strip().endswith("Nothing moved.")


def test_a_mapping_of_another_file_is_noticed(rewire: Rewire, files: tuple[Path, Path, Path]):
    model, mapping, findings = files
    mapping.write_text(MAPPING.replace('model = "toy"', 'model = "BIOMD0000000001"'))
    said = rewire("check", "--model", model, "--mapping", mapping, "--findings", findings)
    assert "written for BIOMD0000000001, and this file is called toy.xml" in said.err and said.status == 0


def test_findings_can_be_narrowed(rewire: Rewire, files: tuple[Path, Path, Path]):
    model, mapping, findings = files
    asked = ("check", "hek293", "--model", model, "--mapping", mapping, "--findings", findings, "--json")
    records = json.loads(rewire(*asked).out)["records"]
    assert [r["id"] for r in records] == ["S02_rises@hek293"]


def test_a_fit_finding_that_fails_is_status_1(rewire: Rewire, files: tuple[Path, Path, Path]):
    model, mapping, findings = files
    text = FINDINGS.replace("at_least = 1.25\ncontexts", "at_least = 100\ncontexts")
    (findings / "paper.toml").write_text(text)
    assert rewire("check", "--model", model, "--mapping", mapping, "--findings", findings).status == 1


def test_a_claim_is_counted_once(files: tuple[Path, Path, Path]):
    model, mapping, findings = files
    found = check_published(model, mapping, folder=findings)
    assert len(found.verdicts) == 4
    assert claims(found.verdicts) == {"S02_rises": "holds", "S02_falls": "fails", "S02_erk": CANNOT}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "goes with --mapping"),
        (("--mapping", "MAPPING", "--changed"), "goes with"),
        (("--mapping", "MAPPING", "--variant", "sin1=akt_activates"), "goes with"),
    ],
)
def test_misuse(rewire: Rewire, files: tuple[Path, Path, Path], more: tuple[str, ...], said: str):
    model, mapping, _ = files
    told = rewire("check", "--model", model, *(str(mapping) if a == "MAPPING" else a for a in more))
    assert told.status == 2 and said in told.err


def test_mistakes_are_told_without_a_traceback(rewire: Rewire, files: tuple[Path, Path, Path]):
    model, mapping, _ = files
    mapping.write_text(MAPPING.replace('"A_p"', '"Ap"', 1).replace("growth = 7", "growht = 7", 1))
    told = rewire("check", "--model", model, "--mapping", mapping)
    assert told.status == 2 and "Traceback" not in told.err and not told.out
    assert "Did you mean 'A_p'?" in told.err and "Did you mean 'growth'?" in told.err
    model.write_text("<sbml>")
    assert rewire("check", "--model", model, "--mapping", mapping).status == 2


def test_a_model_that_no_engine_loads_is_a_mistake_of_its_file(
    rewire: Rewire, files: tuple[Path, Path, Path]
):
    model, mapping, findings = files
    document = toy()
    law = document.getModel().getReaction("on").getKineticLaw()
    law.setMath(libsbml.parseL3Formula("nowhere * A"))
    libsbml.writeSBMLToFile(document, str(model))
    told = rewire("check", "--model", model, "--mapping", mapping, "--findings", findings)
    assert told.status == 2 and "toy.xml" in told.err and "Traceback" not in told.err


# --- models of others -------------------------------------------------------------------------------------
needs_models = pytest.mark.skipif(not SBML.is_dir(), reason="needs ../shared/data/models/sbml")


def model_of(name: str) -> Path:
    line = next(x for x in (MAPPINGS / name).read_text().splitlines() if x.startswith("model ="))
    return next(iter(sorted(SBML.glob(f"{line.split(chr(34))[1]}*.xml"))), SBML / "absent")


def folds(name: str) -> dict[str, float]:
    found = check_published(model_of(name), MAPPINGS / name, folder=REBOUND)
    return {v.finding.id: v.score.got for v in found.verdicts if v.lacks is None}


@needs_models
@pytest.mark.parametrize(
    ("name", "t308", "s473"),
    [
        ("sonntag_2012.toml", (16, 40), (5, 13)),
        ("dalle_pezze_2012.toml", (50, 150), (50, 150)),
        ("brannmark_2013.toml", (0.2, 0.4), (0.7, 0.9)),
        ("di_camillo_2016.toml", (3, 6), (0.99, 1.01)),
    ],
)
def test_the_rebound_is_where_a_first_probe_saw_it(
    name: str, t308: tuple[float, float], s473: tuple[float, float]
):
    """× 16 and × 6.9, × 52 and × 52, × 0.27 and × 0.81, × 3.1 and × 1.00 were seen with a cut to 2 %."""
    seen = folds(name)
    assert t308[0] < seen["R01_t308_at_24h"] < t308[1]
    assert s473[0] < seen["R01_s473_at_24h"] < s473[1]


@needs_models
@pytest.mark.slow
@pytest.mark.parametrize("mapping", sorted(path.name for path in MAPPINGS.glob("*.toml")))
def test_every_mapping_is_read_and_its_model_runs(mapping: str):
    model = model_of(mapping)
    if not model.exists():
        pytest.skip(f"the model of {mapping} is not among the files")
    found = check_published(model, MAPPINGS / mapping)
    # without mTORC2, Brännmark takes a power of an amount that is nothing
    assert {v.finding.id for v in found.verdicts if v.lacks == "simulation"} <= {
        "S49_t308_stays_without_sin1"
    }
    assert sum(v.lacks is None for v in found.verdicts) >= 20
