"""EGFR, HER2 and HER3: ligand, dimers, cross-phosphorylation, and the brakes that ERK and mTORC1/S6K put on them.

In: EGF and heregulin (NRG1) in the medium, nuclear FOXO, pERK, pS6K. Out: EGFR, HER2, HER3 with phosphotyrosine.

HER3 has no kinase activity of its own: HER2 phosphorylates it within the HER2:HER3 dimer, EGFR in passing.
*Left out*: HER4, EGFR internalisation and EGFR:HER2 dimers as species, single tyrosines.
"""

DIMER = "Heregulin binds HER3 and strengthens the HER2:HER3 dimer; Sliwkowski 1994 J Biol Chem 269:14661"
FAMILY = ("EGFR", "ERBB2", "ERBB3")


def molecules(d):
    d.monomer("EGFR", "P00533", Y="u p", T669="u p")
    d.monomer("ERBB2", "P04626", Y="u p", d=None)
    d.monomer("ERBB3", "P21860", Y="u p", d=None)
    for symbol, accession in zip(FAMILY, ("P00533", "P04626", "P21860"), strict=True):
        d.monomer(f"{symbol}_mRNA", accession)
        d.seed(d[f"{symbol}_mRNA"](), f"{symbol}_mRNA", 10)
    egfr, her2, her3 = d["EGFR"], d["ERBB2"], d["ERBB3"]
    d.copies("EGFR", 1e5, "EGF receptor; synthesis scale")
    d.copies("ERBB2", 5e4, "HER2; synthesis scale")
    d.copies("ERBB3", 4e3, "HER3; synthesis scale (5,800 in the SPARCED table)")
    d.seed(egfr(Y="u", T669="u"), "EGFR", 1e5)
    d.seed(her2(Y="u", d=None), "ERBB2", 5e4)
    d.seed(her3(Y="u", d=None), "ERBB3", 1e4)
    d.see("pEGFR", egfr(Y="p"), "EGFR, phosphotyrosine")
    d.see("tEGFR", egfr(), "EGFR, total")
    d.see("mEGFR", d["EGFR_mRNA"](), "EGFR mRNA")
    d.see("pHER2", her2(Y="p"), "HER2, phosphotyrosine")
    d.see("tHER2", her2(), "HER2, total")
    d.see("mHER2", d["ERBB2_mRNA"](), "HER2 mRNA")
    d.see("pHER3", her3(Y="p"), "HER3, phosphotyrosine")
    d.see("tHER3", her3(), "HER3, total")
    d.see("mHER3", d["ERBB3_mRNA"](), "HER3 mRNA")
    d.see("HER2_HER3", her2(d=1) % her3(d=1), "HER2:HER3 dimers")
    d.count("EGFR_driving", egfr(Y="p", T669="u"))
    d.count("EGFR_braked", egfr(Y="p", T669="p"))


def activities(d):
    egf = d.setting("EGF_nM", 0.0, "nM", "EGF in the medium")
    nrg = d.setting("NRG1_nM", 0.0, "nM", "heregulin (NRG1-beta) in the medium")
    basal = d.rate("egfr_without_ligand_x", (0.01, 0.3, "guess: a per cent of the activity with ligand"))
    d.let(
        "EGFR_occupied",
        basal + egf / (egf + d.rate("egf_binds_egfr_Kd", (2.0, 0.2, "1-5 nM; general knowledge"))),
    )
    d.let(
        "ERBB3_occupied",
        nrg / (nrg + d.rate("nrg1_binds_erbb3_Kd", (0.5, 0.2, "0.1-1 nM; general knowledge"))),
    )
    brake = d.rate(
        "egfr_t669p_drives_others_x", (0.5, 0.15, "guess: ERK's site halves what EGFR does to others")
    )
    d.let("aEGFR", d["EGFR_driving"] + brake * d["EGFR_braked"])


def feedback(d):
    """mTORC1/S6K on the family, independent of AKT and FOXO (h5); the molecular step is not known."""
    s6k = d.needs("pS6K_active", 2e4)
    if d.variants["egfr_feedback"] == "transcription":
        for symbol, low in zip(FAMILY, ("egfr", "erbb2", "erbb3"), strict=True):
            guess = (
                {"EGFR": 3.0, "ERBB2": 2.0, "ERBB3": 5.0}[symbol],
                0.4,
                "guess, from a trial fit; Goel 2016 shows the effect, not the step",
            )
            gain = d.rate(f"s6k_represses_{low}_x", guess)
            d.let(f"{symbol}_repressed", (1 + gain) / (1 + gain * s6k / 1.25e4))
    if d.variants["egfr_feedback"] == "kinase":
        gain = d.rate("s6k_slows_erbb_kinase_x", (3.0, 0.4, "guess, from a trial fit; the step is not known"))
        d.let("ERBB_slowed", (1 + gain) / (1 + gain * s6k / 1.25e4))


def rules(d):
    feedback(d)
    egfr, her2, her3 = d["EGFR"], d["ERBB2"], d["ERBB3"]
    slowed = d["ERBB_slowed"] if d.variants["egfr_feedback"] == "kinase" else 1
    by_egfr, by_her2 = d.inhibited("EGFR") * slowed, d.inhibited("ERBB2") * slowed
    fast = "guess: phosphotyrosine on receptors lives 10-60 s"
    d.convert(
        "egfr_phosphorylates_egfr_y",
        egfr(Y="u") >> egfr(Y="p"),
        (0.01, 0.4, "guess: half in a minute at saturating EGF"),
        times=d["EGFR_occupied"] * by_egfr,
        why="EGF-bound EGFR phosphorylates itself in trans; general knowledge",
    )
    d.catalyse(
        "egfr_crowding_phosphorylates_egfr_y",
        egfr(Y="u") >> egfr(Y="p"),
        d["tEGFR"],
        (1e-9, 0.4, "guess: matters at a million copies"),
        times=by_egfr,
        why="Overexpressed EGFR is active without ligand (EGFR gain raises pathway tone; Juvekar & Wulf 2013)",
    )
    k = d.convert(
        "ptp_dephosphorylates_egfr_y", egfr(Y="p") >> egfr(Y="u"), (0.015, 0.3, fast), why="general knowledge"
    )
    d.catalyse(
        "erk_phosphorylates_egfr_t669",
        egfr(T669="u") >> egfr(T669="p"),
        d.needs("pERK", 1e5),
        (1e-8, 0.4, "guess: minutes at 1e5 copies of pERK"),
        why="ERK feedback on EGFR T669 (T693 of the precursor); Li 2008 Cell Signal 20:2145",
    )
    d.convert(
        "pp_dephosphorylates_egfr_t669",
        egfr(T669="p") >> egfr(T669="u"),
        (1e-3, 0.3, "guess: 10 min"),
        why="general knowledge",
    )
    # HER2: activated by its own crowding (amplification) and by EGFR
    d.catalyse(
        "her2_crowding_phosphorylates_her2_y",
        her2(Y="u") >> her2(Y="p"),
        d["tHER2"],
        (2e-9, 0.4, "guess: a fifth of HER2 phosphorylated at 1.5e6 copies"),
        times=by_her2,
        why="Amplified HER2 is active without ligand; general knowledge",
    )
    d.catalyse(
        "egfr_phosphorylates_her2_y",
        her2(Y="u") >> her2(Y="p"),
        d["aEGFR"],
        (1e-7, 0.5, "guess"),
        times=by_egfr,
        why="EGFR phosphorylates HER2 in heterodimers; general knowledge",
    )
    d.convert("ptp_dephosphorylates_her2_y", her2(Y="p") >> her2(Y="u"), k, why="as EGFR")
    gain = d.rate("nrg1_strengthens_her2_her3_x", (10.0, 0.3, "guess: tenfold at saturating heregulin"))
    d.bind(
        "her2_binds_her3",
        her2(d=None) + her3(d=None) | her2(d=1) % her3(d=1),
        (1e-8, 0.4, "guess: Kd near 1e6 copies without ligand"),
        (0.01, 0.3, "guess: a minute"),
        times=1 + gain * d["ERBB3_occupied"],
        why=DIMER,
    )
    d.convert(
        "her2_phosphorylates_her3_y",
        her2(d=1) % her3(Y="u", d=1) >> her2(d=1) % her3(Y="p", d=1),
        (0.005, 0.4, "guess: a quarter of HER3 in the dimer, so that it can rise"),
        times=by_her2,
        why="HER3 is phosphorylated by HER2 in the dimer; Garrett 2011 PNAS 108:5021",
    )
    d.catalyse(
        "egfr_phosphorylates_her3_y",
        her3(Y="u") >> her3(Y="p"),
        d["aEGFR"],
        (2e-7, 0.5, "guess"),
        times=by_egfr,
        why="EGFR phosphorylates HER3 where HER2 is low; general knowledge",
    )
    d.convert("ptp_dephosphorylates_her3_y", her3(Y="p") >> her3(Y="u"), (0.013, 0.3, fast), why="as EGFR")
    why = "AKT inhibition raises HER3 and, less, EGFR through FOXO; Chandarlapaty 2011 Cancer Cell 19:58, Garrett 2011"
    gene(
        d,
        "egfr",
        "EGFR",
        egfr(Y="u", T669="u"),
        (1.5e-5, 0.25, "half-life 12.7 h, SPARCED table"),
        (0.7, 2.0),
        why,
    )
    gene(
        d,
        "erbb3",
        "ERBB3",
        her3(Y="u", d=None),
        (1.2e-5, 0.25, "half-life 15.6 h, SPARCED table"),
        (0.4, 8.0),
        why,
    )
    gene(
        d,
        "erbb2",
        "ERBB2",
        her2(Y="u", d=None),
        (1.04e-5, 0.2, "half-life 18.5 h, SPARCED table"),
        None,
        "HER2 is driven by its amplicon, not by FOXO; mTORC1/S6K represses the family (Goel 2016)",
    )


def gene(d, low, symbol, born, kdeg, foxo, why):
    """A gene of the family: mRNA (10 copies at the reference rate), translation, loss."""
    name = {"EGFR": "EGFR", "ERBB2": "HER2", "ERBB3": "HER3"}[symbol]
    m, f = d[f"{symbol}_mRNA"], d.needs("nFOXO", 2e3)
    k_m = d.lose(
        f"{low}_mrna_decays", m(), (6e-5, 0.2, "mRNA half-life 2-6 h; general knowledge"), why="mRNA turnover"
    )
    drive = 1
    if foxo:
        basal = d.rate(f"{low}_transcribed_without_foxo_x", (foxo[0], 0.25, "guess"))
        top = d.rate(
            f"foxo_transcribes_{low}_x",
            (foxo[1], 0.3, "guess: HER3 strongly, EGFR weakly; Chandarlapaty 2011"),
        )
        half = d.rate(f"foxo_transcribes_{low}_K", (0.4 * 1.2e4, 0.3, "guess: 40 % of FOXO nuclear"))
        drive = basal + top * f**2 / (half**2 + f**2)
    if d.variants["egfr_feedback"] == "transcription":
        drive = drive * d[f"{symbol}_repressed"]
    d.make(f"{low}_transcribed", m(), k_m * 10 * drive, why=why)
    k_p = d.lose(f"{low}_degraded", d[symbol](), kdeg, why="Receptor turnover")
    d.make(
        f"{low}_translated",
        born,
        k_p * d[f"{symbol}_copies"] * d[f"m{name}"] / 10,
        why="Protein follows mRNA",
    )
