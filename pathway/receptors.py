"""Insulin, IGF1 and PDGF receptors: ligand makes them phosphorylate themselves; FOXO keeps their genes on.

In: ligands in the medium, nuclear FOXO. Out: receptors with phosphotyrosine, to which GRB10 and IRS1 come.

*Left out*: ligand-receptor complexes (binding settles in minutes, so occupancy is an equilibrium), single tyrosines
(one pooled site), InsR/IGF1R hybrids, internalisation (no finding lasts on it).
"""

GUESS_TYR = "guess: phosphotyrosine on receptors lives 10-60 s"


def molecules(d):
    d.monomer("INSR", "P06213", Y="u p", g=None)
    d.monomer("IGF1R", "P08069", Y="u p", g=None)
    d.monomer("PDGFRB", "P09619", Y="u p")
    d.monomer("INSR_mRNA", "P06213")
    d.monomer("IGF1R_mRNA", "P08069")
    insr, igf1r, pdgfrb = d["INSR"], d["IGF1R"], d["PDGFRB"]
    d.copies("INSR", 1e4, "insulin receptor dimers; synthesis scale")
    d.copies("IGF1R", 1e4, "IGF1 receptor dimers; synthesis scale")
    d.seed(insr(Y="u", g=None), "INSR", 1e4)
    d.seed(igf1r(Y="u", g=None), "IGF1R", 1e4)
    d.seed(d["INSR_mRNA"](), "INSR_mRNA", 10)
    d.seed(d["IGF1R_mRNA"](), "IGF1R_mRNA", 10)
    d.start(pdgfrb(Y="u"), d.copies("PDGFRB", 500, "PDGF receptor beta; epithelial cells have next to none"))
    d.see("pINSR", insr(Y="p"), "InsR, phosphotyrosine")
    d.see("tINSR", insr(), "InsR, total")
    d.see("mINSR", d["INSR_mRNA"](), "InsR mRNA")
    d.see("pIGF1R", igf1r(Y="p"), "IGF1R, phosphotyrosine")
    d.see("tIGF1R", igf1r(), "IGF1R, total")
    d.see("mIGF1R", d["IGF1R_mRNA"](), "IGF1R mRNA")
    d.see("pPDGFRB", pdgfrb(Y="p"), "PDGFR-beta, phosphotyrosine")
    d.count("INSR_open", insr(Y="p", g=None))
    d.count("IGF1R_open", igf1r(Y="p", g=None))


def activities(d):
    insulin = d.setting("insulin_nM", 0.0, "nM", "insulin in the medium")
    igf1 = d.setting("IGF1_nM", 0.0, "nM", "IGF1 in the medium")
    pdgf = d.setting("PDGF_nM", 0.0, "nM", "PDGF-BB in the medium")
    i_i = d.rate("insulin_binds_insr_Kd", (0.3, 0.2, "0.1-0.3 nM effective; general knowledge"))
    g_i = d.rate("igf1_binds_insr_Kd", (30.0, 0.3, "guess: about 100-fold weaker than insulin"))
    g_g = d.rate("igf1_binds_igf1r_Kd", (1.0, 0.3, "0.1-0.5 nM effective; 9 nM site 1 in Kiselyov 2009"))
    i_g = d.rate(
        "insulin_binds_igf1r_Kd",
        (100.0, 0.3, "above 50 nM; Lee 2000 MCB 20:1489 used 10 uM as an IGF1R agonist"),
    )
    p_p = d.rate("pdgf_binds_pdgfrb_Kd", (0.5, 0.3, "guess: sub-nanomolar"))
    on_insr, on_igf1r = insulin / i_i + igf1 / g_i, igf1 / g_g + insulin / i_g
    basal = d.rate(
        "receptor_without_ligand_x", (0.02, 0.3, "guess: a few per cent of the activity with ligand")
    )
    d.let("INSR_occupied", basal + on_insr / (1 + on_insr))
    d.let("IGF1R_occupied", basal + on_igf1r / (1 + on_igf1r))
    d.let("PDGFRB_occupied", basal + pdgf / (pdgf + p_p))
    d.let(
        "IRS1_receptor",
        d["INSR_open"] + d["IGF1R_open"],
        "InsR and IGF1R with phosphotyrosine and free of Grb10: what IRS1 can sit on",
    )


def rules(d):
    k_on = (0.01, 0.4, "guess: half of the receptors in a minute at saturating ligand")
    k_off = (0.015, 0.3, GUESS_TYR)
    grows = (
        "Ligand makes the receptor kinase phosphorylate itself in trans; Kiselyov 2009 Mol Syst Biol 5:243"
    )
    insr, igf1r, pdgfrb = d["INSR"], d["IGF1R"], d["PDGFRB"]
    k = d.convert(
        "insr_phosphorylates_insr_y",
        insr(Y="u") >> insr(Y="p"),
        k_on,
        times=d["INSR_occupied"] * d.inhibited("INSR"),
        why=grows,
    )
    d.convert(
        "igf1r_phosphorylates_igf1r_y",
        igf1r(Y="u") >> igf1r(Y="p"),
        k,
        times=d["IGF1R_occupied"] * d.inhibited("IGF1R"),
        why=grows,
    )
    d.convert(
        "pdgfrb_phosphorylates_pdgfrb_y",
        pdgfrb(Y="u") >> pdgfrb(Y="p"),
        k_on,
        times=d["PDGFRB_occupied"] * d.inhibited("PDGFRB"),
        why=grows,
    )
    ptp = "Receptor phosphotyrosine turns over within a minute; general knowledge"
    k = d.convert("ptp_dephosphorylates_insr_y", insr(Y="p", g=None) >> insr(Y="u", g=None), k_off, why=ptp)
    d.convert("ptp_dephosphorylates_igf1r_y", igf1r(Y="p", g=None) >> igf1r(Y="u", g=None), k, why=ptp)
    d.convert("ptp_dephosphorylates_pdgfrb_y", pdgfrb(Y="p") >> pdgfrb(Y="u"), k_off, why=ptp)
    # InsR is the strongest FOXO target of the two; the fit may show it, the prior does not.
    gene(
        d,
        "insr",
        "INSR",
        insr(Y="u", g=None),
        (3e-5, 0.3, "half-life 6.7 h, SPARCED literature column"),
        "Puig & Tjian 2005 Genes Dev 19:2435 (InsR mRNA rises through FOXO1)",
    )
    gene(
        d,
        "igf1r",
        "IGF1R",
        igf1r(Y="u", g=None),
        (1.6e-5, 0.3, "half-life 12 h (7-29 h in the SPARCED table)"),
        "Chandarlapaty 2011 Cancer Cell 19:58 (AKT inhibition raises IGF1R)",
    )


def gene(d, low, symbol, born, kdeg, why):
    """A FOXO-driven gene: mRNA, translation, loss. The mRNA is 10 copies where the gene runs at its reference rate."""
    m, f = d[f"{symbol}_mRNA"], d.needs("nFOXO", 2e3)
    k_m = d.lose(
        f"{low}_mrna_decays", m(), (8e-5, 0.2, "mRNA half-life 2-6 h; general knowledge"), why="mRNA turnover"
    )
    basal = d.rate(
        f"{low}_transcribed_without_foxo_x", (0.4, 0.25, "guess: below half of the reference rate")
    )
    top = d.rate(
        f"foxo_transcribes_{low}_x", (8.0, 0.3, "guess: 2- to 10-fold induction, Chandarlapaty 2011")
    )
    half = d.rate(f"foxo_transcribes_{low}_K", (0.5 * 1.2e4, 0.3, "guess: half of FOXO nuclear"))
    d.make(f"foxo_transcribes_{low}", m(), k_m * 10 * (basal + top * f**2 / (half**2 + f**2)), why=why)
    k_p = d.lose(
        f"{low}_degraded",
        d[symbol](),
        kdeg,
        why="Receptor turnover",
    )
    d.make(
        f"{low}_translated",
        born,
        k_p * d[f"{symbol}_copies"] * d[f"m{symbol}"] / 10,
        why="Protein follows mRNA",
    )
