"""STAT5 makes the cell secrete IL-8 and carry its receptor CXCR1; IL-8 on CXCR1 keeps JAK2 on: the second wave.

In: nuclear STAT5. Out: IL-8 in the medium, active CXCR1.

IL-8 is counted in the 2 nL of medium a cell has (1 nM = 1.2e6 copies) and starts from none when the medium is renewed.
*Left out*: CXCR2, G proteins, an IL-8 input to PI3K (the loop is independent of PI3K; Juvekar & Wulf 2013), p38 and ERK on IL-8 mRNA.
"""


def molecules(d):
    d.monomer("CXCL8_mRNA", "P10145")
    d.monomer("CXCL8", "P10145")
    d.monomer("CXCR1_mRNA", "P25024")
    d.monomer("CXCR1", "P25024")
    d.seed(d["CXCL8_mRNA"](), "CXCL8_mRNA", 1)
    d.seed(d["CXCR1_mRNA"](), "CXCR1_mRNA", 1)
    d.seed(d["CXCL8"](), "CXCL8", 1)
    d.seed(d["CXCR1"](), "CXCR1", 100)
    d.copies("CXCL8", 1.2e6, "IL-8 secreted per day by a cell at the reference mRNA; 1 nM in its medium")
    d.copies("CXCR1", 500, "CXCR1; synthesis scale")
    d.see("mCXCL8", d["CXCL8_mRNA"](), "IL-8 mRNA")
    d.see_secreted("IL8", d["CXCL8"](), "IL-8 in the medium, per cell")
    d.see("mCXCR1", d["CXCR1_mRNA"](), "CXCR1 mRNA")
    d.see("tCXCR1", d["CXCR1"](), "CXCR1, total")


def activities(d):
    half = d.rate("il8_binds_cxcr1_K", (3.6e6, 0.3, "3 nM in 2 nL of medium per cell"))
    il8 = d["IL8"]
    d.let("aCXCR1", d["tCXCR1"] * il8 / (il8 + half) * d.inhibited("CXCR1"))


def rules(d):
    why = "BEZ235 raises IL-8 and CXCR1 through STAT5; Britschgi 2012 (read in Juvekar & Wulf 2013)"
    n = d.needs("nSTAT5", 1e3)
    for low, m, life in (
        ("cxcl8", "CXCL8_mRNA", (2e-4, 0.25, "half-life 0.5-1 h, stretched by p38/ERK; general knowledge")),
        ("cxcr1", "CXCR1_mRNA", (8e-5, 0.25, "half-life 2-3 h; guess")),
    ):
        k = d.lose(f"{low}_mrna_decays", d[m](), life, why="mRNA turnover")
        basal = d.rate(f"{low}_transcribed_without_stat5_x", (0.04, 0.3, "guess, from a trial fit"))
        top = d.rate(f"stat5_transcribes_{low}_x", (8.0, 0.3, "guess, from a trial fit"))
        half = d.rate(f"stat5_transcribes_{low}_K", (4e3, 0.3, "guess: an eighth of STAT5 in the nucleus"))
        d.make(f"stat5_transcribes_{low}", d[m](), k * 10 * (basal + top * n**2 / (half**2 + n**2)), why=why)
    d.make(
        "il8_secreted",
        d["CXCL8"](),
        d["CXCL8_copies"]
        / 86400
        * d["mCXCL8"]
        / 10
        * d.rate("il8_secreted_x", (1.0, 0.3, "guess: nM a day")),
        why=why,
    )
    d.lose("il8_lost", d["CXCL8"](), (6e-6, 0.3, "guess: a day"), why="Uptake and decay; guess")
    k = d.lose("cxcr1_degraded", d["CXCR1"](), (3e-5, 0.3, "guess: six hours"), why="Receptor turnover")
    d.make(
        "cxcr1_translated", d["CXCR1"](), k * d["CXCR1_copies"] * d["mCXCR1"] / 10, why="Protein follows mRNA"
    )
