"""JAK2 is switched on where it sits on pY-IRS1 or on active CXCR1, and phosphorylates STAT5, which dimerises and works in the nucleus.

In: pY-IRS1, active CXCR1. Out: nuclear STAT5 dimers; SOCS, which damps JAK2 on IRS1.

*Left out*: cytokine receptors and other kinases (a small constant input to STAT5 stands for them), STAT5A/B apart.
"""

from pathway.builder import ModelBuilder

WAVE1 = "IRS1 binds and activates JAK2 under BEZ235; Britschgi 2012 Cancer Cell 22:796 (read in Juvekar & Wulf 2013)"
CYCLE = "STAT5 dimerises, enters the nucleus, is dephosphorylated there and leaves; Boehm 2014 J Proteome Res 13:5685"


def molecules(model: ModelBuilder) -> None:
    jak2 = model.Monomer("JAK2", ["Y1007", "i"], {"Y1007": ["u", "p"]}, uniprot="O60674")
    stat5 = model.Monomer(
        "STAT5",
        ["Y694", "d", "loc"],
        {"Y694": ["u", "p"], "loc": ["cyt", "nuc"]},
        uniprot="P42229 P51692",
    )
    socs = model.Monomer("SOCS", uniprot="O14543 Q9NSE2")
    copies = model.Parameter("JAK2_copies", 3e3, unit="copies/cell", description="JAK2")
    model.Initial(jak2(Y1007="u", i=None), copies)
    copies = model.Parameter("STAT5_copies", 3e4, unit="copies/cell", description="STAT5A and STAT5B")
    model.Initial(stat5(Y694="u", d=None, loc="cyt"), copies)
    model.Parameter("SOCS_copies", 1e3, unit="copies/cell", description="SOCS3 and CISH; synthesis scale")
    model.Initial(socs(), model.Parameter("SOCS_start", 100))
    model.Observable("pJAK2", jak2(Y1007="p"), "JAK2 Y1007/Y1008")
    model.Observable("tJAK2", jak2(), "JAK2, total")
    model.Observable("JAK2_IRS1", model.monomers["IRS1"](j=1) % jak2(i=1), "JAK2 on IRS1")
    model.Observable("pSTAT5", stat5(Y694="p"), "STAT5 Y694")
    model.Observable("nSTAT5", stat5(Y694="p", loc="nuc"), "STAT5 in the nucleus")
    model.Observable("tSTAT5", stat5(), "STAT5, total")
    model.Observable("tSOCS", socs(), "SOCS, total")


def activities(model: ModelBuilder) -> None:
    damp = model.Parameter(
        "socs_damps_jak2_x",
        20.0,
        prior=0.2,
        source="guess: threefold at 100 copies; lets the first wave fade (S43)",
    )
    model.Expression("JAK2_undamped", model.residual_activity("JAK2") / (1 + damp * model["tSOCS"] / 1e3))


def rules(model: ModelBuilder) -> None:
    jak2, irs1 = model.monomers["JAK2"], model.monomers["IRS1"]
    stat5, socs = model.monomers["STAT5"], model.monomers["SOCS"]

    # JAK2, on IRS1 and on CXCR1
    on = model.Parameter("jak2_binds_irs1_kf", 3e-6, prior=0.4, source="guess: Kd near 7e3 copies, with kr")
    off = model.Parameter("jak2_binds_irs1_kr", 0.02, prior=0.3, source="guess: half a minute")
    model.bind("jak2_binds_irs1", irs1(Y="p"), "j", jak2(), "i", on, off, evidence=WAVE1)
    activate = model.Parameter("irs1_switches_jak2_on_kcat", 0.005, prior=0.4, source="guess: minutes")
    activation = activate * model["JAK2_undamped"]
    if model.variants["jak2_activation"] == "receptor":
        activation = activation * (model["IRS1_receptor"] / 3e3)
    model.Rule(
        "irs1_switches_jak2_on",
        irs1(j=1) % jak2(i=1, Y1007="u") >> irs1(j=1) % jak2(i=1, Y1007="p"),
        activation,
        evidence=WAVE1,
    )
    cxcr1 = model.needs("aCXCR1", 50) * model.residual_activity("JAK2")
    activate = model.Parameter(
        "cxcr1_switches_jak2_on_kact", 1e-5, prior=0.3, source="guess: as IRS1 when half of CXCR1 is active"
    )
    model.catalyze_one_step(
        "cxcr1_switches_jak2_on",
        cxcr1,
        jak2(Y1007="u"),
        jak2(Y1007="p"),
        activate,
        evidence="IL-8/CXCR1 keeps JAK2 on; Britschgi 2012 (steps through G proteins lumped)",
    )
    dephosphorylate = model.Parameter(
        "ptp_dephosphorylates_jak2_kcat", 5.5e-3, prior=0.3, source="guess: minutes"
    )
    model.Rule(
        "ptp_dephosphorylates_jak2",
        jak2(Y1007="p") >> jak2(Y1007="u"),
        dephosphorylate,
        evidence="general knowledge",
    )

    # STAT5
    bare, phosphorylated = stat5(Y694="u", d=None, loc="cyt"), stat5(Y694="p", d=None, loc="cyt")
    phosphorylate = model.Parameter(
        "jak2_phosphorylates_stat5_y694_kact", 4e-7, prior=0.3, source="guess: 10-30 min"
    )
    model.catalyze_one_step(
        "jak2_phosphorylates_stat5_y694",
        model["pJAK2"] * model.residual_activity("JAK2"),
        bare,
        phosphorylated,
        phosphorylate,
        evidence="Britschgi 2012",
    )
    phosphorylate = model.Parameter(
        "other_kinases_phosphorylate_stat5_y694_kcat",
        2e-5,
        prior=0.3,
        source="guess: one to two per cent of STAT5",
    )
    model.Rule(
        "other_kinases_phosphorylate_stat5_y694",
        bare >> phosphorylated,
        phosphorylate,
        evidence="JAK1, TYK2 and SRC keep some pSTAT5 without JAK2, so that it rises only in some lines (S47); general knowledge",
    )
    dephosphorylate = model.Parameter(
        "ptp_dephosphorylates_stat5_y694_kcat", 1.2e-3, prior=0.3, source="guess: ten minutes"
    )
    model.Rule(
        "ptp_dephosphorylates_stat5_y694",
        phosphorylated >> bare,
        dephosphorylate,
        evidence="general knowledge",
    )
    pair = stat5(Y694="p", d=1, loc="cyt") % stat5(Y694="p", d=1, loc="cyt")
    inside = stat5(Y694="p", d=1, loc="nuc") % stat5(Y694="p", d=1, loc="nuc")
    on = model.Parameter("stat5_dimerises_kf", 1e-6, prior=0.3, source="guess: fast at 1e4 copies")
    off = model.Parameter("stat5_dimerises_kr", 0.003, prior=0.3, source="guess")
    model.Rule("stat5_dimerises", phosphorylated + phosphorylated | pair, on, off, evidence=CYCLE)
    enter = model.Parameter(
        "stat5_enters_nucleus_kcat", 3e-3, prior=0.3, source="6-20 min for a cycle; general knowledge"
    )
    model.Rule("stat5_enters_nucleus", pair >> inside, enter, evidence=CYCLE)
    leave = model.Parameter(
        "stat5_leaves_nucleus_kcat", 1e-3, prior=0.3, source="6-20 min for a cycle; general knowledge"
    )
    model.Rule("stat5_leaves_nucleus", inside >> bare + bare, leave, evidence=CYCLE)

    # SOCS
    turnover = model.Parameter(
        "socs_degraded_kdeg", 1.5e-5, prior=0.3, source="guess: hours, mRNA and protein together"
    )
    model.degrade("socs_degraded", socs(), turnover, evidence="general knowledge")
    half = model.Parameter(
        "stat5_makes_socs_K",
        2e3,
        prior=0.2,
        source="guess: a tenth of STAT5 in the nucleus, as its other targets",
    )
    nuclear = model["nSTAT5"]
    model.synthesize(
        "stat5_makes_socs",
        socs(),
        turnover * model["SOCS_copies"] * nuclear**2 / (half**2 + nuclear**2),
        evidence="SOCS3 and CISH are STAT5 targets; Bachmann 2011 Mol Syst Biol 7:516",
    )
