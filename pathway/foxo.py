"""FOXO leaves the nucleus when AKT phosphorylates it; GSK3 is switched off by AKT.

In: AKT activity. Out: nuclear FOXO, which drives receptor genes; GSK3 without S9 phosphate, which destabilises cyclin D.

*Left out*: 14-3-3, FOXO isoforms and turnover, JNK and other FOXO kinases.
"""

from pathway.builder import ModelBuilder


def molecules(model: ModelBuilder) -> None:
    foxo = model.Monomer("FOXO", ["loc"], {"loc": ["nuc", "cyt"]}, uniprot="O43524 Q12778 P98177")
    gsk3 = model.Monomer("GSK3", ["S9"], {"S9": ["u", "p"]}, uniprot="P49841 P49840")
    copies = model.Parameter("FOXO_copies", 1.2e4, unit="copies/cell", description="FOXO1, FOXO3, FOXO4")
    model.Initial(foxo(loc="cyt"), copies)
    copies = model.Parameter("GSK3_copies", 5e4, unit="copies/cell", description="GSK3-alpha and -beta")
    model.Initial(gsk3(S9="u"), copies)
    model.Observable("nFOXO", foxo(loc="nuc"), "FOXO in the nucleus")
    model.Observable("pFOXO", foxo(loc="cyt"), "FOXO with AKT phosphates, in the cytosol")
    model.Observable("GSK3_active", gsk3(S9="u"))
    model.Observable("pGSK3_S9", gsk3(S9="p"), "GSK3 S9/S21")


def rules(model: ModelBuilder) -> None:
    foxo, gsk3 = model.monomers["FOXO"], model.monomers["GSK3"]
    intact = model.Parameter(
        "FOXO_AKT_sites_intact",
        1.0,
        unit="1",
        description="1 = wild type, 0 = FOXO that AKT cannot phosphorylate",
    )
    akt = model.needs("aAKT_FOXO", 1e4)
    expel = model.Parameter(
        "akt_expels_foxo_kact", 3e-7, prior=0.3, source="guess: most FOXO in the cytosol in serum"
    )
    model.catalyze_one_step(
        "akt_expels_foxo",
        akt * intact,
        foxo(loc="nuc"),
        foxo(loc="cyt"),
        expel,
        evidence="AKT phosphorylates FOXO, which leaves the nucleus; Brunet 1999 Cell 96:857",
    )
    enter = model.Parameter(
        "foxo_enters_nucleus_kcat", 4e-4, prior=0.3, source="5-15 min to 1 h; general knowledge"
    )
    model.Rule("foxo_enters_nucleus", foxo(loc="cyt") >> foxo(loc="nuc"), enter, evidence="Brunet 1999")
    akt = model.needs("aAKT", 1.5e4)
    phosphorylate = model.Parameter(
        "akt_phosphorylates_gsk3_s9_kact", 7e-8, prior=0.3, source="guess: as PRAS40"
    )
    model.catalyze_one_step(
        "akt_phosphorylates_gsk3_s9",
        akt,
        gsk3(S9="u"),
        gsk3(S9="p"),
        phosphorylate,
        evidence="Cross 1995 Nature 378:785",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_gsk3_s9_kcat", 1.7e-3, prior=0.3, source="guess: ten minutes"
    )
    model.Rule(
        "pp_dephosphorylates_gsk3_s9",
        gsk3(S9="p") >> gsk3(S9="u"),
        dephosphorylate,
        evidence="general knowledge",
    )
