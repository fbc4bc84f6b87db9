"""STAT5 makes the cell secrete IL-8 and carry its receptor CXCR1; IL-8 on CXCR1 keeps JAK2 on: the second wave.

In: nuclear STAT5. Out: IL-8 in the medium, active CXCR1.

IL-8 is counted in the 2 nL of medium a cell has (1 nM = 1.2e6 copies) and starts from none when the medium is renewed.
*Left out*: CXCR2, G proteins, an IL-8 input to PI3K (the loop is independent of PI3K; Juvekar & Wulf 2013), p38 and ERK on IL-8 mRNA.
"""

from pathway.builder import ModelBuilder

THROUGH_STAT5 = "BEZ235 raises IL-8 and CXCR1 through STAT5; Britschgi 2012 (read in Juvekar & Wulf 2013)"
FITTED = "guess, from a trial fit"
AN_EIGHTH = "guess: an eighth of STAT5 in the nucleus"


def molecules(model: ModelBuilder) -> None:
    il8_mrna = model.Monomer("CXCL8_mRNA", uniprot="P10145", predicate="encodes")
    il8 = model.Monomer("CXCL8", uniprot="P10145")
    cxcr1_mrna = model.Monomer("CXCR1_mRNA", uniprot="P25024", predicate="encodes")
    cxcr1 = model.Monomer("CXCR1", uniprot="P25024")
    model.Initial(il8_mrna(), model.Parameter("CXCL8_mRNA_start", 1))
    model.Initial(cxcr1_mrna(), model.Parameter("CXCR1_mRNA_start", 1))
    model.Initial(il8(), model.Parameter("CXCL8_start", 1))
    model.Initial(cxcr1(), model.Parameter("CXCR1_start", 100))
    model.Parameter(
        "CXCL8_copies",
        1.2e6,
        unit="copies/cell",
        description="IL-8 secreted per day by a cell at the reference mRNA; 1 nM in its medium",
    )
    model.Parameter("CXCR1_copies", 500, unit="copies/cell", description="CXCR1; synthesis scale")
    model.Observable("mCXCL8", il8_mrna(), "IL-8 mRNA")
    model.Observable("IL8", il8(), "IL-8 in the medium, per cell", secreted=True)
    model.Observable("mCXCR1", cxcr1_mrna(), "CXCR1 mRNA")
    model.Observable("tCXCR1", cxcr1(), "CXCR1, total")


def activities(model: ModelBuilder) -> None:
    half = model.Parameter("il8_binds_cxcr1_K", 3.6e6, prior=0.3, source="3 nM in 2 nL of medium per cell")
    il8 = model["IL8"]
    model.Expression("aCXCR1", model["tCXCR1"] * il8 / (il8 + half) * model.residual_activity("CXCR1"))


def rules(model: ModelBuilder) -> None:
    il8, cxcr1 = model.monomers["CXCL8"], model.monomers["CXCR1"]
    il8_mrna, cxcr1_mrna = model.monomers["CXCL8_mRNA"], model.monomers["CXCR1_mRNA"]
    stat5 = model.needs("nSTAT5", 1e3)

    # genes; an mRNA is 10 copies where the gene runs at its reference rate
    decay = model.Parameter(
        "cxcl8_mrna_decays_kdeg",
        2e-4,
        prior=0.25,
        source="half-life 0.5-1 h, stretched by p38/ERK; general knowledge",
    )
    model.degrade("cxcl8_mrna_decays", il8_mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("cxcl8_transcribed_without_stat5_x", 0.04, prior=0.3, source=FITTED)
    top = model.Parameter("stat5_transcribes_cxcl8_x", 8.0, prior=0.3, source=FITTED)
    half = model.Parameter("stat5_transcribes_cxcl8_K", 4e3, prior=0.3, source=AN_EIGHTH)
    model.synthesize(
        "stat5_transcribes_cxcl8",
        il8_mrna(),
        decay * 10 * (basal + top * stat5**2 / (half**2 + stat5**2)),
        evidence=THROUGH_STAT5,
    )
    decay = model.Parameter("cxcr1_mrna_decays_kdeg", 8e-5, prior=0.25, source="half-life 2-3 h; guess")
    model.degrade("cxcr1_mrna_decays", cxcr1_mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("cxcr1_transcribed_without_stat5_x", 0.04, prior=0.3, source=FITTED)
    top = model.Parameter("stat5_transcribes_cxcr1_x", 8.0, prior=0.3, source=FITTED)
    half = model.Parameter("stat5_transcribes_cxcr1_K", 4e3, prior=0.3, source=AN_EIGHTH)
    model.synthesize(
        "stat5_transcribes_cxcr1",
        cxcr1_mrna(),
        decay * 10 * (basal + top * stat5**2 / (half**2 + stat5**2)),
        evidence=THROUGH_STAT5,
    )

    # IL-8 and its receptor
    secrete = model.Parameter("il8_secreted_x", 1.0, prior=0.3, source="guess: nM a day")
    model.synthesize(
        "il8_secreted",
        il8(),
        model["CXCL8_copies"] / 86400 * model["mCXCL8"] / 10 * secrete,
        evidence=THROUGH_STAT5,
    )
    lose = model.Parameter("il8_lost_kdeg", 6e-6, prior=0.3, source="guess: a day")
    model.degrade("il8_lost", il8(), lose, evidence="Uptake and decay; guess")
    turnover = model.Parameter("cxcr1_degraded_kdeg", 3e-5, prior=0.3, source="guess: six hours")
    model.degrade("cxcr1_degraded", cxcr1(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "cxcr1_translated",
        cxcr1(),
        turnover * model["CXCR1_copies"] * model["mCXCR1"] / 10,
        evidence="Protein follows mRNA",
    )
