"""mTORC1: on with Rheb-GTP, held by PRAS40, sequestered by FKBP12-rapalog; its substrates S6K, S6 and 4E-BP1.

In: Rheb-GTP, AKT activity, rapalogs and ATP-site inhibitors. Out: pS6K, p4E-BP1, mTORC1 activity.

Rapalogs bind FKBP12, and only that pair binds mTORC1. mTORC1 so bound no longer phosphorylates S6K, IRS1 or GRB10, but
keeps part of its activity to 4E-BP1 (Choo 2008).
*Left out*: amino acids and Rag GTPases, S183 of PRAS40, 4E-BP1's slow regain under rapamycin beyond what the feedback gives.
"""

from pathway.builder import ModelBuilder

RAPA = "FKBP12-rapamycin binds the FRB domain of mTOR; Banaszynski 2005 J Am Chem Soc 127:4715"
ORDERED = "T37/T46 first, then S65/T70; Gingras 2001 Genes Dev 15:2852"


def molecules(model: ModelBuilder) -> None:
    fkbp12 = model.Monomer("FKBP12", ["drug", "m"], {"drug": ["none", "rapalog"]}, uniprot="P62942")
    mtorc1 = model.Monomer("MTORC1", ["f"], uniprot="P42345 Q8N122 Q9BVC4", predicate="hasPart")
    pras40 = model.Monomer("AKT1S1", ["T246"], {"T246": ["u", "p"]}, uniprot="Q96B36")
    s6k = model.Monomer("S6K", ["T389"], {"T389": ["u", "p"]}, uniprot="P23443 Q9UBS0")
    s6 = model.Monomer("S6", ["S240"], {"S240": ["u", "p"]}, uniprot="P62753")
    bp1 = model.Monomer("EIF4EBP1", ["s"], {"s": ["u", "p1", "p2"]}, uniprot="Q13541")
    copies = model.Parameter("FKBP12_copies", 1e6, unit="copies/cell", description="FKBP12 (with FKBP51)")
    model.Initial(fkbp12(drug="none", m=None), copies)
    copies = model.Parameter("MTORC1_copies", 1e4, unit="copies/cell", description="mTORC1 (Raptor limits)")
    model.Initial(mtorc1(f=None), copies)
    copies = model.Parameter("AKT1S1_copies", 5e4, unit="copies/cell", description="PRAS40")
    model.Initial(pras40(T246="u"), copies)
    copies = model.Parameter("RPS6KB1_copies", 5e4, unit="copies/cell", description="S6K1 and S6K2")
    model.Initial(s6k(T389="u"), copies)
    copies = model.Parameter("RPS6_copies", 1e6, unit="copies/cell", description="ribosomal protein S6")
    model.Initial(s6(S240="u"), copies)
    copies = model.Parameter("EIF4EBP1_copies", 5.4e4, unit="copies/cell", description="4E-BP1")
    model.Initial(bp1(s="u"), copies)
    model.Observable("pPRAS40_T246", pras40(T246="p"), "PRAS40 T246")
    model.Observable("pS6K_T389", s6k(T389="p"), "S6K T389")
    model.Observable("tS6K", s6k(), "S6K, total")
    model.Observable("pS6_S240", s6(S240="p"), "S6 S240/S244")
    model.Observable("p4EBP1_once", bp1(s="p1"))
    model.Observable("p4EBP1_S65", bp1(s="p2"), "4E-BP1 S65/T70 (and T37/T46)")
    model.Observable("t4EBP1", bp1(), "4E-BP1, total")
    model.Observable("MTORC1_free", mtorc1(f=None))
    model.Observable("MTORC1_rapalog", mtorc1(f=1) % fkbp12(m=1))
    model.Observable("FKBP12_rapalog", fkbp12(drug="rapalog"))
    model.Observable("PRAS40_u", pras40(T246="u"))


def activities(model: ModelBuilder) -> None:
    half = model.Parameter(
        "rheb_activates_mtorc1_K",
        0.2 * 3.3e5,
        prior=0.3,
        source="guess: a fifth of Rheb, from a trial fit",
    )
    hold = model.Parameter("pras40_holds_mtorc1_x", 0.6, prior=0.4, source="guess; Mi 2015 Oncotarget")
    rheb = model.needs("RHEB_GTP", 6e4)
    switched_on = model.Expression(
        "MTORC1_switched_on",
        rheb**2
        / (half**2 + rheb**2)
        / (1 + hold * model["PRAS40_u"] / 5e4)
        * model.residual_activity("MTORC1"),
    )
    keep = model.Parameter(
        "mtorc1_rapalog_on_4ebp1_x",
        0.5,
        prior=0.15,
        source="residual at least about half; Choo 2008 PNAS 105:17414, Thoreen 2009",
    )
    free, sequestered = model["MTORC1_free"], model["MTORC1_rapalog"]
    model.Expression("aMTORC1", free * switched_on, "mTORC1 activity to S6K, IRS1, GRB10")
    model.Expression("aMTORC1_4EBP1", (free + keep * sequestered) * switched_on)
    model.Expression("p4EBP1_T37", model["p4EBP1_once"] + model["p4EBP1_S65"], "4E-BP1 T37/T46")
    model.Expression(
        "pS6K_active",
        model["pS6K_T389"] * model.residual_activity("S6K"),
        "S6K activity (S6K with T389, free of inhibitor)",
    )


def rules(model: ModelBuilder) -> None:
    fkbp12, mtorc1, pras40 = (model.monomers[name] for name in ("FKBP12", "MTORC1", "AKT1S1"))
    s6k, s6, bp1 = (model.monomers[name] for name in ("S6K", "S6", "EIF4EBP1"))

    # rapalogs, and PRAS40
    load = model.Parameter("load_FKBP12", 0.0, unit="1", description="sum over rapalogs of dose/Kd to FKBP12")
    off = model.Parameter("fkbp12_releases_rapalog_kr", 1e-3, prior=0.2, source="guess: ten minutes")
    model.equilibrate(
        "fkbp12_binds_rapalog",
        fkbp12(drug="none", m=None),
        fkbp12(drug="rapalog", m=None),
        off * load,
        off,
        evidence="Rapamycin Kd 0.2 nM; Banaszynski 2005",
    )
    on = model.Parameter(
        "fkbp12_rapalog_binds_mtorc1_kf",
        2.6e-8,
        prior=0.15,
        source="Kd 12 nM (38,000 copies in 5.25 pL), with kr; Banaszynski 2005",
    )
    off = model.Parameter("fkbp12_rapalog_binds_mtorc1_kr", 1e-3, prior=0.15, source="guess: minutes")
    model.bind(
        "fkbp12_rapalog_binds_mtorc1",
        fkbp12(drug="rapalog"),
        "m",
        mtorc1(),
        "f",
        on,
        off,
        evidence=RAPA,
    )
    akt = model.needs("aAKT", 1.5e4)
    phosphorylate = model.Parameter(
        "akt_phosphorylates_pras40_t246_kact", 7e-8, prior=0.3, source="guess, from a trial fit"
    )
    model.catalyze_one_step(
        "akt_phosphorylates_pras40_t246",
        akt,
        pras40(T246="u"),
        pras40(T246="p"),
        phosphorylate,
        evidence="AKT phosphorylates PRAS40 T246 and releases mTORC1; Sancak 2007 Mol Cell 25:903",
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_pras40_t246_kcat", 1.7e-3, prior=0.3, source="guess: ten minutes"
    )
    model.Rule(
        "pp_dephosphorylates_pras40_t246",
        pras40(T246="p") >> pras40(T246="u"),
        dephosphorylate,
        evidence="general knowledge",
    )

    # S6K and S6
    phosphorylate = model.Parameter(
        "mtorc1_phosphorylates_s6k_t389_kact", 1e-6, prior=0.3, source="tenfold in 5 min; Tremblay 2005"
    )
    model.catalyze_one_step(
        "mtorc1_phosphorylates_s6k_t389",
        model["aMTORC1"],
        s6k(T389="u"),
        s6k(T389="p"),
        phosphorylate,
        evidence="Choo 2008 PNAS 105:17414",
    )
    dephosphorylate = model.Parameter(
        "pp2a_dephosphorylates_s6k_t389_kcat",
        4.5e-3,
        prior=0.3,
        source="1-5 min after rapamycin; general knowledge",
    )
    model.Rule(
        "pp2a_dephosphorylates_s6k_t389",
        s6k(T389="p") >> s6k(T389="u"),
        dephosphorylate,
        evidence="Choo 2008",
    )
    phosphorylate = model.Parameter(
        "s6k_phosphorylates_s6_s240_kact", 6e-8, prior=0.3, source="guess: minutes"
    )
    model.catalyze_one_step(
        "s6k_phosphorylates_s6_s240",
        model["pS6K_active"],
        s6(S240="u"),
        s6(S240="p"),
        phosphorylate,
        evidence="S6K phosphorylates S6; general knowledge",
    )
    dephosphorylate = model.Parameter(
        "pp1_dephosphorylates_s6_s240_kcat", 8e-4, prior=0.3, source="guess: 15 min"
    )
    model.Rule(
        "pp1_dephosphorylates_s6_s240",
        s6(S240="p") >> s6(S240="u"),
        dephosphorylate,
        evidence="general knowledge",
    )

    # 4E-BP1
    phosphorylate = model.Parameter(
        "mtorc1_phosphorylates_4ebp1_t37_kact",
        6e-7,
        prior=0.3,
        source="guess: two thirds phosphorylated in serum",
    )
    model.catalyze_one_step(
        "mtorc1_phosphorylates_4ebp1_t37",
        model["aMTORC1_4EBP1"],
        bp1(s="u"),
        bp1(s="p1"),
        phosphorylate,
        evidence=ORDERED,
    )
    phosphorylate = model.Parameter(
        "mtorc1_phosphorylates_4ebp1_s65_kact", 5e-7, prior=0.3, source="guess: as the first step"
    )
    model.catalyze_one_step(
        "mtorc1_phosphorylates_4ebp1_s65",
        model["aMTORC1_4EBP1"],
        bp1(s="p1"),
        bp1(s="p2"),
        phosphorylate,
        evidence=ORDERED,
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_4ebp1_s65_kcat", 4e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "pp_dephosphorylates_4ebp1_s65", bp1(s="p2") >> bp1(s="p1"), dephosphorylate, evidence="Choo 2008"
    )
    dephosphorylate = model.Parameter(
        "pp_dephosphorylates_4ebp1_t37_kcat", 1.8e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "pp_dephosphorylates_4ebp1_t37", bp1(s="p1") >> bp1(s="u"), dephosphorylate, evidence="Choo 2008"
    )
