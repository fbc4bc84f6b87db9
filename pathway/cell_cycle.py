"""Cyclin D with CDK4/6 phosphorylates RB and frees E2F, which makes cyclin A.

In: pERK, nuclear STAT5, mTORC1's 4E-BP1 output, GSK3. Out: CDK4/6 activity (also on TSC2), E2F output.

*Left out*: CDK2 and cyclin E, p27, the phases of the cycle.
"""

from pathway.builder import ModelBuilder


def molecules(model: ModelBuilder) -> None:
    cyclin_d = model.Monomer("CCND1", uniprot="P24385")
    rb = model.Monomer("RB1", ["S807"], {"S807": ["u", "p"]}, uniprot="P06400")
    cyclin_a = model.Monomer("CCNA2", uniprot="P20248")
    model.Parameter("CCND1_copies", 1e4, unit="copies/cell", description="cyclin D; synthesis scale")
    model.Parameter("CDK46_copies", 1e5, unit="copies/cell", description="CDK4 and CDK6")
    model.Parameter("CCNA2_copies", 1e4, unit="copies/cell", description="cyclin A; synthesis scale")
    model.Initial(cyclin_d(), model.Parameter("CCND1_start", 5e3))
    model.Initial(cyclin_a(), model.Parameter("CCNA2_start", 5e3))
    copies = model.Parameter("RB1_copies", 2.3e4, unit="copies/cell", description="RB")
    model.Initial(rb(S807="u"), copies)
    model.Observable("tCCND1", cyclin_d(), "cyclin D1, total")
    model.Observable("pRB", rb(S807="p"), "RB S780/S807")
    model.Observable("tRB", rb(), "RB, total")
    model.Observable("RB_u", rb(S807="u"))
    model.Observable("tCCNA2", cyclin_a(), "cyclin A, an E2F target")


def activities(model: ModelBuilder) -> None:
    half = model.Parameter("ccnd1_binds_cdk46_K", 3e4, prior=0.3, source="guess")
    cyclin_d = model["tCCND1"]
    model.Expression(
        "aCDK46",
        model["CDK46_copies"] * cyclin_d / (cyclin_d + half) * model.residual_activity("CDK46"),
        "cyclin D-CDK4/6 activity",
    )
    hold = model.Parameter("rb_holds_e2f_K", 5e3, prior=0.3, source="guess: a fifth of RB")
    model.Expression("E2F_free", 1 / (1 + (model["RB_u"] / hold) ** 2), "share of E2F free of RB", "1")


def rules(model: ModelBuilder) -> None:
    cyclin_d, rb, cyclin_a = (model.monomers[name] for name in ("CCND1", "RB1", "CCNA2"))
    gsk3 = model.needs("GSK3_active", 4e4)
    turnover = model.Parameter(
        "ccnd1_degraded_kdeg", 1.5e-4, prior=0.2, source="half-life 1.3 h, SPARCED table"
    )
    model.degrade(
        "ccnd1_degraded",
        cyclin_d(),
        turnover * (0.5 + gsk3 / 5e4),
        evidence="GSK3 marks cyclin D for the proteasome; Diehl 1998 Genes Dev 12:3499",
    )
    basal = model.Parameter("ccnd1_transcribed_basal_x", 0.2, prior=0.3, source="guess")
    by_erk = model.Parameter(
        "erk_drives_ccnd1_x",
        0.2,
        prior=0.3,
        source="guess: RAS-ERK is the main drive; general knowledge",
    )
    by_stat5 = model.Parameter(
        "stat5_drives_ccnd1_x",
        3.0,
        prior=0.3,
        source="guess; Juvekar & Wulf 2013: STAT5 keeps the mitotic machinery going",
    )
    by_cap = model.Parameter(
        "cap_translation_drives_ccnd1_x",
        1.5,
        prior=0.3,
        source="guess: 4E-BP1 gates cyclin D translation; general knowledge",
    )
    drive = basal + by_erk * model.needs("pERK", 1e5) / 1e5 + by_stat5 * model.needs("nSTAT5", 1e3) / 1e4
    model.synthesize(
        "ccnd1_made",
        cyclin_d(),
        turnover * model["CCND1_copies"] * drive * (1 + by_cap * model.needs("p4EBP1_T37", 3e4) / 3e4),
        evidence="ERK, STAT5 and cap-dependent translation raise cyclin D; mechanisms of Goel 2016 and Juvekar & Wulf 2013",
    )
    phosphorylate = model.Parameter(
        "cdk46_phosphorylates_rb_s807_kact", 3e-8, prior=0.3, source="guess: half an hour"
    )
    model.catalyze_one_step(
        "cdk46_phosphorylates_rb_s807",
        model["aCDK46"],
        rb(S807="u"),
        rb(S807="p"),
        phosphorylate,
        evidence="Cyclin D-CDK4/6 phosphorylates RB; Goel 2016",
    )
    dephosphorylate = model.Parameter(
        "pp1_dephosphorylates_rb_s807_kcat", 5e-4, prior=0.3, source="guess: half an hour"
    )
    model.Rule(
        "pp1_dephosphorylates_rb_s807",
        rb(S807="p") >> rb(S807="u"),
        dephosphorylate,
        evidence="general knowledge",
    )
    turnover = model.Parameter("ccna2_degraded_kdeg", 1e-4, prior=0.25, source="guess: two hours")
    model.degrade("ccna2_degraded", cyclin_a(), turnover, evidence="general knowledge")
    model.synthesize(
        "e2f_makes_ccna2",
        cyclin_a(),
        turnover * model["CCNA2_copies"] * (0.02 + model["E2F_free"]),
        evidence="Cyclin A is an E2F target; Goel 2016",
    )
