"""Insulin, IGF1 and PDGF receptors: ligand makes them phosphorylate themselves; FOXO keeps their genes on.

In: ligands in the medium, nuclear FOXO. Out: receptors with phosphotyrosine, to which GRB10 and IRS1 come.

*Left out*: ligand-receptor complexes (binding reaches equilibrium in minutes, so occupancy is one), single tyrosines
(one pooled site), InsR/IGF1R hybrids, internalisation (no finding lasts on it).
"""

from pathway.builder import ModelBuilder

GUESS_TYR = "guess: phosphotyrosine on receptors lives 10-60 s"
TYR_ON = "guess: half of the receptors in a minute at saturating ligand"
IN_TRANS = "Ligand makes the receptor kinase phosphorylate itself in trans; Kiselyov 2009 Mol Syst Biol 5:243"
TYR_TURNOVER = "Receptor phosphotyrosine turns over within a minute; general knowledge"
MRNA_LIFE = "mRNA half-life 2-6 h; general knowledge"
WITHOUT_FOXO = "guess: below half of the reference rate"
INDUCTION = "guess: 2- to 10-fold induction, Chandarlapaty 2011"
HALF_NUCLEAR = "guess: half of FOXO nuclear"


def molecules(model: ModelBuilder) -> None:
    insr = model.Monomer("INSR", ["Y", "g"], {"Y": ["u", "p"]}, uniprot="P06213")
    igf1r = model.Monomer("IGF1R", ["Y", "g"], {"Y": ["u", "p"]}, uniprot="P08069")
    pdgfrb = model.Monomer("PDGFRB", ["Y"], {"Y": ["u", "p"]}, uniprot="P09619")
    insr_mrna = model.Monomer("INSR_mRNA", uniprot="P06213", predicate="encodes")
    igf1r_mrna = model.Monomer("IGF1R_mRNA", uniprot="P08069", predicate="encodes")
    model.Parameter(
        "INSR_copies", 1e4, unit="copies/cell", description="insulin receptor dimers; synthesis scale"
    )
    model.Parameter(
        "IGF1R_copies", 1e4, unit="copies/cell", description="IGF1 receptor dimers; synthesis scale"
    )
    model.Initial(insr(Y="u", g=None), model.Parameter("INSR_start", 1e4))
    model.Initial(igf1r(Y="u", g=None), model.Parameter("IGF1R_start", 1e4))
    model.Initial(insr_mrna(), model.Parameter("INSR_mRNA_start", 10))
    model.Initial(igf1r_mrna(), model.Parameter("IGF1R_mRNA_start", 10))
    copies = model.Parameter(
        "PDGFRB_copies",
        500,
        unit="copies/cell",
        description="PDGF receptor beta; epithelial cells have next to none",
    )
    model.Initial(pdgfrb(Y="u"), copies)
    model.Observable("pINSR", insr(Y="p"), "InsR, phosphotyrosine")
    model.Observable("tINSR", insr(), "InsR, total")
    model.Observable("mINSR", insr_mrna(), "InsR mRNA")
    model.Observable("pIGF1R", igf1r(Y="p"), "IGF1R, phosphotyrosine")
    model.Observable("tIGF1R", igf1r(), "IGF1R, total")
    model.Observable("mIGF1R", igf1r_mrna(), "IGF1R mRNA")
    model.Observable("pPDGFRB", pdgfrb(Y="p"), "PDGFR-beta, phosphotyrosine")
    model.Observable("INSR_open", insr(Y="p", g=None))
    model.Observable("IGF1R_open", igf1r(Y="p", g=None))


def activities(model: ModelBuilder) -> None:
    insulin = model.Parameter("insulin_nM", 0.0, unit="nM", description="insulin in the medium")
    igf1 = model.Parameter("IGF1_nM", 0.0, unit="nM", description="IGF1 in the medium")
    pdgf = model.Parameter("PDGF_nM", 0.0, unit="nM", description="PDGF-BB in the medium")
    insulin_on_insr = model.Parameter(
        "insulin_binds_insr_Kd", 0.3, prior=0.2, source="0.1-0.3 nM effective; general knowledge"
    )
    igf1_on_insr = model.Parameter(
        "igf1_binds_insr_Kd", 30.0, prior=0.3, source="guess: about 100-fold weaker than insulin"
    )
    igf1_on_igf1r = model.Parameter(
        "igf1_binds_igf1r_Kd", 1.0, prior=0.3, source="0.1-0.5 nM effective; 9 nM site 1 in Kiselyov 2009"
    )
    insulin_on_igf1r = model.Parameter(
        "insulin_binds_igf1r_Kd",
        100.0,
        prior=0.3,
        source="above 50 nM; Lee 2000 MCB 20:1489 used 10 uM as an IGF1R agonist",
    )
    pdgf_on_pdgfrb = model.Parameter("pdgf_binds_pdgfrb_Kd", 0.5, prior=0.3, source="guess: sub-nanomolar")
    basal = model.Parameter(
        "receptor_without_ligand_x",
        0.02,
        prior=0.3,
        source="guess: a few per cent of the activity with ligand",
    )
    on_insr = insulin / insulin_on_insr + igf1 / igf1_on_insr
    on_igf1r = igf1 / igf1_on_igf1r + insulin / insulin_on_igf1r
    model.Expression("INSR_occupied", basal + on_insr / (1 + on_insr))
    model.Expression("IGF1R_occupied", basal + on_igf1r / (1 + on_igf1r))
    model.Expression("PDGFRB_occupied", basal + pdgf / (pdgf + pdgf_on_pdgfrb))
    model.Expression(
        "IRS1_receptor",
        model["INSR_open"] + model["IGF1R_open"],
        "InsR and IGF1R with phosphotyrosine and free of Grb10: what IRS1 can sit on",
    )


def rules(model: ModelBuilder) -> None:
    insr, igf1r, pdgfrb = (model.monomers[name] for name in ("INSR", "IGF1R", "PDGFRB"))

    # phosphotyrosine
    active = model["INSR_occupied"] * model.residual_activity("INSR")
    on = model.Parameter("insr_phosphorylates_insr_y_kcat", 0.01, prior=0.4, source=TYR_ON)
    model.Rule("insr_phosphorylates_insr_y", insr(Y="u") >> insr(Y="p"), on * active, evidence=IN_TRANS)
    active = model["IGF1R_occupied"] * model.residual_activity("IGF1R")
    model.Rule("igf1r_phosphorylates_igf1r_y", igf1r(Y="u") >> igf1r(Y="p"), on * active, evidence=IN_TRANS)
    active = model["PDGFRB_occupied"] * model.residual_activity("PDGFRB")
    on = model.Parameter("pdgfrb_phosphorylates_pdgfrb_y_kcat", 0.01, prior=0.4, source=TYR_ON)
    model.Rule(
        "pdgfrb_phosphorylates_pdgfrb_y", pdgfrb(Y="u") >> pdgfrb(Y="p"), on * active, evidence=IN_TRANS
    )
    off = model.Parameter("ptp_dephosphorylates_insr_y_kcat", 0.015, prior=0.3, source=GUESS_TYR)
    model.Rule(
        "ptp_dephosphorylates_insr_y",
        insr(Y="p", g=None) >> insr(Y="u", g=None),
        off,
        evidence=TYR_TURNOVER,
    )
    model.Rule(
        "ptp_dephosphorylates_igf1r_y",
        igf1r(Y="p", g=None) >> igf1r(Y="u", g=None),
        off,
        evidence=TYR_TURNOVER,
    )
    off = model.Parameter("ptp_dephosphorylates_pdgfrb_y_kcat", 0.015, prior=0.3, source=GUESS_TYR)
    model.Rule("ptp_dephosphorylates_pdgfrb_y", pdgfrb(Y="p") >> pdgfrb(Y="u"), off, evidence=TYR_TURNOVER)

    # FOXO-driven genes; an mRNA is 10 copies where the gene runs at its reference rate
    foxo = model.needs("nFOXO", 2e3)
    # InsR is the strongest FOXO target of the two; the fit may show it, the prior does not.
    insr_mrna = model.monomers["INSR_mRNA"]
    decay = model.Parameter("insr_mrna_decays_kdeg", 8e-5, prior=0.2, source=MRNA_LIFE)
    model.degrade("insr_mrna_decays", insr_mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("insr_transcribed_without_foxo_x", 0.4, prior=0.25, source=WITHOUT_FOXO)
    top = model.Parameter("foxo_transcribes_insr_x", 8.0, prior=0.3, source=INDUCTION)
    half = model.Parameter("foxo_transcribes_insr_K", 0.5 * 1.2e4, prior=0.3, source=HALF_NUCLEAR)
    model.synthesize(
        "foxo_transcribes_insr",
        insr_mrna(),
        decay * 10 * (basal + top * foxo**2 / (half**2 + foxo**2)),
        evidence="Puig & Tjian 2005 Genes Dev 19:2435 (InsR mRNA rises through FOXO1)",
    )
    turnover = model.Parameter(
        "insr_degraded_kdeg", 3e-5, prior=0.3, source="half-life 6.7 h, SPARCED literature column"
    )
    model.degrade("insr_degraded", insr(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "insr_translated",
        insr(Y="u", g=None),
        turnover * model["INSR_copies"] * model["mINSR"] / 10,
        evidence="Protein follows mRNA",
    )

    igf1r_mrna = model.monomers["IGF1R_mRNA"]
    decay = model.Parameter("igf1r_mrna_decays_kdeg", 8e-5, prior=0.2, source=MRNA_LIFE)
    model.degrade("igf1r_mrna_decays", igf1r_mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("igf1r_transcribed_without_foxo_x", 0.4, prior=0.25, source=WITHOUT_FOXO)
    top = model.Parameter("foxo_transcribes_igf1r_x", 8.0, prior=0.3, source=INDUCTION)
    half = model.Parameter("foxo_transcribes_igf1r_K", 0.5 * 1.2e4, prior=0.3, source=HALF_NUCLEAR)
    model.synthesize(
        "foxo_transcribes_igf1r",
        igf1r_mrna(),
        decay * 10 * (basal + top * foxo**2 / (half**2 + foxo**2)),
        evidence="Chandarlapaty 2011 Cancer Cell 19:58 (AKT inhibition raises IGF1R)",
    )
    turnover = model.Parameter(
        "igf1r_degraded_kdeg", 1.6e-5, prior=0.3, source="half-life 12 h (7-29 h in the SPARCED table)"
    )
    model.degrade("igf1r_degraded", igf1r(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "igf1r_translated",
        igf1r(Y="u", g=None),
        turnover * model["IGF1R_copies"] * model["mIGF1R"] / 10,
        evidence="Protein follows mRNA",
    )
