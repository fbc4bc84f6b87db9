"""Cyclin D with CDK4/6 phosphorylates RB and frees E2F, which makes cyclin A.

In: pERK, nuclear STAT5, mTORC1's 4E-BP1 output, GSK3. Out: CDK4/6 activity (also on TSC2), E2F output.

*Left out*: CDK2 and cyclin E, p27, the phases of the cycle.
"""


def molecules(d):
    d.monomer("CCND1", "P24385")
    d.monomer("RB1", "P06400", S807="u p")
    d.monomer("CCNA2", "P20248")
    d.copies("CCND1", 1e4, "cyclin D; synthesis scale")
    d.copies("CDK46", 1e5, "CDK4 and CDK6")
    d.copies("CCNA2", 1e4, "cyclin A; synthesis scale")
    d.seed(d["CCND1"](), "CCND1", 5e3)
    d.seed(d["CCNA2"](), "CCNA2", 5e3)
    d.start(d["RB1"](S807="u"), d.copies("RB1", 2.3e4, "RB"))
    d.see("tCCND1", d["CCND1"](), "cyclin D1, total")
    d.see("pRB", d["RB1"](S807="p"), "RB S780/S807")
    d.see("tRB", d["RB1"](), "RB, total")
    d.count("RB_u", d["RB1"](S807="u"))
    d.see("tCCNA2", d["CCNA2"](), "cyclin A, an E2F target")


def activities(d):
    half = d.rate("ccnd1_binds_cdk46_K", (3e4, 0.3, "guess"))
    d.let(
        "aCDK46",
        d["CDK46_copies"] * d["tCCND1"] / (d["tCCND1"] + half) * d.inhibited("CDK46"),
        "cyclin D-CDK4/6 activity",
    )
    d.let(
        "E2F_free",
        1 / (1 + (d["RB_u"] / d.rate("rb_holds_e2f_K", (5e3, 0.3, "guess: a fifth of RB"))) ** 2),
        "share of E2F free of RB",
        "1",
    )


def rules(d):
    rb = d["RB1"]
    k = d.lose(
        "ccnd1_degraded",
        d["CCND1"](),
        (1.5e-4, 0.2, "half-life 1.3 h, SPARCED table"),
        times=0.5 + d.needs("GSK3_active", 4e4) / 5e4,
        why="GSK3 marks cyclin D for the proteasome; Diehl 1998 Genes Dev 12:3499",
    )
    basal = d.rate("ccnd1_transcribed_basal_x", (0.2, 0.3, "guess"))
    erk = d.rate("erk_drives_ccnd1_x", (0.2, 0.3, "guess: RAS-ERK is the main drive; general knowledge"))
    stat = d.rate(
        "stat5_drives_ccnd1_x",
        (3.0, 0.3, "guess; Juvekar & Wulf 2013: STAT5 keeps the mitotic machinery going"),
    )
    cap = d.rate(
        "cap_translation_drives_ccnd1_x",
        (1.5, 0.3, "guess: 4E-BP1 gates cyclin D translation; general knowledge"),
    )
    drive = basal + erk * d.needs("pERK", 1e5) / 1e5 + stat * d.needs("nSTAT5", 1e3) / 1e4
    d.make(
        "ccnd1_made",
        d["CCND1"](),
        k * d["CCND1_copies"] * drive * (1 + cap * d.needs("p4EBP1_T37", 3e4) / 3e4),
        why="ERK, STAT5 and cap-dependent translation raise cyclin D; mechanisms of Goel 2016 and Juvekar & Wulf 2013",
    )
    d.catalyse(
        "cdk46_phosphorylates_rb_s807",
        rb(S807="u") >> rb(S807="p"),
        d["aCDK46"],
        (3e-8, 0.3, "guess: half an hour"),
        why="Cyclin D-CDK4/6 phosphorylates RB; Goel 2016",
    )
    d.convert(
        "pp1_dephosphorylates_rb_s807",
        rb(S807="p") >> rb(S807="u"),
        (5e-4, 0.3, "guess: half an hour"),
        why="general knowledge",
    )
    k = d.lose("ccna2_degraded", d["CCNA2"](), (1e-4, 0.25, "guess: two hours"), why="general knowledge")
    d.make(
        "e2f_makes_ccna2",
        d["CCNA2"](),
        k * d["CCNA2_copies"] * (0.02 + d["E2F_free"]),
        why="Cyclin A is an E2F target; Goel 2016",
    )
