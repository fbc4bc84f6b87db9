"""Contexts, media, genes and plausible ranges: what ships is sound, what is broken is said."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.cells.context import WIDEST_PRIOR, check_names, load_contexts, read_context
from models.cells.genes import load_genes
from models.cells.media import LIGANDS, load_media
from models.cells.plausible_ranges import load_plausible
from models.core.errors import Mistakes, UserError

ROOT = Path(__file__).parents[3]
CONTEXTS = ROOT / "models" / "cells" / "contexts"
NAMES = {
    *(
        "normal",
        "hek293",
        "mef",
        "mef_tsc2_null",
        "mcf7",
        "du145",
        "a549",
        "h460",
        "myeloma",
        "tnbc_nonresponder",
    ),
    *("bt474", "skbr3", "mda_mb_361", "mda_mb_468", "mda_mb_231_lm2", "pc3", "gbm_pten_null"),
}
GOOD = (CONTEXTS / "mda_mb_231_lm2.toml").read_text(encoding="utf-8")
VARIED = {"rapamycin.potency": 1, "rapalog_keeps_mtor_from_mtorc2_K": 1}
MEDIA, GENES, SHIPPED = load_media(), load_genes(), load_contexts()


def read(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "mda_mb_231_lm2.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems = Mistakes()
    read_context(path, MEDIA, GENES, problems)
    return [str(p) for p in problems.found]


def test_all_contexts_ship_with_sources_and_narrow_priors() -> None:
    assert set(SHIPPED) == NAMES
    for context in SHIPPED.values():
        assert len(context.free) <= 5
        assert all(0 <= sd <= WIDEST_PRIOR for _, sd in context.free.values())
        assert all(a.source for a in context.copies.values())
    assert SHIPPED["tnbc_nonresponder"].hypothetical
    assert [n for n, c in SHIPPED.items() if c.cohort] == ["gbm_pten_null"]


def test_mutations_become_settings() -> None:
    assert SHIPPED["mcf7"].settings()["PIK3CA_mutant"] == 1
    assert SHIPPED["h460"].settings()["KRAS_mutant"] == 1
    for name, lost in {"mda_mb_468": "PTEN", "mef_tsc2_null": "TSC", "du145": "RB1"}.items():
        assert SHIPPED[name].settings()[f"{lost}_copies"] == 0
        assert f"{lost}_copies" not in SHIPPED[name].free


def test_pairs_differ_by_what_is_claimed_only() -> None:
    mef, null = SHIPPED["mef"].settings(), SHIPPED["mef_tsc2_null"].settings()
    assert null == {**mef, "TSC_copies": 0.0}
    responder, other = SHIPPED["mda_mb_468"].settings(), SHIPPED["tnbc_nonresponder"].settings()
    assert {k for k in responder if responder[k] != other.get(k)} == {
        "IRS1_copies",
        "JAK2_copies",
        "CXCR1_copies",
    }


def test_a_context_may_override_a_plausible_range() -> None:
    shared = load_plausible(ROOT / "models" / "cells" / "plausible_ranges.toml")
    assert (shared.until_s, shared.drift) == (72 * 3600, 0.01)
    assert SHIPPED["mcf7"].bands(shared.bands) == shared.bands
    bands = SHIPPED["mef_tsc2_null"].bands(shared.bands)
    assert bands["pS6K_T389/tS6K"].hi > shared.bands["pS6K_T389/tS6K"].hi == 0.8
    assert bands["pJAK2/tJAK2"] == shared.bands["pJAK2/tJAK2"]


def test_media_levels() -> None:
    assert MEDIA["serum"].levels["IGF1"] == 1.0
    for ligand in LIGANDS:
        low = [MEDIA[m].levels.get(ligand, 0.0) for m in ("serum_free", "serum_low", "serum")]
        assert low == sorted(low)


@pytest.mark.parametrize(
    ("name", "text", "symbol", "change"),
    [
        ("S6K1", "knock-out", "RPS6KB1", "x0"),
        ("rictor", "KO", "MTORC2", "x0"),
        ("SIN1", "T86A/T398A", "MTORC2", "T86A/T398A"),
        ("GRB10", "knock-down", "GRB10", "x0.1"),
        ("Grb10", "knock-down 90%", "GRB10", "x0.1"),
        ("IRS1", "knockdown 97.5 %", "IRS1", "x0.025"),
        ("EGFR", "x5", "EGFR", "x5"),
        ("EGFR", "overexpress", "EGFR", "x5"),
        ("IRS1", "S307A", "IRS1", "S636A"),
        ("FOXO1/3", "loss", "FOXO", "x0"),
    ],
)
def test_genes_have_one_canonical_form(name: str, text: str, symbol: str, change: str) -> None:
    gene = GENES.get(name)
    assert gene is not None
    assert (gene.symbol, gene.change(text)) == (symbol, change)
    assert gene.change(text) == gene.change(change)


@pytest.mark.parametrize("text", ["", "knock-down 120%", "knock-down 90", "x", "x-2", "x1e9", "T86A", "half"])
def test_unknown_changes_are_refused_with_what_is_allowed(text: str) -> None:
    gene = GENES.get("EGFR")
    assert gene is not None
    with pytest.raises(ValueError, match="knock-out"):
        gene.change(text)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"serum"', '"serun"', "Did you mean 'serum'?"),
        ("IRS1 =", "IRS11 =", "Did you mean 'IRS1'?"),
        ("KRAS =", "KRAZ =", "Did you mean 'KRAS'?"),
        ('"G13D"', '"G13DD"', "is not a change of RAS"),
        ("prior = 0.3", "prior = 0.5", "from 0 to 0.33"),
        ("copies = 5e3", 'copies = "5e3"', "a number from 0"),
        ("prior = 0.2", "sd = 0.2", "unknown key 'sd'"),
        ("title =", "tilte =", "Did you mean 'title'?"),
        ("context/1", "context/2", "'context/1'"),
        ('name = "mda', 'name = "mdb', "named as its file"),
        ("[copies]", "[copies", "not valid TOML"),
        ('"loss"', '"knock-down"', "under [copies]"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    assert not read(tmp_path, GOOD)
    assert any(says in line for line in read(tmp_path, GOOD.replace(old, new)))


def test_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "two.toml").write_text("[", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_contexts(tmp_path, MEDIA, GENES)
    assert {p.file for p in caught.value.problems} == {"one.toml", "two.toml"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(GOOD)), cut=st.integers(0, 40), put=st.text(max_size=6) | st.binary(max_size=4))
def test_mangled_files_never_break_the_reader(tmp_path: Path, at: int, cut: int, put: str | bytes) -> None:
    put = put.encode("utf-8", "surrogatepass") if isinstance(put, str) else put
    lines = read(tmp_path, GOOD[:at].encode() + put + GOOD[at + cut :].encode())
    assert all(line.startswith("mda_mb_231_lm2.toml") for line in lines)


def test_names_are_checked_against_the_model() -> None:
    known = {
        s
        for g in GENES.by_symbol.values()
        for s in (g.copies, *(k for m in g.mutants.values() for k, _ in m))
    }
    problems = Mistakes()
    check_names(SHIPPED, GENES, dict.fromkeys(known, 1.0), problems, varied=VARIED)
    assert not problems.found
    check_names(
        SHIPPED, GENES, dict.fromkeys(known - {"IRS1_copies"}, 1.0), problems, varied={}, observables={}
    )
    assert {"genes.toml", "gbm_pten_null.toml", "normal.toml"} <= {p.file for p in problems.found}
