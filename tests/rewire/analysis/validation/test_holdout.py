"""Findings leave together, and twins of them that stay are found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.findings.claims.kinds import AllOf, Order, Ratio, Unchanged
from calibration.findings.claims.points import Point
from calibration.findings.claims.reader import load_findings
from models.assemble import build
from models.cells.context import load_contexts
from models.cells.drugs import load_catalogue
from models.cells.genes import load_genes
from models.cells.media import load_media
from models.core.errors import UserError
from models.treatments.arm import Arm, Vocabulary
from models.treatments.schedule import Segment
from rewire.analysis.validation.holdout import BY, FOLDS, comparisons, direction, folds, kin, paper


def arm(name: str = "vehicle", drug: str = "", context: str = "mcf7") -> Arm:
    segment = Segment(0.0, "serum", drugs=((drug, 20.0),)) if drug else Segment(0.0, "serum")
    return Arm(name, context, "serum", False, (), (segment,))


def point(arm: Arm, time: float = 3600.0, observable: str = "pAKT_S473") -> Point:
    return Point(arm, time, observable)


def told(id: str, claim, context: str = "mcf7", file: str = "a_2000.toml"):
    return SimpleNamespace(id=id, claim=claim, contexts=(context,), file=f"/x/{file}", kind="ratio")


def rises(drug: str = "rapamycin", time: float = 3600.0, context: str = "mcf7", by: float = 1.5) -> Ratio:
    return Ratio(point(arm("x", drug, context), time), point(arm("v", "", context), time), by, None)


def falls(drug: str = "rapamycin") -> Ratio:
    return Ratio(point(arm("x", drug)), point(arm("v")), None, 0.5)


@pytest.fixture(scope="module")
def shipped():
    words = Vocabulary(load_contexts(), load_catalogue(), load_media(), load_genes())
    return [f for f in load_findings(words=words, built=build()) if f.claim is not None]


def test_every_finding_is_left_out_by_its_own_name_paper_and_contexts(shipped):
    fit = [f for f in shipped if f.use == "fit" and not f.is_cohort]
    for by in BY:
        made = folds(fit, by)
        assert {id for fold in made.values() for id in fold.leave} == {f.id for f in fit}
        assert all(len(set(fold.leave)) == len(fold.leave) for fold in made.values())
    assert all(fold.leave == (name,) for name, fold in folds(fit, "finding").items())
    haruta = folds(fit, "paper")["haruta_2000"]
    assert haruta.leave == tuple(f.id for f in fit if f.file.endswith("haruta_2000.toml"))
    two = next(f for f in fit if len(f.contexts) > 1)
    assert all(two.id in folds(fit, "context")[name].leave for name in two.contexts)


def test_folds_keep_papers_together_and_are_about_as_large(shipped):
    rows = [f for f in shipped if f.use != "frozen" and not f.is_cohort]
    made = folds(rows, "folds")
    assert len(made) == FOLDS and sorted(i for f in made.values() for i in f.leave) == sorted(
        f.id for f in rows
    )
    fold_of = {id: name for name, fold in made.items() for id in fold.leave}
    papers = {(paper(f), fold_of[f.id]) for f in rows}
    assert len(papers) == len({name for name, _ in papers})
    sizes = [len(fold.leave) for fold in made.values()]
    assert max(sizes) < 2 * min(sizes)
    assert made == folds(rows, "folds")


def test_fewer_papers_than_folds_are_refused(shipped):
    few = [f for f in shipped if paper(f) in ("haruta_2000", "shi_2005")]
    with pytest.raises(UserError, match="2 papers for 5 folds"):
        folds(few, "folds")


def test_no_context_is_looked_at_by_what_stays_when_it_is_left_out(shipped):
    fit = [f for f in shipped if f.use == "fit" and not f.is_cohort]
    for name, fold in folds(fit, "context").items():
        assert not any(name in f.contexts for f in fit if f.id not in fold.leave)


def test_a_twin_is_the_same_comparison_at_another_time_with_another_threshold():
    asked = told("a", rises())
    assert kin([asked], [told("b", rises(time=60.0, by=2.0))])["a"].twin == "b"
    assert kin([asked], [told("b", falls())])["a"].twin == ""
    assert kin([asked], [told("b", rises("BEZ235"))])["a"].twin == ""
    assert kin([asked], [])["a"].information == 0.0


def test_a_claim_for_other_cells_is_a_sibling_and_no_twin():
    found = kin([told("a", rises())], [told("b", rises(context="du145"), "du145")])["a"]
    assert (found.twin, found.sibling, found.information) == ("", "b", 0.0)


def test_a_claim_of_several_parts_has_a_twin_only_where_all_of_it_is_said():
    whole = AllOf((rises(), falls("BEZ235")))
    half = kin([told("a", whole)], [told("b", rises())])["a"]
    assert (half.twin, half.information) == ("", 0.5)
    both = kin([told("a", whole)], [told("b", rises()), told("c", falls("BEZ235"))])["a"]
    assert (both.twin, both.information) == ("b", 1.0)


def test_an_order_is_a_chain_of_rises():
    low, high = point(arm("v")), point(arm("x", "rapamycin"))
    assert comparisons(Order((low, high), 1.1)) == comparisons(rises())
    assert comparisons(Unchanged(high, low, 1.25)) != comparisons(rises())


@given(st.floats(0.01, 100), st.booleans())
def test_a_bound_beyond_one_has_a_direction(bound, lower):
    said = direction(bound, None) if lower else direction(None, bound)
    if lower:
        assert said == ("up" if bound >= 1 else "not down")
    else:
        assert said == ("down" if bound <= 1 else "not up")


def test_every_shipped_claim_has_comparisons_and_is_told_by_itself(shipped):
    assert all(comparisons(f.claim) for f in shipped)
    assert all(found.information == 1.0 and found.twin for found in kin(shipped, shipped).values())
    alone = shipped[0]
    assert kin([alone], [replace(alone, id="again")])[alone.id].twin == "again"
