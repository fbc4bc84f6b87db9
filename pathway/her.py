"""EGFR, HER2 and HER3: ligand, dimers, cross-phosphorylation, and the brakes that ERK and mTORC1/S6K put on them.

In: EGF and heregulin (NRG1) in the medium, nuclear FOXO, pERK, pS6K. Out: EGFR, HER2, HER3 with phosphotyrosine.

HER3 has no kinase activity of its own: HER2 phosphorylates it within the HER2:HER3 dimer, EGFR in passing.
*Left out*: HER4, EGFR internalisation and EGFR:HER2 dimers as species, single tyrosines.
"""

from pathway.builder import ModelBuilder

DIMER = "Heregulin binds HER3 and strengthens the HER2:HER3 dimer; Sliwkowski 1994 J Biol Chem 269:14661"
FAST = "guess: phosphotyrosine on receptors lives 10-60 s"
SHOWN = "guess, from a trial fit; Goel 2016 shows the effect, not the step"
BY_FOXO = "AKT inhibition raises HER3 and, less, EGFR through FOXO; Chandarlapaty 2011 Cancer Cell 19:58, Garrett 2011"
AMPLICON = "HER2 is driven by its amplicon, not by FOXO; mTORC1/S6K represses the family (Goel 2016)"
MRNA_LIFE = "mRNA half-life 2-6 h; general knowledge"
INDUCTION = "guess: HER3 strongly, EGFR weakly; Chandarlapaty 2011"
HALF_NUCLEAR = "guess: 40 % of FOXO nuclear"


def molecules(model: ModelBuilder) -> None:
    egfr = model.Monomer("EGFR", ["Y", "T669"], {"Y": ["u", "p"], "T669": ["u", "p"]}, uniprot="P00533")
    her2 = model.Monomer("ERBB2", ["Y", "d"], {"Y": ["u", "p"]}, uniprot="P04626")
    her3 = model.Monomer("ERBB3", ["Y", "d"], {"Y": ["u", "p"]}, uniprot="P21860")
    egfr_mrna = model.Monomer("EGFR_mRNA", uniprot="P00533", predicate="encodes")
    model.Initial(egfr_mrna(), model.Parameter("EGFR_mRNA_start", 10))
    her2_mrna = model.Monomer("ERBB2_mRNA", uniprot="P04626", predicate="encodes")
    model.Initial(her2_mrna(), model.Parameter("ERBB2_mRNA_start", 10))
    her3_mrna = model.Monomer("ERBB3_mRNA", uniprot="P21860", predicate="encodes")
    model.Initial(her3_mrna(), model.Parameter("ERBB3_mRNA_start", 10))
    model.Parameter("EGFR_copies", 1e5, unit="copies/cell", description="EGF receptor; synthesis scale")
    model.Parameter("ERBB2_copies", 5e4, unit="copies/cell", description="HER2; synthesis scale")
    model.Parameter(
        "ERBB3_copies",
        4e3,
        unit="copies/cell",
        description="HER3; synthesis scale (5,800 in the SPARCED table)",
    )
    model.Initial(egfr(Y="u", T669="u"), model.Parameter("EGFR_start", 1e5))
    model.Initial(her2(Y="u", d=None), model.Parameter("ERBB2_start", 5e4))
    model.Initial(her3(Y="u", d=None), model.Parameter("ERBB3_start", 1e4))
    model.Observable("pEGFR", egfr(Y="p"), "EGFR, phosphotyrosine")
    model.Observable("tEGFR", egfr(), "EGFR, total")
    model.Observable("mEGFR", egfr_mrna(), "EGFR mRNA")
    model.Observable("pHER2", her2(Y="p"), "HER2, phosphotyrosine")
    model.Observable("tHER2", her2(), "HER2, total")
    model.Observable("mHER2", her2_mrna(), "HER2 mRNA")
    model.Observable("pHER3", her3(Y="p"), "HER3, phosphotyrosine")
    model.Observable("tHER3", her3(), "HER3, total")
    model.Observable("mHER3", her3_mrna(), "HER3 mRNA")
    model.Observable("HER2_HER3", her2(d=1) % her3(d=1), "HER2:HER3 dimers")
    model.Observable("EGFR_driving", egfr(Y="p", T669="u"))
    model.Observable("EGFR_braked", egfr(Y="p", T669="p"))


def activities(model: ModelBuilder) -> None:
    egf = model.Parameter("EGF_nM", 0.0, unit="nM", description="EGF in the medium")
    nrg1 = model.Parameter("NRG1_nM", 0.0, unit="nM", description="heregulin (NRG1-beta) in the medium")
    basal = model.Parameter(
        "egfr_without_ligand_x", 0.01, prior=0.3, source="guess: a per cent of the activity with ligand"
    )
    on_egfr = model.Parameter("egf_binds_egfr_Kd", 2.0, prior=0.2, source="1-5 nM; general knowledge")
    model.Expression("EGFR_occupied", basal + egf / (egf + on_egfr))
    on_her3 = model.Parameter("nrg1_binds_erbb3_Kd", 0.5, prior=0.2, source="0.1-1 nM; general knowledge")
    model.Expression("ERBB3_occupied", nrg1 / (nrg1 + on_her3))
    brake = model.Parameter(
        "egfr_t669p_drives_others_x",
        0.5,
        prior=0.15,
        source="guess: ERK's site halves what EGFR does to others",
    )
    model.Expression("aEGFR", model["EGFR_driving"] + brake * model["EGFR_braked"])


def feedback(model: ModelBuilder) -> None:
    """mTORC1/S6K on the family, independent of AKT and FOXO (h5); the molecular step is not known."""
    s6k = model.needs("pS6K_active", 2e4)
    if model.variants["egfr_feedback"] == "transcription":
        gain = model.Parameter("s6k_represses_egfr_x", 3.0, prior=0.4, source=SHOWN)
        model.Expression("EGFR_repressed", (1 + gain) / (1 + gain * s6k / 1.25e4))
        gain = model.Parameter("s6k_represses_erbb2_x", 2.0, prior=0.4, source=SHOWN)
        model.Expression("ERBB2_repressed", (1 + gain) / (1 + gain * s6k / 1.25e4))
        gain = model.Parameter("s6k_represses_erbb3_x", 5.0, prior=0.4, source=SHOWN)
        model.Expression("ERBB3_repressed", (1 + gain) / (1 + gain * s6k / 1.25e4))
    if model.variants["egfr_feedback"] == "kinase":
        source = "guess, from a trial fit; the step is not known"
        gain = model.Parameter("s6k_slows_erbb_kinase_x", 3.0, prior=0.4, source=source)
        model.Expression("ERBB_slowed", (1 + gain) / (1 + gain * s6k / 1.25e4))


def rules(model: ModelBuilder) -> None:
    feedback(model)
    kinases(model)
    genes(model)


def kinases(model: ModelBuilder) -> None:
    """Phosphotyrosine of the family, HER2:HER3 dimers, and ERK's brake on EGFR."""
    egfr, her2, her3 = (model.monomers[name] for name in ("EGFR", "ERBB2", "ERBB3"))
    by_egfr, by_her2 = model.residual_activity("EGFR"), model.residual_activity("ERBB2")
    if model.variants["egfr_feedback"] == "kinase":
        by_egfr, by_her2 = by_egfr * model["ERBB_slowed"], by_her2 * model["ERBB_slowed"]

    # EGFR
    phosphorylate = model.Parameter(
        "egfr_phosphorylates_egfr_y_kcat",
        0.01,
        prior=0.4,
        source="guess: half in a minute at saturating EGF",
    )
    model.Rule(
        "egfr_phosphorylates_egfr_y",
        egfr(Y="u") >> egfr(Y="p"),
        phosphorylate * (model["EGFR_occupied"] * by_egfr),
        evidence="EGF-bound EGFR phosphorylates itself in trans; general knowledge",
    )
    phosphorylate = model.Parameter(
        "egfr_crowding_phosphorylates_egfr_y_kact",
        1e-9,
        prior=0.4,
        source="guess: matters at a million copies",
    )
    model.catalyze_one_step(
        "egfr_crowding_phosphorylates_egfr_y",
        model["tEGFR"] * by_egfr,
        egfr(Y="u"),
        egfr(Y="p"),
        phosphorylate,
        evidence="Overexpressed EGFR is active without ligand (EGFR gain raises pathway tone; Juvekar & Wulf 2013)",
    )
    ptp = model.Parameter("ptp_dephosphorylates_egfr_y_kcat", 0.015, prior=0.3, source=FAST)
    model.Rule(
        "ptp_dephosphorylates_egfr_y",
        egfr(Y="p") >> egfr(Y="u"),
        ptp,
        evidence="general knowledge",
    )
    erk = model.needs("pERK", 1e5)
    phosphorylate = model.Parameter(
        "erk_phosphorylates_egfr_t669_kact",
        1e-8,
        prior=0.4,
        source="guess: minutes at 1e5 copies of pERK",
    )
    model.catalyze_one_step(
        "erk_phosphorylates_egfr_t669",
        erk,
        egfr(T669="u"),
        egfr(T669="p"),
        phosphorylate,
        evidence="ERK feedback on EGFR T669 (T693 of the precursor); Li 2008 Cell Signal 20:2145",
    )
    off = model.Parameter("pp_dephosphorylates_egfr_t669_kcat", 1e-3, prior=0.3, source="guess: 10 min")
    model.Rule(
        "pp_dephosphorylates_egfr_t669",
        egfr(T669="p") >> egfr(T669="u"),
        off,
        evidence="general knowledge",
    )

    # HER2: activated by its own crowding (amplification) and by EGFR
    phosphorylate = model.Parameter(
        "her2_crowding_phosphorylates_her2_y_kact",
        2e-9,
        prior=0.4,
        source="guess: a fifth of HER2 phosphorylated at 1.5e6 copies",
    )
    model.catalyze_one_step(
        "her2_crowding_phosphorylates_her2_y",
        model["tHER2"] * by_her2,
        her2(Y="u"),
        her2(Y="p"),
        phosphorylate,
        evidence="Amplified HER2 is active without ligand; general knowledge",
    )
    phosphorylate = model.Parameter("egfr_phosphorylates_her2_y_kact", 1e-7, prior=0.5, source="guess")
    model.catalyze_one_step(
        "egfr_phosphorylates_her2_y",
        model["aEGFR"] * by_egfr,
        her2(Y="u"),
        her2(Y="p"),
        phosphorylate,
        evidence="EGFR phosphorylates HER2 in heterodimers; general knowledge",
    )
    model.Rule("ptp_dephosphorylates_her2_y", her2(Y="p") >> her2(Y="u"), ptp, evidence="as EGFR")

    # HER3, in the dimer
    gain = model.Parameter(
        "nrg1_strengthens_her2_her3_x",
        10.0,
        prior=0.3,
        source="guess: tenfold at saturating heregulin",
    )
    on = model.Parameter(
        "her2_binds_her3_kf", 1e-8, prior=0.4, source="guess: Kd near 1e6 copies without ligand"
    )
    off = model.Parameter("her2_binds_her3_kr", 0.01, prior=0.3, source="guess: a minute")
    model.bind(
        "her2_binds_her3",
        her2(),
        "d",
        her3(),
        "d",
        on * (1 + gain * model["ERBB3_occupied"]),
        off,
        evidence=DIMER,
    )
    phosphorylate = model.Parameter(
        "her2_phosphorylates_her3_y_kcat",
        0.005,
        prior=0.4,
        source="guess: a quarter of HER3 in the dimer, so that it can rise",
    )
    model.Rule(
        "her2_phosphorylates_her3_y",
        her2(d=1) % her3(Y="u", d=1) >> her2(d=1) % her3(Y="p", d=1),
        phosphorylate * by_her2,
        evidence="HER3 is phosphorylated by HER2 in the dimer; Garrett 2011 PNAS 108:5021",
    )
    phosphorylate = model.Parameter("egfr_phosphorylates_her3_y_kact", 2e-7, prior=0.5, source="guess")
    model.catalyze_one_step(
        "egfr_phosphorylates_her3_y",
        model["aEGFR"] * by_egfr,
        her3(Y="u"),
        her3(Y="p"),
        phosphorylate,
        evidence="EGFR phosphorylates HER3 where HER2 is low; general knowledge",
    )
    ptp = model.Parameter("ptp_dephosphorylates_her3_y_kcat", 0.013, prior=0.3, source=FAST)
    model.Rule("ptp_dephosphorylates_her3_y", her3(Y="p") >> her3(Y="u"), ptp, evidence="as EGFR")


def genes(model: ModelBuilder) -> None:
    """Messenger and protein of each receptor; an mRNA is 10 copies where its gene runs at its reference rate."""
    egfr, her2, her3 = (model.monomers[name] for name in ("EGFR", "ERBB2", "ERBB3"))
    foxo = model.needs("nFOXO", 2e3)
    repressed = model.variants["egfr_feedback"] == "transcription"

    mrna = model.monomers["EGFR_mRNA"]
    decay = model.Parameter("egfr_mrna_decays_kdeg", 6e-5, prior=0.2, source=MRNA_LIFE)
    model.degrade("egfr_mrna_decays", mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("egfr_transcribed_without_foxo_x", 0.7, prior=0.25, source="guess")
    top = model.Parameter("foxo_transcribes_egfr_x", 2.0, prior=0.3, source=INDUCTION)
    half = model.Parameter("foxo_transcribes_egfr_K", 0.4 * 1.2e4, prior=0.3, source=HALF_NUCLEAR)
    drive = basal + top * foxo**2 / (half**2 + foxo**2)
    if repressed:
        drive = drive * model["EGFR_repressed"]
    model.synthesize("egfr_transcribed", mrna(), decay * 10 * drive, evidence=BY_FOXO)
    turnover = model.Parameter(
        "egfr_degraded_kdeg", 1.5e-5, prior=0.25, source="half-life 12.7 h, SPARCED table"
    )
    model.degrade("egfr_degraded", egfr(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "egfr_translated",
        egfr(Y="u", T669="u"),
        turnover * model["EGFR_copies"] * model["mEGFR"] / 10,
        evidence="Protein follows mRNA",
    )

    mrna = model.monomers["ERBB3_mRNA"]
    decay = model.Parameter("erbb3_mrna_decays_kdeg", 6e-5, prior=0.2, source=MRNA_LIFE)
    model.degrade("erbb3_mrna_decays", mrna(), decay, evidence="mRNA turnover")
    basal = model.Parameter("erbb3_transcribed_without_foxo_x", 0.4, prior=0.25, source="guess")
    top = model.Parameter("foxo_transcribes_erbb3_x", 8.0, prior=0.3, source=INDUCTION)
    half = model.Parameter("foxo_transcribes_erbb3_K", 0.4 * 1.2e4, prior=0.3, source=HALF_NUCLEAR)
    drive = basal + top * foxo**2 / (half**2 + foxo**2)
    if repressed:
        drive = drive * model["ERBB3_repressed"]
    model.synthesize("erbb3_transcribed", mrna(), decay * 10 * drive, evidence=BY_FOXO)
    turnover = model.Parameter(
        "erbb3_degraded_kdeg", 1.2e-5, prior=0.25, source="half-life 15.6 h, SPARCED table"
    )
    model.degrade("erbb3_degraded", her3(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "erbb3_translated",
        her3(Y="u", d=None),
        turnover * model["ERBB3_copies"] * model["mHER3"] / 10,
        evidence="Protein follows mRNA",
    )

    mrna = model.monomers["ERBB2_mRNA"]
    decay = model.Parameter("erbb2_mrna_decays_kdeg", 6e-5, prior=0.2, source=MRNA_LIFE)
    model.degrade("erbb2_mrna_decays", mrna(), decay, evidence="mRNA turnover")
    made = decay * 10
    if repressed:
        made = made * model["ERBB2_repressed"]
    model.synthesize("erbb2_transcribed", mrna(), made, evidence=AMPLICON)
    turnover = model.Parameter(
        "erbb2_degraded_kdeg", 1.04e-5, prior=0.2, source="half-life 18.5 h, SPARCED table"
    )
    model.degrade("erbb2_degraded", her2(), turnover, evidence="Receptor turnover")
    model.synthesize(
        "erbb2_translated",
        her2(Y="u", d=None),
        turnover * model["ERBB2_copies"] * model["mHER2"] / 10,
        evidence="Protein follows mRNA",
    )
