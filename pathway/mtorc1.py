"""mTORC1: on with Rheb-GTP, held by PRAS40, sequestered by FKBP12-rapalog; its substrates S6K, S6 and 4E-BP1.

In: Rheb-GTP, AKT activity, rapalogs and ATP-site inhibitors. Out: pS6K, p4E-BP1, mTORC1 activity.

Rapalogs bind FKBP12, and only that pair binds mTORC1. mTORC1 so bound no longer phosphorylates S6K, IRS1 or GRB10, but
keeps part of its activity to 4E-BP1 (Choo 2008).
*Left out*: amino acids and Rag GTPases, S183 of PRAS40, 4E-BP1's slow regain under rapamycin beyond what the feedback gives.
"""

RAPA = "FKBP12-rapamycin binds the FRB domain of mTOR; Banaszynski 2005 J Am Chem Soc 127:4715"


def molecules(d):
    d.monomer("FKBP12", "P62942", drug="none rapalog", m=None)
    d.monomer("MTORC1", "P42345 Q8N122 Q9BVC4", f=None)
    d.monomer("AKT1S1", "Q96B36", T246="u p")
    d.monomer("S6K", "P23443 Q9UBS0", T389="u p")
    d.monomer("S6", "P62753", S240="u p")
    d.monomer("EIF4EBP1", "Q13541", s="u p1 p2")
    d.start(d["FKBP12"](drug="none", m=None), d.copies("FKBP12", 1e6, "FKBP12 (with FKBP51)"))
    d.start(d["MTORC1"](f=None), d.copies("MTORC1", 1e4, "mTORC1 (Raptor limits)"))
    d.start(d["AKT1S1"](T246="u"), d.copies("AKT1S1", 5e4, "PRAS40"))
    d.start(d["S6K"](T389="u"), d.copies("RPS6KB1", 5e4, "S6K1 and S6K2"))
    d.start(d["S6"](S240="u"), d.copies("RPS6", 1e6, "ribosomal protein S6"))
    d.start(d["EIF4EBP1"](s="u"), d.copies("EIF4EBP1", 5.4e4, "4E-BP1"))
    d.see("pPRAS40_T246", d["AKT1S1"](T246="p"), "PRAS40 T246")
    d.see("pS6K_T389", d["S6K"](T389="p"), "S6K T389")
    d.see("tS6K", d["S6K"](), "S6K, total")
    d.see("pS6_S240", d["S6"](S240="p"), "S6 S240/S244")
    d.count("p4EBP1_once", d["EIF4EBP1"](s="p1"))
    d.see("p4EBP1_S65", d["EIF4EBP1"](s="p2"), "4E-BP1 S65/T70 (and T37/T46)")
    d.see("t4EBP1", d["EIF4EBP1"](), "4E-BP1, total")
    d.count("MTORC1_free", d["MTORC1"](f=None))
    d.count("MTORC1_rapalog", d["MTORC1"](f=1) % d["FKBP12"](m=1))
    d.count("FKBP12_rapalog", d["FKBP12"](drug="rapalog"))
    d.count("PRAS40_u", d["AKT1S1"](T246="u"))


def activities(d):
    half = d.rate("rheb_activates_mtorc1_K", (0.2 * 3.3e5, 0.3, "guess: a fifth of Rheb, from a trial fit"))
    hold = d.rate("pras40_holds_mtorc1_x", (0.6, 0.4, "guess; Mi 2015 Oncotarget"))
    g = d.needs("RHEB_GTP", 6e4)
    switched = d.let(
        "MTORC1_switched_on",
        g**2 / (half**2 + g**2) / (1 + hold * d["PRAS40_u"] / 5e4) * d.inhibited("MTORC1"),
    )
    keep = d.rate(
        "mtorc1_rapalog_on_4ebp1_x",
        (0.5, 0.15, "residual at least about half; Choo 2008 PNAS 105:17414, Thoreen 2009"),
    )
    d.let("aMTORC1", d["MTORC1_free"] * switched, "mTORC1 activity to S6K, IRS1, GRB10")
    d.let("aMTORC1_4EBP1", (d["MTORC1_free"] + keep * d["MTORC1_rapalog"]) * switched)
    d.let("p4EBP1_T37", d["p4EBP1_once"] + d["p4EBP1_S65"], "4E-BP1 T37/T46")
    d.let(
        "pS6K_active", d["pS6K_T389"] * d.inhibited("S6K"), "S6K activity (S6K with T389, free of inhibitor)"
    )


def rules(d):
    fkbp, mtorc1, pras40 = d["FKBP12"], d["MTORC1"], d["AKT1S1"]
    load = d.setting("load_FKBP12", 0.0, "1", "sum over rapalogs of dose/Kd to FKBP12")
    off = d.rate("fkbp12_releases_rapalog_kr", (1e-3, 0.2, "guess: ten minutes"))
    d.rule(
        "fkbp12_binds_rapalog",
        fkbp(drug="none", m=None) | fkbp(drug="rapalog", m=None),
        d.let("fkbp12_binds_rapalog_rate", off * load),
        off,
        why="Rapamycin Kd 0.2 nM; Banaszynski 2005",
    )
    d.bind(
        "fkbp12_rapalog_binds_mtorc1",
        fkbp(drug="rapalog", m=None) + mtorc1(f=None) | fkbp(drug="rapalog", m=1) % mtorc1(f=1),
        (2.6e-8, 0.15, "Kd 12 nM (38,000 copies in 5.25 pL), with kr; Banaszynski 2005"),
        (1e-3, 0.15, "guess: minutes"),
        why=RAPA,
    )
    d.catalyse(
        "akt_phosphorylates_pras40_t246",
        pras40(T246="u") >> pras40(T246="p"),
        d.needs("aAKT", 1.5e4),
        (7e-8, 0.3, "guess, from a trial fit"),
        why="AKT phosphorylates PRAS40 T246 and releases mTORC1; Sancak 2007 Mol Cell 25:903",
    )
    d.convert(
        "pp_dephosphorylates_pras40_t246",
        pras40(T246="p") >> pras40(T246="u"),
        (1.7e-3, 0.3, "guess: ten minutes"),
        why="general knowledge",
    )
    s6k, s6, bp = d["S6K"], d["S6"], d["EIF4EBP1"]
    d.catalyse(
        "mtorc1_phosphorylates_s6k_t389",
        s6k(T389="u") >> s6k(T389="p"),
        d["aMTORC1"],
        (1e-6, 0.3, "tenfold in 5 min; Tremblay 2005"),
        why="Choo 2008 PNAS 105:17414",
    )
    d.convert(
        "pp2a_dephosphorylates_s6k_t389",
        s6k(T389="p") >> s6k(T389="u"),
        (4.5e-3, 0.3, "1-5 min after rapamycin; general knowledge"),
        why="Choo 2008",
    )
    d.catalyse(
        "s6k_phosphorylates_s6_s240",
        s6(S240="u") >> s6(S240="p"),
        d["pS6K_active"],
        (6e-8, 0.3, "guess: minutes"),
        why="S6K phosphorylates S6; general knowledge",
    )
    d.convert(
        "pp1_dephosphorylates_s6_s240",
        s6(S240="p") >> s6(S240="u"),
        (8e-4, 0.3, "guess: 15 min"),
        why="general knowledge",
    )
    k = (6e-7, 0.3, "guess: two thirds phosphorylated in serum")
    why = "T37/T46 first, then S65/T70; Gingras 2001 Genes Dev 15:2852"
    d.catalyse("mtorc1_phosphorylates_4ebp1_t37", bp(s="u") >> bp(s="p1"), d["aMTORC1_4EBP1"], k, why=why)
    d.catalyse(
        "mtorc1_phosphorylates_4ebp1_s65",
        bp(s="p1") >> bp(s="p2"),
        d["aMTORC1_4EBP1"],
        (5e-7, 0.3, "guess: as the first step"),
        why=why,
    )
    d.convert(
        "pp_dephosphorylates_4ebp1_s65",
        bp(s="p2") >> bp(s="p1"),
        (4e-3, 0.3, "guess: minutes"),
        why="Choo 2008",
    )
    d.convert(
        "pp_dephosphorylates_4ebp1_t37",
        bp(s="p1") >> bp(s="u"),
        (1.8e-3, 0.3, "guess: minutes"),
        why="Choo 2008",
    )
